// What kernel builds pack comes out to the last byte, whichever tool packed it, and what is broken comes out as nothing: not as an
// exception of one of four libraries, and not as more bytes than were promised.

using Lguest.Launcher.Images.Packed;

namespace Lguest.Launcher.Tests.Images;

public sealed class PackedKernelSpec
{
    [Theory, MemberData(nameof(PackedFiles.Kinds), MemberType = typeof(PackedFiles))]
    public void Each_way_of_packing_is_undone_to_the_last_byte(string kind)
    {
        byte[] payload = PackedFiles.Payload(kind);

        PackedKernel.Looks(payload).ShouldBeTrue();
        PackedKernel.TryUnpack(payload).ShouldNotBeNull().AsSpan().SequenceEqual(PackedFiles.Content).ShouldBeTrue();
    }

    [Theory, MemberData(nameof(PackedFiles.Kinds), MemberType = typeof(PackedFiles))]
    public void A_stream_that_was_cut_short_is_nothing(string kind)
    {
        byte[] stream = PackedFiles.Stream(kind);
        byte[] length = PackedFiles.Payload(kind)[^4..];

        for (int cut = kind == "gzip" ? 5 : 1; cut < stream.Length; cut += 7)
            PackedKernel.TryUnpack((byte[])[.. stream[..^cut], .. length]).ShouldBeNull($"{cut} bytes less");
    }

    [Theory, MemberData(nameof(PackedFiles.Kinds), MemberType = typeof(PackedFiles))]
    public void Another_length_than_the_promised_is_nothing(string kind)
    {
        byte[] payload = PackedFiles.Payload(kind);

        uint right = (uint)PackedFiles.Content.Length;
        foreach (uint length in new uint[] { 0, 1, right - 1, right + 1, 0x10000001, ~0u })
        {
            Files.Put32(payload, payload.Length - 4, length);
            PackedKernel.TryUnpack(payload).ShouldBeNull($"{length} promised");
        }
    }

    [Fact]
    public void A_changed_bit_in_an_xz_stream_is_seen_up_to_its_sum()
    {
        const int IndexAndFooter = 24, Length = 4;
        byte[] payload = PackedFiles.Payload("xz");
        List<int> unseen = [];
        for (int at = 0; at < payload.Length - IndexAndFooter - Length; at++)
        {
            byte[] broken = payload.ToArray();
            broken[at] ^= 4;
            if (PackedKernel.TryUnpack(broken) is not null)
                unseen.Add(at);
        }

        // The first byte of an LZMA stream is always 0, and decoders step over it.
        unseen.ShouldBe([30]);
    }

    [Fact]
    public void What_is_not_packed_is_nothing()
    {
        PackedKernel.Looks(PackedFiles.Content).ShouldBeFalse();
        PackedKernel.TryUnpack(PackedFiles.Content).ShouldBeNull();
        PackedKernel.TryUnpack(ReadOnlyMemory<byte>.Empty).ShouldBeNull();
        PackedKernel.TryGunzip(PackedFiles.Stream("xz")).ShouldBeNull();
    }

    [Fact]
    public void A_dictionary_of_4_GB_is_not_made()
    {
        byte[] lzma = PackedFiles.Payload("lzma");
        Files.Put32(lzma, 1, 0xfffffff0);

        PackedKernel.TryUnpack(lzma).ShouldBeNull();
    }
}
