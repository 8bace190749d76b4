// Rows of the instruction table for the x87: opcodes D8 to DF, WAIT, FXSAVE and FXRSTOR, with all aliases that processors accept.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using Lguest.Guest.Execute.Integer;

namespace Lguest.Guest.Execute.Fpu;

/// <summary>Every x87 instruction of an i686 (Intel SDM vol. 2, appendix A, tables ).</summary>
internal static unsafe class X87Rows
{
    public static void AddTo(Emitter?[] rows)
    {
        Arithmetic<AddFunction>(rows, "Fadd", "Fadd");
        Arithmetic<MultiplyFunction>(rows, "Fmul", "Fmul");
        Arithmetic<SubtractFunction>(rows, "Fsub", "Fsub");
        Arithmetic<SubtractReversedFunction>(rows, "Fsubr", "Fsubr");
        Arithmetic<DivideFunction>(rows, "Fdiv", "Fdiv");
        Arithmetic<DivideReversedFunction>(rows, "Fdivr", "Fdivr");
        Comparisons(rows);
        Functions(rows);
        Transfers(rows);
        ControlInstructions(rows);
    }

    private static void Arithmetic<TFunction>(Emitter?[] rows, string name, string reversedName)
        where TFunction : struct, IX87Binary
    {
        string integer = name.Replace("F", "Fi", StringComparison.Ordinal);
        Register(rows, $"{name}_st0_sti", &X87Binary<TFunction>.ToTop);
        Register(rows, $"{reversedName}_sti_st0", &X87Binary<TFunction>.ToOther<KeepStack>);
        Register(rows, $"{reversedName}p_sti_st0", &X87Binary<TFunction>.ToOther<PopOnce>);
        OpTable.Add(rows, $"{name}_m32fp", MemoryArithmetic<TFunction, Single32>);
        OpTable.Add(rows, $"{name}_m64fp", MemoryArithmetic<TFunction, Double64>);
        OpTable.Add(rows, $"{integer}_m32int", MemoryArithmetic<TFunction, Integer32>);
        OpTable.Add(rows, $"{integer}_m16int", MemoryArithmetic<TFunction, Integer16>);
    }

    private static void Comparisons(Emitter?[] rows)
    {
        foreach (string alias in (string[])["", "_DCD0"])
            Register(rows, "Fcom_st0_sti" + alias, &X87Compare.Registers<Ordered, KeepStack>);
        foreach (string alias in (string[])["", "_DCD8", "_DED0"])
            Register(rows, "Fcomp_st0_sti" + alias, &X87Compare.Registers<Ordered, PopOnce>);
        Fixed(rows, Code.Fcompp, &X87Compare.Registers<Ordered, PopTwice>, 1);
        Register(rows, "Fucom_st0_sti", &X87Compare.Registers<UnorderedToo, KeepStack>);
        Register(rows, "Fucomp_st0_sti", &X87Compare.Registers<UnorderedToo, PopOnce>);
        Fixed(rows, Code.Fucompp, &X87Compare.Registers<UnorderedToo, PopTwice>, 1);
        Register(rows, "Fcomi_st0_sti", &X87Compare.ToFlags<Ordered, KeepStack>);
        Register(rows, "Fcomip_st0_sti", &X87Compare.ToFlags<Ordered, PopOnce>);
        Register(rows, "Fucomi_st0_sti", &X87Compare.ToFlags<UnorderedToo, KeepStack>);
        Register(rows, "Fucomip_st0_sti", &X87Compare.ToFlags<UnorderedToo, PopOnce>);
        OpTable.Add(rows, Code.Fcom_m32fp, MemoryCompare<Single32, KeepStack>);
        OpTable.Add(rows, Code.Fcom_m64fp, MemoryCompare<Double64, KeepStack>);
        OpTable.Add(rows, Code.Fcomp_m32fp, MemoryCompare<Single32, PopOnce>);
        OpTable.Add(rows, Code.Fcomp_m64fp, MemoryCompare<Double64, PopOnce>);
        OpTable.Add(rows, Code.Ficom_m32int, MemoryCompare<Integer32, KeepStack>);
        OpTable.Add(rows, Code.Ficom_m16int, MemoryCompare<Integer16, KeepStack>);
        OpTable.Add(rows, Code.Ficomp_m32int, MemoryCompare<Integer32, PopOnce>);
        OpTable.Add(rows, Code.Ficomp_m16int, MemoryCompare<Integer16, PopOnce>);
        Fixed(rows, Code.Ftst, &X87Compare.Test);
        Fixed(rows, Code.Fxam, &X87Compare.Examine);
    }

    private static void Functions(Emitter?[] rows)
    {
        Fixed(rows, Code.Fsqrt, &X87Unary.Top<SquareRootFunction>);
        Fixed(rows, Code.Frndint, &X87Unary.Top<RoundFunction>);
        Fixed(rows, Code.Fchs, &X87Unary.Top<ChangeSignFunction>);
        Fixed(rows, Code.Fabs, &X87Unary.Top<MagnitudeFunction>);
        Fixed(rows, Code.Fsin, &X87Unary.Top<SineFunction>);
        Fixed(rows, Code.Fcos, &X87Unary.Top<CosineFunction>);
        Fixed(rows, Code.F2xm1, &X87Unary.Top<ExponentialFunction>);
        Fixed(rows, Code.Fsincos, &X87Unary.Pair<SineCosineFunction>);
        Fixed(rows, Code.Fptan, &X87Unary.Pair<TangentFunction>);
        Fixed(rows, Code.Fxtract, &X87Unary.Pair<ExtractFunction>);
        Fixed(rows, Code.Fpatan, &X87Binary<ArcTangentFunction>.ToOther<PopOnce>, 1);
        Fixed(rows, Code.Fyl2x, &X87Binary<LogarithmFunction>.ToOther<PopOnce>, 1);
        Fixed(rows, Code.Fyl2xp1, &X87Binary<LogarithmOfOnePlusFunction>.ToOther<PopOnce>, 1);
        Fixed(rows, Code.Fprem, &X87Binary<PartialRemainder>.ToTop, 1);
        Fixed(rows, Code.Fprem1, &X87Binary<NearestRemainder>.ToTop, 1);
        Fixed(rows, Code.Fscale, &X87Binary<ScaleFunction>.ToTop, 1);
    }

    private static void Transfers(Emitter?[] rows)
    {
        OpTable.Add(rows, Code.Fld_m32fp, MemoryLoad<Single32>);
        OpTable.Add(rows, Code.Fld_m64fp, MemoryLoad<Double64>);
        OpTable.Add(rows, Code.Fild_m16int, MemoryLoad<Integer16>);
        OpTable.Add(rows, Code.Fild_m32int, MemoryLoad<Integer32>);
        OpTable.Add(rows, Code.Fild_m64int, MemoryLoad<Integer64>);
        OpTable.Add(rows, Code.Fst_m32fp, MemoryStore<Single32, KeepStack>);
        OpTable.Add(rows, Code.Fst_m64fp, MemoryStore<Double64, KeepStack>);
        OpTable.Add(rows, Code.Fstp_m32fp, MemoryStore<Single32, PopOnce>);
        OpTable.Add(rows, Code.Fstp_m64fp, MemoryStore<Double64, PopOnce>);
        OpTable.Add(rows, Code.Fist_m16int, MemoryStore<Integer16, KeepStack>);
        OpTable.Add(rows, Code.Fist_m32int, MemoryStore<Integer32, KeepStack>);
        OpTable.Add(rows, Code.Fistp_m16int, MemoryStore<Integer16, PopOnce>);
        OpTable.Add(rows, Code.Fistp_m32int, MemoryStore<Integer32, PopOnce>);
        OpTable.Add(rows, Code.Fistp_m64int, MemoryStore<Integer64, PopOnce>);
        Memory(rows, Code.Fld_m80fp, &X87Move.LoadExtended<Flat>, &X87Move.LoadExtended<Segmented>);
        Memory(rows, Code.Fstp_m80fp, &X87Move.StoreExtended<Flat>, &X87Move.StoreExtended<Segmented>);
        Memory(rows, Code.Fbld_m80bcd, &X87Move.LoadDecimal<Flat>, &X87Move.LoadDecimal<Segmented>);
        Memory(rows, Code.Fbstp_m80bcd, &X87Move.StoreDecimal<Flat>, &X87Move.StoreDecimal<Segmented>);
        Register(rows, "Fld_sti", &X87Move.LoadRegister);
        Register(rows, "Fst_sti", &X87Move.StoreRegister<KeepStack>);
        foreach (string alias in (string[])["Fstp_sti", "Fstp_sti_DFD0", "Fstp_sti_DFD8"])
            Register(rows, alias, &X87Move.StoreRegister<PopOnce>);
        Register(rows, "Fstpnce_sti", &X87Move.StoreRegisterIfAny);
        foreach (string alias in (string[])["", "_DDC8", "_DFC8"])
            Register(rows, "Fxch_st0_sti" + alias, &X87Move.Exchange);
        Register(rows, "Fcmovb_st0_sti", &X87Move.Conditional<IfB>);
        Register(rows, "Fcmove_st0_sti", &X87Move.Conditional<IfE>);
        Register(rows, "Fcmovbe_st0_sti", &X87Move.Conditional<IfBe>);
        Register(rows, "Fcmovu_st0_sti", &X87Move.Conditional<IfP>);
        Register(rows, "Fcmovnb_st0_sti", &X87Move.Conditional<Not<IfB>>);
        Register(rows, "Fcmovne_st0_sti", &X87Move.Conditional<Not<IfE>>);
        Register(rows, "Fcmovnbe_st0_sti", &X87Move.Conditional<Not<IfBe>>);
        Register(rows, "Fcmovnu_st0_sti", &X87Move.Conditional<Not<IfP>>);
        Code[] constants = [Code.Fld1, Code.Fldl2t, Code.Fldl2e, Code.Fldpi, Code.Fldlg2, Code.Fldln2, Code.Fldz];
        for (int i = 0; i < constants.Length; i++)
            Fixed(rows, constants[i], &X87Move.LoadConstant, (byte)i);
    }

    private static void ControlInstructions(Emitter?[] rows)
    {
        Fixed(rows, Code.Fninit, &X87Control.Initialize);
        Fixed(rows, Code.Fnclex, &X87Control.ClearExceptions);
        Fixed(rows, Code.Fincstp, &X87Control.IncrementTop);
        Fixed(rows, Code.Fdecstp, &X87Control.DecrementTop);
        Fixed(rows, Code.Fnop, &X87Control.Nothing);
        foreach (var code in (Code[])[Code.Fneni, Code.Fndisi, Code.Fnsetpm])
            Fixed(rows, code, &X87Control.NothingAtOnce);
        Fixed(rows, Code.Wait, &X87Control.Wait);
        Fixed(rows, Code.Fnstsw_AX, &X87Control.StoreStatusToAx);
        Register(rows, "Ffree_sti", &X87Control.FreeRegister<KeepStack>);
        Register(rows, "Ffreep_sti", &X87Control.FreeRegister<PopOnce>);
        Memory(rows, Code.Fldcw_m2byte, &X87Control.LoadControl<Flat>, &X87Control.LoadControl<Segmented>);
        Memory(rows, Code.Fnstcw_m2byte, &X87Control.StoreControl<Flat>, &X87Control.StoreControl<Segmented>);
        Memory(rows, Code.Fnstsw_m2byte, &X87Control.StoreStatus<Flat>, &X87Control.StoreStatus<Segmented>);
        Memory(rows, Code.Fnstenv_m14byte, &X87Environment.Store<Flat>, &X87Environment.Store<Segmented>, 1);
        Memory(rows, Code.Fnstenv_m28byte, &X87Environment.Store<Flat>, &X87Environment.Store<Segmented>);
        Memory(rows, Code.Fldenv_m14byte, &X87Environment.Load<Flat>, &X87Environment.Load<Segmented>, 1);
        Memory(rows, Code.Fldenv_m28byte, &X87Environment.Load<Flat>, &X87Environment.Load<Segmented>);
        Memory(rows, Code.Fnsave_m94byte, &X87Environment.Save<Flat>, &X87Environment.Save<Segmented>, 1);
        Memory(rows, Code.Fnsave_m108byte, &X87Environment.Save<Flat>, &X87Environment.Save<Segmented>);
        Memory(rows, Code.Frstor_m94byte, &X87Environment.Restore<Flat>, &X87Environment.Restore<Segmented>, 1);
        Memory(rows, Code.Frstor_m108byte, &X87Environment.Restore<Flat>, &X87Environment.Restore<Segmented>);
        Memory(rows, Code.Fxsave_m512byte, &X87Environment.FxSave<Flat>, &X87Environment.FxSave<Segmented>);
        Memory(rows, Code.Fxrstor_m512byte, &X87Environment.FxRestore<Flat>, &X87Environment.FxRestore<Segmented>);
    }

    /// <summary>A row for an instruction that names a stack register.</summary>
    private static void Register(Emitter?[] rows, string code, delegate*<CpuState*, Op*, Op*> run) =>
        OpTable.Add(rows, code, (BlockBuilder b, in Instruction i) =>
        {
            var op = b.Append(i);
            var named = i.OpCount == 2 && i.Op1Register != Iced.Intel.Register.ST0 ? i.Op1Register : i.Op0Register;
            op->Extra = (byte)(named - Iced.Intel.Register.ST0);
            op->Imm = X87Opcode.Of(b.Bytes);
            op->Run = run;
        });

    /// <summary>A row for an instruction whose operands are implied.</summary>
    private static void Fixed(Emitter?[] rows, Code code, delegate*<CpuState*, Op*, Op*> run, byte extra = 0) =>
        OpTable.Add(rows, code, (BlockBuilder b, in Instruction i) =>
        {
            var op = b.Append(i);
            op->Extra = extra;
            op->Imm = X87Opcode.Of(b.Bytes);
            op->Run = run;
        });

    /// <summary>A row for an instruction with a memory operand that no fast addressing is worth the code for.</summary>
    private static void Memory(
        Emitter?[] rows,
        Code code,
        delegate*<CpuState*, Op*, Op*> flat,
        delegate*<CpuState*, Op*, Op*> segmented,
        byte extra = 0) =>
        OpTable.Add(rows, code, (BlockBuilder b, in Instruction i) =>
        {
            var op = MemoryOperand(b, i);
            op->Extra = extra;
            op->Run = b.IsFlat(i) ? flat : segmented;
        });

    private static void MemoryArithmetic<TFunction, TSource>(BlockBuilder b, in Instruction i)
        where TFunction : struct, IX87Binary
        where TSource : struct, IX87Source
    {
        var op = MemoryOperand(b, i);
        op->Run = !b.IsFlat(i) ? &X87Binary<TFunction>.Memory<TSource, Segmented>
            : i.MemoryIndex == Iced.Intel.Register.None ? &X87Binary<TFunction>.Memory<TSource, FlatBase>
            : &X87Binary<TFunction>.Memory<TSource, Flat>;
    }

    private static void MemoryCompare<TSource, TPop>(BlockBuilder b, in Instruction i)
        where TSource : struct, IX87Source
        where TPop : struct, IX87Pop
    {
        var op = MemoryOperand(b, i);
        op->Run = b.IsFlat(i) ? &X87Compare.Memory<TSource, TPop, Flat> : &X87Compare.Memory<TSource, TPop, Segmented>;
    }

    private static void MemoryLoad<TSource>(BlockBuilder b, in Instruction i)
        where TSource : struct, IX87Source
    {
        var op = MemoryOperand(b, i);
        op->Run = !b.IsFlat(i) ? &X87Move.Load<TSource, Segmented>
            : i.MemoryIndex == Iced.Intel.Register.None ? &X87Move.Load<TSource, FlatBase>
            : &X87Move.Load<TSource, Flat>;
    }

    private static void MemoryStore<TTarget, TPop>(BlockBuilder b, in Instruction i)
        where TTarget : struct, IX87Target
        where TPop : struct, IX87Pop
    {
        var op = MemoryOperand(b, i);
        op->Run = !b.IsFlat(i) ? &X87Move.Store<TTarget, TPop, Segmented>
            : i.MemoryIndex == Iced.Intel.Register.None ? &X87Move.Store<TTarget, TPop, FlatBase>
            : &X87Move.Store<TTarget, TPop, Flat>;
    }

    private static Op* MemoryOperand(BlockBuilder b, in Instruction i)
    {
        var op = b.Append(i);
        b.Memory(op, i);
        op->Imm = X87Stack.HasMemory | X87Opcode.Of(b.Bytes);
        return op;
    }
}
