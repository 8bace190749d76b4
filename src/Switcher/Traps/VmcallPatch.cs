// For a few releases Guests made hypercalls with the processor's own instruction for that, VMCALL, which a processor without a hypervisor
// underneath rejects. The Host's answer was to write the old software interrupt over it; so is ours.
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Mmu;
using Lguest.Switcher.Slots;

namespace Lguest.Switcher.Traps;

/// <summary>The VMCALL era, 2.6.30 to 2.6.34 (ABI sheet 3.1).</summary>
internal static unsafe class VmcallPatch
{
    private static ReadOnlySpan<byte> Vmcall => [0x0f, 0x01, 0xc1];

    /// <summary>INT 0x1F and a NOP.</summary>
    private static ReadOnlySpan<byte> Replacement => [0xcd, GuestVectors.Hypercall, 0x90];

    /// <summary>Whether kernels of a family may use VMCALL. Before LGUEST_INIT any may.</summary>
    public static bool IsEra(AbiFamily family) => family is AbiFamily.Unknown or AbiFamily.Linux2630 or AbiFamily.Linux2631;

    /// <summary>If ring 1 stands at a VMCALL, replaces it, to be executed again. False: nothing done.</summary>
    public static bool TryPatch(GuestSlot slot)
    {
        var processor = slot.Processor;
        var c = processor.State;
        if (!IsEra(slot.Family) || (c->Cs.Selector & 3) != GuestSelectors.KernelPrivilege)
            return false;
        GuestVirtual address = new(c->Cs.Base + c->Eip);
        Span<byte> bytes = stackalloc byte[3];
        if (!processor.TryReadLinear(address, bytes) || !bytes.SequenceEqual(Vmcall))
            return false;

        // Kernel text may be mapped read-only: the Host writes past the page tables.
        for (int i = 0; i < bytes.Length; i++)
        {
            if (processor.Translate(address + (uint)i, AccessKind.Read) is { } physical)
                slot.Memory.TryWrite(physical, Replacement[i]);
        }

        return true;
    }
}
