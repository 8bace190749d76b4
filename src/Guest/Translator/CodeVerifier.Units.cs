// x87, MMX and SSE as the sandbox allows them. What such an instruction computes is the Guest's own affair; what matters is that the
// unit holds the Guest's registers at all (else it would show what .NET left there), that nothing unmasks an exception (it would be raised
// in this process), that memory is reached as by any other instruction, and that a vector which must be aligned is.
using Iced.Intel;
using Lguest.Guest.Execute;

namespace Lguest.Guest.Translator;

internal sealed partial class CodeVerifier
{
    /// <summary>A control word with these low bits has every exception masked.</summary>
    private const int EveryMask = 0x7f;

    /// <summary>Shifted left by this, a control word has its low byte clear.</summary>
    private const int ControlShift = 8;

    /// <summary>Shifted left by this, an address is zero if it is a multiple of a vector.</summary>
    private const int AlignmentShift = 28;

    private const int VectorBytes = 16;

    /// <summary>The unit that an instruction needs; none if it is not on the list of those that use one.</summary>
    private static HostUnits UnitOf(in Instruction i)
    {
        if (i.Encoding != EncodingKind.Legacy)
            return HostUnits.None;
        if (IsX87(i))
            return HostUnits.X87;
        if (i.Mnemonic is Mnemonic.Emms)
            return HostUnits.X87;
        if (i.Mnemonic is Mnemonic.Stmxcsr)
            return HostUnits.Xmm;
        bool xmm = i.Mnemonic is Mnemonic.Cvtss2si or Mnemonic.Cvttss2si or Mnemonic.Cvtsd2si or Mnemonic.Cvttsd2si;
        bool mm = false, wide = false;
        for (int k = 0; k < i.OpCount; k++)
        {
            if (i.GetOpKind(k) != OpKind.Register)
                continue;
            var register = i.GetOpRegister(k);
            xmm |= register.IsXMM();
            mm |= register.IsMM();
            wide |= register.IsGPR64() || register.IsYMM() || register.IsZMM() || register.IsSegmentRegister();
        }

        if (wide || xmm == mm)
            return HostUnits.None;
        if (xmm)
            return IsSse(i.Mnemonic) || IsInteger(i.Mnemonic) ? HostUnits.Xmm : HostUnits.None;
        return IsInteger(i.Mnemonic) && i.Mnemonic is not (Mnemonic.Movdqa or Mnemonic.Movdqu or Mnemonic.Pshufd) ? HostUnits.X87
            : HostUnits.None;
    }

    private static bool IsX87(in Instruction i) => i.Mnemonic switch
    {
        Mnemonic.Fadd or Mnemonic.Faddp or Mnemonic.Fiadd or Mnemonic.Fsub or Mnemonic.Fsubp or Mnemonic.Fisub => true,
        Mnemonic.Fsubr or Mnemonic.Fsubrp or Mnemonic.Fisubr or Mnemonic.Fmul or Mnemonic.Fmulp or Mnemonic.Fimul => true,
        Mnemonic.Fdiv or Mnemonic.Fdivp or Mnemonic.Fidiv or Mnemonic.Fdivr or Mnemonic.Fdivrp or Mnemonic.Fidivr => true,
        Mnemonic.Fcom or Mnemonic.Fcomp or Mnemonic.Fcompp or Mnemonic.Fucom or Mnemonic.Fucomp or Mnemonic.Fucompp => true,
        Mnemonic.Fcomi or Mnemonic.Fcomip or Mnemonic.Fucomi or Mnemonic.Fucomip or Mnemonic.Ficom or Mnemonic.Ficomp => true,
        Mnemonic.Ftst or Mnemonic.Fxam or Mnemonic.Fsqrt or Mnemonic.Frndint or Mnemonic.Fchs or Mnemonic.Fabs => true,
        Mnemonic.Fxtract or Mnemonic.Fprem or Mnemonic.Fprem1 or Mnemonic.Fscale => true,
        Mnemonic.Fld or Mnemonic.Fst or Mnemonic.Fstp or Mnemonic.Fild or Mnemonic.Fist or Mnemonic.Fistp or Mnemonic.Fxch => true,
        Mnemonic.Fcmovb or Mnemonic.Fcmove or Mnemonic.Fcmovbe or Mnemonic.Fcmovu => true,
        Mnemonic.Fcmovnb or Mnemonic.Fcmovne or Mnemonic.Fcmovnbe or Mnemonic.Fcmovnu => true,
        Mnemonic.Fld1 or Mnemonic.Fldl2t or Mnemonic.Fldl2e or Mnemonic.Fldpi => true,
        Mnemonic.Fldlg2 or Mnemonic.Fldln2 or Mnemonic.Fldz => true,
        Mnemonic.Fnclex or Mnemonic.Fincstp or Mnemonic.Fdecstp or Mnemonic.Fnop or Mnemonic.Ffree => true,
        Mnemonic.Fnstcw or Mnemonic.Fnstsw or Mnemonic.Fldcw => true,
        _ => false,
    };

    /// <summary>Instructions of SSE and SSE2 that have XMM registers alone, and reach no memory but by an operand that they
    /// name.</summary>
    private static bool IsSse(Mnemonic mnemonic) => mnemonic switch
    {
        Mnemonic.Movaps or Mnemonic.Movapd or Mnemonic.Movups or Mnemonic.Movupd or Mnemonic.Movss or Mnemonic.Movsd => true,
        Mnemonic.Movlps or Mnemonic.Movhps or Mnemonic.Movlpd or Mnemonic.Movhpd or Mnemonic.Movhlps or Mnemonic.Movlhps => true,
        Mnemonic.Movmskps or Mnemonic.Movmskpd => true,
        Mnemonic.Addps or Mnemonic.Addpd or Mnemonic.Addss or Mnemonic.Addsd => true,
        Mnemonic.Subps or Mnemonic.Subpd or Mnemonic.Subss or Mnemonic.Subsd => true,
        Mnemonic.Mulps or Mnemonic.Mulpd or Mnemonic.Mulss or Mnemonic.Mulsd => true,
        Mnemonic.Divps or Mnemonic.Divpd or Mnemonic.Divss or Mnemonic.Divsd => true,
        Mnemonic.Sqrtps or Mnemonic.Sqrtpd or Mnemonic.Sqrtss or Mnemonic.Sqrtsd => true,
        Mnemonic.Minps or Mnemonic.Minpd or Mnemonic.Minss or Mnemonic.Minsd => true,
        Mnemonic.Maxps or Mnemonic.Maxpd or Mnemonic.Maxss or Mnemonic.Maxsd => true,
        Mnemonic.Cmpps or Mnemonic.Cmppd or Mnemonic.Cmpss or Mnemonic.Cmpsd => true,
        Mnemonic.Comiss or Mnemonic.Comisd or Mnemonic.Ucomiss or Mnemonic.Ucomisd => true,
        Mnemonic.Rcpps or Mnemonic.Rcpss or Mnemonic.Rsqrtps or Mnemonic.Rsqrtss => true,
        Mnemonic.Andps or Mnemonic.Andpd or Mnemonic.Andnps or Mnemonic.Andnpd => true,
        Mnemonic.Orps or Mnemonic.Orpd or Mnemonic.Xorps or Mnemonic.Xorpd => true,
        Mnemonic.Unpcklps or Mnemonic.Unpcklpd or Mnemonic.Unpckhps or Mnemonic.Unpckhpd or Mnemonic.Shufps or Mnemonic.Shufpd => true,
        Mnemonic.Cvtss2sd or Mnemonic.Cvtsd2ss or Mnemonic.Cvtps2pd or Mnemonic.Cvtpd2ps => true,
        Mnemonic.Cvtdq2ps or Mnemonic.Cvtdq2pd or Mnemonic.Cvtsi2ss or Mnemonic.Cvtsi2sd => true,
        Mnemonic.Cvtps2dq or Mnemonic.Cvttps2dq or Mnemonic.Cvtpd2dq or Mnemonic.Cvttpd2dq => true,
        Mnemonic.Cvtss2si or Mnemonic.Cvttss2si or Mnemonic.Cvtsd2si or Mnemonic.Cvttsd2si => true,
        Mnemonic.Punpcklqdq or Mnemonic.Punpckhqdq or Mnemonic.Pslldq or Mnemonic.Psrldq or Mnemonic.Pshuflw or Mnemonic.Pshufhw => true,
        _ => false,
    };

    /// <summary>Instructions on integers, which the MM registers have as well.</summary>
    private static bool IsInteger(Mnemonic mnemonic) => mnemonic switch
    {
        Mnemonic.Movd or Mnemonic.Movq or Mnemonic.Movdqa or Mnemonic.Movdqu or Mnemonic.Pshufd or Mnemonic.Pshufw => true,
        Mnemonic.Paddb or Mnemonic.Paddw or Mnemonic.Paddd or Mnemonic.Paddq => true,
        Mnemonic.Psubb or Mnemonic.Psubw or Mnemonic.Psubd or Mnemonic.Psubq => true,
        Mnemonic.Paddsb or Mnemonic.Paddsw or Mnemonic.Paddusb or Mnemonic.Paddusw => true,
        Mnemonic.Psubsb or Mnemonic.Psubsw or Mnemonic.Psubusb or Mnemonic.Psubusw => true,
        Mnemonic.Pand or Mnemonic.Pandn or Mnemonic.Por or Mnemonic.Pxor => true,
        Mnemonic.Pcmpeqb or Mnemonic.Pcmpeqw or Mnemonic.Pcmpeqd or Mnemonic.Pcmpgtb or Mnemonic.Pcmpgtw or Mnemonic.Pcmpgtd => true,
        Mnemonic.Pminub or Mnemonic.Pmaxub or Mnemonic.Pminsw or Mnemonic.Pmaxsw or Mnemonic.Pavgb or Mnemonic.Pavgw => true,
        Mnemonic.Pmullw or Mnemonic.Pmulhw or Mnemonic.Pmulhuw or Mnemonic.Pmuludq or Mnemonic.Pmaddwd or Mnemonic.Psadbw => true,
        Mnemonic.Packsswb or Mnemonic.Packssdw or Mnemonic.Packuswb => true,
        Mnemonic.Punpcklbw or Mnemonic.Punpcklwd or Mnemonic.Punpckldq => true,
        Mnemonic.Punpckhbw or Mnemonic.Punpckhwd or Mnemonic.Punpckhdq => true,
        Mnemonic.Psllw or Mnemonic.Pslld or Mnemonic.Psllq or Mnemonic.Psrlw or Mnemonic.Psrld or Mnemonic.Psrlq => true,
        Mnemonic.Psraw or Mnemonic.Psrad or Mnemonic.Pinsrw or Mnemonic.Pextrw or Mnemonic.Pmovmskb => true,
        _ => false,
    };

    /// <summary>Only the registers that a 32-bit program has are loaded and saved.</summary>
    private static bool IsUnitRegister(Register register) =>
        register is (>= Register.XMM0 and <= Register.XMM7) or (>= Register.MM0 and <= Register.MM7)
            or (>= Register.ST0 and <= Register.ST7);

    /// <summary>Whether a memory operand faults unless it is aligned.</summary>
    private static bool MustBeAligned(in Instruction i) => i.MemorySize.GetSize() >= VectorBytes
        && i.Mnemonic is not (Mnemonic.Movups or Mnemonic.Movupd or Mnemonic.Movdqu);

    /// <summary>Bytes that an access may touch. Some processors read eight where PUNPCKL of MMX asks for four.</summary>
    private static int SizeOf(in Instruction i)
    {
        int size = i.MemorySize.GetSize();
        return size == 4 && UnitOf(i) == HostUnits.X87 && !IsX87(i) && i.Mnemonic != Mnemonic.Movd ? 8 : size;
    }

    /// <summary>The prefix that is a part of an instruction's name has to be there, and no other.</summary>
    private static string? UnitPrefixFault(in Instruction i, int seen, bool wide)
    {
        int wanted = i.Code.ToOpCode().MandatoryPrefix switch
        {
            MandatoryPrefix.P66 => 0x66,
            MandatoryPrefix.PF3 => 0xf3,
            MandatoryPrefix.PF2 => 0xf2,
            _ => 0,
        };
        return wide ? "a REX prefix that makes an operand wide"
            : seen != wanted ? "a prefix that is not a part of the instruction"
            : null;
    }

    /// <summary>What is wrong with an instruction of a unit here.</summary>
    private static string? UnitFault(in Instruction i, HostUnits unit, VerifierState state)
    {
        if ((state.Units & unit) != unit)
            return "a unit that may not hold the Guest's registers";
        if (i.Mnemonic == Mnemonic.Fldcw && !IsControl(i))
            return "a control word that may unmask exceptions";
        return null;
    }

    /// <summary>Whether the memory operand is the control word in the state.</summary>
    private static bool IsControl(in Instruction i) => !IsInWindow(i) && i.MemoryBase == Register.R14
        && i.MemoryIndex == Register.None && (long)i.MemoryDisplacement64 == SandboxFields.X87Control;

    /// <summary>A store of the control word, which has every exception masked. True if the instruction is one.</summary>
    private static bool StoresControl(in Instruction i, VerifierState state) =>
        i.Code == Code.Mov_rm16_r16 && i.Op0Kind == OpKind.Memory && IsControl(i)
        && state[NumberOf(i.Op1Register)].Holds == Holds.MaskedControl;
}
