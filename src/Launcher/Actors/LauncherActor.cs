// One Guest's Launcher: opens and initialises a handle at the Switcher, then does what lguest's launcher does between two reads of
// /dev/lguest. That is little, since kicks go straight to the devices. It also takes the Guest down, in an order that leaves no actor using
// freed memory.

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Lguest.Devices;
using Lguest.Devices.Actors;
using Lguest.Devices.Console;
using Lguest.Devices.Net;
using Lguest.Machine.Actors;
using Lguest.Net.Dma;
using Lguest.Net.Dma.Actors;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Launcher.Actors;

/// <summary>Runs one Guest to its end, as often as it asks to be restarted, and tells its parent how it ended.</summary>
internal sealed class LauncherActor : TableActor
{
    private readonly GuestId _id;
    private readonly GuestPlan _plan;
    private readonly IActorRef _switcher;
    private readonly Stream _output;
    private readonly IActorRef _dma;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    private readonly WiringPlace _place;
    private BuiltGuest _guest;
    private Wiring? _wiring;
    private ImmutableArray<IActorRef> _devices = [];
    private int _life;
    private int _attaching;
    private GuestOutcome? _outcome;
    private bool _restart;
    private bool _closing;
    private bool _inDma;
    private DmaTraffic _byPage;

    /// <param name="id">The Guest's name on this node.</param>
    /// <param name="plan">How to build it again.</param>
    /// <param name="first">Its first life, built already. Belongs to this actor from now on.</param>
    /// <param name="switcher">The node's Switcher.</param>
    /// <param name="input">What is typed.</param>
    /// <param name="output">Where it prints.</param>
    /// <param name="lans">Gives the Lan actor of a name, or null if this node has no such network.</param>
    /// <param name="dma">The node's Dma, for Guests of generation 1.</param>
    public LauncherActor(GuestId id, GuestPlan plan, BuiltGuest first, IActorRef switcher, TerminalInput input, Stream output,
        Func<string, IActorRef?> lans, IActorRef dma)
    {
        _id = id;
        _plan = plan;
        _guest = first;
        _switcher = switcher;
        _output = output;
        _dma = dma;
        _place = new WiringPlace(id, plan, switcher, dma, input, lans, Context, _log);
        Starting();
    }

    public static Props Props(
        GuestId id, GuestPlan plan, BuiltGuest first, IActorRef switcher, TerminalInput input, Stream output,
        Func<string, IActorRef?>? lans, IActorRef dma)
    {
        lans ??= _ => null; // not in the expression, as with the Switcher's
        return Akka.Actor.Props.Create(() => new LauncherActor(id, plan, first, switcher, input, output, lans, dma));
    }

    protected override void PreStart()
    {
        _switcher.Tell(new SwitcherProtocol.Open(_id));
        base.PreStart();
    }

    //J:Launcher:200 The life of a handle
    // A program that wants a Guest opens /dev/lguest, writes where memory and the first instruction are, and reads. The read returns when
    // the Guest needs something, and the next read lets it go on. Here the same verbs are messages. In between come the devices: each has
    // an actor that attaches itself to the addresses of its rings, so that a kick reaches it past us. What is left for the Launcher is the
    // early console, the status of devices, and the end.

    private void Starting()
    {
        Receive<SwitcherProtocol.Opened>(_ =>
        {
            _life++;
            _wiring = Wiring.Of(_guest, _place with { Life = _life });
            _devices = _wiring.StartDevices();
            var machine = _wiring.Describe();
            _inDma = machine.Dma is not null;
            _switcher.Tell(machine with { CpuShare = _plan.CpuPercent / 100, Clock = _plan.Clock });
        });
        Receive<SwitcherProtocol.Done>(_ => Attach());
        Common();
    }

    private void Attach()
    {
        Become(Attaching);
        foreach (var request in _wiring!.Attachments(_devices))
        {
            _attaching++;
            _switcher.Tell(request);
        }

        if (_attaching == 0)
            Begin();
    }

    private void Attaching()
    {
        Receive<SwitcherProtocol.Done>(_ =>
        {
            if (--_attaching == 0)
                Begin();
        });
        Common();
    }

    private void Begin()
    {
        _log.Info("{0} runs, life {1}, {2} MB, {3}", _id, _life, _guest.Memory.RamBytes >> 20, _plan.Kind);
        Become(Running);
        Run();
    }

    private void Running()
    {
        Receive<SwitcherProtocol.Notified>(Handle);
        Receive<SwitcherProtocol.DmaPending>(Unknown);
        Receive<DeviceProtocol.ResetDone>(_ => ResetDone());
        Receive<DeviceProtocol.ServedOut>(_ => Run());
        Receive<SwitcherProtocol.Died>(died => End(died.End));
        Common();
    }

    private void Common()
    {
        Receive<DeviceProtocol.QueueBroken>(Broken);
        Receive<LauncherProtocol.Stop>(stop => Finish(new GuestOutcome.Ended(stop.By, stop.ExitCode, null)));
        Receive<SwitcherProtocol.Failed>(failed => Finish(new GuestOutcome.Died($"the Switcher refused: {failed.Error}", null)));
    }

    private void Run() => _switcher.Tell(new SwitcherProtocol.Run(_id));

    private void Handle(SwitcherProtocol.Notified notified)
    {
        switch (_wiring!.Notified(notified, _devices))
        {
            case NotifyOutcome.Run:
                Run();
                break;
            case NotifyOutcome.Kill kill:
                Finish(new GuestOutcome.Died(kill.Reason, null));
                break;
        }
    }

    private void Broken(DeviceProtocol.QueueBroken broken)
    {
        if (_wiring?.IsTold(Sender) != true)
            Finish(new GuestOutcome.Died(broken.Reason, null));
        else
            _log.Warning("{0} broke a queue, and its driver is told: {1}", _id, broken.Reason);
    }

    private void ResetDone()
    {
        if (_wiring!.ResetDone(Sender))
            Run();
    }

    /// <summary>Sent to nobody: it stays as it is, and the Guest may wonder (ABI sheet 9.4).</summary>
    private void Unknown(SwitcherProtocol.DmaPending pending)
    {
        _log.Debug("{0} sent to key 0x{1:x}, which no device has", _id, pending.Key.Value);
        Run();
    }

    private void End(GuestEnd end)
    {
        _log.Info("{0} ended: {1}", _id, end is GuestEnd.PowerOff ? "it powered off" : end.Text);
        switch (end)
        {
            case GuestEnd.Restart:
                _restart = true;
                Finish(new GuestOutcome.PoweredOff(null));
                break;
            case GuestEnd.PowerOff:
                Finish(new GuestOutcome.PoweredOff(null));
                break;
            case GuestEnd.Exit exit:
                Finish(new GuestOutcome.Exited(exit.Code, null));
                break;
            default:
                string hint = SilentDeath.Hint(_plan.Release, _guest.Memory.RamBytes >> 20, _wiring?.HasPrinted == true);
                Finish(new GuestOutcome.Died(end.Text + hint, null));
                break;
        }
    }

    /// <summary>The Guest will not run again; asks what it did before its handle is closed.</summary>
    private void Finish(GuestOutcome outcome)
    {
        if (_outcome is not null)
            return;
        _outcome = outcome;
        Become(Closing);
        _closing = false;
        _guest.Parts.LetGo();
        _switcher.Tell(new SwitcherProtocol.GetStatistics(_id, _plan.WantsMark));
    }

    private void Closing()
    {
        Receive<SwitcherProtocol.Statistics>(statistics => Close(statistics.Counters));

        Receive<SwitcherProtocol.Failed>(failed => Refused(failed.Error));
        Receive<LauncherProtocol.Stop>(_ => _restart = false);
        Receive<SwitcherProtocol.Closed>(_ => StopDevices());
        Receive<DmaProtocol.Detached>(detached =>
        {
            _inDma = false;
            _byPage = detached.Traffic;
            ReleaseIfAlone();
        });
        Receive<Terminated>(gone => DeviceGone(gone.ActorRef));
        ReceiveAny(_ => { });
    }

    private void Refused(ErrorNumber error)
    {
        // EAGAIN answers a Run that the end overtook. A handle that never came to be has neither statistics nor anything to close.
        if (error == ErrorNumber.TryAgain)
            return;
        if (_closing)
            StopDevices();
        else
            Close(null);
    }

    private void Close(GuestStatistics? counters)
    {
        if (_closing)
            return;
        _closing = true;
        _outcome = _outcome switch
        {
            GuestOutcome.PoweredOff => new GuestOutcome.PoweredOff(counters),
            GuestOutcome.Exited exited => exited with { Statistics = counters },
            GuestOutcome.Died died => died with { Statistics = counters },
            GuestOutcome.Ended ended => ended with { Statistics = counters },
            _ => _outcome,
        };
        _switcher.Tell(new SwitcherProtocol.Close(_id));
    }

    private void StopDevices()
    {
        foreach (var device in _devices)
        {
            Context.Watch(device);
            _wiring!.Stop(device);
        }

        if (_inDma)
            _dma.Tell(new DmaProtocol.Detach(_id.Value));
        ReleaseIfAlone();
    }

    private void DeviceGone(IActorRef device)
    {
        _devices = _devices.Remove(device);
        ReleaseIfAlone();
    }

    private void ReleaseIfAlone()
    {
        if (_devices.IsEmpty && !_inDma)
            Release();
    }

    /// <summary>Devices and DMA have ended.</summary>
    private void Release()
    {
        _guest.Memory.Dispose();
        var outcome = _outcome!;
        if (_restart && TryBuildAgain(ref outcome))
        {
            _restart = false;
            _outcome = null;
            Become(Starting);
            _switcher.Tell(new SwitcherProtocol.Open(_id));
            return;
        }

        Context.Parent.Tell(new LauncherProtocol.GuestEnded(_id, outcome) { Traffic = Traffic() });
        Context.Stop(Self);
    }

    /// <summary>What went through all its cards, those on shared pages among them.</summary>
    private NetMetrics Traffic() =>
        new NetMetrics(_byPage.FramesIn, _byPage.BytesIn, 0, _byPage.FramesOut, _byPage.BytesOut, 0) + (_wiring?.Traffic ?? default);

    private bool TryBuildAgain(ref GuestOutcome outcome)
    {
        try
        {
            _guest = _plan.Build(_output);
            return true;
        }
        catch (RefusedException refused)
        {
            outcome = new GuestOutcome.Died($"it asked for a restart, but {refused.Message}", outcome.Statistics);
            return false;
        }
    }
}
