// The names of the eight general registers, in the order in which instructions encode them; this order is also their order in CpuState.
namespace Lguest.Guest.Cpu;

/// <summary>Indices of <see cref="CpuState.Gpr"/> (Intel SDM vol. 2, table B-5).</summary>
public static class GeneralRegister
{
    public const int Eax = 0;
    public const int Ecx = 1;
    public const int Edx = 2;
    public const int Ebx = 3;
    public const int Esp = 4;
    public const int Ebp = 5;
    public const int Esi = 6;
    public const int Edi = 7;
}
