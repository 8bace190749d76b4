// A device of a PC Guest that lives in virtual time. Its clock stands still while the Host works for it: what it asks of a disk is done
// before its next instruction, on the thread that has its processor, so that when an answer comes depends on nothing but the Guest.
//
//J:Drivers:120 Time stands still
// In real time a device is an actor beside the processor, and how many instructions the Guest executes until its disk answers is up to the
// machine that we run on. No two runs are alike. In virtual time nothing may be up to that machine. The queue is served where the register
// was written, and the interrupt waits at the controller before the instruction that asked has retired. A request takes no time at all by
// the Guest's clock; a program that measures its disk finds it infinitely fast. What comes from outside, a frame or a key, still comes when
// it comes: it is an input, and a Guest is a function of its inputs.

using Lguest.Devices.Console;
using Lguest.Devices.Net;
using Lguest.Devices.Virtio;
using Lguest.Devices.Virtio.Pci;

namespace Lguest.Devices;

/// <summary>Serves the queues of one device at once. Only for the owner of the board.</summary>
/// <param name="device">The pure half.</param>
/// <param name="registers">Where its interrupts go.</param>
internal sealed class DirectBackend(IVirtioDevice device, VirtioRegisters registers) : IVirtioBackend
{
    /// <summary>Portions in a row. A ring is empty long before that, unless its driver has the device itself fill it again.</summary>
    private const int MostPortions = 64;

    private bool _isBroken;

    /// <summary>Called when a queue has been served because the Guest asked for it.</summary>
    public Action<int>? Served { get; set; }

    /// <summary>Called with the reason when a queue is broken. Null: the driver is told.</summary>
    public Action<string>? Broken { get; init; }

    /// <inheritdoc/>
    public void Start(ulong features, IReadOnlyList<RingLayout?> rings)
    {
        device.Place(rings, (features & NetDescription.Indirect) != 0);
        for (int queue = 0; queue < device.Queues.Count; queue++)
            Kick(queue);
    }

    /// <inheritdoc/>
    public void Kick(int queue)
    {
        Serve(queue);
        Served?.Invoke(queue);
    }

    /// <summary>Serves one queue, and has the Guest interrupted if it wants to be.</summary>
    public void Serve(int queue)
    {
        for (int i = 0; i < MostPortions && !_isBroken && device.Serve(queue); i++)
        {
        }

        var ring = device.Queues[queue];
        if (!_isBroken && ring.ShouldInterrupt())
            registers.InterruptForUsed();
        if (_isBroken || ring.Fault is null)
            return;
        _isBroken = true;
        if (Broken is not null)
            Broken($"queue {queue}: {ring.Fault}");
        else
            registers.GiveUp();
    }

    /// <inheritdoc/>
    public bool Reset()
    {
        device.Reset();
        _isBroken = false;
        return true;
    }

    /// <inheritdoc/>
    public bool WriteConfig(int offset, int bytes, uint value)
    {
        if (device is not ConsoleDevice console || offset != ConsoleDescription.EmergencyAt || bytes != sizeof(uint))
            return false;
        console.Print([(byte)value]);
        return true;
    }
}
