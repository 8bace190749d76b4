// What a kernel reads from debug registers is not all that it wrote: some bits are always one or zero, and two of the numbers are other
// names. Kernels compare what they read with what they expect of a processor at rest.
namespace Lguest.Guest.Cpu;

/// <summary>DR0 to DR7 as MOV sees them (Intel SDM vol. 3, 17.2). No breakpoints are armed.</summary>
public static unsafe class DebugRegisters
{
    /// <summary>DR6: the bits that are always one.</summary>
    public const uint StatusFixed = 0xffff_0ff0;

    /// <summary>DR7: the bit that is always one.</summary>
    public const uint ControlFixed = 0x400;

    private const int Status = 6;
    private const int Control = 7;
    private const uint StatusBits = 0xe00f; // B0-B3, BD, BS, BT
    private const uint ControlBits = 0xffff_23ff; // L0-G3, LE, GE, GD, R/W and LEN of each

    /// <summary>What a register holds.</summary>
    /// <param name="c">The processor's state.</param>
    /// <param name="number">0-7.</param>
    public static uint Read(CpuState* c, int number) => c->Dr[Named(number)];

    /// <summary>Sets a register, but for the bits that cannot be set.</summary>
    /// <param name="c">The processor's state.</param>
    /// <param name="number">0-7.</param>
    /// <param name="value">What is to be in it.</param>
    public static void Write(CpuState* c, int number, uint value)
    {
        int named = Named(number);
        c->Dr[named] = named switch
        {
            Status => (value & StatusBits) | StatusFixed,
            Control => (value & ControlBits) | ControlFixed,
            _ => value,
        };
    }

    /// <summary>DR4 and DR5 are DR6 and DR7 while CR4.DE is 0, and this processor has no such bit (CPUID.DE is 0).</summary>
    private static int Named(int number) => number is 4 or 5 ? number + 2 : number;
}
