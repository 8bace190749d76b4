// A real device shrugs at a driver that breaks the rules; lguest's launcher gave up, so that drivers could be tried against it. Both answer
// the same to a driver that keeps them.

namespace Lguest.Devices.Virtio.Pci;

/// <summary>What becomes of a driver that breaks a rule.</summary>
internal enum Strictness
{
    /// <summary>What it does wrong has no effect (a PC).</summary>
    Forgiving,

    /// <summary>The device stops for good and says what was wrong (lguest from Linux 4.1 on; ABI sheet 11.6).</summary>
    Lguest,
}
