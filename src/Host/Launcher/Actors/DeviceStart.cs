// Which actor a device has, and where it runs. A device does not know the bus that it is on, and neither does its actor.

using Akka.Actor;
using Lguest.Host.Devices;
using Lguest.Host.Devices.Block;
using Lguest.Host.Devices.Block.Actors;
using Lguest.Host.Devices.Console;
using Lguest.Host.Devices.Console.Actors;
using Lguest.Host.Devices.Net;
using Lguest.Host.Devices.Net.Actors;
using Lguest.Host.Devices.Rng;
using Lguest.Host.Devices.Rng.Actors;
using Lguest.Host.Terminal;
using Lguest.Host.Virtio;
using Lguest.Net.Lans.Actors;

namespace Lguest.Host.Launcher.Actors;

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
            RngDevice rng => RngActor.Props(place.Id, place.Switcher, rng, name),
            NetDevice net => NicActor.Props(place.Id, place.Switcher, net, place.LanNamed(place.Plan.LanOf(index)),
                $"{place.Id}/eth{CardsBefore(index)}", place.Plan.PortOf(index)),
            ConsoleDevice console => ConsoleActor.Props(place.Id, place.Switcher, console, input),
            _ => throw new InvalidOperationException($"no actor for {device.GetType().Name}"),
        };
        return place.Parent.ActorOf(props.WithDispatcher(DispatcherOf(device)), $"{name}-life-{place.Life}");
    }

    /// <summary>Network cards never block, and run where frames are switched; the others may.</summary>
    private string DispatcherOf(IVirtioDevice device) =>
        device is NetDevice ? NetSettings.From(place.Parent.System.Settings.Config).Dispatcher : LauncherProtocol.DeviceDispatcher;

    private int CardsBefore(int index) => devices.Take(index).Count(pair => pair.Device is NetDevice);
}
