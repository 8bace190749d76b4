// A gate as the Guest asked for it, before the Host decides what the processor gets to see.
namespace Lguest.Switcher.Traps;

/// <summary>One entry of a Guest's own IDT (ABI sheet 5.4). Default: absent.</summary>
internal readonly record struct GuestGate(uint Offset, byte Type, byte Dpl, bool Present)
{
    /// <summary>A gate that turns interrupts off (type 0xE).</summary>
    public const byte InterruptGate = 0xe;

    /// <summary>A gate that leaves them alone (type 0xF).</summary>
    public const byte TrapGate = 0xf;

    public bool IsTrapGate => Type == TrapGate;
}
