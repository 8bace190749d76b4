// The sheet's section 2: the verbs of /dev/lguest, their results and their errors, in the order of a handle's life.
using Akka.Actor;
using Akka.Configuration;
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Translator;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using Lguest.Switcher.Time;
using static Iced.Intel.AssemblerRegisters;
using static Lguest.Switcher.Actors.SwitcherProtocol;

namespace Lguest.Switcher.Tests.Actors;

public sealed class SwitcherActorSpec : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private static readonly GuestId _id = new("tux");
    private readonly ActorSystem _system = ActorSystem.Create("switcher-spec", SwitcherSettings.Reference(2));
    private readonly IActorRef _switcher;
    private readonly List<TestGuest> _guests = [];

    public SwitcherActorSpec() => _switcher = _system.ActorOf(
        SwitcherActor.Props(SwitcherSettings.From(SwitcherSettings.Reference(2))), "switcher");

    [Fact]
    public async Task A_handle_is_opened_once()
    {
        (await Ask(new Open(_id))).ShouldBe(new Opened(_id));
        (await Ask(new Open(_id))).ShouldBe(new Failed(_id, ErrorNumber.Busy));
    }

    [Fact]
    public async Task There_are_only_so_many_slots()
    {
        var small = _system.ActorOf(SwitcherActor.Props(
            SwitcherSettings.From(SwitcherSettings.Reference(2)) with { MostGuests = 1 }));
        (await small.Ask(new Open(_id), _patience)).ShouldBe(new Opened(_id));
        GuestId other = new("other");
        (await small.Ask(new Open(other), _patience)).ShouldBe(new Failed(other, ErrorNumber.NoSpace));
    }

    [Fact]
    public async Task An_empty_handle_knows_only_initialise()
    {
        await Ask(new Open(_id));
        foreach (var request in (IGuestRequest[])[new Run(_id), new Interrupt(_id, 1), new Break(_id, true),
            new GetDma(_id, new GuestPhysical(0)),
            new AttachEvent(_id, new GuestPhysical(0x1000), _switcher), new GetStatistics(_id)])
            (await Ask(request)).ShouldBe(new Failed(_id, ErrorNumber.Invalid));
    }

    [Fact]
    public async Task Initialise_refuses_a_second_time_no_memory_and_no_handle()
    {
        (await Ask(new Initialize(_id, null!, default))).ShouldBe(new Failed(_id, ErrorNumber.Invalid));
        await Ask(new Open(_id));
        (await Ask(new Initialize(_id, null!, default))).ShouldBe(new Failed(_id, ErrorNumber.BadAddress));
        var program = Program(_ => { });
        (await Ask(new Initialize(_id, program.Memory, new GuestVirtual(TestGuest.CodeAt)))).ShouldBe(new Done(_id));
        (await Ask(new Initialize(_id, program.Memory, default))).ShouldBe(new Failed(_id, ErrorNumber.Busy));
    }

    [Fact]
    public async Task Initialise_refuses_an_engine_that_cannot_run_here_and_the_handle_stays_empty()
    {
        // No host gives a translator a code memory of no bytes.
        var settings = SwitcherSettings.From(SwitcherSettings.Reference(2)) with
        {
            Engine = EngineKind.Translator,
            Translator = new TranslatorSettings(CodeBytes: 0),
        };
        var switcher = _system.ActorOf(SwitcherActor.Props(settings));
        var program = Program(_ => { });
        (await switcher.Ask(new Open(_id), _patience)).ShouldBe(new Opened(_id));

        (await switcher.Ask(new Initialize(_id, program.Memory, new GuestVirtual(TestGuest.CodeAt)), _patience))
            .ShouldBe(new Failed(_id, ErrorNumber.NotSupported));

        (await switcher.Ask(new Run(_id), _patience)).ShouldBe(new Failed(_id, ErrorNumber.Invalid));
        (await switcher.Ask(new Close(_id), _patience)).ShouldBe(new Closed(_id));
    }

    [SkippableTheory]
    [InlineData("interpreter")]
    [InlineData("auto")]
    [InlineData("translator")]
    public async Task A_Guest_runs_on_the_engine_of_the_settings(string word)
    {
        bool hasTranslator = Engines.TranslatorProblem is null;
        Skip.If(word == "translator" && !hasTranslator, Engines.TranslatorProblem);
        var config = ConfigurationFactory.ParseString($"lguest.switcher.engine = {word}").WithFallback(SwitcherSettings.Reference(2));
        var settings = SwitcherSettings.From(config);
        settings.Engine.ShouldBe(Engines.Parse(word)!.Value);
        var switcher = _system.ActorOf(SwitcherActor.Props(settings with { Translator = new TranslatorSettings(HotAfter: 1) }));
        var program = Program(a =>
        {
            var top = a.CreateLabel();
            a.mov(ecx, 1000);
            a.xor(eax, eax);
            a.Label(ref top);
            a.add(eax, ecx);
            a.mov(edx, eax);
            a.xor(edx, ecx);
            a.lea(ebx, __[edx + ecx]);
            a.dec(ecx);
            a.jne(top);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
        });
        await switcher.Ask(new Open(_id), _patience);

        (await switcher.Ask(new Initialize(_id, program.Memory, new GuestVirtual(TestGuest.CodeAt)), _patience)).ShouldBe(new Done(_id));
        (await switcher.Ask(new Run(_id), _patience)).ShouldBe(new Notified(_id, new GuestPhysical(TestGuest.DoneAddress)));
        program.Result().ShouldBe(500_500u);
        (await switcher.Ask<Statistics>(new GetStatistics(_id), _patience)).Counters.Engine
            .ShouldBe(word != "interpreter" && hasTranslator ? EngineKind.Translator : EngineKind.Interpreter);
    }

    [Theory]
    [InlineData("on", true)]
    [InlineData("off", false)]
    public void Verify_says_whether_emitted_code_is_read_again(string word, bool verify) =>
        SwitcherSettings.From(ConfigurationFactory.ParseString($"lguest.switcher.verify = {word}")
            .WithFallback(SwitcherSettings.Reference(2))).Translator!.Verify.ShouldBe(verify);

    [Theory]
    [InlineData("on", true)]
    [InlineData("off", false)]
    public void Windows_says_whether_long_programs_get_them(string word, bool windows) =>
        SwitcherSettings.From(ConfigurationFactory.ParseString($"lguest.switcher.windows = {word}")
            .WithFallback(SwitcherSettings.Reference(2))).Translator!.Windows.ShouldBe(windows);

    [Fact]
    public void An_engine_that_there_is_not_is_no_setting() =>
        Should.Throw<ConfigurationException>(() => SwitcherSettings.From(
                ConfigurationFactory.ParseString("lguest.switcher.engine = jit").WithFallback(SwitcherSettings.Reference(2))))
            .Message.ShouldContain("lguest.switcher.engine = 'jit'");

    [Fact]
    public async Task Run_returns_with_a_notification_and_goes_on_behind_it()
    {
        var program = await Start(guest => a =>
        {
            guest.Call(a, Hypercall.Notify, 0x1000);
            a.mov(__dword_ptr[TestGuest.ResultAt], 7);
        });
        (await Ask(new Run(_id))).ShouldBe(new Notified(_id, new GuestPhysical(0x1000)));
        program.Result().ShouldBe(0u);
        (await Ask(new Run(_id))).ShouldBe(new Notified(_id, new GuestPhysical(TestGuest.DoneAddress)));
        program.Result().ShouldBe(7u);
    }

    [Fact]
    public async Task A_death_is_told_once_and_its_reason_afterwards()
    {
        await Start(_ => a => a.ud2());
        var died = (await Ask(new Run(_id))).ShouldBeOfType<Died>();
        died.End.ShouldBeOfType<GuestEnd.Killed>().Reason.ShouldBe(KillReason.UnhandledTrap);
        (await Ask(new Run(_id))).ShouldBe(new Reason(_id, died.End.Text));
        (await Ask(new Interrupt(_id, 1, Acknowledge: true))).ShouldBe(new Failed(_id, ErrorNumber.NoEntry));
        (await Ask(new AttachEvent(_id, new GuestPhysical(1), _switcher))).ShouldBe(new Failed(_id, ErrorNumber.NoEntry));
        (await Ask(new Break(_id, true))).ShouldBe(new Failed(_id, ErrorNumber.NoEntry));
    }

    [Fact]
    public async Task A_restart_is_told_to_each_run()
    {
        await Start(guest => a => guest.Call(a, Hypercall.Shutdown, 0x1000, 2));
        (await Ask(new Run(_id))).ShouldBe(new Died(_id, new GuestEnd.Restart()));
        (await Ask(new Run(_id))).ShouldBe(new Failed(_id, ErrorNumber.Restart));
        (await Ask(new Run(_id))).ShouldBe(new Failed(_id, ErrorNumber.Restart));
    }

    [Fact]
    public async Task An_attached_event_is_told_to_its_actor_and_the_guest_goes_on()
    {
        await Start(guest => a =>
        {
            guest.Call(a, Hypercall.Notify, 0x1000);
            guest.Call(a, Hypercall.Notify, 0x2000);
        });
        TaskCompletionSource<object> heard = new();
        var device = _system.ActorOf(Props.Create(() => new Ear(heard)));
        (await Ask(new AttachEvent(_id, new GuestPhysical(0), device))).ShouldBe(new Failed(_id, ErrorNumber.Invalid));
        (await Ask(new AttachEvent(_id, new GuestPhysical(0x1000), device))).ShouldBe(new Done(_id));
        (await Ask(new Run(_id))).ShouldBe(new Notified(_id, new GuestPhysical(0x2000)));
        (await heard.Task.WaitAsync(_patience)).ShouldBe(new Notified(_id, new GuestPhysical(0x1000)));
    }

    [Fact]
    public async Task An_interrupt_wakes_a_sleeping_guest()
    {
        var program = await Start(guest => a =>
        {
            guest.Call(a, Hypercall.LoadIdtEntry, 0x25, TestGuest.HandlerAt & 0xffff, (TestGuest.HandlerAt & 0xffff0000) | 0x8e00);
            guest.Call(a, Hypercall.Halt);
        });
        var run = Ask(new Run(_id));
        (await Ask(new Interrupt(_id, 32))).ShouldBe(new Failed(_id, ErrorNumber.Invalid));
        (await Ask(new Interrupt(_id, 5, Acknowledge: true))).ShouldBe(new Done(_id));
        (await run).ShouldBe(new Notified(_id, new GuestPhysical(TestGuest.DoneAddress)));
        program.Result().ShouldBe(1u);
    }

    [Fact]
    public async Task An_alarm_wakes_a_sleeping_guest()
    {
        var program = await Start(guest => a =>
        {
            a.mov(__dword_ptr[TestGuest.DataAt + 4], 0);
            guest.Call(a, Hypercall.LoadIdtEntry, 0x20, TestGuest.HandlerAt & 0xffff, (TestGuest.HandlerAt & 0xffff0000) | 0x8e00);
            guest.Call(a, Hypercall.SetClockEvent, 3_000_000);
            guest.Call(a, Hypercall.Halt);
        });
        (await Ask(new Run(_id))).ShouldBe(new Notified(_id, new GuestPhysical(TestGuest.DoneAddress)));
        program.Result().ShouldBe(1u);
    }

    [Fact]
    public async Task In_virtual_time_nobody_waits_for_an_alarm()
    {
        var program = await Start(
            guest => a =>
            {
                a.mov(__dword_ptr[TestGuest.DataAt + 4], 0);
                guest.Call(a, Hypercall.LoadIdtEntry, 0x20, TestGuest.HandlerAt & 0xffff, (TestGuest.HandlerAt & 0xffff0000) | 0x8e00);
                guest.Call(a, Hypercall.SetClockEvent, 4_000_000_000);
                guest.Call(a, Hypercall.Halt);
                guest.Call(a, Hypercall.SetClockEvent, 4_000_000_000);
                guest.Call(a, Hypercall.Halt);
                guest.Call(a, Hypercall.SetClockEvent, 4_000_000_000);
                guest.Call(a, Hypercall.Halt);
                guest.Call(a, Hypercall.SetClockEvent, 4_000_000_000);
                guest.Call(a, Hypercall.Halt);
                guest.Call(a, Hypercall.SetClockEvent, 4_000_000_000);
                guest.Call(a, Hypercall.Halt);
                guest.Call(a, Hypercall.SetClockEvent, 4_000_000_000);
                guest.Call(a, Hypercall.Halt);
            },
            ClockKind.Virtual);
        (await Ask(new Run(_id))).ShouldBe(new Notified(_id, new GuestPhysical(TestGuest.DoneAddress)));
        program.Result().ShouldBe(6u);
    }

    [Fact]
    public async Task A_break_forces_the_runner_out_and_keeps_it_out()
    {
        await Start(_ => Forever);
        var run = Ask(new Run(_id));
        var breaker = Ask(new Break(_id, true));
        (await run).ShouldBe(new Failed(_id, ErrorNumber.TryAgain));
        (await Ask(new Run(_id))).ShouldBe(new Failed(_id, ErrorNumber.TryAgain));
        breaker.IsCompleted.ShouldBeFalse();
        (await Ask(new Break(_id, false))).ShouldBe(new Done(_id));
        (await breaker).ShouldBe(new Done(_id));
        var again = Ask(new Run(_id));

        // A slice may be over before its thread has had the processor, on a busy machine; but not each one.
        using CancellationTokenSource limit = new(_patience);
        while ((await Ask(new GetStatistics(_id))).ShouldBeOfType<Statistics>().Counters.Instructions == 0)
            limit.Token.ThrowIfCancellationRequested();
        again.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Only_the_initialiser_may_run_and_only_once_at_a_time()
    {
        var program = Program(Forever);
        var first = _system.ActorOf(Props.Create(() => new Launcher(_switcher)));
        var second = _system.ActorOf(Props.Create(() => new Launcher(_switcher)));
        await first.Ask(new Open(_id), _patience);
        await first.Ask(new Initialize(_id, program.Memory, new GuestVirtual(TestGuest.CodeAt)), _patience);
        (await second.Ask(new Run(_id), _patience)).ShouldBe(new Failed(_id, ErrorNumber.NotPermitted));
        var run = Ask(new Run(_id));
        (await Ask(new Run(_id))).ShouldBe(new Failed(_id, ErrorNumber.Busy));
        run.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Close_stops_a_running_guest_and_frees_its_name()
    {
        await Start(_ => Forever);
        var run = Ask(new Run(_id));
        (await Ask(new Close(_id))).ShouldBe(new Closed(_id));
        (await run).ShouldBe(new Failed(_id, ErrorNumber.TryAgain));
        (await Ask(new Close(_id))).ShouldBe(new Failed(_id, ErrorNumber.Invalid));
        (await Ask(new Open(_id))).ShouldBe(new Opened(_id));
    }

    [Fact]
    public async Task The_end_of_the_switcher_gives_back_what_a_running_guest_had()
    {
        var program = await Start(_ => Forever);
        _ = Ask(new Run(_id));
        // Asked while it runs, so the slot is lent when the end comes.
        while ((await Ask(new GetStatistics(_id))).ShouldBeOfType<Statistics>().Counters.Instructions == 0)
            await Task.Yield();
        (await _switcher.GracefulStop(_patience)).ShouldBeTrue();
        program.Dispose();
        program.Memory.Length.ShouldBe(0u, "nobody else holds it");
    }

    [Fact]
    public async Task Nothing_is_bound_to_any_key_of_a_generation_2_guest()
    {
        await Start(_ => Forever);
        (await Ask(new GetDma(_id, new GuestPhysical(0)))).ShouldBe(new Failed(_id, ErrorNumber.NoEntry));
    }

    [Fact]
    public async Task A_bad_guest_takes_nobody_with_it()
    {
        var good = await Start(guest => a =>
        {
            guest.Call(a, Hypercall.Notify, 0x1000);
            a.mov(__dword_ptr[TestGuest.ResultAt], 7);
        });
        await Ask(new Run(_id));
        GuestId bad = new("bad");
        await Ask(new Open(bad));
        await Ask(new Initialize(bad, Program(a => a.ud2()).Memory, new GuestVirtual(TestGuest.CodeAt)));
        (await Ask(new Run(bad))).ShouldBeOfType<Died>();
        (await Ask(new Run(_id))).ShouldBe(new Notified(_id, new GuestPhysical(TestGuest.DoneAddress)));
        good.Result().ShouldBe(7u);
    }

    public void Dispose()
    {
        _system.Terminate().Wait(_patience);
        foreach (var guest in _guests)
            guest.Dispose();
    }

    private static void Forever(Iced.Intel.Assembler a)
    {
        var again = a.CreateLabel();
        a.Label(ref again);
        a.jmp(again);
    }

    private Task<object> Ask(object message) => _switcher.Ask(message, _patience);

    private TestGuest Program(Action<Iced.Intel.Assembler> program)
    {
        var guest = TestGuest.Of(AbiFamily.Linux3);
        _guests.Add(guest);
        return guest.Boot(program);
    }

    /// <summary>Opens and initialises a Guest with a handler that counts and returns.</summary>
    private async Task<TestGuest> Start(Func<TestGuest, Action<Iced.Intel.Assembler>> program, ClockKind clock = ClockKind.Real)
    {
        var guest = TestGuest.Of(AbiFamily.Linux3);
        _guests.Add(guest);
        guest.Boot(program(guest));
        guest.Assemble(TestGuest.HandlerAt, a =>
        {
            a.inc(__dword_ptr[TestGuest.ResultAt]);
            a.mov(__dword_ptr[TestGuest.DataAt], 0x200);
            a.iretd();
        });
        (await Ask(new Open(_id))).ShouldBe(new Opened(_id));
        (await Ask(new Initialize(_id, guest.Memory, new GuestVirtual(TestGuest.CodeAt), clock))).ShouldBe(new Done(_id));
        return guest;
    }

    /// <summary>Hears one message.</summary>
    private sealed class Ear : ReceiveActor
    {
        public Ear(TaskCompletionSource<object> heard) => ReceiveAny(message => heard.TrySetResult(message));
    }

    /// <summary>Speaks to the Switcher in its own name and passes answers on.</summary>
    private sealed class Launcher : ReceiveActor
    {
        private IActorRef _asker = ActorRefs.Nobody;

        public Launcher(IActorRef switcher)
        {
            Receive<IGuestRequest>(request =>
            {
                _asker = Sender;
                switcher.Tell(request);
            });
            Receive<IReply>(reply => _asker.Tell(reply));
        }
    }
}
