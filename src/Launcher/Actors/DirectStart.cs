// What serves the devices on PCI of a Guest in virtual time, on either board: the owner of its registers, at once. The device's actor is
// there all the same, and only ends it. What others send to a network card comes when it comes, so that cards are as in real time.

using Akka.Actor;
using Lguest.Devices;
using Lguest.Devices.Actors;
using Lguest.Devices.Console;
using Lguest.Devices.Net;
using Lguest.Launcher.Boards;

namespace Lguest.Launcher.Actors;

/// <summary>Connects devices to their registers without an actor in between.</summary>
/// <param name="post">Has the owner of the registers do something, and wakes it.</param>
internal sealed class DirectStart(Action<Action> post)
{
    /// <summary>Whether a device can do without its actor.</summary>
    public static bool Serves(PciDevice device) => device.Device is not NetDevice;

    /// <summary>Connects one.</summary>
    /// <param name="device">Which.</param>
    /// <param name="input">What is typed at it; null if it is no console, or not the one at which somebody types.</param>
    /// <param name="broken">Told what the driver broke a queue with, on a board that has no word for that to its driver.</param>
    public DirectBackend Connect(PciDevice device, TerminalInput? input, Action<string>? broken = null)
    {
        DirectBackend backend = new(device.Device, device.Registers) { Broken = broken };
        if (device.Device is ConsoleDevice console && input is not null)
        {
            backend.Served = queue =>
            {
                if (queue == ConsoleDescription.InputQueue)
                    Feed();
            };
            input.Announce(() => post(Feed));
        }

        return backend;

        void Feed()
        {
            while (console.WantsInput && input.TryTake(out var piece))
            {
                console.Type(piece);
                backend.Serve(ConsoleDescription.InputQueue);
            }
        }
    }
}
