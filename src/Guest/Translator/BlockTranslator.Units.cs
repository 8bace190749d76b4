// x87, MMX and SSE instructions: which of them the host's own units do, and how they are encoded again. What remains for the interpreter:
// functions whose last bit is not defined (sines, logarithms), decimal numbers, whole states and environments, and what needs both
// register files.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using Lguest.Guest.Execute;
using static Lguest.Guest.Translator.HostRegister;

namespace Lguest.Guest.Translator;

internal sealed unsafe partial class BlockTranslator
{
    /// <summary>An operand of this size has to be aligned, unless the instruction's name says otherwise.</summary>
    private const int VectorBytes = 16;

    private static readonly HostUnits[] _unitsOf = MakeUnitsOf();
    private readonly HostUnits[] _needs = new HostUnits[BlockBuilder.MaxInstructions];

    /// <summary>Where the last x87 instruction was, if the state does not say so yet.</summary>
    private uint? _pointer;

    /// <summary>The unit that does an instruction; none if it is no such instruction, or one for the interpreter.</summary>
    private static HostUnits UnitsOf(in Instruction i) => _unitsOf[(int)i.Code];

    private static HostUnits[] MakeUnitsOf()
    {
        var units = new HostUnits[OpTable.Rows.Length];
        for (int code = 0; code < units.Length; code++)
        {
            if (OpTable.Rows[code] != null)
                units[code] = UnitsOf((Code)code);
        }

        return units;
    }

    private static HostUnits UnitsOf(Code code)
    {
        if (IsX87(code))
            return HostUnits.X87;
        bool xmm = false, mm = false;
        var info = code.ToOpCode();
        for (int k = 0; k < info.OpCount; k++)
        {
            var kind = info.GetOpKind(k);
            xmm |= kind is OpCodeOperandKind.xmm_reg or OpCodeOperandKind.xmm_rm or OpCodeOperandKind.xmm_or_mem;
            mm |= kind is OpCodeOperandKind.mm_reg or OpCodeOperandKind.mm_rm or OpCodeOperandKind.mm_or_mem;
        }

        return code.Mnemonic() switch
        {
            Mnemonic.Cvtpi2ps or Mnemonic.Cvtpi2pd or Mnemonic.Maskmovq or Mnemonic.Maskmovdqu => HostUnits.None,
            Mnemonic.Emms => HostUnits.X87,
            Mnemonic.Stmxcsr => HostUnits.Xmm,
            _ => (xmm, mm) switch
            {
                (true, false) => HostUnits.Xmm,
                (false, true) => HostUnits.X87,
                _ => HostUnits.None,
            },
        };
    }

    private static bool IsX87(Code code) => code.Mnemonic() switch
    {
        Mnemonic.Fadd or Mnemonic.Faddp or Mnemonic.Fiadd or Mnemonic.Fmul or Mnemonic.Fmulp or Mnemonic.Fimul => true,
        Mnemonic.Fsub or Mnemonic.Fsubp or Mnemonic.Fisub or Mnemonic.Fsubr or Mnemonic.Fsubrp or Mnemonic.Fisubr => true,
        Mnemonic.Fdiv or Mnemonic.Fdivp or Mnemonic.Fidiv or Mnemonic.Fdivr or Mnemonic.Fdivrp or Mnemonic.Fidivr => true,
        Mnemonic.Fcom or Mnemonic.Fcomp => code is not (Code.Fcom_st0_sti_DCD0 or Code.Fcomp_st0_sti_DCD8 or Code.Fcomp_st0_sti_DED0),
        Mnemonic.Fcompp or Mnemonic.Fucom or Mnemonic.Fucomp or Mnemonic.Fucompp or Mnemonic.Ficom or Mnemonic.Ficomp => true,
        Mnemonic.Fcomi or Mnemonic.Fcomip or Mnemonic.Fucomi or Mnemonic.Fucomip or Mnemonic.Ftst or Mnemonic.Fxam => true,
        Mnemonic.Fsqrt or Mnemonic.Frndint or Mnemonic.Fchs or Mnemonic.Fabs or Mnemonic.Fxtract => true,
        Mnemonic.Fprem or Mnemonic.Fprem1 or Mnemonic.Fscale => true,
        Mnemonic.Fld or Mnemonic.Fild or Mnemonic.Fst or Mnemonic.Fist or Mnemonic.Fistp => true,
        Mnemonic.Fstp => code is not (Code.Fstp_sti_DFD0 or Code.Fstp_sti_DFD8),
        Mnemonic.Fxch => code == Code.Fxch_st0_sti,
        Mnemonic.Fcmovb or Mnemonic.Fcmove or Mnemonic.Fcmovbe or Mnemonic.Fcmovu => true,
        Mnemonic.Fcmovnb or Mnemonic.Fcmovne or Mnemonic.Fcmovnbe or Mnemonic.Fcmovnu => true,
        Mnemonic.Fld1 or Mnemonic.Fldl2t or Mnemonic.Fldl2e or Mnemonic.Fldpi => true,
        Mnemonic.Fldlg2 or Mnemonic.Fldln2 or Mnemonic.Fldz => true,
        Mnemonic.Fnclex or Mnemonic.Fincstp or Mnemonic.Fdecstp or Mnemonic.Fnop or Mnemonic.Ffree or Mnemonic.Wait => true,
        Mnemonic.Fldcw or Mnemonic.Fnstcw or Mnemonic.Fnstsw => true,
        _ => false,
    };

    /// <summary>Whether the x87 notes the place of an instruction, as it does for all that are not about its own words.</summary>
    private static bool SetsPointer(in Instruction i) => IsX87(i.Code) && i.Mnemonic is not (Mnemonic.Fnclex or Mnemonic.Wait
        or Mnemonic.Fldcw or Mnemonic.Fnstcw or Mnemonic.Fnstsw);

    /// <summary>Memory in a segment that is flat in this mode, by a 32-bit address, or none.</summary>
    private bool HasFlatOperand(in Instruction i)
    {
        for (int k = 0; k < i.OpCount; k++)
        {
            if (i.GetOpKind(k) == OpKind.Memory && (BlockBuilder.IsAddress16(i) || !IsFlat(i.MemorySegment)))
                return false;
        }

        return true;
    }

    /// <summary>The block is left for the interpreter at its first instruction unless the budget covers it, nobody has asked for
    /// attention, and its units are there. The flags stay as they are.</summary>
    private void EmitHeadCheck()
    {
        AskFor(_count + 1);
        EmitUnlessZero((Op*)_ops[0]);
    }

    /// <summary>R11 becomes zero if the budget covers so many instructions, nobody has asked for attention, and the block's units are
    /// there. Uses R8.</summary>
    private void AskFor(int budget)
    {
        _writer.Lea64(R8, R12, -budget);
        _writer.ShiftRight(true, R8, R8, R13);
        _writer.Load32(R11, R14, StateOffsets.Poll);
        _writer.LeaIndexed(true, R11, R11, R8, 0, 0);
        AskForUnits(_needs[0]);
    }

    /// <summary>Adds to R11 what is not zero if a unit is away. Uses R8.</summary>
    private void AskForUnits(HostUnits units)
    {
        if ((units & HostUnits.X87) != 0)
            Add(StateOffsets.X87Away);
        if ((units & HostUnits.Xmm) != 0)
            Add(StateOffsets.XmmAway);

        void Add(int away)
        {
            _writer.Load32(R8, R14, away);
            _writer.LeaIndexed(true, R11, R11, R8, 0, 0);
        }
    }

    /// <summary>Lets the state know where the last x87 instruction was. Until then every way out knows it.</summary>
    private void StorePointer()
    {
        if (_pointer is { } pointer)
            _writer.StoreImmediate32(R14, StateOffsets.X87Pointer, pointer);
        _pointer = null;
    }

    private Emitted EmitUnits(in Instruction original)
    {
        switch (original.Mnemonic)
        {
            case Mnemonic.Wait:
                return Emitted.Yes; // the unit is there, and no exception of it is pending
            case Mnemonic.Fldcw:
                return EmitLoadControl(original);
        }

        var i = original;
        i.Code = WithoutHint(i.Code);
        i.SegmentPrefix = Register.None;
        bool memory = false;
        for (int k = 0; k < i.OpCount; k++)
        {
            if (i.GetOpKind(k) == OpKind.Memory)
                memory = true;
            else if (i.GetOpKind(k) == OpKind.Register)
                i.SetOpRegister(k, Renamed(i.GetOpRegister(k)));
        }

        if (memory)
            ReachMemory(original, ref i, IsAligned(i));
        if (!TryEncode(i))
            return Emitted.No;
        if (Settles(i, RflagsBits.AF))
            _adjustDirty = false;
        return Emitted.Yes;
    }

    /// <summary>Makes the memory operand one that is checked, or one of the window.</summary>
    private void ReachMemory(in Instruction original, ref Instruction i, bool aligned)
    {
        if (HasWindow)
        {
            UseWindow(original, ref i);
            return;
        }

        int at = InRun ? OffsetInRun(original) : 0;
        if (!InRun)
        {
            EmitAddress(original);
            if (aligned)
                EmitAlignmentCheck();
            EmitCheck(BytesOf(i), WritesMemory(i));
        }

        i.MemoryBase = Register.R10;
        i.MemoryIndex = Register.R8;
        i.MemoryIndexScale = 1;
        i.MemoryDisplacement64 = (ulong)at;
        i.MemoryDisplSize = at == 0 ? 0 : 1;
    }

    /// <summary>The interpreter takes over unless the four low bits of R10 are zero. In a window the host finds that out itself.</summary>
    private void EmitAlignmentCheck()
    {
        _writer.Set32(R8, 28);
        _writer.ShiftLeft32(R11, R10, R8);
        EmitUnlessZero(_op);
    }

    /// <summary>FLDCW. A word that masks all exceptions, as nearly all do, is put together anew from its five other bits, so that nothing
    /// else can get into the host's x87.</summary>
    private Emitted EmitLoadControl(in Instruction original)
    {
        var load = original;
        load.Code = Code.Movzx_r32_rm16;
        load.Op0Kind = OpKind.Register;
        load.Op0Register = Register.R11D;
        load.Op1Kind = OpKind.Memory;
        load.SegmentPrefix = Register.None;
        ReachMemory(original, ref load, false);
        if (!TryEncode(load))
            return Emitted.No;
        _writer.Set32(R8, 19);
        _writer.ShiftLeft32(R10, R11, R8);
        _writer.Set32(R8, 27);
        _writer.ShiftRight(false, R10, R10, R8);
        _writer.Set32(R8, 8);
        _writer.ShiftLeft32(R10, R10, R8);
        _writer.Lea32(R10, R10, 0x7f);
        _writer.Not32(R11);
        _writer.LeaIndexed(false, R11, R11, R10, 0, 1);
        EmitUnlessZero(_op);
        _writer.Store16(R10, R14, StateOffsets.X87Control);
        _writer.Unit(0xd9, 5, R14, StateOffsets.X87Control); // fldcw
        return Emitted.Yes;
    }

    private static bool IsAligned(in Instruction i) => i.MemorySize.GetSize() == VectorBytes && UnitsOf(i) == HostUnits.Xmm
        && i.Mnemonic is not (Mnemonic.Movups or Mnemonic.Movupd or Mnemonic.Movdqu);

    /// <summary>Bytes of a memory operand that the host may touch. Of the eight that PUNPCKL of MMX could have, the manuals promise to read
    /// four.</summary>
    private static int BytesOf(in Instruction i) =>
        i.Mnemonic is Mnemonic.Punpcklbw or Mnemonic.Punpcklwd or Mnemonic.Punpckldq && UnitsOf(i) == HostUnits.X87
            ? 8 : i.MemorySize.GetSize();

    /// <summary>Whether an instruction writes its memory operand.</summary>
    private static bool WritesMemory(in Instruction i)
    {
        if (i.Op0Kind != OpKind.Memory || i.Mnemonic is Mnemonic.Cmp or Mnemonic.Test or Mnemonic.Bt or Mnemonic.Mul or Mnemonic.Imul
            or Mnemonic.Bsf or Mnemonic.Bsr)
            return false;
        return !IsX87(i.Code) || i.Mnemonic is Mnemonic.Fst or Mnemonic.Fstp or Mnemonic.Fist or Mnemonic.Fistp or Mnemonic.Fnstcw
            or Mnemonic.Fnstsw;
    }

    /// <summary>Stores that go around the caches are stores.</summary>
    private static Code WithoutHint(Code code) => code switch
    {
        Code.Movntps_m128_xmm => Code.Movaps_xmmm128_xmm,
        Code.Movntpd_m128_xmm => Code.Movapd_xmmm128_xmm,
        Code.Movntdq_m128_xmm => Code.Movdqa_xmmm128_xmm,
        Code.Movntq_m64_mm => Code.Movq_mmm64_mm,
        _ => code,
    };
}
