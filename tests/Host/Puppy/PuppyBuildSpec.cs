// The kernel images in guests/puppy are committed so that no compiler is needed. These tests keep them honest: they are what their sources
// give, they are kernels that the Launcher and the Switcher recognise, and they stay small.

using System.Diagnostics;
using System.Text;

namespace Lguest.Host.Tests.Puppy;

public sealed class PuppyBuildSpec
{
    private static readonly string _folder = Path.Combine(Root(), "guests", "puppy");

    /// <summary>Puppy for the second generation of Hosts, and for the first.</summary>
    public static TheoryData<string> Images => ["puppy.elf", "puppy1.elf"];

    [Theory, MemberData(nameof(Images))]
    public void Committed_image_is_a_kernel_of_its_family(string name) => ShouldBeAKernel(name, Committed(name));

    [Theory, MemberData(nameof(Images))]
    public void Committed_image_stays_below_a_hundred_kilobytes(string name) => Committed(name).Bytes.Length.ShouldBeLessThan(100 * 1024);

    [Theory, MemberData(nameof(Images))]
    public void Committed_image_carries_its_programs_in_a_cpio_archive(string name)
    {
        string text = Encoding.Latin1.GetString(Committed(name).Bytes);
        foreach (string? program in Directory.EnumerateFiles(Path.Combine(_folder, "user"), "*.c").Select(Path.GetFileNameWithoutExtension))
        {
            if (program is not ("library" or "echo_test"))
                text.ShouldContain($"bin/{program}\0");
        }
    }

    [Theory, MemberData(nameof(Images))]
    public void Committed_image_names_no_folder_of_the_machine_it_was_built_on(string name)
    {
        string text = Encoding.Latin1.GetString(Committed(name).Bytes);
        foreach (string trace in new[] { "/home/", "/usr/", "/work", "/tmp/cc", "GCC: (" })
            text.ShouldNotContain(trace);
    }

    /// <summary>The same compiler gives the same bytes; another one gives other code, but the same sections and a valid kernel.</summary>
    [SkippableFact]
    public void Sources_give_the_committed_images()
    {
        Skip.IfNot(CanBuild(), "make, or a gcc and ld that make 32-bit programs (gcc-multilib), are missing");
        string folder = Directory.CreateTempSubdirectory("puppy").FullName;
        try
        {
            var (status, output) = Run("make", "-s", "-C", _folder, $"BUILD={folder}");
            status.ShouldBe(0, output);
            foreach (string name in new[] { "puppy.elf", "puppy1.elf" })
            {
                var fresh = new PuppyImage(File.ReadAllBytes(Path.Combine(folder, name)));
                var committed = Committed(name);
                if (BuiltWithThisCompiler())
                {
                    fresh.Bytes.SequenceEqual(committed.Bytes).ShouldBeTrue($"{name}: run make -C guests/puppy install");
                }
                else
                {
                    ShouldBeAKernel(name, fresh);
                    fresh.Sections.ShouldBe(committed.Sections);
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static PuppyImage Committed(string name) => new(File.ReadAllBytes(Path.Combine(_folder, name)));

    private static void ShouldBeAKernel(string name, PuppyImage image)
    {
        image.IsI386Executable.ShouldBeTrue();
        image.Parts.Count.ShouldBe(2);
        image.Parts.ShouldAllBe(part => part.Virtual - part.Physical == 0xC0000000u);
        image.Parts[0].Flags.ShouldBe(5u, "text is not writable");
        image.Parts[1].Flags.ShouldBe(6u, "data is not executable");
        if (name == "puppy.elf")
        {
            image.Entry.ShouldBe(0x100000u);
            LguestDataCandidates(image).Count().ShouldBe(1);
        }
        else
        {
            // The first generation is found by the letters in front of its entry, and they stand nowhere else.
            string text = Encoding.Latin1.GetString(image.Bytes);
            text.IndexOf("GenuineLguest", StringComparison.Ordinal).ShouldBe(image.Parts[0].Offset);
            text.LastIndexOf("GenuineLguest", StringComparison.Ordinal).ShouldBe(image.Parts[0].Offset);
            image.Entry.ShouldBe(0x10000Du);
            FirstLguestDataCandidates(image).Count().ShouldBe(1);
        }
    }

    /// <summary>
    /// Where the static contents of lguest_data stand as ABI sheet 4 gives them for 3.1 to 3.x: 64 free ring slots at +24, PAGE_OFFSET
    /// at +1384 and the system call vector at +1388.
    /// </summary>
    private static IEnumerable<int> LguestDataCandidates(PuppyImage image) => DataPlaces(image, 1392).Where(at =>
        image.Word(at + 1384) == 0xC0000000u && image.Word(at + 1388) == 0x80 && !image.Bytes.AsSpan(at + 24, 64)
            .ContainsAnyExcept((byte)0xFF));

    /// <summary>The same for 2.6.23: 64 free ring slots at +20, and the code that is never interrupted, a few bytes of it, at +1120 and
    /// +1124.</summary>
    private static IEnumerable<int> FirstLguestDataCandidates(PuppyImage image) => DataPlaces(image, 1128).Where(at =>
        image.Word(at + 1120) - 0xC0100000u < (uint)image.Parts[0].FileSize
        && image.Word(at + 1124) - image.Word(at + 1120) - 1 < 16
        && !image.Bytes.AsSpan(at + 20, 64).ContainsAnyExcept((byte)0xFF));

    private static IEnumerable<int> DataPlaces(PuppyImage image, int size)
    {
        var data = image.Parts[1];
        for (int at = data.Offset; at + size <= data.Offset + data.FileSize; at += 4)
            yield return at;
    }

    private static bool CanBuild()
    {
        if (!OperatingSystem.IsLinux() || !new[] { "make", "gcc", "ld" }.All(OnPath))
            return false;
        var (status, _) = Run("gcc", "-m32", "-ffreestanding", "-fsyntax-only", Path.Combine(_folder, "lib", "lib.c"));
        return status == 0;
    }

    private static bool OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    private static bool BuiltWithThisCompiler()
    {
        string tools = FirstLine(Run("gcc", "--version").Output) + "\n" + FirstLine(Run("ld", "--version").Output);
        return File.ReadAllText(Path.Combine(_folder, "BUILT_WITH")).Trim() == tools;
    }

    private static string FirstLine(string text) => text.Split('\n')[0].Trim();

    private static (int Status, string Output) Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.GetAwaiter().GetResult());
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Lguest.Cluster.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException($"no Lguest.Cluster.sln above {AppContext.BaseDirectory}");
        return folder.FullName;
    }
}
