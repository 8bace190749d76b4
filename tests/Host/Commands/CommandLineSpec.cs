// The command line promises one line and exit code 2 for whatever is wrong with it, and to leave a kernel's own words alone. Both are
// kept here, word by word.

using Lguest.Guest.Cpu;
using Lguest.Host.Commands;
using Lguest.Host.Launcher;

namespace Lguest.Host.Tests.Commands;

public sealed class CommandLineSpec
{
    [Fact]
    public void Classic_syntax_gives_memory_kernel_and_arguments()
    {
        var options = Read("--initrd=rd.gz", "64", "vmlinux", "console=hvc0", "root=/dev/vda");

        options.MemoryMegabytes.ShouldBe(64);
        options.Kernel.ShouldBe("vmlinux");
        options.Initrd.ShouldBe("rd.gz");
        options.KernelArguments.ShouldBe(["console=hvc0", "root=/dev/vda"]);
        options.Devices.ShouldBeEmpty();
        options.Verbose.ShouldBeFalse();
    }

    [Fact]
    public void Devices_keep_the_order_in_which_they_are_named()
    {
        var options = Read("--block=a.img", "--rng", "-b", "b.img", "--block", "c.img", "32", "bzImage");

        options.Devices.ShouldBe(
        [
            new DeviceOption.Block("a.img"), new DeviceOption.Rng(), new DeviceOption.Block("b.img"), new DeviceOption.Block("c.img"),
        ]);
    }

    [Theory]
    [InlineData("auto", EngineKind.Auto)]
    [InlineData("interpreter", EngineKind.Interpreter)]
    [InlineData("translator", EngineKind.Translator)]
    public void An_engine_goes_by_its_name(string word, EngineKind kind)
    {
        Read($"--engine={word}", "16", "puppy").Engine.ShouldBe(kind);
        Read("--engine", word, "16", "puppy").Engine.ShouldBe(kind);
        Read("16", "puppy", $"--engine={word}").Engine.ShouldBeNull("it is the kernel's word there, and the reference says which");
    }

    [Theory]
    [InlineData("--rng")]
    [InlineData("--help")]
    [InlineData("--block=x")]
    [InlineData("--")]
    [InlineData("demo")]
    [InlineData("@file")]
    [InlineData("[suggest]")]
    [InlineData("-v")]
    public void Words_after_the_kernel_are_the_kernels_own(string word)
    {
        var options = Read("64", "vmlinux", "first", word);

        options.KernelArguments.ShouldBe(["first", word]);
        options.Devices.ShouldBeEmpty();
        options.Verbose.ShouldBeFalse();
    }

    [Fact]
    public void The_embedded_kernel_goes_by_its_name() => EmbeddedKernel.Names.ShouldContain(Read("16", "puppy").Kernel);

    [Theory]
    [InlineData("memory in megabytes and a kernel")]
    [InlineData("neither a command nor a memory size", "vmlinux")]
    [InlineData("neither a command nor a memory size", "64M", "vmlinux")]
    [InlineData("no kernel named", "64")]
    [InlineData("choose 1 to 3072", "0", "vmlinux")]
    [InlineData("choose 1 to 3072", "4096", "vmlinux")]
    [InlineData("choose 1 to 3072", "99999999999999", "vmlinux")]
    [InlineData("no option '--blok=x'", "--blok=x", "64", "vmlinux")]
    [InlineData("no option '-x'", "-x", "64", "vmlinux")]
    [InlineData("--block", "--block")]
    [InlineData("--initrd", "--initrd=a", "--initrd=b", "64", "vmlinux")]
    [InlineData("--engine=jit is not an engine; write auto, interpreter or translator", "--engine=jit", "64", "vmlinux")]
    [InlineData("Required argument missing for option: '--engine'", "--engine=", "64", "vmlinux")]
    [InlineData("--engine", "--engine=auto", "--engine=auto", "64", "vmlinux")]
    [InlineData("--engine", "--engine")]
    [InlineData("extra", "demo", "extra")]
    [InlineData("no chapter 'nowhere'", "journey", "nowhere")]
    public void Bad_usage_is_one_line_that_names_the_cause(string cause, params string[] args)
    {
        var output = new StringWriter();
        var error = new StringWriter();

        CommandLine.Run(args, output, error).ShouldBe(CommandLine.BadUsage);

        output.ToString().ShouldBeEmpty();
        string line = error.ToString().TrimEnd();
        line.ShouldStartWith("lguest: ");
        line.ShouldContain(cause);
        line.ShouldNotContain("\n");
    }

    [Fact]
    public void Any_words_at_all_are_read_or_refused_but_never_throw()
    {
        string[] words = ["64", "vmlinux", "--block", "--block=", "--engine", "--engine=auto", "-b", "--", "-", "", "demo", "--initrd",
            "[x]", "@x", "--rng", "0", "-1", "é", " "];
        var random = new Random(1);
        for (int round = 0; round < 3000; round++)
        {
            string[] args = random.GetItems(words, random.Next(6));
            var error = new StringWriter();
            var parsed = CommandLine.Parse(args, error);
            if (parsed.Errors.Count == 0 && parsed.CommandResult.Command.Parents.FirstOrDefault() is null)
                (LaunchCommand.Read(parsed, out string? problem) is not null).ShouldBe(problem.Length == 0);
        }
    }

    [Fact]
    public void Version_names_product_runtime_and_actor_runtime()
    {
        var output = new StringWriter();

        CommandLine.Run(["--version"], output, new StringWriter()).ShouldBe(0);

        output.ToString().ShouldMatch(@"^lguest \d+\.\d+\.\d+");
        output.ToString().ShouldContain("runtime: .NET ");
        output.ToString().ShouldContain(VersionCommand.ActorRuntime());
        VersionCommand.ActorRuntime().ShouldContain("Akka");
    }

    [Fact]
    public void Version_names_the_engines_of_this_host()
    {
        var output = new StringWriter();

        CommandLine.Run(["--version"], output, new StringWriter()).ShouldBe(0);

        output.ToString().ShouldEndWith(
            $"engines: {VersionCommand.EnginesHere(Engines.TranslatorProblem, Engines.WindowsProblem)}{Environment.NewLine}");
        VersionCommand.EnginesHere(null, null).ShouldBe("interpreter, translator with windows");
        VersionCommand.EnginesHere(null, "GS cannot be set").ShouldBe("interpreter, translator (no windows: GS cannot be set)");
        VersionCommand.EnginesHere("it needs Linux", "there is no translator").ShouldBe("interpreter (no translator: it needs Linux)");
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    public void Help_lists_every_verb_and_the_classic_syntax(string option)
    {
        var output = new StringWriter();

        CommandLine.Run([option], output, new StringWriter()).ShouldBe(0);

        foreach (string word in new[] { "demo", "bench", "journey", "test", "--block", "--rng", "--engine", "--initrd", "MEMORY_MB KERNEL",
            "Exit code" })
            output.ToString().ShouldContain(word);
    }

    private static LauncherOptions Read(params string[] args)
    {
        var parsed = CommandLine.Parse(args, TextWriter.Null);
        parsed.Errors.ShouldBeEmpty();
        return LaunchCommand.Read(parsed, out string? problem).ShouldNotBeNull(problem);
    }
}
