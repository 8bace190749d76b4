// One Guest's Launcher: opens and initialises a handle at the Switcher, then does what lguest's launcher does between two reads of
// /dev/lguest. That is little, since kicks go straight to the devices. It also takes the Guest down, in an order that leaves no actor using
// freed memory.

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Lguest.Guest.Memory;
using Lguest.Host.Devices;
using Lguest.Host.Devices.Actors;
using Lguest.Host.Devices.Block;
using Lguest.Host.Devices.Block.Actors;
using Lguest.Host.Devices.Console;
using Lguest.Host.Devices.Console.Actors;
using Lguest.Host.Devices.Generation1;
using Lguest.Host.Devices.Generation1.Actors;
using Lguest.Host.Devices.Net;
using Lguest.Host.Devices.Net.Actors;
using Lguest.Host.Devices.Rng;
using Lguest.Host.Devices.Rng.Actors;
using Lguest.Host.Images;
using Lguest.Host.Terminal;
using Lguest.Host.Virtio;
using Lguest.Net.Dma;
using Lguest.Net.Dma.Actors;
using Lguest.Net.Frames;
using Lguest.Net.Lans;
using Lguest.Net.Lans.Actors;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Host.Launcher.Actors;

/// <summary>Runs one Guest to its end, as often as it asks to be restarted, and tells its parent how it ended.</summary>
internal sealed class LauncherActor : TableActor
{
    private readonly GuestId _id;
    private readonly GuestPlan _plan;
    private readonly IActorRef _switcher;
    private readonly TerminalInput _input;
    private readonly Stream _output;
    private readonly Func<string, IActorRef?> _lans;
    private readonly IActorRef _dma;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    private BuiltGuest _guest;
    private ImmutableArray<IActorRef> _devices = [];
    private int _life;
    private int _attaching;
    private GuestOutcome? _outcome;
    private bool _restart;
    private bool _closing;
    private bool _inDma;
    private DmaTraffic _byPage;
    private bool _hasPrintedEarly;

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
        _input = input;
        _output = output;
        _lans = lans;
        _dma = dma;
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
            _devices = _guest.Board is { } board ? [.. board.Devices.Select(StartDevice)] : [.. _guest.Devices.Select(StartDevice)];
            _switcher.Tell(Describe() with { CpuShare = _plan.CpuPercent / 100 });
        });
        Receive<SwitcherProtocol.Done>(_ => Attach());
        Common();
    }

    private SwitcherProtocol.Initialize Describe()
    {
        SwitcherProtocol.Initialize plain = new(_id, _guest.Memory, _guest.Start);
        if (_guest.Board is not { } board)
            return plain;
        DmaLine line = new(_id, board.Windows, _switcher, _dma);
        _dma.Tell(new DmaProtocol.Attach(_id.Value, _guest.Memory, board.Windows, line));
        _inDma = true;
        return plain with { PageTable = board.PageTable, PageOffset = board.PageOffset, Number = board.Number, Dma = line };
    }

    private void Attach()
    {
        Become(Attaching);
        foreach (var (device, actor) in (_guest.Board?.Devices ?? []).Zip(_devices))
        {
            _attaching++;
            _switcher.Tell(new SwitcherProtocol.AttachDma(_id, device.Key, actor));
        }

        foreach (var (device, actor) in _guest.Devices.Zip(_devices))
        {
            foreach (var queue in device.Queues)
            {
                _attaching++;
                _switcher.Tell(new SwitcherProtocol.AttachEvent(_id, queue.Layout.Base, actor));
            }
        }
    }

    private void Attaching()
    {
        Receive<SwitcherProtocol.Done>(_ =>
        {
            if (--_attaching > 0)
                return;
            _log.Info("{0} runs, life {1}, {2} MB, generation {3}", _id, _life, _guest.Memory.RamBytes >> 20, _plan.Generation.Name);
            Become(Running);
            Run();
        });
        Common();
    }

    private void Running()
    {
        Receive<SwitcherProtocol.Notified>(notified => Handle(notified.Address));
        Receive<SwitcherProtocol.DmaPending>(Unknown);
        Receive<DeviceProtocol.ResetDone>(_ => Run());
        Receive<SwitcherProtocol.Died>(died => End(died.End));
        Common();
    }

    private void Common()
    {
        Receive<DeviceProtocol.QueueBroken>(broken => Finish(new GuestOutcome.Died(broken.Reason, null)));
        Receive<LauncherProtocol.Stop>(stop => Finish(new GuestOutcome.Ended(stop.By, stop.ExitCode, null)));
        Receive<SwitcherProtocol.Failed>(failed => Finish(new GuestOutcome.Died($"the Switcher refused: {failed.Error}", null)));
    }

    private bool HasPrinted() =>
        _hasPrintedEarly || _guest.Board is not null || _guest.Devices.OfType<ConsoleDevice>().Any(console => console.Metrics.BytesOut > 0);

    private void Run() => _switcher.Tell(new SwitcherProtocol.Run(_id));

    private void Handle(GuestPhysical address)
    {
        switch (LauncherAction.Of(address, _guest.Pages, _guest.Memory))
        {
            case LauncherAction.Kick kick:
                _devices[kick.Device].Tell(new SwitcherProtocol.Notified(_id, kick.Queue));
                Run();
                break;
            case LauncherAction.StatusChanged { Status: DeviceStatus.Reset } reset:
                _guest.Pages.Devices[reset.Device].ClearAccepted(_guest.Memory);
                _devices[reset.Device].Tell(DeviceProtocol.Reset.Instance);
                break;
            case LauncherAction.StatusChanged changed:
                _log.Debug("{0}: device {1} has status {2}", _id, changed.Device, changed.Status);
                _devices[changed.Device].Tell(DeviceProtocol.ServeAll.Instance);
                Run();
                break;
            case LauncherAction.Print print:
                _hasPrintedEarly = true;
                _devices[^1].Tell(new DeviceProtocol.Print(print.Text));
                Run();
                break;
            case LauncherAction.Kill kill:
                Finish(new GuestOutcome.Died(kill.Reason, null));
                break;
        }
    }

    /// <summary>Sent to nobody: it stays as it is, and the Guest may wonder (ABI sheet 9.4).</summary>
    private void Unknown(SwitcherProtocol.DmaPending pending)
    {
        _log.Debug("{0} sent to key 0x{1:x}, which no device has", _id, pending.Key.Value);
        Run();
    }

    private void End(GuestEnd end)
    {
        _log.Info("{0} ended: {1}", _id, end.Text);
        switch (end)
        {
            case GuestEnd.Restart:
                _restart = true;
                Finish(new GuestOutcome.PoweredOff(null));
                break;
            case GuestEnd.PowerOff:
                Finish(new GuestOutcome.PoweredOff(null));
                break;
            default:
                Finish(new GuestOutcome.Died(end.Text + SilentDeath.Hint(_plan.Release, _guest.Memory.RamBytes >> 20, HasPrinted()), null));
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
        _switcher.Tell(new SwitcherProtocol.GetStatistics(_id));
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
            Context.Stop(device);
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
    private NetMetrics Traffic()
    {
        NetMetrics sum = new(_byPage.FramesIn, _byPage.BytesIn, 0, _byPage.FramesOut, _byPage.BytesOut, 0);
        foreach (var card in _guest.Devices.OfType<NetDevice>())
            sum += card.Metrics;
        foreach (var card in (_guest.Board?.Devices ?? []).OfType<DmaNic>())
            sum += card.Metrics;
        return sum;
    }

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

    private IActorRef StartDevice(IVirtioDevice device, int index)
    {
        string name = $"{_guest.Pages.Devices[index].Description.Type}-{index}".ToLowerInvariant();
        var props = device switch
        {
            BlockDevice disk => DiskActor.Props(_id, _switcher, disk, name, _plan.DiskPace),
            RngDevice rng => RngActor.Props(_id, _switcher, rng, name),
            NetDevice net => NicActor.Props(_id, _switcher, net, LanOf(index), $"{_id}/eth{CardsBefore(index)}", _plan.PortOf(index)),
            ConsoleDevice console => ConsoleActor.Props(_id, _switcher, console, _input),
            _ => throw new InvalidOperationException($"no actor for {device.GetType().Name}"),
        };
        return Context.ActorOf(props.WithDispatcher(DispatcherOf(device)), $"{name}-life-{_life}");
    }

    private IActorRef StartDevice(DmaDevice device, int index)
    {
        var props = device switch
        {
            DmaDisk disk => DmaDiskActor.Props(_id, _switcher, _guest.Memory, disk, _plan.DiskPace),
            DmaNic card => CardOf(card, _guest.Board!.Ports[card.Name]),
            DmaConsole console => DmaConsoleActor.Props(_id, _switcher, _dma, _guest.Memory, console, _input),
            _ => throw new InvalidOperationException($"no actor for {device.GetType().Name}"),
        };

        // A card never blocks, and its Guest waits for it: it runs where the Switcher does.
        string dispatcher = device is DmaNic ? SwitcherSettings.From(Context.System.Settings.Config).OwnDispatcher
            : LauncherProtocol.DeviceDispatcher;
        return Context.ActorOf(props.WithDispatcher(dispatcher), $"dma-{index}-life-{_life}");
    }

    private Props CardOf(DmaNic card, (string Lan, PortSettings? Port) plug) =>
        DmaNicActor.Props(_id, _switcher, _dma, _guest.Memory, card, LanNamed(plug.Lan), MacAddress.OfGuest(_guest.Board!.Number),
            plug.Port);

    /// <summary>Network cards never block, and run where frames are switched; the others may.</summary>
    private static string DispatcherOf(IVirtioDevice device) =>
        device is NetDevice ? NetSettings.From(Context.System.Settings.Config).Dispatcher : LauncherProtocol.DeviceDispatcher;

    private int CardsBefore(int index) => _guest.Devices.Take(index).OfType<NetDevice>().Count();

    /// <summary>The Lan actor that a card is to be plugged into. Without one the card is there, and nobody at its other end.</summary>
    private IActorRef LanOf(int index) => LanNamed(_plan.LanOf(index));

    private IActorRef LanNamed(string name)
    {
        if (_lans(name) is { } lan)
            return lan;
        _log.Error("{0}: there is no network {1} on this node", _id, name);
        return Context.System.DeadLetters;
    }
}
