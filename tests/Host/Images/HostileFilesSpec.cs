// Files that somebody bent. However they are damaged, reading one ends in a kernel or in a refusal: never in another exception, and never in a
// segment that points outside of what it came from. LGUEST_FUZZ_CASES makes it try harder.

using Lguest.Host.Images;

namespace Lguest.Host.Tests.Images;

public sealed class HostileFilesSpec
{
    private int _accepted;
    private int _refused;

    private static int Cases => Support.FuzzRun.CasesOr(20_000);

    [Fact]
    public void Any_bent_elf_header_ends_in_a_kernel_or_a_refusal() => Bend(Files.Elf(Files.Linux("3.11")), headerBytes: 84, seed: 1, Cases);

    [Fact]
    public void Any_bent_setup_header_ends_in_a_kernel_or_a_refusal() =>
        Bend(Files.BzImage(Files.Linux("3.11"), "3.11"), headerBytes: 0x280, seed: 2, Cases / 4, from: 0x1f0);

    [Fact]
    public void Any_bent_initrd_is_accepted_or_refused()
    {
        var random = new Random(3);
        byte[][] good = [Files.Cpio("init", new byte[300]), Files.Gzip(Files.Cpio("init", new byte[300]))];
        for (var i = 0; i < Cases; i++)
        {
            var file = Damage(good[i % 2], random, 0, 200);
            try
            {
                InitialRamdisk.Check(file, "initrd");
                _accepted++;
            }
            catch (RefusedException refused)
            {
                Note(refused, "initrd");
            }
        }

        BothHappened();
    }

    private void Bend(byte[] good, int headerBytes, int seed, int cases, int from = 0)
    {
        var random = new Random(seed);
        for (var i = 0; i < cases; i++)
        {
            var file = Damage(good, random, from, headerBytes);
            try
            {
                var image = KernelImage.Read(file, "kernel");
                foreach (var segment in image.Segments)
                    ((uint)segment.Content.Length).ShouldBeLessThanOrEqualTo(segment.MemoryBytes);
                _ = new BootImage(image, "kernel", [], [], 16);
                _accepted++;
            }
            catch (RefusedException refused)
            {
                Note(refused, "kernel");
            }
        }

        BothHappened();
    }

    private void Note(RefusedException refused, string file)
    {
        refused.Message.ShouldContain(file);
        refused.Message.ShouldNotContain("\n");
        _refused++;
    }

    /// <summary>A reader that takes everything, or nothing, would have thrown nothing either.</summary>
    private void BothHappened()
    {
        _accepted.ShouldBeGreaterThan(0);
        _refused.ShouldBeGreaterThan(0);
    }

    private static byte[] Damage(byte[] good, Random random, int from, int to)
    {
        var file = good.ToArray();
        for (var changes = random.Next(1, 5); changes > 0; changes--)
        {
            var at = random.Next(from, Math.Min(to, file.Length));
            file[at] = random.Next(4) switch { 0 => 0, 1 => 0xff, 2 => (byte)(file[at] ^ (1 << random.Next(8))), _ => (byte)random.Next(256) };
        }

        return random.Next(4) == 0 ? file[..random.Next(file.Length)] : file;
    }
}
