// The shortest way from the registers to a device, for tests: what a driver asks for is done before its store has ended.

using Lguest.Devices.Virtio;
using Lguest.Devices.Virtio.Pci;

namespace Lguest.Devices.Tests.Virtio.Pci;

/// <summary>Serves a device, or nothing, and notes what it was told.</summary>
internal sealed class DirectBackend : IVirtioBackend
{
    public IVirtioDevice? Device { get; set; }

    public VirtioRegisters? Registers { get; set; }

    public bool IsSlow { get; set; }

    public List<string> Told { get; } = [];

    public ulong Features { get; private set; }

    public IReadOnlyList<RingLayout?> Rings { get; private set; } = [];

    public void Start(ulong features, IReadOnlyList<RingLayout?> rings)
    {
        (Features, Rings) = (features, rings);
        Told.Add("start");
        Device?.Place(rings, indirect: false);
        for (int queue = 0; queue < rings.Count; queue++)
            Serve(queue);
    }

    public void Kick(int queue)
    {
        Told.Add($"kick {queue}");
        Serve(queue);
    }

    public bool Reset()
    {
        Told.Add("reset");
        Device?.Reset();
        return !IsSlow;
    }

    public bool WriteConfig(int offset, int bytes, uint value)
    {
        Told.Add($"config {offset} {bytes} {value:x}");
        return offset == 8;
    }

    /// <summary>Serves a queue to its end, and interrupts as the device's actor does.</summary>
    public void Serve(int queue)
    {
        if (Device is null)
            return;
        while (Device.Serve(queue))
        {
        }

        if (Device.Queues[queue].ShouldInterrupt())
            Registers!.InterruptForUsed();
        if (Device.Queues[queue].Fault is not null)
            Registers!.GiveUp();
    }
}
