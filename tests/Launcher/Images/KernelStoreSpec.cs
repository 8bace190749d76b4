// A kernel is unpacked once and then found. What is in the store is only ever used if it is what was written, and a store that cannot be
// used changes nothing but the time that a start takes.

using System.IO.Compression;
using System.Security.Cryptography;
using Lguest.Launcher.Images.Packed;

namespace Lguest.Launcher.Tests.Images;

public sealed class KernelStoreSpec : IDisposable
{
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("lguest-store");

    private string Folder => Path.Combine(_home.FullName, "kernels");

    private KernelStore Store => new(Folder);

    private string[] Kept => Directory.Exists(Folder) ? Directory.GetFiles(Folder) : [];

    public void Dispose() => _home.Delete(recursive: true);

    [Fact]
    public void What_was_unpacked_once_is_found()
    {
        var (payload, kernel) = Kernel(1);
        Store.TryUnpack(payload).ShouldBe(kernel);
        string kept = Kept.ShouldHaveSingleItem();

        byte[] other = [1, 2, 3];
        File.WriteAllBytes(kept, [.. other, .. SHA256.HashData(other)]);
        Store.TryUnpack(payload).ShouldBe(other, "it was unpacked again");
    }

    [Fact]
    public void What_another_Guest_has_is_in_memory_once()
    {
        var (payload, kernel) = Kernel(3);
        byte[]? first = Store.TryUnpack(payload);
        first.ShouldBe(kernel);
        Store.TryUnpack(payload).ShouldBeSameAs(first);
    }

    [Fact]
    public void Another_kernel_is_another_one()
    {
        var (payload, kernel) = Kernel(1);
        var (other, otherKernel) = Kernel(2);
        Store.TryUnpack(payload).ShouldBe(kernel);
        Store.TryUnpack(other).ShouldBe(otherKernel);
        Kept.Length.ShouldBe(2);
        Store.TryUnpack(payload).ShouldBe(kernel);
    }

    [Theory]
    [InlineData("a byte is another")]
    [InlineData("a byte of the sum is another")]
    [InlineData("the end is missing")]
    [InlineData("there is more")]
    [InlineData("only the sum is left")]
    [InlineData("nothing is left")]
    public void What_is_damaged_is_unpacked_again_and_mended(string damage)
    {
        var (payload, kernel) = Kernel(1);
        Store.TryUnpack(payload);
        string kept = Kept.ShouldHaveSingleItem();
        byte[] whole = File.ReadAllBytes(kept);
        byte[] damaged = damage switch
        {
            "a byte is another" => Changed(whole, 4711),
            "a byte of the sum is another" => Changed(whole, whole.Length - 1),
            "the end is missing" => whole[..^1],
            "there is more" => [.. whole, 0],
            "only the sum is left" => whole[^32..],
            _ => [],
        };
        File.WriteAllBytes(kept, damaged);

        Store.TryUnpack(payload).ShouldBe(kernel);
        File.ReadAllBytes(Kept.ShouldHaveSingleItem()).ShouldBe(whole);
    }

    [Fact]
    public void A_broken_kernel_is_not_kept()
    {
        byte[] broken = Changed(Kernel(1).Payload, 1 << 19);
        Store.TryUnpack(broken).ShouldBeNull();
        Kept.ShouldBeEmpty();
    }

    [Fact]
    public void A_small_one_is_not_worth_a_file()
    {
        byte[] kernel = RandomNumberGenerator.GetBytes(KernelStore.SmallestPacked / 2);
        Store.TryUnpack(Packed(kernel)).ShouldBe(kernel);
        Kept.ShouldBeEmpty();
    }

    [Fact]
    public void Without_a_folder_that_can_be_used_each_is_unpacked()
    {
        var (payload, kernel) = Kernel(1);
        KernelStore.None.TryUnpack(payload).ShouldBe(kernel);
        File.WriteAllText(Folder, "a file where the folder should be");
        Store.TryUnpack(payload).ShouldBe(kernel);
        File.ReadAllText(Folder).ShouldStartWith("a file");
    }

    [Fact]
    public void The_last_unpacked_are_kept_and_what_was_left_half_written_goes()
    {
        Directory.CreateDirectory(Folder);
        string left = Path.Combine(Folder, "making-old"), beingWritten = Path.Combine(Folder, "making-new");
        File.WriteAllText(left, "");
        File.SetLastWriteTimeUtc(left, DateTime.UtcNow - TimeSpan.FromHours(2));
        File.WriteAllText(beingWritten, "");
        for (int i = 0; i < KernelStore.Most; i++)
        {
            string old = Path.Combine(Folder, $"{i}.kernel");
            File.WriteAllText(old, "");
            File.SetLastWriteTimeUtc(old, DateTime.UtcNow - TimeSpan.FromMinutes(100 - i));
        }

        Store.TryUnpack(Kernel(1).Payload);
        File.Exists(left).ShouldBeFalse();
        File.Exists(beingWritten).ShouldBeTrue();
        string[] names = [.. Kept.Select(Path.GetFileName).OfType<string>()];
        names.Count(name => name.EndsWith(".kernel", StringComparison.Ordinal)).ShouldBe(KernelStore.Most);
        names.ShouldNotContain("0.kernel");
        names.ShouldContain("1.kernel");
    }

    [Fact]
    public void Many_may_unpack_the_same_kernel_at_once()
    {
        var (payload, kernel) = Kernel(1);
        Parallel.For(0, 8, _ => Store.TryUnpack(payload).ShouldBe(kernel));
        Kept.ShouldHaveSingleItem();
    }

    private static byte[] Changed(byte[] bytes, int at)
    {
        byte[] changed = [.. bytes];
        changed[at] ^= 1;
        return changed;
    }

    /// <summary>Bytes that no method makes much smaller, so that the payload is a large one.</summary>
    private static (byte[] Payload, byte[] Kernel) Kernel(int seed)
    {
        byte[] kernel = new byte[KernelStore.SmallestPacked + seed];
        new Random(seed).NextBytes(kernel);
        return (Packed(kernel), kernel);
    }

    private static byte[] Packed(byte[] kernel)
    {
        MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest))
            gzip.Write(kernel);
        return packed.ToArray();
    }
}
