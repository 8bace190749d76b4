// Rows of the instruction table for SIMD moves, MXCSR, and the hints and fences that SSE brought along.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;

namespace Lguest.Guest.Execute.Simd;

/// <summary>MOV in all its SIMD spellings, EMMS, LDMXCSR, prefetches, fences (Intel SDM vol. 1, 9.4.1, 10.4.1, 10.4.6, 11.4.4).</summary>
internal static unsafe class SimdMoveRows
{
    public static void AddTo(Emitter?[] rows)
    {
        foreach (string name in (string[])["Movaps", "Movapd", "Movdqa"])
        {
            OpTable.Add(rows, $"{name}_xmm_xmmm128", SimdEmit.Xmm<ReplaceAll>);
            OpTable.Add(rows, $"{name}_xmmm128_xmm", (BlockBuilder b, in Instruction i) => Store128(b, i, 1));
        }

        foreach (string name in (string[])["Movups", "Movupd", "Movdqu"])
        {
            OpTable.Add(rows, $"{name}_xmm_xmmm128", SimdEmit.XmmUnaligned<ReplaceAll>);
            OpTable.Add(rows, $"{name}_xmmm128_xmm", (BlockBuilder b, in Instruction i) => Store128(b, i, 0));
        }

        foreach (var code in (Code[])[Code.Movntps_m128_xmm, Code.Movntpd_m128_xmm, Code.Movntdq_m128_xmm])
            OpTable.Add(rows, code, (BlockBuilder b, in Instruction i) => Store128(b, i, 1));
        Scalars(rows);
        Halves(rows);
        MmxMoves(rows);
        MasksAndControl(rows);
    }

    private static void Scalars(Emitter?[] rows)
    {
        OpTable.Add(rows, Code.Movss_xmm_xmmm32, SimdEmit.Xmm32<ReplaceLowest32, ReplaceAll>);
        OpTable.Add(rows, Code.Movsd_xmm_xmmm64, SimdEmit.Xmm64<ReplaceLow, ReplaceAll>);
        OpTable.Add(rows, Code.Movq_xmm_xmmm64, SimdEmit.Xmm64<LowOnly, ReplaceAll>);
        OpTable.Add(rows, Code.Movd_xmm_rm32, SimdEmit.XmmGeneral);
        OpTable.Add(rows, Code.Movss_xmmm32_xmm, (BlockBuilder b, in Instruction i) =>
            SimdEmit.Store(b, i, &SimdHandlers<FromXmm>.Xmm<ReplaceLowest32>, &SimdMoves.StoreLow32<Flat>,
                &SimdMoves.StoreLow32<Segmented>));
        OpTable.Add(rows, Code.Movsd_xmmm64_xmm, (BlockBuilder b, in Instruction i) =>
            SimdEmit.Store(b, i, &SimdHandlers<FromXmm>.Xmm<ReplaceLow>, &SimdMoves.StoreHalf<Flat>, &SimdMoves.StoreHalf<Segmented>));
        OpTable.Add(rows, Code.Movq_xmmm64_xmm, (BlockBuilder b, in Instruction i) =>
            SimdEmit.Store(b, i, &SimdHandlers<FromXmm>.Xmm<LowOnly>, &SimdMoves.StoreHalf<Flat>, &SimdMoves.StoreHalf<Segmented>));
        OpTable.Add(rows, Code.Movd_rm32_xmm, (BlockBuilder b, in Instruction i) =>
            SimdEmit.Store(b, i, &SimdMoves.XmmToGeneral, &SimdMoves.StoreLow32<Flat>, &SimdMoves.StoreLow32<Segmented>));
    }

    private static void Halves(Emitter?[] rows)
    {
        OpTable.Add(rows, Code.Movhlps_xmm_xmm, SimdEmit.Xmm<LowFromHigh>);
        OpTable.Add(rows, Code.Movlhps_xmm_xmm, SimdEmit.Xmm<ReplaceHigh>);
        foreach (string kind in (string[])["ps", "pd"])
        {
            OpTable.Add(rows, $"Movl{kind}_xmm_m64", SimdEmit.Xmm64<ReplaceLow, ReplaceLow>);
            OpTable.Add(rows, $"Movh{kind}_xmm_m64", SimdEmit.Xmm64<ReplaceHigh, ReplaceHigh>);
            OpTable.Add(rows, $"Movl{kind}_m64_xmm", (BlockBuilder b, in Instruction i) => StoreHalf(b, i, 0));
            OpTable.Add(rows, $"Movh{kind}_m64_xmm", (BlockBuilder b, in Instruction i) => StoreHalf(b, i, 1));
        }
    }

    private static void MmxMoves(Emitter?[] rows)
    {
        OpTable.Add(rows, Code.Movd_mm_rm32, SimdEmit.MmGeneral);
        OpTable.Add(rows, Code.Movq_mm_mmm64, SimdEmit.Mm<ReplaceAll>);
        OpTable.Add(rows, Code.Movd_rm32_mm, (BlockBuilder b, in Instruction i) =>
            SimdEmit.Store(b, i, &SimdMoves.MmToGeneral, &SimdMoves.StoreMm32<Flat>, &SimdMoves.StoreMm32<Segmented>));
        OpTable.Add(rows, Code.Movq_mmm64_mm, (BlockBuilder b, in Instruction i) =>
            SimdEmit.Store(b, i, &SimdHandlers<FromMm>.Mm<ReplaceAll>, &SimdMoves.StoreMm64<Flat>, &SimdMoves.StoreMm64<Segmented>));
        OpTable.Add(rows, Code.Movntq_m64_mm, (BlockBuilder b, in Instruction i) =>
            SimdEmit.Store(b, i, &SimdHandlers<FromMm>.Mm<ReplaceAll>, &SimdMoves.StoreMm64<Flat>, &SimdMoves.StoreMm64<Segmented>));
        PackedRows.ToGeneral(rows, Code.Movq2dq_xmm_mm, &SimdMoves.MmToXmm);
        PackedRows.ToGeneral(rows, Code.Movdq2q_mm_xmm, &SimdMoves.XmmToMm);
        MoveRows.Plain(rows, Code.Emms, &SimdMoves.EmptyMmx);
    }

    private static void MasksAndControl(Emitter?[] rows)
    {
        PackedRows.ToGeneral(rows, Code.Movmskps_r32_xmm, &SimdMoves.MaskOfSingles);
        PackedRows.ToGeneral(rows, Code.Movmskpd_r32_xmm, &SimdMoves.MaskOfDoubles);
        OpTable.Add(rows, Code.Maskmovdqu_rDI_xmm_xmm, (BlockBuilder b, in Instruction i) => Masked(b, i, &SimdMoves.MaskedXmm));
        OpTable.Add(rows, Code.Maskmovq_rDI_mm_mm, (BlockBuilder b, in Instruction i) => Masked(b, i, &SimdMoves.MaskedMm));
        OpTable.Add(rows, Code.Movnti_m32_r32, (BlockBuilder b, in Instruction i) =>
            SimdEmit.Store(b, i, null, &SimdMoves.StoreGeneral<Flat>, &SimdMoves.StoreGeneral<Segmented>));
        OpTable.Add(rows, Code.Ldmxcsr_m32, (BlockBuilder b, in Instruction i) =>
            SimdEmit.Store(b, i, null, &SimdMoves.LoadMxcsr<Flat>, &SimdMoves.LoadMxcsr<Segmented>));
        OpTable.Add(rows, Code.Stmxcsr_m32, (BlockBuilder b, in Instruction i) =>
            SimdEmit.Store(b, i, null, &SimdMoves.StoreMxcsr<Flat>, &SimdMoves.StoreMxcsr<Segmented>));
        OpTable.Add(rows, Code.Clflush_m8, (BlockBuilder b, in Instruction i) =>
            SimdEmit.Store(b, i, null, &SimdMoves.FlushLine<Flat>, &SimdMoves.FlushLine<Segmented>));
        foreach (var code in (Code[])[Code.Prefetchnta_m8, Code.Prefetcht0_m8, Code.Prefetcht1_m8, Code.Prefetcht2_m8])
            MoveRows.Plain(rows, code, &SimdMoves.Nothing);
        // The r/m field of a fence is not looked at; Iced gives each value a code of its own.
        for (Code code = 0; (int)code < rows.Length; code++)
            if (code.Mnemonic() is Mnemonic.Lfence or Mnemonic.Mfence or Mnemonic.Sfence)
                MoveRows.Plain(rows, code, &SimdMoves.Nothing);
    }

    private static void Store128(BlockBuilder b, in Instruction i, byte aligned)
    {
        var op = SimdEmit.Store(b, i, &SimdHandlers<FromXmm>.Xmm<ReplaceAll>, &SimdMoves.Store128<Flat>, &SimdMoves.Store128<Segmented>);
        op->Extra = aligned;
    }

    private static void StoreHalf(BlockBuilder b, in Instruction i, byte half)
    {
        var op = SimdEmit.Store(b, i, null, &SimdMoves.StoreHalf<Flat>, &SimdMoves.StoreHalf<Segmented>);
        op->Extra = half;
    }

    /// <summary>The address is DS:EDI, or another segment by prefix, or DI.</summary>
    private static void Masked(BlockBuilder b, in Instruction i, delegate*<CpuState*, Op*, Op*> run)
    {
        var op = b.Append(i);
        op->A = SimdEmit.Number(i.Op1Register);
        op->Extra = SimdEmit.Number(i.Op2Register);
        op->B = BlockBuilder.Operand(Register.EDI);
        op->Seg = BlockBuilder.SegmentOf(i.MemorySegment);
        op->Traits = i.Op0Kind == OpKind.MemorySegDI ? Op.Address16 : (byte)0;
        op->Run = run;
    }
}
