// lguest's interface to its Guests changed with almost every kernel and carries no version number. These are the kinds that a Host can tell
// apart.
namespace Lguest.Guest.Abi;

/// <summary>Kernels with one layout of lguest_data, one register convention and one set of hypercalls (ABI sheet 3.1, 3.2 and 4).</summary>
public enum AbiFamily
{
    /// <summary>Not known before LGUEST_INIT.</summary>
    Unknown,

    /// <summary>2.6.23: generation 1, its own devices by DMA hypercalls.</summary>
    Linux2623,

    /// <summary>2.6.24 to 2.6.29: arguments in EDX, EBX, ECX.</summary>
    Linux2624,

    /// <summary>2.6.30: arguments in EBX, ECX, EDX; hypercalls by VMCALL.</summary>
    Linux2630,

    /// <summary>2.6.31 to 2.6.35: fourth argument, irq_pending, PAE; VMCALL until 2.6.34.</summary>
    Linux2631,

    /// <summary>3.x: no initial page tables.</summary>
    Linux3,

    /// <summary>4.x: generation 3, devices by emulated PCI.</summary>
    Linux4,
}
