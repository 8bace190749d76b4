// Whole Guests in this process, from the options to the exit code: a kernel of a few instructions assembled here, the embedded one, and all
// that a Launcher refuses.

using System.Net;
using System.Net.Sockets;
using Iced.Intel;
using Lguest.Devices;
using Lguest.Devices.Tests;
using Lguest.Guest.Cpu;
using Lguest.Host.Programs;
using Lguest.Launcher;
using Lguest.Launcher.Images;
using Lguest.Launcher.Tests.Images;
using Lguest.Net.Outside;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Host.Tests.Programs;

public sealed class LauncherProgramSpec : IDisposable
{
    private const uint Entry = 0x100000;
    private const int Notify = 17;
    private const string Woof = "woof, this is a Guest of lguest";

    private readonly string _folder = Directory.CreateTempSubdirectory("lguest-launcher-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_embedded_kernel_answers_what_is_typed_and_powers_off()
    {
        var (code, printed, error, outcome) = Run(Options("puppy"), "echo one two\npoweroff\n");

        code.ShouldBe(0, error);
        printed.ShouldContain("one two");
        error.ShouldBeEmpty();
        var statistics = outcome.ShouldBeOfType<GuestOutcome.PoweredOff>().Statistics.ShouldNotBeNull();
        statistics.Instructions.ShouldBeGreaterThan(10_000ul);
        statistics.Interrupts.ShouldBeGreaterThan(0);
    }

    [SkippableTheory]
    [InlineData(EngineKind.Interpreter)]
    [InlineData(EngineKind.Auto)]
    [InlineData(EngineKind.Translator)]
    public void The_engine_that_is_asked_for_executes_the_Guest(EngineKind kind)
    {
        bool hasTranslator = Engines.TranslatorProblem is null;
        Skip.If(kind == EngineKind.Translator && !hasTranslator, Engines.TranslatorProblem);

        var (code, printed, error, outcome) = Run(Options("puppy") with { Engine = kind }, "echo one two\npoweroff\n");

        code.ShouldBe(0, error);
        printed.ShouldContain("one two");
        outcome.ShouldBeOfType<GuestOutcome.PoweredOff>().Statistics.ShouldNotBeNull().Engine
            .ShouldBe(kind != EngineKind.Interpreter && hasTranslator ? EngineKind.Translator : EngineKind.Interpreter);
    }

    [Fact]
    public void The_translator_is_refused_with_a_reason_where_it_cannot_run_and_nothing_else_is()
    {
        Should.Throw<RefusedException>(() => LauncherProgram.CheckEngine(EngineKind.Translator, "it needs Linux"))
            .Message.ShouldBe("--engine=translator cannot run here: it needs Linux; write --engine=auto");
        Should.Throw<RefusedException>(() => LauncherProgram.CheckEngine(EngineKind.Lockstep, "it needs Linux"))
            .Message.ShouldBe("--engine=lockstep cannot run here: it needs Linux; write --engine=auto");
        LauncherProgram.CheckEngine(EngineKind.Auto, "it needs Linux");
        LauncherProgram.CheckEngine(EngineKind.Interpreter, "it needs Linux");
        LauncherProgram.CheckEngine(null, "it needs Linux");
        LauncherProgram.CheckEngine(EngineKind.Translator, null);
    }

    [Fact]
    public void A_Guest_that_asks_for_a_restart_boots_again_with_a_fresh_memory()
    {
        using var keys = new Keyboard();
        using var error = new StringWriter();
        var printed = new Printed();
        int lives = 0;
        printed.Changed = text =>
        {
            // What is typed ahead dies with the Guest that took it, so each life gets its keys when its prompt is there.
            int prompts = text.Split("puppy# ").Length - 1;
            if (lives == 0 && prompts == 1)
                Type(1, "echo first > /tmp/life\nreboot\n");
            else if (lives == 1 && text.Split(Woof).Length == 3 && text.Split(Woof)[2].Contains("puppy# ", StringComparison.Ordinal))
                Type(2, "cat /tmp/life\npoweroff\n");
        };

        LauncherProgram.Run(Options("puppy"), keys, printed, error, () => null, out _).ShouldBe(0, error.ToString());

        lives.ShouldBe(2);
        printed.Text.ShouldNotContain("\nfirst");

        void Type(int life, string text)
        {
            lives = life;
            keys.Type(text);
        }
    }

    [Fact]
    public void A_disk_keeps_what_one_Guest_wrote_for_the_next()
    {
        string disk = Path.Combine(_folder, "disk.img");
        File.WriteAllBytes(disk, new byte[1 << 20]);
        var options = Options("puppy") with { Devices = [new DeviceOption.Block(disk)] };

        Run(options, "echo kept on disk > /tmp/note\ndd if=/tmp/note of=/dev/vda bs=512 count=1\npoweroff\n").Code.ShouldBe(0);
        var (code, printed, error, _) = Run(options, "dd if=/dev/vda of=/tmp/back bs=512 count=1\ncat /tmp/back\npoweroff\n");

        code.ShouldBe(0, error);
        printed.ShouldContain("kept on disk", Case.Sensitive, printed);
        new FileInfo(disk).Length.ShouldBe(1 << 20);
    }

    [Fact]
    public void Without_hypercalls_in_the_right_order_a_Guest_dies_and_the_reason_is_told()
    {
        var (code, _, error, outcome) = Run(Kernel(code =>
        {
            code.mov(eax, Notify);
            code.@int(0x1f);
        }));

        code.ShouldBe(1);
        error.ShouldStartWith("lguest: the Guest died: ");
        error.TrimEnd().ShouldNotContain("\n");
        outcome.ShouldBeOfType<GuestOutcome.Died>();
    }

    [Fact]
    public void A_Guest_that_jumps_into_nowhere_dies()
    {
        var (code, _, error, _) = Run(Kernel(code => code.jmp(0x7ff00000)));

        code.ShouldBe(1, error);
    }

    [SkippableTheory]
    [InlineData(EngineKind.Interpreter)]
    [InlineData(EngineKind.Translator)]
    public void A_bare_program_prints_and_ends_at_its_ports(EngineKind kind)
    {
        Skip.If(kind == EngineKind.Translator && Engines.TranslatorProblem is not null, Engines.TranslatorProblem);
        var code = new Assembler(32);
        var (next, done) = (code.CreateLabel(), code.CreateLabel());
        code.mov(esi, __dword_ptr[ebx + 16]);
        code.Label(ref next);
        code.lodsb();
        code.test(al, al);
        code.je(done);
        code.mov(dx, 0x3f8);
        code.@out(dx, al);
        code.jmp(next);
        code.Label(ref done);
        code.mov(eax, '!');
        code.@out(0xe9, al);
        code.mov(eax, __dword_ptr[ebx + 24]);
        code.mov(eax, __dword_ptr[eax]);
        code.mov(eax, __dword_ptr[eax]);
        code.@out(0xf4, eax);
        var bytes = new MemoryStream();
        code.Assemble(new StreamCodeWriter(bytes), 0x100020);
        var options = Options(Save("bare.flat", Files.Multiboot(bytes.ToArray()))) with
        {
            KernelArguments = ["a", "b"],
            Initrd = Save("module", [5, 0, 0, 0]),
            Engine = kind,
        };

        var (exit, printed, error, outcome) = Run(options);

        exit.ShouldBe(11, error);
        printed.ShouldBe("bare.flat a b!");
        outcome.ShouldBeOfType<GuestOutcome.Exited>().Statistics.ShouldNotBeNull().Instructions.ShouldBeGreaterThan(50ul);
    }

    [Fact]
    public void Three_interrupts_end_a_Guest_that_never_listens()
    {
        using var keys = new Keyboard();
        using var error = new StringWriter();
        var printed = new Printed();
        var code = new Assembler(32);
        var here = code.CreateLabel();
        code.mov(eax, '!');
        code.@out(0xe9, al);
        code.Label(ref here);
        code.jmp(here);
        var bytes = new MemoryStream();
        code.Assemble(new StreamCodeWriter(bytes), 0x100020);

        // Only a Guest that runs has counted anything.
        printed.Changed = _ =>
        {
            for (int i = 0; i < 3; i++)
                keys.Type("\x03");
        };

        var options = Options(Save("loop.flat", Files.Multiboot(bytes.ToArray())));
        LauncherProgram.Run(options, keys, printed, error, () => null, out var outcome).ShouldBe(1);

        error.ToString().ShouldContain("stopped by three Ctrl-C");
        outcome.ShouldBeOfType<GuestOutcome.Ended>().Statistics.ShouldNotBeNull();
    }

    [Fact]
    public void What_cannot_be_started_is_refused_on_one_line_with_exit_code_two()
    {
        Refuse(Options(Path.Combine(_folder, "none"))).ShouldContain("there is no kernel");
        Refuse(Options(_folder)).ShouldContain("is a directory");
        Refuse(Options(Save("text", "hello"u8.ToArray()))).ShouldContain("is not a kernel");
        Refuse(Options("puppy") with { Initrd = Path.Combine(_folder, "none") }).ShouldContain("there is no initrd");
        Refuse(Options("puppy") with { Initrd = Save("initrd", Files.Cpio("init", new byte[900])[..500]) })
            .ShouldContain("ends before its last entry");
        Refuse(Options("puppy") with { MemoryMegabytes = 1 }).ShouldContain("too little");
        Refuse(Options("puppy") with { Devices = [new DeviceOption.Block(Path.Combine(_folder, "none"))] })
            .ShouldContain("cannot be opened");
    }

    [Fact]
    public void A_refused_launch_leaves_disks_free()
    {
        string disk = Save("disk", new byte[4096]);
        Refuse(Options("puppy") with { Devices = [new DeviceOption.Block(disk), new DeviceOption.Block(disk)] })
            .ShouldContain("cannot be opened");

        using var again = File.Open(disk, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        again.Length.ShouldBe(4096);
    }

    [Fact]
    public void A_log_of_old_is_emptied_only_for_a_Guest_that_starts()
    {
        string log = Save("old.log", "precious"u8.ToArray());
        string disk = Save("disk", new byte[4096]);
        var options = Options("puppy") with { Log = log };

        Refuse(options with { Kernel = Path.Combine(_folder, "typo") });
        Refuse(options with { Initrd = Path.Combine(_folder, "typo") });
        Refuse(options with { Devices = [new DeviceOption.Block(Path.Combine(_folder, "typo"))] });
        Refuse(options with { MemoryMegabytes = 1 });
        Refuse(options with { Wires = [OutsideWire.Parse("bridge:nosuchbridge", 0, out _)!] });
        File.ReadAllText(log).ShouldBe("precious");

        Run(options, "poweroff\n").Code.ShouldBe(0);
        File.ReadAllText(log).ShouldStartWith("\npuppy: woof");

        Refuse(options with { Log = Path.Combine(_folder, "no", "folder"), Devices = [new DeviceOption.Block(disk)] })
            .ShouldContain("no/folder cannot be written");
        using var again = File.Open(disk, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
    }

    [SkippableFact]
    public async Task A_log_that_is_a_pipe_needs_a_reader()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "pipes are opened like this on Linux");
        string pipe = Path.Combine(_folder, "pipe");
        using (var made = System.Diagnostics.Process.Start("mkfifo", [pipe]))
            await made.WaitForExitAsync();
        var options = Options("puppy") with { Log = pipe };

        string refused = await Task.Run(() => Refuse(options)).WaitAsync(TimeSpan.FromSeconds(60));
        refused.ShouldBe($"lguest: log {pipe} cannot be written: no program reads this pipe; name another file{Environment.NewLine}");

        // Open for both, the system does not wait for a writer.
        using var reader = new FileStream(pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        Run(options, "poweroff\n").Code.ShouldBe(0);
        byte[] begin = new byte[12];
        reader.ReadExactly(begin);
        begin.ShouldBe("\npuppy: woof"u8.ToArray());
    }

    [Theory]
    [InlineData(1000, "488")]
    [InlineData(1024, null)]
    [InlineData(513, "1")]
    public void A_disk_whose_last_sector_is_cut_short_costs_a_warning(int bytes, string? unseen)
    {
        string disk = Save("disk.img", new byte[bytes]);

        var (code, _, error, _) = Run(Options("puppy") with { Devices = [new DeviceOption.Block(disk)] }, "poweroff\n");

        code.ShouldBe(0, error);
        error.ShouldBe(unseen is null ? ""
            : $"lguest: disk {disk}: the Guest does not see the last {unseen} bytes, which are less than a sector of 512; "
            + $"fill it up with: truncate -s %512 {disk}{Environment.NewLine}");
    }

    [Fact]
    public void What_only_a_PC_has_is_refused_to_a_kernel_of_lguests()
    {
        Refuse(Options("puppy") with { Boot = PcEntry.Pvh }).ShouldContain("there is one way to start lguest's Linux; leave --boot out");
        Refuse(Options("puppy1") with { IsKvm = false }).ShouldContain("Linux 2.6.23 does not look for KVM; leave --kvm out");
        Refuse(Options("puppy") with { Board = "pc" }).ShouldContain("puppy was built for lguest and is not started as a PC's");
    }

    [Fact]
    public void A_port_leads_into_a_Guest_only_by_a_router_and_only_if_it_is_free()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var options = Options("puppy") with { Forwards = [new PortForward(IsUdp: false, IPAddress.Loopback, port, 80)] };

        Refuse(options).ShouldContain("add --tunnet=nat");
        Refuse(options with { Wires = [new OutsideWire("out", null)] }).ShouldContain(
            $"--forward: TCP port {port} of 127.0.0.1 is in use; choose another port");
    }

    private static LauncherOptions Options(string kernel) => new(16, kernel, [], []);

    private static (int Code, string Printed, string Error, GuestOutcome? Outcome) Run(LauncherOptions options, string typed = "")
    {
        using var error = new StringWriter();
        var printed = new Printed();
        int code = LauncherProgram.Run(
            options, new MemoryStream(System.Text.Encoding.ASCII.GetBytes(typed)), printed, error, () => null, out var outcome);
        return (code, printed.Text.Replace("\r", "", StringComparison.Ordinal), error.ToString(), outcome);
    }

    private static string Refuse(LauncherOptions options)
    {
        var (code, printed, error, outcome) = Run(options);
        code.ShouldBe(2);
        printed.ShouldBeEmpty();
        outcome.ShouldBeNull();
        error.ShouldStartWith("lguest: ");
        error.TrimEnd().ShouldNotContain("\n");
        return error;
    }

    private LauncherOptions Kernel(Action<Assembler> write)
    {
        var assembler = new Assembler(32);
        write(assembler);
        var code = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(code), Entry);
        return Options(Save("kernel", Files.Elf(code.ToArray(), Entry)));
    }

    private string Save(string name, byte[] content)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }
}
