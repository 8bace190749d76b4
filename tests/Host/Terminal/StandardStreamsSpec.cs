// What a shell, nohup or a script makes of a program's three streams, and what becomes of a Guest then: it runs, and the fault is at most
// one line.

namespace Lguest.Host.Tests.Terminal;

public sealed class StandardStreamsSpec
{
    [SkippableTheory]
    [InlineData("0>/dev/null", "standard input for writing only, as nohup leaves it")]
    [InlineData("<&-", "standard input closed")]
    [InlineData("</", "standard input a folder")]
    [InlineData("2>&-", "standard error closed")]
    [InlineData("2>/dev/full", "standard error full")]
    public async Task A_Guest_runs_as_ever_with(string redirection, string what)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the cases are Linux's");

        var (code, printed, error) = await ProductProcess.Run($"exec LGUEST 16 puppy script=poweroff {redirection}");

        code.ShouldBe(0, $"{what}: {error}");
        printed.ShouldContain("puppy: woof");
        error.ShouldBeEmpty(what);
    }

    [SkippableFact]
    public async Task The_programs_log_in_a_file_has_lines_like_every_file()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the shell's words are Linux's");

        var (code, _, error) = await ProductProcess.Run("exec LGUEST --verbose 16 puppy script=poweroff");

        code.ShouldBe(0, error);
        error.ShouldContain(" INF ");
        error.ShouldNotContain("\r");
    }

    [SkippableTheory]
    [InlineData(">&-", "")]
    [InlineData("<&- >&-", "")]
    [InlineData(">/dev/full", "lguest: standard output cannot be written: No space left on device; further output is lost\n")]
    [InlineData("| true", "")]
    [InlineData("1</dev/null", "lguest: standard output cannot be written: Bad file descriptor; further output is lost\n")]
    public async Task A_Guest_whose_output_goes_nowhere_runs_to_its_end(string redirection, string complaint)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the cases are Linux's");

        var (code, _, error) = await ProductProcess.Run($"LGUEST 16 puppy script=poweroff {redirection}");

        code.ShouldBe(0, error);
        error.ShouldBe(complaint);
    }

    [SkippableTheory]
    [InlineData("journey guest >/dev/full", "No space left on device")]
    [InlineData("journey guest >&-", "")]
    [InlineData("journey guest | head -n 1", "")]
    [InlineData("--help | true", "")]
    [InlineData("--version >/dev/full", "No space left on device")]
    [InlineData("16 nokernel 2>&-", "")]
    public async Task A_verb_that_prints_does_not_end_in_a_stack_trace(string words, string complaint)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the cases are Linux's");

        var (_, _, error) = await ProductProcess.Run($"LGUEST {words}");

        error.ShouldNotContain("   at ");
        error.TrimEnd().Split('\n').Length.ShouldBe(1);
        error.ShouldContain(complaint);
    }

    [SkippableFact]
    public async Task Output_is_appended_to_a_file_that_others_write_too()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the shell's words are Linux's");
        string file = Path.GetTempFileName();
        try
        {
            var (code, _, error) = await ProductProcess.Run($"(echo before; LGUEST 16 puppy script=poweroff; echo after) >>{file}");

            code.ShouldBe(0, error);
            string text = await File.ReadAllTextAsync(file);
            text.ShouldStartWith("before\n");
            text.ShouldContain("puppy: woof");
            text.TrimEnd().ShouldEndWith("after");
        }
        finally
        {
            File.Delete(file);
        }
    }

    [SkippableFact]
    public async Task A_log_that_may_not_grow_is_lost_with_one_line_and_the_Guest_runs_on()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the limit is Linux's");
        string folder = Directory.CreateTempSubdirectory("lguest-limit-").FullName;
        try
        {
            // No file of this process may be larger than a block; a pipe is not one. The runtime's own memory must then not be one either.
            var (code, printed, error) = await ProductProcess.Run(
                $"export DOTNET_EnableWriteXorExecute=0; ulimit -f 1; LGUEST --log={folder}/x.log 16 puppy 'script=help; poweroff'");

            code.ShouldBe(0, error);
            printed.ShouldContain("puppy: woof");
            error.ShouldBe($"lguest: log {folder}/x.log cannot be written any more: File too large; the Guest runs on without it\n");
            new FileInfo($"{folder}/x.log").Length.ShouldBeInRange(1, 1024);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [SkippableFact]
    public async Task A_log_on_a_full_disk_is_lost_with_one_line_and_the_Guest_runs_on()
    {
        Skip.IfNot(File.Exists("/dev/full"), "this system has no /dev/full");

        var (code, printed, error) = await ProductProcess.Run("exec LGUEST --log=/dev/full 16 puppy script=poweroff");

        code.ShouldBe(0, error);
        printed.ShouldContain("puppy: woof");
        error.ShouldBe("lguest: log /dev/full cannot be written any more: No space left on device; the Guest runs on without it\n");
    }
}
