// The kernel image in guests/puppy is committed so that no compiler is needed. These tests keep it honest: it is what its sources
// give, it is a kernel that the Launcher and the Switcher recognise, and it stays small.

using System.Diagnostics;
using System.Text;

namespace Lguest.Host.Tests.Puppy;

public sealed class PuppyBuildSpec
{
    private static readonly string _folder = Path.Combine(Root(), "guests", "puppy");

    [Fact]
    public void Committed_image_is_a_kernel_of_the_3_x_family() => ShouldBeAKernel(Committed());

    [Fact]
    public void Committed_image_stays_below_a_hundred_kilobytes() => Committed().Bytes.Length.ShouldBeLessThan(100 * 1024);

    [Fact]
    public void Committed_image_carries_its_programs_in_a_cpio_archive()
    {
        var text = Encoding.Latin1.GetString(Committed().Bytes);
        foreach (var program in Directory.EnumerateFiles(Path.Combine(_folder, "user"), "*.c").Select(Path.GetFileNameWithoutExtension))
        {
            if (program is not ("library" or "echo_test"))
                text.ShouldContain($"bin/{program}\0");
        }
    }

    [Fact]
    public void Committed_image_names_no_folder_of_the_machine_it_was_built_on()
    {
        var text = Encoding.Latin1.GetString(Committed().Bytes);
        foreach (var trace in new[] { "/home/", "/usr/", "/work", "/tmp/cc", "GCC: (" })
            text.ShouldNotContain(trace);
    }

    /// <summary>The same compiler gives the same bytes; another one gives other code, but the same sections and a valid kernel.</summary>
    [Fact]
    public void Sources_give_the_committed_image()
    {
        if (!CanBuild())
            return;
        var folder = Directory.CreateTempSubdirectory("puppy").FullName;
        try
        {
            var (status, output) = Run("make", "-s", "-C", _folder, $"BUILD={folder}");
            status.ShouldBe(0, output);
            var fresh = new PuppyImage(File.ReadAllBytes(Path.Combine(folder, "puppy.elf")));
            var committed = Committed();
            if (BuiltWithThisCompiler())
            {
                fresh.Bytes.SequenceEqual(committed.Bytes).ShouldBeTrue("run: make -C guests/puppy install");
            }
            else
            {
                ShouldBeAKernel(fresh);
                fresh.Sections.ShouldBe(committed.Sections);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static PuppyImage Committed() => new(File.ReadAllBytes(Path.Combine(_folder, "puppy.elf")));

    private static void ShouldBeAKernel(PuppyImage image)
    {
        image.IsI386Executable.ShouldBeTrue();
        image.Entry.ShouldBe(0x100000u);
        image.Parts.Count.ShouldBe(2);
        image.Parts.ShouldAllBe(part => part.Virtual - part.Physical == 0xC0000000u);
        image.Parts[0].Flags.ShouldBe(5u, "text is not writable");
        image.Parts[1].Flags.ShouldBe(6u, "data is not executable");
        LguestDataCandidates(image).Count().ShouldBe(1);
    }

    /// <summary>
    /// Where the static contents of lguest_data stand as ABI sheet 4 gives them for 3.1 to 3.x: 64 free ring slots at +24, PAGE_OFFSET
    /// at +1384 and the system call vector at +1388.
    /// </summary>
    private static IEnumerable<int> LguestDataCandidates(PuppyImage image)
    {
        var data = image.Parts[1];
        for (var at = data.Offset; at + 1392 <= data.Offset + data.FileSize; at += 4)
        {
            if (image.Word(at + 1384) == 0xC0000000u && image.Word(at + 1388) == 0x80 && !image.Bytes.AsSpan(at + 24, 64).ContainsAnyExcept((byte)0xFF))
                yield return at;
        }
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
        var tools = FirstLine(Run("gcc", "--version").Output) + "\n" + FirstLine(Run("ld", "--version").Output);
        return File.ReadAllText(Path.Combine(_folder, "BUILT_WITH")).Trim() == tools;
    }

    private static string FirstLine(string text) => text.Split('\n')[0].Trim();

    private static (int Status, string Output) Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
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
