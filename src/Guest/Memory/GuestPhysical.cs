// Guest addresses come in two kinds that are easy to mix up and fatal to mix up. This is the one behind the page tables.
namespace Lguest.Guest.Memory;

/// <summary>A Guest-physical byte address: an offset into <see cref="GuestMemory"/>. 32 bits (ABI sheet, section 1.1). RAM beyond a PC's
/// hole is there right behind the RAM before it (<see cref="GuestMemory.TryLocate"/>).</summary>
public readonly record struct GuestPhysical(uint Value)
{
    /// <summary>The page frame number: the address divided by 4096.</summary>
    public uint Frame => Value >> GuestMemory.PageShift;

    public static GuestPhysical operator +(GuestPhysical address, uint bytes) => new(address.Value + bytes);

    public override string ToString() => $"phys 0x{Value:x8}";
}
