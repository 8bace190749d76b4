// Guest addresses come in two kinds that are easy to mix up and fatal to mix up. This is the one in front of the page tables.
namespace Lguest.Guest.Memory;

/// <summary>A Guest linear address: what segmentation yields and paging translates. 32 bits (Intel SDM vol. 3, 3.1).</summary>
public readonly record struct GuestVirtual(uint Value)
{
    public static GuestVirtual operator +(GuestVirtual address, uint bytes) => new(address.Value + bytes);

    public override string ToString() => $"virt 0x{Value:x8}";
}
