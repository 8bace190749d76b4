// What makes a frame one that may enter a lan, to the byte: the switch, the devices after it and other nodes rely on it.

using Lguest.Net.Frames;
using Lguest.Net.Lans;
using Lguest.Net.Tests.Frames;

namespace Lguest.Net.Tests.Lans;

public sealed class FrameRulesSpec
{
    private const int Longest = 1518;
    private static readonly FrameOffload _tcp = new(FrameOffload.NeedsChecksum, SegmentationKind.Tcp4, 0, 1000, 34, 16);

    [Theory]
    [InlineData(0, DropReason.TooShort)]
    [InlineData(13, DropReason.TooShort)]
    [InlineData(14, null)]
    [InlineData(Longest, null)]
    [InlineData(Longest + 1, DropReason.TooLong)]
    public void A_frame_has_a_header_and_fits_the_lan(int length, DropReason? problem) => Problem(length, default).ShouldBe(problem);

    [Theory]
    [InlineData(Longest + 1, null)]
    [InlineData(Frame.LongestLength, null)]
    [InlineData(Frame.LongestLength + 1, DropReason.TooLong)]
    public void A_packet_that_is_to_be_cut_has_up_to_64_KiB(int length, DropReason? problem) => Problem(length, _tcp).ShouldBe(problem);

    [Theory]
    [InlineData("02:00:00:00:00:01", null)]
    [InlineData("00:00:00:00:00:00", DropReason.BadSource)]
    [InlineData("03:00:00:00:00:01", DropReason.BadSource)]
    [InlineData("ff:ff:ff:ff:ff:ff", DropReason.BadSource)]
    public void Its_source_is_one_station(string source, DropReason? problem)
    {
        byte[] frame = Ether.Bytes(1, 2);
        MacAddress.Parse(source).Write(frame.AsSpan(6));
        FrameRules.Problem(new Frame(frame), Longest).ShouldBe(problem);
    }

    [Theory]
    [InlineData(13, 10, false)]
    [InlineData(14, 10, true)]
    [InlineData(34, 24, true)]
    [InlineData(34, 25, false)]
    [InlineData(60, 0, false)]
    public void A_checksum_that_is_to_be_made_lies_after_the_header_and_in_the_frame(int start, int offset, bool isSound)
    {
        Problem(60, new FrameOffload(FrameOffload.NeedsChecksum, SegmentationKind.None, 0, 0, (ushort)start, (ushort)offset))
            .ShouldBe(isSound ? null : DropReason.BadOffload);
        Problem(60, new FrameOffload(FrameOffload.DataValid, SegmentationKind.None, 0, 0, (ushort)start, (ushort)offset))
            .ShouldBeNull("no checksum is asked for, so nothing is said by these");
    }

    [Theory]
    [InlineData(SegmentationKind.Tcp4, 1000, 1, true)]
    [InlineData(SegmentationKind.Tcp6, 1000, 1, true)]
    [InlineData(SegmentationKind.Tcp4 | SegmentationKind.Ecn, 1000, 1, true)]
    [InlineData(SegmentationKind.Tcp4, 48, 1, true)]
    [InlineData(SegmentationKind.Tcp4, 47, 1, false)]
    [InlineData(SegmentationKind.Tcp4, 1000, 0, false)]
    [InlineData(SegmentationKind.Tcp4, 1000, 2, false)]
    [InlineData(SegmentationKind.Tcp4, 1000, 3, true)]
    [InlineData(SegmentationKind.Udp, 1000, 1, false)]
    [InlineData(SegmentationKind.Ecn, 1000, 1, false)]
    [InlineData((SegmentationKind)2, 1000, 1, false)]
    public void Only_TCP_is_cut_into_pieces_that_are_worth_it_and_with_its_checksum_open(
        SegmentationKind kind, int size, byte flags, bool isSound) =>
        Problem(4000, new FrameOffload(flags, kind, 0, (ushort)size, 34, 16)).ShouldBe(isSound ? null : DropReason.BadOffload);

    private static DropReason? Problem(int length, FrameOffload offload)
    {
        byte[] frame = new byte[length];
        if (length >= 14)
            Ether.Mac(1).Write(frame.AsSpan(6));
        return FrameRules.Problem(new Frame(frame, offload), Longest);
    }
}
