// What CPUID says on a PC. The features are those of the core. The vendor is not: a kernel takes any processor of family 6 whose maker it
// does not know for one with all the flaws of its time, and pays at each system call for what a processor without speculation cannot have.
// Of the makers that Linux knows to be free of them (cpu_vuln_whitelist), DM&P is the only one for which its code asks nothing that this
// core lacks, neither a model-specific register nor an instruction. The name that people see is our own.

using Lguest.Guest.Cpu;

namespace Lguest.Pc;

/// <summary>CPUID of a PC board.</summary>
/// <param name="isParavirtual">Whether the leaves of a hypervisor are there, in KVM's words.</param>
public sealed class ProcessorIdentity(bool isParavirtual)
{
    /// <summary>What Linux calls X86_VENDOR_VORTEX.</summary>
    public const string Vendor = "Vortex86 SoC";

    /// <summary>Leaf 1, ECX: there is a hypervisor.</summary>
    public const uint Hypervisor = 1u << 31;

    /// <summary>KVM_FEATURE_NOP_IO_DELAY, KVM_FEATURE_CLOCKSOURCE2 and KVM_FEATURE_CLOCKSOURCE_STABLE_BIT.</summary>
    public const uint ParavirtualFeatures = (1u << 1) | (1u << 3) | (1u << 24);

    private const uint FirstLeaf = 0x4000_0000;

    //J:Boards:270 Who is asking?
    // A kernel asks the processor who it is before it does anything else, and what it hears decides what code it runs for the rest of its
    // life: how system calls enter, which copy routine is the fastest, and by how much every entry is slowed down to hide secrets from
    // processors that guess ahead. The processor underneath this one is the host's, and what it guesses a Guest's kernel can neither see
    // nor prevent. So this one has the features of the core and the name of a maker that Linux knows to be free of those flaws.

    /// <summary>EAX, EBX, ECX, EDX for a leaf.</summary>
    public (uint Eax, uint Ebx, uint Ecx, uint Edx) Leaf(uint leaf)
    {
        var plain = CpuIdentity.Leaf(leaf);
        return leaf switch
        {
            0 => (plain.Eax, Text(Vendor, 0), Text(Vendor, 8), Text(Vendor, 4)),
            FirstLeaf when isParavirtual => (FirstLeaf + 1, 0x4b4d564b, 0x564b4d56, 0x0000004d), // KVMKVMKVM
            FirstLeaf + 1 when isParavirtual => (ParavirtualFeatures, 0, 0, 0),
            < 0x8000_0000 when isParavirtual => (plain.Eax, plain.Ebx, plain.Ecx | Hypervisor, plain.Edx),
            _ => plain,
        };
    }

    private static uint Text(string text, int at)
    {
        uint value = 0;
        for (int i = 0; i < 4; i++)
            value |= (uint)text[at + i] << (8 * i);
        return value;
    }
}
