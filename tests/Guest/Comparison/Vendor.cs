// Two vendors' processors differ where their manuals leave room, and nearly always all processors of one agree; where they do not, the row
// of the table says so. CPUID tells whose the host is.
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>Whose processor answered; <see cref="Unknown"/> gets only what both manuals leave undefined.</summary>
internal enum Vendor
{
    Unknown,
    Intel,
    Amd,
}

/// <summary>The host's processor by CPUID leaf 0 (Intel SDM vol. 2, CPUID; AMD APM vol. 3, E.3.1).</summary>
internal static class HostVendor
{
    public static Vendor Current { get; } = Of(Name());

    /// <summary>The twelve letters of leaf 0; empty where the host is no x86 processor.</summary>
    public static string Name()
    {
        if (!X86Base.IsSupported) return "";
        var (_, ebx, ecx, edx) = X86Base.CpuId(0, 0);
        return Encoding.ASCII.GetString(MemoryMarshal.AsBytes<int>([ebx, edx, ecx]));
    }

    /// <summary>Whether FDP changes with every memory operand, as it did before CPUID.(EAX=7,ECX=0):EBX[6] (Intel SDM vol. 1,
    /// 8.1.8).</summary>
    public static bool KeepsEveryOperandPointer { get; } =
        Current == Vendor.Intel && X86Base.CpuId(0, 0).Eax >= 7 && (X86Base.CpuId(7, 0).Ebx & (1 << 6)) == 0;

    /// <summary>Family, model and stepping of leaf 1 as one line of text.</summary>
    public static string Model()
    {
        if (!X86Base.IsSupported) return "no x86";
        int signature = X86Base.CpuId(1, 0).Eax;
        int family = (signature >> 8) & 0xf;
        if (family == 0xf) family += (signature >> 20) & 0xff;
        return $"{Name()}, family {family}, model {((signature >> 4) & 0xf) | ((signature >> 12) & 0xf0)}, stepping {signature & 0xf}";
    }

    public static Vendor Of(string name) => name switch
    {
        "GenuineIntel" => Vendor.Intel,
        "AuthenticAMD" => Vendor.Amd,
        _ =>
        Vendor.Unknown
    };
}
