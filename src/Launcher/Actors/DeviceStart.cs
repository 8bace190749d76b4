// Which actor a device has, and where it runs. A device does not know the bus that it is on, and neither does its actor.

using Akka.Actor;
using Lguest.Devices;
using Lguest.Devices.Block;
using Lguest.Devices.Block.Actors;
using Lguest.Devices.Console;
using Lguest.Devices.Console.Actors;
using Lguest.Devices.Net;
using Lguest.Devices.Net.Actors;
using Lguest.Devices.Rng;
using Lguest.Devices.Rng.Actors;
using Lguest.Devices.Share;
using Lguest.Devices.Share.Actors;
using Lguest.Devices.Virtio;
using Lguest.Net.Lans.Actors;
using Lguest.Switcher.Actors;

namespace Lguest.Launcher.Actors;

/// <summary>Starts the actors of virtio devices.</summary>
/// <param name="place">Where they live.</param>
/// <param name="devices">All of one Guest, in the order of its options.</param>
/// <param name="input">What is typed, for its console.</param>
internal sealed class DeviceStart(WiringPlace place, IReadOnlyList<(DeviceType Type, IVirtioDevice Device)> devices, TerminalInput input)
{
    /// <summary>Starts one of them.</summary>
    public IActorRef Start(int index)
    {
        var (type, device) = devices[index];
        string name = $"{type}-{index}".ToLowerInvariant();
        var props = device switch
        {
            BlockDevice disk => DiskActor.Props(place.Id, place.Switcher, disk, name, place.Plan.DiskPace),
            ShareDevice share => ShareActor.Props(place.Id, place.Switcher, share, name),
            RngDevice rng => RngActor.Props(place.Id, place.Switcher, rng, name),
            NetDevice net => NicActor.Props(place.Id, place.Switcher, net, place.LanNamed(place.Plan.LanOf(index)),
                $"{place.Id}/eth{CardsBefore(index)}", place.Plan.PortOf(index)),
            ConsoleDevice console => ConsoleActor.Props(place.Id, place.Switcher, console, input),
            _ => throw new InvalidOperationException($"no actor for {device.GetType().Name}"),
        };
        return place.Parent.ActorOf(props.WithDispatcher(DispatcherOf(device)), $"{name}-life-{place.Life}");
    }

    /// <summary>Cards run where frames are switched. Others that never block run where the Switcher does: on the thread of the CPU that
    /// asks, whose Guest has the answer before it goes on. Disks and folders may block.</summary>
    private string DispatcherOf(IVirtioDevice device) => device switch
    {
        NetDevice => NetSettings.From(place.Parent.System.Settings.Config).Dispatcher,
        ConsoleDevice or RngDevice => SwitcherSettings.From(place.Parent.System.Settings.Config).OwnDispatcher,
        _ => LauncherProtocol.DeviceDispatcher,
    };

    private int CardsBefore(int index) => devices.Take(index).Count(pair => pair.Device is NetDevice);
}
