// Rows of the instruction table for MMX and the integer part of SSE2, which share names and functions.
using Iced.Intel;
using Lguest.Guest.Decode;

namespace Lguest.Guest.Execute.Simd;

/// <summary>Packed integer arithmetic, logic, shifts, packing and shuffling in both register files.</summary>
internal static unsafe class PackedRows
{
    public static void AddTo(Emitter?[] rows)
    {
        Both<AddBytes>(rows, "Paddb");
        Both<AddWords>(rows, "Paddw");
        Both<AddDoublewords>(rows, "Paddd");
        Both<AddQuadwords>(rows, "Paddq");
        Both<SubtractBytes>(rows, "Psubb");
        Both<SubtractWords>(rows, "Psubw");
        Both<SubtractDoublewords>(rows, "Psubd");
        Both<SubtractQuadwords>(rows, "Psubq");
        Both<AddSaturatedSignedBytes>(rows, "Paddsb");
        Both<AddSaturatedSignedWords>(rows, "Paddsw");
        Both<AddSaturatedUnsignedBytes>(rows, "Paddusb");
        Both<AddSaturatedUnsignedWords>(rows, "Paddusw");
        Both<SubtractSaturatedSignedBytes>(rows, "Psubsb");
        Both<SubtractSaturatedSignedWords>(rows, "Psubsw");
        Both<SubtractSaturatedUnsignedBytes>(rows, "Psubusb");
        Both<SubtractSaturatedUnsignedWords>(rows, "Psubusw");
        Both<And>(rows, "Pand");
        Both<AndNot>(rows, "Pandn");
        Both<Or>(rows, "Por");
        Both<ExclusiveOr>(rows, "Pxor");
        Both<EqualBytes>(rows, "Pcmpeqb");
        Both<EqualWords>(rows, "Pcmpeqw");
        Both<EqualDoublewords>(rows, "Pcmpeqd");
        Both<GreaterBytes>(rows, "Pcmpgtb");
        Both<GreaterWords>(rows, "Pcmpgtw");
        Both<GreaterDoublewords>(rows, "Pcmpgtd");
        Both<MinimumBytes>(rows, "Pminub");
        Both<MaximumBytes>(rows, "Pmaxub");
        Both<MinimumWords>(rows, "Pminsw");
        Both<MaximumWords>(rows, "Pmaxsw");
        Both<AverageBytes>(rows, "Pavgb");
        Both<AverageWords>(rows, "Pavgw");
        Both<MultiplyLow>(rows, "Pmullw");
        Both<MultiplyHighSigned>(rows, "Pmulhw");
        Both<MultiplyHighUnsigned>(rows, "Pmulhuw");
        Both<MultiplyUnsignedDoublewords>(rows, "Pmuludq");
        Both<MultiplyAdd>(rows, "Pmaddwd");
        Both<SumOfDifferences>(rows, "Psadbw");
        Both<PackSignedWords>(rows, "Packsswb");
        Both<PackSignedDoublewords>(rows, "Packssdw");
        Both<PackUnsignedWords>(rows, "Packuswb");
        UnpackLow<UnpackLowBytes>(rows, "Punpcklbw");
        UnpackLow<UnpackLowWords>(rows, "Punpcklwd");
        UnpackLow<UnpackLowDoublewords>(rows, "Punpckldq");
        Both<UnpackHighBytes>(rows, "Punpckhbw");
        Both<UnpackHighWords>(rows, "Punpckhwd");
        Both<UnpackHighDoublewords>(rows, "Punpckhdq");
        OpTable.Add(rows, Code.Punpcklqdq_xmm_xmmm128, SimdEmit.Xmm<UnpackLowQuadwords>);
        OpTable.Add(rows, Code.Punpckhqdq_xmm_xmmm128, SimdEmit.Xmm<UnpackHighQuadwords>);
        Shift<ShiftLeftWords>(rows, "Psllw");
        Shift<ShiftLeftDoublewords>(rows, "Pslld");
        Shift<ShiftLeftQuadwords>(rows, "Psllq");
        Shift<ShiftRightWords>(rows, "Psrlw");
        Shift<ShiftRightDoublewords>(rows, "Psrld");
        Shift<ShiftRightQuadwords>(rows, "Psrlq");
        Shift<ShiftArithmeticWords>(rows, "Psraw");
        Shift<ShiftArithmeticDoublewords>(rows, "Psrad");
        OpTable.Add(rows, Code.Pslldq_xmm_imm8, SimdEmit.Shift<ShiftLeftBytes>);
        OpTable.Add(rows, Code.Psrldq_xmm_imm8, SimdEmit.Shift<ShiftRightBytes>);
        OpTable.Add(rows, Code.Pshufd_xmm_xmmm128_imm8, SimdEmit.ShuffleXmm<ShuffleDoublewords>);
        OpTable.Add(rows, Code.Pshuflw_xmm_xmmm128_imm8, SimdEmit.ShuffleXmm<ShuffleLowWords>);
        OpTable.Add(rows, Code.Pshufhw_xmm_xmmm128_imm8, SimdEmit.ShuffleXmm<ShuffleHighWords>);
        OpTable.Add(rows, Code.Pshufw_mm_mmm64_imm8, SimdEmit.ShuffleMm);
        OpTable.Add(rows, Code.Pinsrw_xmm_r32m16_imm8, SimdEmit.Insert);
        OpTable.Add(rows, Code.Pinsrw_mm_r32m16_imm8, SimdEmit.Insert);
        ToGeneral(rows, Code.Pextrw_r32_xmm_imm8, &SimdMoves.ExtractWord);
        ToGeneral(rows, Code.Pextrw_r32_mm_imm8, &SimdMoves.ExtractMmWord);
        ToGeneral(rows, Code.Pmovmskb_r32_xmm, &SimdMoves.MaskOfBytes);
        ToGeneral(rows, Code.Pmovmskb_r32_mm, &SimdMoves.MaskOfMmBytes);
    }

    /// <summary>r32, SIMD register, maybe an immediate.</summary>
    public static void ToGeneral(Emitter?[] rows, Code code, delegate*<Cpu.CpuState*, Op*, Op*> run) =>
        OpTable.Add(rows, code, (BlockBuilder b, in Instruction i) =>
        {
            var op = b.Append(i);
            op->A = SimdEmit.Number(i.Op0Register);
            op->B = SimdEmit.Number(i.Op1Register);
            op->Extra = i.OpCount == 3 ? i.Immediate8 : (byte)0;
            op->Run = run;
        });

    private static void Both<TFunction>(Emitter?[] rows, string name)
        where TFunction : struct, IPacked
    {
        OpTable.Add(rows, $"{name}_mm_mmm64", SimdEmit.Mm<TFunction>);
        OpTable.Add(rows, $"{name}_xmm_xmmm128", SimdEmit.Xmm<TFunction>);
    }

    private static void UnpackLow<TFunction>(Emitter?[] rows, string name)
        where TFunction : struct, IPacked
    {
        OpTable.Add(rows, $"{name}_mm_mmm32", SimdEmit.Mm32<TFunction>);
        OpTable.Add(rows, $"{name}_xmm_xmmm128", SimdEmit.Xmm<TFunction>);
    }

    private static void Shift<TFunction>(Emitter?[] rows, string name)
        where TFunction : struct, IPacked
    {
        Both<TFunction>(rows, name);
        OpTable.Add(rows, $"{name}_mm_imm8", SimdEmit.Shift<TFunction>);
        OpTable.Add(rows, $"{name}_xmm_imm8", SimdEmit.Shift<TFunction>);
    }
}
