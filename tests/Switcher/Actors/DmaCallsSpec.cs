// The DMA calls as the Switcher passes them on: to the port, to the actor that has attached itself to a key, or to the runner; and how each
// of them lets the Guest go on.
using Akka.Actor;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using static Iced.Intel.AssemblerRegisters;
using static Lguest.Switcher.Actors.SwitcherProtocol;

namespace Lguest.Switcher.Tests.Actors;

public sealed class DmaCallsSpec : IDisposable
{
    private const uint Shared = 0x6000;
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private static readonly GuestId _id = new("tux");
    private static readonly DmaPending _done = new(_id, new GuestPhysical(TestGuest.DoneKey), default);
    private readonly ActorSystem _system = ActorSystem.Create("dma-spec", SwitcherSettings.Reference(2));
    private readonly TestGuest _guest = TestGuest.Of(AbiFamily.Linux2623);
    private readonly Port _port = new();
    private readonly IActorRef _switcher;

    public DmaCallsSpec() => _switcher = _system.ActorOf(SwitcherActor.Props(SwitcherSettings.From(SwitcherSettings.Reference(2))),
        "switcher");

    [Fact]
    public async Task A_send_to_a_key_of_its_own_is_its_runners_business()
    {
        await Start(a =>
        {
            _guest.Call(a, Hypercall.SendDma, 0x3000, 0x4000);
            a.mov(__dword_ptr[TestGuest.ResultAt], 7);
        });
        (await Ask(new Run(_id))).ShouldBe(new DmaPending(_id, new GuestPhysical(0x3000), new GuestPhysical(0x4000)));
        _guest.Result().ShouldBe(0u);
        (await Ask(new Run(_id))).ShouldBe(_done);
        _guest.Result().ShouldBe(7u);
    }

    [Fact]
    public async Task Who_has_attached_himself_to_the_key_is_told_instead_and_lets_the_guest_go_on()
    {
        await Start(a => _guest.Call(a, Hypercall.SendDma, 0x3000, 0x4000));
        TaskCompletionSource<object> heard = new();
        var device = _system.ActorOf(Props.Create(() => new Ear(heard)));
        (await Ask(new AttachDma(_id, new GuestPhysical(0x3000), device))).ShouldBe(new Done(_id));
        var run = Ask(new Run(_id));
        (await heard.Task.WaitAsync(_patience)).ShouldBe(new DmaPending(_id, new GuestPhysical(0x3000), new GuestPhysical(0x4000)));
        run.IsCompleted.ShouldBeFalse();
        _switcher.Tell(new DmaServed(_id));
        (await run).ShouldBe(_done);
    }

    [Fact]
    public async Task What_goes_to_others_goes_through_the_port_and_waits_for_its_answer()
    {
        await Start(a =>
        {
            _guest.Call(a, Hypercall.BindDma, Shared, 0x4000, (3 << 8) | 9);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
            _guest.Call(a, Hypercall.SendDma, Shared, 0x5000);
        });
        var run = Ask(new Run(_id));
        (await _port.Asked.Task.WaitAsync(_patience)).ShouldBe("bind 6000 4000 3 9");
        _port.Asked = new();
        _switcher.Tell(new DmaBound(_id, true));
        (await _port.Asked.Task.WaitAsync(_patience)).ShouldBe("send 6000 5000");
        _guest.Result().ShouldBe(1u);
        run.IsCompleted.ShouldBeFalse();
        _switcher.Tell(new DmaSent(_id));
        (await run).ShouldBe(_done);
    }

    [Fact]
    public async Task Without_a_port_nothing_can_be_bound()
    {
        await Start(
            a =>
            {
                _guest.Call(a, Hypercall.BindDma, Shared, 0x4000, (3 << 8) | 9);
                a.mov(__dword_ptr[TestGuest.ResultAt], eax);
            },
            port: false);
        (await Ask(new Run(_id))).ShouldBe(_done);
        _guest.Result().ShouldBe(0u);
        (await Ask(new GetDma(_id, new GuestPhysical(Shared)))).ShouldBe(new Failed(_id, ErrorNumber.NoEntry));
    }

    [Fact]
    public async Task GetDma_is_answered_by_the_port_in_order()
    {
        await Start(_ => { });
        var first = Ask(new GetDma(_id, new GuestPhysical(Shared)));
        (await _port.Asked.Task.WaitAsync(_patience)).ShouldBe("find 6000");
        _switcher.Tell(new DmaFound(_id, new GuestPhysical(0x7000)));
        (await first).ShouldBe(new Dma(_id, new GuestPhysical(Shared), new GuestPhysical(0x7000)));
        var second = Ask(new GetDma(_id, new GuestPhysical(Shared)));
        _switcher.Tell(new DmaFound(_id, null));
        (await second).ShouldBe(new Failed(_id, ErrorNumber.NoEntry));
        (await Ask(new GetDma(_id, new GuestPhysical(2)))).ShouldBe(new Failed(_id, ErrorNumber.NoEntry));
    }

    [Fact]
    public async Task A_guest_that_waits_can_be_killed_and_closed_and_late_answers_do_nothing()
    {
        await Start(a => _guest.Call(a, Hypercall.SendDma, Shared, 0x5000));
        var run = Ask(new Run(_id));
        await _port.Asked.Task.WaitAsync(_patience);
        _switcher.Tell(new DmaOffence(_id, KillReason.BadDmaEntry, "bad DMA entry"));
        (await run).ShouldBe(new Died(_id, new GuestEnd.Killed(KillReason.BadDmaEntry, "bad DMA entry")));
        _switcher.Tell(new DmaSent(_id));
        (await Ask(new Run(_id))).ShouldBe(new Reason(_id, "bad DMA entry"));
        (await Ask(new Close(_id))).ShouldBe(new Closed(_id));
        _switcher.Tell(new DmaSent(_id));
        _switcher.Tell(new DmaFound(_id, null));
    }

    [Fact]
    public async Task A_running_guest_is_killed_for_its_descriptors_when_it_comes_out()
    {
        await Start(a =>
        {
            var again = a.CreateLabel();
            a.Label(ref again);
            a.jmp(again);
        });
        var run = Ask(new Run(_id));
        _switcher.Tell(new DmaOffence(_id, KillReason.BadDmaAddress, "bad address"));
        (await run).ShouldBe(new Died(_id, new GuestEnd.Killed(KillReason.BadDmaAddress, "bad address")));
    }

    [Fact]
    public async Task A_page_offset_in_the_switchers_area_is_refused()
    {
        (await Ask(new Open(_id))).ShouldBe(new Opened(_id));
        (await Ask(new Initialize(_id, _guest.Memory, default, PageOffset: new GuestVirtual(0xffc00000))))
            .ShouldBe(new Failed(_id, ErrorNumber.Invalid));
    }

    public void Dispose()
    {
        _system.Terminate().Wait(_patience);
        _guest.Dispose();
    }

    private Task<object> Ask(object message) => _switcher.Ask(message, _patience);

    private async Task Start(Action<Iced.Intel.Assembler> program, bool port = true)
    {
        _guest.Boot(program);
        (await Ask(new Open(_id))).ShouldBe(new Opened(_id));
        (await Ask(new Initialize(
            _id,
            _guest.Memory,
            new GuestVirtual(TestGuest.CodeAt),
            PageTable: new GuestPhysical(_guest.Memory.RamBytes - (16 * 4096)),
            PageOffset: new GuestVirtual(TestGuest.KernelAddress),
            Dma: port ? _port : null))).ShouldBe(new Done(_id));
    }

    private sealed class Port : IDmaPort
    {
        public TaskCompletionSource<string> Asked { get; set; } = new();

        public void Bind(GuestPhysical key, GuestPhysical buffers, int count, int irq) =>
            Asked.TrySetResult($"bind {key.Value:x} {buffers.Value:x} {count} {irq}");

        public bool TrySend(GuestPhysical key, GuestPhysical descriptor) =>
            key.Value == Shared && Asked.TrySetResult($"send {key.Value:x} {descriptor.Value:x}");

        public void Find(GuestPhysical key) => Asked.TrySetResult($"find {key.Value:x}");
    }

    /// <summary>Hears one message.</summary>
    private sealed class Ear : ReceiveActor
    {
        public Ear(TaskCompletionSource<object> heard) => ReceiveAny(message => heard.TrySetResult(message));
    }
}
