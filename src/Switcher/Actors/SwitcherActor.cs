// The Switcher of a node: it owns the privileged state of all Guests and answers /dev/lguest's verbs. It never runs a Guest itself: it
// lends the slot to the Guest's CPU actor and decides, when the slot comes back, what happens next.
//
//J:Switcher:700 Lending and returning
// Lend is the only way in, OnExit the only way back. Between the two the Switcher does not touch the slot, but for the
// pending bits and the wish to leave, which are made for other threads. What comes for a lent slot and is not one of these (statistics,
// close, break) waits for OnExit. There is one message in and one out for a slice of two milliseconds, and for each notification.
using Akka.Actor;
using Akka.Event;
using Lguest.Guest.Abi;
using Lguest.Machine;
using Lguest.Machine.Actors;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Time;
using static Lguest.Switcher.Actors.SwitcherProtocol;

namespace Lguest.Switcher.Actors;

/// <summary>One for each node. Protocol: <see cref="SwitcherProtocol"/>.</summary>
public sealed partial class SwitcherActor : TableActor
{
    private readonly Dictionary<GuestId, GuestHandle> _guests = [];
    private readonly Dictionary<IActorRef, GuestHandle> _byCpu = [];
    private readonly SwitcherSettings _settings;
    private readonly IHostClock _clock = HostClock.Of(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly AlarmClock _alarm;

    public SwitcherActor(SwitcherSettings settings)
    {
        _settings = settings;
        _alarm = new AlarmClock(Self, Ring.Instance, _clock, Context.System.Dispatchers.Lookup(settings.Dispatcher));
        Receive<GuestCpuProtocol.Exit>(OnExit);
        Receive<Interrupt>(OnInterrupt);
        Receive<Run>(OnRun);
        Receive<Ring>(_ => OnRing());
        Receive<Open>(OnOpen);
        Receive<Initialize>(OnInitialize);
        Receive<AttachEvent>(OnAttachEvent);
        Receive<Break>(OnBreak);
        Receive<GetDma>(OnGetDma);
        Receive<AttachDma>(OnAttachDma);
        Receive<DmaSent>(sent => OnDmaFinished(sent.Guest, null));
        Receive<DmaServed>(served => OnDmaFinished(served.Guest, null));
        Receive<DmaBound>(bound => OnDmaFinished(bound.Guest, bound.Success ? 1u : 0u));
        Receive<DmaFound>(OnDmaFound);
        Receive<DmaOffence>(OnDmaOffence);
        Receive<GetStatistics>(OnGetStatistics);
        Receive<Close>(OnClose);
        Receive<Lease>(OnLease);
        Receive<Terminated>(OnTerminated);
    }

    /// <summary>The Switcher with the settings of its system.</summary>
    public static Props Props(SwitcherSettings settings) =>
        Akka.Actor.Props.Create(() => new SwitcherActor(settings)).WithDispatcher(settings.OwnDispatcher);

    /// <summary>A CPU actor that throws has met a fault of ours; its Guest is lost, and only its Guest.</summary>
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void PostStop()
    {
        _alarm.Dispose();
        // The CPU actors are ours and have ended, each after its slice: nobody uses a lent slot any more.
        foreach (var guest in _guests.Values)
            guest.Slot?.Dispose();
    }

    private void OnOpen(Open open)
    {
        if (_guests.ContainsKey(open.Guest))
        {
            Fail(open, ErrorNumber.Busy);
            return;
        }

        if (_guests.Count >= _settings.MostGuests)
        {
            Fail(open, ErrorNumber.NoSpace);
            return;
        }

        _guests.Add(open.Guest, new GuestHandle(open.Guest));
        Sender.Tell(new Opened(open.Guest));
    }

    private void OnInitialize(Initialize request)
    {
        if (!_guests.TryGetValue(request.Guest, out var guest))
        {
            Fail(request, ErrorNumber.Invalid);
            return;
        }

        if (guest.Slot is not null)
        {
            Fail(request, ErrorNumber.Busy);
            return;
        }

        if (request.Memory is null)
        {
            Fail(request, ErrorNumber.BadAddress);
            return;
        }

        if (request.PageOffset?.Value >= HostPages.Base)
        {
            Fail(request, ErrorNumber.Invalid);
            return;
        }

        guest.Number = request.Number ?? FreeNumber();
        var id = request.Guest;
        if (TryMakeSlot(request, guest.Number) is not { } slot)
        {
            Fail(request, ErrorNumber.NotSupported);
            return;
        }

        slot.Processor.Missing = text => _log.Warning("Guest {0} executed an instruction that is not implemented: {1}", id, text);
        guest.Slot = slot;
        guest.Dma = request.Dma;
        guest.Enter = new GuestCpuProtocol.Enter(id, slot);
        if (request.CpuShare is { } share)
        {
            guest.Budget = new CpuBudget(share, _clock.Monotonic);
            slot.IsMeasured = true;
        }

        guest.Owner = IsOneTime(Sender) ? ActorRefs.Nobody : Sender;
        guest.Cpu = Context.Watch(Context.ActorOf(GuestCpuActor.Props(_settings.Run, _settings.Dispatcher)));
        _byCpu.Add(guest.Cpu, guest);
        Sender.Tell(new Done(id));
    }

    /// <summary>Null if the engine of the settings cannot run here, or has no room for this Guest.</summary>
    private MachineSlot? TryMakeSlot(Initialize request, ushort number)
    {
        try
        {
            MachineSlot slot = request.Board is { } board
                ? new BoardSlot(request.Memory, board.Mainboard, board.Start, _clock, request.Clock, _settings.Engine, _settings.Translator)
                : request.Devices is { } devices
                ? new PciGuestSlot(request.Memory, request.Start, devices, _clock, request.Clock, request.PhysicalAddressExtension,
                    _settings.Engine, _settings.Translator)
                : new GuestSlot(
                    request.Memory, request.Start, _clock, request.Clock, request.PhysicalAddressExtension, request.PageTable,
                    request.PageOffset, number, _settings.Engine, _settings.Translator);
            if (slot.Processor.WhyInterpreter is { } why)
                _log.Info("Guest {0} is interpreted, since the translator cannot run here: {1}", request.Guest, why);
            return slot;
        }
        catch (NotSupportedException problem)
        {
            _log.Error("Guest {0} cannot run: {1}", request.Guest, problem.Message);
            return null;
        }
    }

    private void OnRun(Run run)
    {
        if (!TryFind(run, out var guest, out var slot))
            return;
        if (!guest.Owner.Equals(ActorRefs.Nobody) && !IsOneTime(Sender) && !guest.Owner.Equals(Sender))
            Fail(run, ErrorNumber.NotPermitted);
        else if (guest.Runner is not null)
            Fail(run, ErrorNumber.Busy);
        else if (guest.IsBroken)
            Fail(run, ErrorNumber.TryAgain);
        else if (guest.EndTold && slot.End is GuestEnd.Restart)
            Fail(run, ErrorNumber.Restart);
        else if (guest.EndTold)
            Sender.Tell(new Reason(guest.Id, slot.End!.Text));
        else
        {
            guest.Runner = Sender;
            guest.AwaitsDma &= !guest.WithLauncher;
            guest.WithLauncher = false;
            GoOn(guest);
        }
    }

    /// <summary>The Guest is at rest: lends it, tells its end, or leaves it asleep.</summary>
    private void GoOn(GuestHandle guest)
    {
        if (guest.IsLent || guest.Runner is not { } runner || guest.Slot is not { } slot)
            return;
        if (slot.End is { } end)
        {
            guest.EndTold = true;
            guest.Runner = null;
            runner.Tell(new Died(guest.Id, end));
        }
        else if (_clock.Monotonic.Count is long now && now < _leaseEnd && guest.IsRunnable(now))
        {
            guest.IsLent = true;
            slot.NotAfter = _leaseEnd;
            guest.Cpu.Tell(guest.Enter!);
        }
        else
        {
            SetAlarm();
        }
    }

    private void OnExit(GuestCpuProtocol.Exit exit)
    {
        if (!_guests.TryGetValue(exit.Guest, out var guest) || !guest.IsLent)
            return;
        guest.IsLent = false;
        if (guest.Budget is not null)
            guest.Charge(_clock.Monotonic);
        if (exit.Reason is ExitReason.Notify notify)
        {
            Notified message = new(guest.Id, notify.Address);
            if (guest.Events.TryGetValue(notify.Address, out var target))
            {
                target.Tell(message);
            }
            else
            {
                guest.Runner?.Tell(message);
                guest.Runner = null;
            }
        }

        if (exit.Reason is ExitReason.BindDma or ExitReason.SendDma)
            StartDma(guest, exit.Reason);
        if (guest.Offence is { } offence)
            guest.Slot?.KillForDma(offence.Reason, offence.Detail);
        ServeWaiting(guest);
        GoOn(guest);
    }

    /// <summary>What had to wait until the slot was back.</summary>
    private void ServeWaiting(GuestHandle guest)
    {
        foreach (var asker in guest.Askers)
            asker.Tell(new Statistics(guest.Id, guest.Slot!.Statistics()));
        guest.Askers.Clear();
        if (guest.IsBroken || guest.Closers.Count > 0)
        {
            guest.Runner?.Tell(new Failed(guest.Id, ErrorNumber.TryAgain));
            guest.Runner = null;
        }

        if (guest.Closers.Count > 0)
            Release(guest);
    }

    private void OnInterrupt(Interrupt request)
    {
        if (!_guests.TryGetValue(request.Guest, out var guest) || guest.Slot is not { } slot
            || (uint)request.Irq >= GuestVectors.IrqCount)
        {
            Fail(request, ErrorNumber.Invalid);
            return;
        }

        if (IsDead(guest))
        {
            Fail(request, ErrorNumber.NoEntry);
            return;
        }

        slot.RaiseInterrupt(request.Irq);
        GoOn(guest);
        if (request.Acknowledge)
            Sender.Tell(new Done(guest.Id));
    }

    private void OnBreak(Break request)
    {
        if (!TryFind(request, out var guest, out var slot))
            return;
        if (IsDead(guest))
        {
            Fail(request, ErrorNumber.NoEntry);
            return;
        }

        guest.IsBroken = request.On;
        if (!request.On)
        {
            foreach (var breaker in guest.Breakers)
                breaker.Tell(new Done(guest.Id));
            guest.Breakers.Clear();
            Sender.Tell(new Done(guest.Id));
            return;
        }

        guest.Breakers.Add(Sender);
        if (guest.IsLent)
            slot.RequestLeave();
        else
            ServeWaiting(guest);
    }

    private void OnGetStatistics(GetStatistics request)
    {
        if (!TryFind(request, out var guest, out var slot))
            return;
        if (guest.IsLent)
            guest.Askers.Add(Sender);
        else
            Sender.Tell(new Statistics(guest.Id, slot.Statistics() with { Mark = request.WithMark ? MachineMark.Of(slot) : null }));
    }

    private void OnClose(Close request)
    {
        if (!_guests.TryGetValue(request.Guest, out var guest))
        {
            Fail(request, ErrorNumber.Invalid);
            return;
        }

        guest.Closers.Add(Sender);
        if (guest.IsLent)
            guest.Slot!.RequestLeave();
        else
            ServeWaiting(guest);
    }

    private void Release(GuestHandle guest)
    {
        if (guest.Cpu is { } cpu)
        {
            _byCpu.Remove(cpu);
            Context.Unwatch(cpu);
            Context.Stop(cpu);
        }

        guest.Slot?.Dispose();
        guest.Slot = null;
        _guests.Remove(guest.Id);
        foreach (var breaker in guest.Breakers)
            breaker.Tell(new Done(guest.Id));
        foreach (var closer in guest.Closers)
            closer.Tell(new Closed(guest.Id));
        SetAlarm();
    }

    private void OnTerminated(Terminated message)
    {
        if (!_byCpu.Remove(message.ActorRef, out var guest) || guest.Slot is not { } slot)
            return;
        guest.Cpu = null;
        guest.IsLent = false;
        slot.Abandon("the Host failed while running this Guest; its log says how");
        ServeWaiting(guest);
        GoOn(guest);
    }

    /// <summary>A dead Guest, as far as can be told without touching a lent slot.</summary>
    private static bool IsDead(GuestHandle guest) => !guest.IsLent && guest.Slot?.End is not null;

    private bool TryFind(IGuestRequest request, out GuestHandle guest, out MachineSlot slot)
    {
        if (_guests.TryGetValue(request.Guest, out guest!) && guest.Slot is { } found)
        {
            slot = found;
            return true;
        }

        slot = null!;
        Fail(request, ErrorNumber.Invalid);
        return false;
    }

    /// <summary>Refuses a request, unless it has no sender.</summary>
    private void Fail(IGuestRequest request, ErrorNumber error)
    {
        if (!Sender.IsNobody())
            Sender.Tell(new Failed(request.Guest, error));
    }

    /// <summary>References made by an Ask are good for one answer; two Asks of one task cannot be told from those of two.</summary>
    private static bool IsOneTime(IActorRef sender) => sender.IsNobody() || sender.Path.Parent.Name == "temp";

    /// <summary>The alarm clock's message.</summary>
    private sealed class Ring : INoSerializationVerificationNeeded, IDeadLetterSuppression
    {
        public static readonly Ring Instance = new();
    }
}
