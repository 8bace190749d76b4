// Hostile files. However they are damaged, reading one ends in a kernel or in a refusal of one line that names the file: never in another
// exception, and never in a segment that points outside of what it came from. Both ends must be met, or the test would say nothing about
// one of them. LGUEST_FUZZ_CASES makes it try harder, LGUEST_FUZZ_SEED repeats one case.

using System.Globalization;
using Lguest.Devices;
using Lguest.Launcher.Images;

namespace Lguest.Launcher.Tests.Images;

public sealed class HostileFilesSpec
{
    private static int Cases => Support.FuzzRun.CasesOr(20_000);

    [Fact]
    public void Any_malformed_elf_header_ends_in_a_kernel_or_a_refusal() =>
        Try(Cases, random => ReadKernel(Files.Elf(Files.Linux("3.11")), 0, 84, random));

    [Fact]
    public void Any_malformed_setup_header_ends_in_a_kernel_or_a_refusal()
    {
        byte[] good = Files.BzImage(Files.Linux("3.11"), "3.11");
        Files.Put32(good, 0x1f4, (uint)(good.Length - 0x1000 + 15) / 16);

        Try(Cases / 4, random => ReadKernel(good, 0x1f0, 0x280, random));
    }

    [Fact]
    public void Any_malformed_elf_header_of_a_pc_kernel_ends_in_a_kernel_or_a_refusal()
    {
        byte[] good = Files.WithNote(Files.Elf(Files.Linux("6.1.0", lguest: false), 0x200000), "Xen\0", 18, 4, 0x200000);

        Try(Cases, random => ReadPc(good, (0, 136), random));
    }

    [Fact]
    public void Any_malformed_setup_header_of_a_pc_kernel_ends_in_a_kernel_or_a_refusal()
    {
        byte[] good = Files.PcImage(Files.Gzip(Files.Elf(Files.Linux("6.1.0", lguest: false), 0x200000)));

        Try(Cases / 4, random => ReadPc(good, (0x1f0, 0x280), random));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Any_malformed_Multiboot_header_ends_in_a_kernel_or_a_refusal(bool isElf)
    {
        byte[] content = new byte[4096];
        byte[] good = isElf ? Files.Elf([.. Files.MultibootHeader(0), .. content]) : Files.Multiboot(content, clear: 100);

        Try(Cases / 2, random =>
        {
            // What is damaged must not be the magic and its sum, which would make it another kind of file.
            byte[] file = Damage(good, random, isElf ? 0 : 12, isElf ? 84 : 32);
            int at = isElf ? 84 : 0;
            if (random.Next(8) == 0 && file.Length >= at + 12)
                Files.MultibootHeader((uint)random.Next(0x20)).CopyTo(file, at);
            ReadMultiboot(file, random);
        });
    }

    [Theory, MemberData(nameof(PackedFiles.Kinds), MemberType = typeof(PackedFiles))]
    public void Any_malformed_payload_ends_in_a_kernel_or_a_refusal(string kind)
    {
        byte[] good = Files.PcImage(PackedFiles.Payload(kind));

        // Some of the damage is done where it does not matter.
        Try(Cases / 100, random => ReadPc(
            good, random.Next(4) == 0 ? (0x700, 0x1000) : random.Next(2) == 0 ? (0x1094, 0x10c0) : (0x1094, good.Length), random));
    }

    [Fact]
    public void Any_malformed_initrd_is_accepted_or_refused()
    {
        byte[][] good = [Files.Cpio("init", new byte[300]), Files.Gzip(Files.Cpio("init", new byte[300]))];

        Try(Cases, random => InitialRamdisk.Check(Damage(good[random.Next(2)], random, 0, 200), "/boot/file"));
    }

    private static void ReadKernel(byte[] good, int from, int to, Random random)
    {
        var image = KernelImage.Read(Damage(good, random, from, to), "/boot/file");
        foreach (var segment in image.Segments)
            ((uint)segment.Content.Length).ShouldBeLessThanOrEqualTo(segment.MemoryBytes);
        _ = new BootImage(image, "/boot/file", [], [], 16);
    }

    private static void ReadPc(byte[] good, (int From, int To) where, Random random)
    {
        var file = KernelFile.Read(Damage(good, random, where.From, where.To), "/boot/file");
        if (file is not PcKernel kernel)
            return;
        var boot = PcBoot.Plan(kernel, "/boot/file", 48 << 20, [], new byte[5000], new byte[32], (PcEntry)random.Next(3));
        foreach (var write in boot.Writes)
            ((ulong)write.Address.Value + (ulong)write.Content.Length).ShouldBeLessThanOrEqualTo(48ul << 20);
        var ordered = boot.Writes.OrderBy(write => write.Address.Value).ToList();
        ordered.Zip(ordered.Skip(1)).ShouldAllBe(pair => pair.First.Address.Value + pair.First.Content.Length <= pair.Second.Address.Value);
    }

    private static void ReadMultiboot(byte[] file, Random random)
    {
        if (KernelFile.Read(file, "/boot/file") is not MultibootKernel kernel)
            return;
        uint ram = (uint)random.Next(1, 64) << 20;
        var boot = MultibootBoot.Plan(kernel, "/boot/file", ram, [], new byte[random.Next(2) * 5000], "module");
        var ordered = boot.Writes.OrderBy(write => write.Address.Value).ToList();
        ordered.ShouldAllBe(write => write.Address.Value + (ulong)write.Content.Length <= ram);
        ordered.Zip(ordered.Skip(1)).ShouldAllBe(pair => pair.First.Address.Value + pair.First.Content.Length <= pair.Second.Address.Value);
    }

    private static void Try(int cases, Action<Random> read)
    {
        int? only = Number("LGUEST_FUZZ_SEED");
        var (good, refused) = (0, 0);
        for (int seed = only ?? 0; seed < (only + 1 ?? cases); seed++)
        {
            try
            {
                read(new Random(seed));
                good++;
            }
            catch (RefusedException refusal)
            {
                refused++;
                refusal.Message.ShouldMatch(@"\A[^\n]*/boot/file[^\n]*[^\n.]\z", $"seed {seed}");
            }
            // Everything else, whatever it is, is the fault that this test looks for: it is told with the seed.
            catch (Exception other)
            {
                throw new InvalidOperationException($"seed {seed} ends in {other.GetType().Name}: {other.Message}", other);
            }
        }

        if (only is null)
            (good > cases / 20, refused > cases / 20).ShouldBe((true, true), $"{good} were good and {refused} refused");
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? number : null;

    private static byte[] Damage(byte[] good, Random random, int from, int to)
    {
        byte[] file = good.ToArray();
        for (int changes = random.Next(1, 5); changes > 0; changes--)
        {
            int at = random.Next(from, Math.Min(to, file.Length));
            file[at] = random.Next(4) switch
            {
                0 => 0,
                1 => 0xff,
                2 => (byte)(file[at] ^ (1 << random.Next(8))),
                _ => (byte)random.Next(256)
            };
        }

        return random.Next(4) == 0 ? file[..random.Next(file.Length)] : file;
    }
}
