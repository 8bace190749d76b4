// Where the manual leaves a result open, our core need not do what this one processor does. Iced knows which flags an instruction leaves
// undefined; this file adds what depends on operand values or concerns other things than flags.
using Iced.Intel;
using Lguest.Guest.Tests.Native;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>What of an outcome is defined.</summary>
internal static unsafe class UndefinedResults
{
    private const uint Carry = 1;
    private const uint Parity = 4;
    private const uint Adjust = 0x10;
    private const uint Zero = 0x40;
    private const uint Sign = 0x80;
    private const uint Overflow = 0x800;
    private const uint Status = Carry | Parity | Adjust | Zero | Sign | Overflow;

    /// <summary>Status flags, TF, DF, NT, AC and ID. IF and IOPL are the kernel's, RF depends on how the state was stored.</summary>
    private const uint Compared = Status | 0x100 | 0x400 | 0x4000 | 0x4_0000 | 0x20_0000;

    /// <summary>EFLAGS bits that must be equal.</summary>
    public static uint DefinedFlags(in TestCase given, in Instruction i)
    {
        var undefined = FromIced(i.RflagsUndefined);
        switch (i.Mnemonic)
        {
            case Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar:
                // Intel SDM vol. 2, SAL/SAR/SHL/SHR: CF beyond the operand's width, OF for counts other than 1, AF for any but 0.
                var shift = Count(given, i, 1);
                undefined = shift == 0 ? 0 : Adjust | (shift == 1 ? 0 : Overflow);
                if (shift >= Width(i) && i.Mnemonic != Mnemonic.Sar) undefined |= Carry;
                break;
            case Mnemonic.Shld or Mnemonic.Shrd:
                var both = Count(given, i, 2);
                undefined = both == 0 ? 0 : Adjust | (both == 1 ? 0 : Overflow);
                break;
            case Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Rcl or Mnemonic.Rcr:
                undefined = Count(given, i, 1) is 0 or 1 ? 0 : Overflow;
                break;
        }
        return Compared & ~undefined;
    }

    /// <summary>Bits of a general register that must be equal.</summary>
    /// <param name="given">The case.</param>
    /// <param name="i">Its instruction.</param>
    /// <param name="host">What the host made of it.</param>
    /// <param name="register">0-7.</param>
    public static uint DefinedRegister(in TestCase given, in Instruction i, in TestOutcome host, int register) => i.Mnemonic switch
    {
        // Bits 16-19 of what LAR returns are undefined.
        Mnemonic.Lar when i.Op0Register.GetSize() == 4 && register == i.Op0Register.GetNumber() && host.Gpr[register] != given.Gpr[register] => 0xfff0_ffff,
        // Processors have popped some registers when a later one faults; ours has popped none, which is what "restartable" asks for.
        Mnemonic.Popa or Mnemonic.Popad when host.Trap != TestOutcomeLayout.Landed => 0,
        _ => uint.MaxValue,
    };

    /// <summary>Bits of the error code that must be equal: a jump out of the sandbox may meet a page of the oracle, which is present but must
    /// not be executed, where the core has nothing.</summary>
    public static uint DefinedError(in TestOutcome host)
    {
        const uint present = 1;
        const uint fetch = 0x10;
        var inSandbox = host.Cr2 - Sandbox.Data < Sandbox.ImageSize || host.Cr2 - Sandbox.Code < Sandbox.CodeSize;
        return host.Trap == 14 && (host.Error & fetch) != 0 && !inSandbox ? ~present : uint.MaxValue;
    }

    /// <summary>A far call that faults in its second push has already made the first, below the stack pointer; ours has not.</summary>
    public static bool MemoryIsDefined(in Instruction i, in TestOutcome host) =>
        host.Trap != 14 || !(i.IsCallFarIndirect || i.Op0Kind is OpKind.FarBranch16 or OpKind.FarBranch32);

    /// <summary>Two exceptions that an instruction has reason for at once, in no defined order: BOUND whose upper limit cannot be read while the
    /// lower one is already broken.</summary>
    public static bool OrderIsOpen(in Instruction i, in TestOutcome host, in TestOutcome core) =>
        i.Mnemonic == Mnemonic.Bound && host.Trap == 5 && core.Trap is 13 or 14;

    /// <summary>Iced's status flags as EFLAGS bits.</summary>
    public static uint FromIced(RflagsBits bits)
    {
        uint flags = 0;
        if ((bits & RflagsBits.CF) != 0) flags |= Carry;
        if ((bits & RflagsBits.PF) != 0) flags |= Parity;
        if ((bits & RflagsBits.AF) != 0) flags |= Adjust;
        if ((bits & RflagsBits.ZF) != 0) flags |= Zero;
        if ((bits & RflagsBits.SF) != 0) flags |= Sign;
        if ((bits & RflagsBits.OF) != 0) flags |= Overflow;
        return flags;
    }

    private static uint Count(in TestCase given, in Instruction i, int operand) =>
        (i.GetOpKind(operand) == OpKind.Register ? given.Gpr[1] : (uint)i.GetImmediate(operand)) & 0x1f;

    private static uint Width(in Instruction i) => 8 * (uint)(i.Op0Kind == OpKind.Register ? i.Op0Register.GetSize() : i.MemorySize.GetSize());
}
