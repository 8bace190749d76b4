// The command line promises one line and exit code 2 for whatever is wrong with it, and to leave a kernel's own words alone. Both are
// kept here, word by word.

using Lguest.Guest.Cpu;
using Lguest.Host.Commands;
using Lguest.Launcher;
using Lguest.Launcher.Images;
using Lguest.Net.Outside;
using Lguest.Switcher.Time;

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
    [InlineData("/srv/data", "/srv/data", "data", false)]
    [InlineData("data:ro", "data", "data", true)]
    [InlineData("data/", "data/", "data", false)]
    [InlineData("www=/srv/pages:ro", "/srv/pages", "www", true)]
    [InlineData("/srv/a=b", "/srv/a=b", "a_b", false)]
    [InlineData("./a=b", "./a=b", "a_b", false)]
    [InlineData("/", "/", "share", false)]
    [InlineData("/srv/.hidden folder", "/srv/.hidden folder", "hidden_folder", false)]
    [InlineData("/srv/1234567890123456789012345678901234567890", "/srv/1234567890123456789012345678901234567890",
        "1234567890123456789012345678901", false)]
    public void A_share_is_a_folder_with_a_tag(string text, string folder, string tag, bool isReadOnly) =>
        Read($"--share={text}", "64", "vmlinux").Devices.ShouldBe([new DeviceOption.Share(folder, tag) { IsReadOnly = isReadOnly }]);

    [Theory]
    [InlineData("lguest: --share=x y=z is not understood: a tag has 1 to 31 letters, digits and ._- and begins with none of .-; "
        + "write a folder, or TAG=FOLDER, and :ro after it if you like", "--share=x y=z")]
    [InlineData("lguest: --share=x= is not understood: no folder is named; "
        + "write a folder, or TAG=FOLDER, and :ro after it if you like", "--share=x=")]
    [InlineData("lguest: two shared folders have the tag 'src'; give one another, as in: --share=src2=b/src",
        "--share=a/src", "--share=b/src")]
    [InlineData("lguest: there is no folder /no/such to share; check the path", "--share=/no/such")]
    [InlineData("lguest: /dev/null cannot be shared: it is not a folder; name one", "--share=/dev/null")]
    public void A_share_that_cannot_be_is_refused_on_one_line(string line, params string[] options)
    {
        using StringWriter error = new();
        CommandLine.Run([.. options, "64", EmbeddedKernel.Puppy], TextWriter.Null, error).ShouldBe(2);
        error.ToString().ReplaceLineEndings("").Replace(" (lguest --help shows the usage)", "", StringComparison.Ordinal).ShouldBe(line);
    }

    [Fact]
    public void A_kernel_without_9P_does_not_get_a_share()
    {
        using StringWriter error = new();
        CommandLine.Run(["--share=/", "16", EmbeddedKernel.FirstPuppy], TextWriter.Null, error).ShouldBe(2);
        error.ToString().ShouldStartWith("lguest: Linux 2.6.23 has no driver for a folder of the host; leave --share out");
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

    [Fact]
    public void A_clock_and_a_seed_make_a_run_that_can_be_repeated()
    {
        Read("16", "puppy").Clock.ShouldBe(ClockKind.Real);
        Read("16", "puppy").Seed.ShouldBeNull();
        Read("--clock=real", "16", "puppy", "--clock=virtual").Clock.ShouldBe(ClockKind.Real);
        var options = Read("--clock=virtual", "--seed", "18446744073709551615", "16", "puppy");
        options.Clock.ShouldBe(ClockKind.Virtual);
        options.Seed.ShouldBe(ulong.MaxValue);
        Complaint("--clock=slow", "64", "vmlinux").ShouldBe("--clock=slow is not a clock; write real or virtual");
        Complaint("--seed=-1", "64", "vmlinux").ShouldBe("--seed=-1 is not a number; write one from 0 to 18446744073709551615");
    }

    [Fact]
    public void Random_bytes_follow_from_the_seed_the_Guest_and_the_purpose()
    {
        var options = Read("--clock=virtual", "16", "puppy");
        Bytes(options, "rng").ShouldBe(Bytes(options, "rng"));
        Bytes(options with { Seed = 0 }, "rng").ShouldBe(Bytes(options, "rng"), "it is the one of virtual time");
        byte[][] different =
        [
            Bytes(options, "rng"), Bytes(options, "boot"), Bytes(options with { Name = "other" }, "rng"),
            Bytes(options with { Seed = 1 }, "rng"), Bytes(options with { Clock = ClockKind.Real }, "rng"),
            Bytes(options with { Clock = ClockKind.Real }, "rng"),
        ];
        different.Select(Convert.ToHexString).Distinct().Count().ShouldBe(different.Length);

        static byte[] Bytes(LauncherOptions options, string purpose)
        {
            var fill = options.RandomBytes(purpose);
            byte[] bytes = new byte[100];
            fill(bytes.AsSpan(0, 33));
            fill(bytes.AsSpan(33));
            return bytes;
        }
    }

    [Fact]
    public void A_PC_is_entered_and_told_of_KVM_as_asked()
    {
        var usual = Read("64", "vmlinuz");
        (usual.Board, usual.Boot, usual.IsKvm).ShouldBe((null, PcEntry.Unpacked, true));
        foreach (var (word, entry) in PcEntries.Words)
            Read($"--boot={word}", "64", "vmlinuz").Boot.ShouldBe(entry);
        Read("--kvm=off", "--board=pc", "64", "vmlinuz").IsKvm.ShouldBeFalse();
        Read("--kvm=on", "64", "vmlinuz").IsKvm.ShouldBeTrue();

        Complaint("--boot=bios", "64", "vmlinuz").ShouldBe("--boot=bios is not a way into a kernel; write linux, bzimage or pvh");
        Complaint("--kvm=no", "64", "vmlinuz").ShouldBe("--kvm=no is not a switch; write on or off");
    }

    [Fact]
    public void Ports_that_lead_into_the_Guest_are_read()
    {
        Read("--tunnet=nat", "--forward=tcp:8080:80", "--forward", "udp:0.0.0.0:5353:53", "64", "vmlinux", "--forward=x").Forwards
            .ShouldBe([PortForward.Parse("tcp:8080:80")!, PortForward.Parse("udp:0.0.0.0:5353:53")!]);
        Complaint("--forward=8080:80", "64", "vmlinux").ShouldStartWith("--forward=8080:80 is not understood; write tcp:8080:80, ");
        Complaint("--forward=tcp:8080:80", "--forward=tcp:8080:81", "64", "vmlinux")
            .ShouldBe("--forward=tcp:8080:81 asks for a port that another --forward has; choose another port");
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

    [Theory]
    [InlineData(true, "16", "puppy")]
    [InlineData(true, "16", "puppy", "--help", "")]
    [InlineData(false, "16")]
    [InlineData(false, "16", "")]
    [InlineData(false, "16", "--help")]
    [InlineData(false, "16M", "puppy")]
    [InlineData(false, "", "puppy")]
    [InlineData(false, "0", "puppy")]
    [InlineData(false, "4294967297", "puppy")]
    [InlineData(false, "--rng", "16", "puppy")]
    [InlineData(false, "demo", "16")]
    public void A_command_without_options_is_read_the_short_way(bool isPlain, params string[] args) =>
        (PlainLaunch.Read(args) is not null).ShouldBe(isPlain);

    [Fact]
    public void The_embedded_kernel_goes_by_its_name() => EmbeddedKernel.Names.ShouldContain(Read("16", "puppy").Kernel);

    [Theory]
    [InlineData("memory in megabytes and a kernel")]
    [InlineData("neither a command nor a memory size", "vmlinux")]
    [InlineData("neither a command nor a memory size", "64M", "vmlinux")]
    [InlineData("no kernel named", "64")]
    [InlineData("choose 1 to 4095", "0", "vmlinux")]
    [InlineData("choose 1 to 4095", "4096", "vmlinux")]
    [InlineData("choose 1 to 4095", "99999999999999", "vmlinux")]
    [InlineData("no option '--blok=x'", "--blok=x", "64", "vmlinux")]
    [InlineData("no option '-x'", "-x", "64", "vmlinux")]
    [InlineData("--block", "--block")]
    [InlineData("--initrd", "--initrd=a", "--initrd=b", "64", "vmlinux")]
    [InlineData("--engine=jit is not an engine; write auto, interpreter, translator or lockstep", "--engine=jit", "64", "vmlinux")]
    [InlineData("Required argument missing for option: '--engine'", "--engine=", "64", "vmlinux")]
    [InlineData("--engine", "--engine=auto", "--engine=auto", "64", "vmlinux")]
    [InlineData("--engine", "--engine")]
    [InlineData("extra", "demo", "extra")]
    [InlineData("no chapter 'nowhere'", "journey", "nowhere")]
    [InlineData("did you mean 'check'? (lguest --help", "chek", "lab.conf")]
    [InlineData("'--blok=x'; did you mean '--block'?", "--blok=x", "64", "vmlinux")]
    [InlineData("'--memry'; did you mean '--memory'? (lguest linux --help", "linux", "--memry", "512")]
    [InlineData("'--nod'; did you mean '--node'? (lguest up --help", "up", "lab.conf", "--nod", "left")]
    [InlineData("'more.conf' is one word too many (lguest up --help", "up", "lab.conf", "more.conf")]
    [InlineData("--rng takes no value", "--rng=on", "64", "vmlinux")]
    [InlineData("--pae takes no value", "linux", "--pae=yes")]
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

        foreach (string word in new[] { "demo", "bench", "journey", "test", "--block", "--rng", "--engine", "--initrd", "--forward",
            "--boot", "--kvm", "MEMORY_MB KERNEL", "Exit code" })
            output.ToString().ShouldContain(word);
    }

    [Theory]
    [InlineData("up")]
    [InlineData("check")]
    [InlineData("linux")]
    [InlineData("cert")]
    public void Help_of_a_verb_does_not_tell_of_the_classic_syntax(string verb)
    {
        var output = new StringWriter();

        CommandLine.Run([verb, "--help"], output, new StringWriter()).ShouldBe(0);

        output.ToString().ShouldContain($" {verb} ");
        output.ToString().ShouldNotContain("MEMORY_MB");
    }

    private static string Complaint(params string[] args)
    {
        LaunchCommand.Read(CommandLine.Parse(args, TextWriter.Null), out string problem).ShouldBeNull();
        return problem;
    }

    private static LauncherOptions Read(params string[] args)
    {
        var parsed = CommandLine.Parse(args, TextWriter.Null);
        parsed.Errors.ShouldBeEmpty();
        var options = LaunchCommand.Read(parsed, out string? problem).ShouldNotBeNull(problem);
        if (PlainLaunch.Read(args) is { } plain)
        {
            plain.KernelArguments.ShouldBe(options.KernelArguments);
            WithoutLists(plain).ShouldBe(WithoutLists(options));
            options.Devices.Length.ShouldBe(0);
        }

        return options;
    }

    private static LauncherOptions WithoutLists(LauncherOptions options) =>
        options with { KernelArguments = [], Devices = [], Wires = [], Forwards = [] };
}
