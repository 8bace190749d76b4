// The forms in which SIMD instructions are written down: which operand is the destination, where the source is, how wide it is. One emitter
// for each form; the tables of rows name form and function.
using Iced.Intel;
using Lguest.Guest.Arithmetic;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;

namespace Lguest.Guest.Execute.Simd;

/// <summary>Emitters by form. SIMD registers travel as number times 16.</summary>
internal static unsafe class SimdEmit
{
    /// <summary>xmm, xmm/m128.</summary>
    public static void Xmm<TFunction>(BlockBuilder b, in Instruction i)
        where TFunction : struct, IPacked
    {
        var op = Start(b, i);
        op->Run = IsRegister(i) ? &SimdHandlers<FromXmm>.Xmm<TFunction>
            : b.IsFlat(i) ? &SimdHandlers<FromAligned<Flat>>.Xmm<TFunction>
            : &SimdHandlers<FromAligned<Segmented>>.Xmm<TFunction>;
    }

    /// <summary>xmm, xmm/m128 without alignment.</summary>
    public static void XmmUnaligned<TFunction>(BlockBuilder b, in Instruction i)
        where TFunction : struct, IPacked
    {
        var op = Start(b, i);
        op->Run = IsRegister(i) ? &SimdHandlers<FromXmm>.Xmm<TFunction>
            : b.IsFlat(i) ? &SimdHandlers<FromUnaligned<Flat>>.Xmm<TFunction>
            : &SimdHandlers<FromUnaligned<Segmented>>.Xmm<TFunction>;
    }

    /// <summary>xmm, xmm/m64, where register and memory join the destination differently.</summary>
    public static void Xmm64<TRegister, TMemory>(BlockBuilder b, in Instruction i)
        where TRegister : struct, IPacked
        where TMemory : struct, IPacked
    {
        var op = Start(b, i);
        op->Run = IsRegister(i) ? &SimdHandlers<FromXmm>.Xmm<TRegister>
            : b.IsFlat(i) ? &SimdHandlers<FromMemory64<Flat>>.Xmm<TMemory>
            : &SimdHandlers<FromMemory64<Segmented>>.Xmm<TMemory>;
    }

    /// <summary>As <see cref="Xmm64"/>, for xmm/m32.</summary>
    public static void Xmm32<TRegister, TMemory>(BlockBuilder b, in Instruction i)
        where TRegister : struct, IPacked
        where TMemory : struct, IPacked
    {
        var op = Start(b, i);
        op->Run = IsRegister(i) ? &SimdHandlers<FromXmm>.Xmm<TRegister>
            : b.IsFlat(i) ? &SimdHandlers<FromMemory32<Flat>>.Xmm<TMemory>
            : &SimdHandlers<FromMemory32<Segmented>>.Xmm<TMemory>;
    }

    /// <summary>MOVD xmm, r/m32.</summary>
    public static void XmmGeneral(BlockBuilder b, in Instruction i)
    {
        var op = Start(b, i);
        op->Run = IsRegister(i) ? &SimdHandlers<FromGeneral>.Xmm<ReplaceAll>
            : b.IsFlat(i) ? &SimdHandlers<FromMemory32<Flat>>.Xmm<ReplaceAll>
            : &SimdHandlers<FromMemory32<Segmented>>.Xmm<ReplaceAll>;
    }

    /// <summary>mm, mm/m64.</summary>
    public static void Mm<TFunction>(BlockBuilder b, in Instruction i)
        where TFunction : struct, IPacked
    {
        var op = Start(b, i);
        op->Run = IsRegister(i) ? &SimdHandlers<FromMm>.Mm<TFunction>
            : b.IsFlat(i) ? &SimdHandlers<FromMemory64<Flat>>.Mm<TFunction>
            : &SimdHandlers<FromMemory64<Segmented>>.Mm<TFunction>;
    }

    /// <summary>mm, mm/m32.</summary>
    public static void Mm32<TFunction>(BlockBuilder b, in Instruction i)
        where TFunction : struct, IPacked
    {
        var op = Start(b, i);
        op->Run = IsRegister(i) ? &SimdHandlers<FromMm>.Mm<TFunction>
            : b.IsFlat(i) ? &SimdHandlers<FromMemory32<Flat>>.Mm<TFunction>
            : &SimdHandlers<FromMemory32<Segmented>>.Mm<TFunction>;
    }

    /// <summary>MOVD mm, r/m32.</summary>
    public static void MmGeneral(BlockBuilder b, in Instruction i)
    {
        var op = Start(b, i);
        op->Run = IsRegister(i) ? &SimdHandlers<FromGeneral>.Mm<ReplaceAll>
            : b.IsFlat(i) ? &SimdHandlers<FromMemory32<Flat>>.Mm<ReplaceAll>
            : &SimdHandlers<FromMemory32<Segmented>>.Mm<ReplaceAll>;
    }

    /// <summary>Register and immediate: a shift.</summary>
    public static void Shift<TFunction>(BlockBuilder b, in Instruction i)
        where TFunction : struct, IPacked
    {
        var op = b.Append(i);
        op->A = Number(i.Op0Register);
        op->Extra = i.Immediate8;
        op->Run = i.Op0Register.IsXMM() ? &ImmediateShift<TFunction>.Xmm : &ImmediateShift<TFunction>.Mm;
    }

    /// <summary>xmm, xmm/m128, imm8.</summary>
    public static void ShuffleXmm<TFunction>(BlockBuilder b, in Instruction i)
        where TFunction : struct, IShuffle
    {
        var op = Start(b, i);
        op->Extra = i.Immediate8;
        op->Run = IsRegister(i) ? &SimdHandlers<FromXmm>.ShuffleXmm<TFunction>
            : b.IsFlat(i) ? &SimdHandlers<FromAligned<Flat>>.ShuffleXmm<TFunction>
            : &SimdHandlers<FromAligned<Segmented>>.ShuffleXmm<TFunction>;
    }

    /// <summary>PSHUFW mm, mm/m64, imm8.</summary>
    public static void ShuffleMm(BlockBuilder b, in Instruction i)
    {
        var op = Start(b, i);
        op->Extra = i.Immediate8;
        op->Run = IsRegister(i) ? &SimdHandlers<FromMm>.ShuffleMm<ShuffleLowWords>
            : b.IsFlat(i) ? &SimdHandlers<FromMemory64<Flat>>.ShuffleMm<ShuffleLowWords>
            : &SimdHandlers<FromMemory64<Segmented>>.ShuffleMm<ShuffleLowWords>;
    }

    /// <summary>PINSRW.</summary>
    public static void Insert(BlockBuilder b, in Instruction i)
    {
        var op = Start(b, i);
        bool xmm = i.Op0Register.IsXMM();
        op->Extra = (byte)(i.Immediate8 & (xmm ? 7 : 3));
        if (xmm)
        {
            op->Run = IsRegister(i) ? &SimdHandlers<FromGeneral>.ShuffleXmm<InsertWord>
                : b.IsFlat(i) ? &SimdHandlers<FromMemory16<Flat>>.ShuffleXmm<InsertWord>
                : &SimdHandlers<FromMemory16<Segmented>>.ShuffleXmm<InsertWord>;
            return;
        }

        op->Run = IsRegister(i) ? &SimdHandlers<FromGeneral>.ShuffleMm<InsertWord>
            : b.IsFlat(i) ? &SimdHandlers<FromMemory16<Flat>>.ShuffleMm<InsertWord>
            : &SimdHandlers<FromMemory16<Segmented>>.ShuffleMm<InsertWord>;
    }

    /// <summary>xmm, xmm/m128 under MXCSR, with a predicate if there is one.</summary>
    public static void Sse128<TFunction>(BlockBuilder b, in Instruction i)
        where TFunction : struct, ISseFunction
    {
        var op = StartWithPredicate(b, i);
        op->Run = IsRegister(i) ? &SimdHandlers<FromXmm>.SseToXmm<TFunction>
            : b.IsFlat(i) ? &SimdHandlers<FromAligned<Flat>>.SseToXmm<TFunction>
            : &SimdHandlers<FromAligned<Segmented>>.SseToXmm<TFunction>;
    }

    /// <summary>xmm, xmm/m64 under MXCSR.</summary>
    public static void Sse64<TFunction>(BlockBuilder b, in Instruction i)
        where TFunction : struct, ISseFunction
    {
        var op = StartWithPredicate(b, i);
        op->Run = IsRegister(i) ? &SimdHandlers<FromXmm>.SseToXmm<TFunction>
            : b.IsFlat(i) ? &SimdHandlers<FromMemory64<Flat>>.SseToXmm<TFunction>
            : &SimdHandlers<FromMemory64<Segmented>>.SseToXmm<TFunction>;
    }

    /// <summary>xmm, xmm/m32 under MXCSR.</summary>
    public static void Sse32<TFunction>(BlockBuilder b, in Instruction i)
        where TFunction : struct, ISseFunction
    {
        var op = StartWithPredicate(b, i);
        op->Run = IsRegister(i) ? &SimdHandlers<FromXmm>.SseToXmm<TFunction>
            : b.IsFlat(i) ? &SimdHandlers<FromMemory32<Flat>>.SseToXmm<TFunction>
            : &SimdHandlers<FromMemory32<Segmented>>.SseToXmm<TFunction>;
    }

    /// <summary>xmm, r/m32 under MXCSR.</summary>
    public static void SseGeneral<TFunction>(BlockBuilder b, in Instruction i)
        where TFunction : struct, ISseFunction
    {
        var op = Start(b, i);
        op->Run = IsRegister(i) ? &SimdHandlers<FromGeneral>.SseToXmm<TFunction>
            : b.IsFlat(i) ? &SimdHandlers<FromMemory32<Flat>>.SseToXmm<TFunction>
            : &SimdHandlers<FromMemory32<Segmented>>.SseToXmm<TFunction>;
    }

    /// <summary>xmm, mm/m64 under MXCSR.</summary>
    public static void SseMm<TFunction>(BlockBuilder b, in Instruction i)
        where TFunction : struct, ISseFunction
    {
        var op = Start(b, i);
        op->Run = IsRegister(i) ? &SimdHandlers<FromMm>.SseToXmm<TFunction>
            : b.IsFlat(i) ? &SimdHandlers<FromMemory64<Flat>>.SseToXmm<TFunction>
            : &SimdHandlers<FromMemory64<Segmented>>.SseToXmm<TFunction>;
    }

    /// <summary>mm, xmm/m64 under MXCSR.</summary>
    public static void SseToMm64<TFunction>(BlockBuilder b, in Instruction i)
        where TFunction : struct, ISseFunction
    {
        var op = Start(b, i);
        op->Run = IsRegister(i) ? &SimdHandlers<FromXmm>.SseToMm<TFunction>
            : b.IsFlat(i) ? &SimdHandlers<FromMemory64<Flat>>.SseToMm<TFunction>
            : &SimdHandlers<FromMemory64<Segmented>>.SseToMm<TFunction>;
    }

    /// <summary>mm, xmm/m128 under MXCSR.</summary>
    public static void SseToMm128<TFunction>(BlockBuilder b, in Instruction i)
        where TFunction : struct, ISseFunction
    {
        var op = Start(b, i);
        op->Run = IsRegister(i) ? &SimdHandlers<FromXmm>.SseToMm<TFunction>
            : b.IsFlat(i) ? &SimdHandlers<FromAligned<Flat>>.SseToMm<TFunction>
            : &SimdHandlers<FromAligned<Segmented>>.SseToMm<TFunction>;
    }

    /// <summary>r32, xmm/m32 or m64 under MXCSR.</summary>
    public static void SseToGeneral<TFunction, TFormat>(BlockBuilder b, in Instruction i)
        where TFunction : struct, ISseFunction
        where TFormat : struct, IFloatFormat
    {
        var op = Start(b, i);
        bool flat = b.IsFlat(i);
        if (IsRegister(i))
            op->Run = &SimdHandlers<FromXmm>.SseToGeneral<TFunction>;
        else if (typeof(TFormat) == typeof(Binary32))
            op->Run = flat ? &SimdHandlers<FromMemory32<Flat>>.SseToGeneral<TFunction>
                : &SimdHandlers<FromMemory32<Segmented>>.SseToGeneral<TFunction>;
        else
            op->Run = flat ? &SimdHandlers<FromMemory64<Flat>>.SseToGeneral<TFunction>
                : &SimdHandlers<FromMemory64<Segmented>>.SseToGeneral<TFunction>;
    }

    /// <summary>COMISx, and UCOMISx when <paramref name="quiet"/>.</summary>
    public static void Compare<TFormat>(BlockBuilder b, in Instruction i, bool quiet)
        where TFormat : struct, IFloatFormat
    {
        var op = Start(b, i);
        op->Extra = quiet ? (byte)1 : (byte)0;
        bool flat = b.IsFlat(i);
        if (IsRegister(i))
            op->Run = &SimdHandlers<FromXmm>.Compare<TFormat>;
        else if (typeof(TFormat) == typeof(Binary32))
            op->Run = flat ? &SimdHandlers<FromMemory32<Flat>>.Compare<TFormat> : &SimdHandlers<FromMemory32<Segmented>>.Compare<TFormat>;
        else
            op->Run = flat ? &SimdHandlers<FromMemory64<Flat>>.Compare<TFormat> : &SimdHandlers<FromMemory64<Segmented>>.Compare<TFormat>;
    }

    /// <summary>A store of operand 1 to memory, or, where operand 0 is a register, a move between registers.</summary>
    public static Op* Store(
        BlockBuilder b,
        in Instruction i,
        delegate*<CpuState*, Op*, Op*> register,
        delegate*<CpuState*, Op*, Op*> flat,
        delegate*<CpuState*, Op*, Op*> segmented)
    {
        var op = b.Append(i);
        if (i.Op0Kind == OpKind.Register)
        {
            op->A = Number(i.Op0Register);
            op->B = Number(i.Op1Register);
            op->Run = register;
            return op;
        }

        if (i.OpCount == 2)
            op->A = Number(i.Op1Register);
        b.Memory(op, i);
        op->Run = b.IsFlat(i) ? flat : segmented;
        return op;
    }

    /// <summary>Number times 16 of a SIMD register, or the offset of a general one.</summary>
    public static byte Number(Register register) =>
        register.IsXMM() ? (byte)((register - Register.XMM0) * 16)
        : register.IsMM() ? (byte)((register - Register.MM0) * 16)
        : BlockBuilder.Operand(register);

    private static bool IsRegister(in Instruction i) => i.Op1Kind == OpKind.Register;

    private static Op* Start(BlockBuilder b, in Instruction i)
    {
        var op = b.Append(i);
        op->A = Number(i.Op0Register);
        if (IsRegister(i))
            op->B = Number(i.Op1Register);
        else
            b.Memory(op, i);
        return op;
    }

    private static Op* StartWithPredicate(BlockBuilder b, in Instruction i)
    {
        var op = Start(b, i);
        if (i.OpCount == 3)
            op->Extra = (byte)(i.Immediate8 & 7);
        return op;
    }
}
