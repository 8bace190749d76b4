// What CPUID says: what is implemented, and nothing else. The vendor is nobody's, so that no kernel looks for microcode, model-specific
// registers or errata; the family is 6, so that programs built for i686 run.
namespace Lguest.Guest.Cpu;

/// <summary>The leaves of CPUID (Intel SDM vol. 2, CPUID; ABI sheet 14.3 for what Guests make of them).</summary>
public static class CpuIdentity
{
    /// <summary>Feature bits of leaf 1, EDX: FPU, PSE, TSC, MSR, PAE, CX8, SEP, PGE, CMOV, CLFSH, MMX, FXSR, SSE, SSE2.</summary>
    public const uint Features = (1u << 0) | (1u << 3) | (1u << 4) | (1u << 5) | (1u << 6) | (1u << 8) | (1u << 11) | (1u << 13)
        | (1u << 15) | (1u << 19)
        | (1u << 23) | (1u << 24) | (1u << 25) | (1u << 26);

    /// <summary>Feature bits of leaf 0x80000001, EDX: NX.</summary>
    public const uint ExtendedFeatures = 1u << 20;

    private const uint Signature = (6u << 8) | (8u << 4) | 1;
    private const uint ClflushQuads = 8u << 8;
    private const string Vendor = "LguestDotNet";
    private const string Brand = "Lguest.Cluster x86-32 interpreter";

    /// <summary>EAX, EBX, ECX, EDX for a leaf; leaves that do not exist answer like the highest basic one.</summary>
    public static (uint Eax, uint Ebx, uint Ecx, uint Edx) Leaf(uint leaf) => leaf switch
    {
        0 => (1, Text(Vendor, 0), Text(Vendor, 8), Text(Vendor, 4)),
        0x80000000 => (0x80000004, 0, 0, 0),
        0x80000001 => (Signature, 0, 0, ExtendedFeatures),
        >= 0x80000002 and <= 0x80000004 => BrandLeaf((int)(leaf - 0x80000002) * 16),
        _ => (Signature, ClflushQuads, 0, Features),
    };

    private static (uint Eax, uint Ebx, uint Ecx, uint Edx) BrandLeaf(int at) =>
        (Text(Brand, at), Text(Brand, at + 4), Text(Brand, at + 8), Text(Brand, at + 12));

    private static uint Text(string text, int at)
    {
        uint value = 0;
        for (int i = 0; i < 4; i++)
            value |= (at + i < text.Length ? (uint)text[at + i] : 0) << (8 * i);
        return value;
    }
}
