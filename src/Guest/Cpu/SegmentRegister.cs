// The six segment registers in the order in which instructions encode them; this order is also their order inside CpuState.
namespace Lguest.Guest.Cpu;

/// <summary>Index of a segment register as in the reg field of MOV Sreg (Intel SDM vol. 2, table B-8).</summary>
public enum SegmentRegister : byte
{
    Es = 0,
    Cs = 1,
    Ss = 2,
    Ds = 3,
    Fs = 4,
    Gs = 5,
}
