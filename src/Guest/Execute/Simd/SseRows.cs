// Rows of the instruction table for the floating-point part of SSE and SSE2.
using Iced.Intel;
using Lguest.Guest.Arithmetic;
using Lguest.Guest.Decode;

namespace Lguest.Guest.Execute.Simd;

/// <summary>Arithmetic, comparison, conversion, logic and shuffles of packed and scalar floats (Intel SDM vol. 1, 10.4 and 11.4).</summary>
internal static class SseRows
{
    public static void AddTo(Emitter?[] rows)
    {
        Arithmetic<AddLane>(rows, "Add", "");
        Arithmetic<SubtractLane>(rows, "Sub", "");
        Arithmetic<MultiplyLane>(rows, "Mul", "");
        Arithmetic<DivideLane>(rows, "Div", "");
        Arithmetic<SquareRootLane>(rows, "Sqrt", "");
        Arithmetic<MinimumLane>(rows, "Min", "");
        Arithmetic<MaximumLane>(rows, "Max", "");
        Arithmetic<CompareLane>(rows, "Cmp", "_imm8");
        OpTable.Add(rows, Code.Rcpps_xmm_xmmm128, SimdEmit.Sse128<ReciprocalPacked>);
        OpTable.Add(rows, Code.Rcpss_xmm_xmmm32, SimdEmit.Sse32<LowestOf<ReciprocalPacked>>);
        OpTable.Add(rows, Code.Rsqrtps_xmm_xmmm128, SimdEmit.Sse128<ReciprocalRootPacked>);
        OpTable.Add(rows, Code.Rsqrtss_xmm_xmmm32, SimdEmit.Sse32<LowestOf<ReciprocalRootPacked>>);
        Comparisons(rows);
        Conversions(rows);
        ToIntegers(rows);
        foreach (string kind in (string[])["ps", "pd"])
        {
            OpTable.Add(rows, $"And{kind}_xmm_xmmm128", SimdEmit.Xmm<And>);
            OpTable.Add(rows, $"Andn{kind}_xmm_xmmm128", SimdEmit.Xmm<AndNot>);
            OpTable.Add(rows, $"Or{kind}_xmm_xmmm128", SimdEmit.Xmm<Or>);
            OpTable.Add(rows, $"Xor{kind}_xmm_xmmm128", SimdEmit.Xmm<ExclusiveOr>);
        }

        OpTable.Add(rows, Code.Unpcklps_xmm_xmmm128, SimdEmit.Xmm<UnpackLowDoublewords>);
        OpTable.Add(rows, Code.Unpckhps_xmm_xmmm128, SimdEmit.Xmm<UnpackHighDoublewords>);
        OpTable.Add(rows, Code.Unpcklpd_xmm_xmmm128, SimdEmit.Xmm<UnpackLowQuadwords>);
        OpTable.Add(rows, Code.Unpckhpd_xmm_xmmm128, SimdEmit.Xmm<UnpackHighQuadwords>);
        OpTable.Add(rows, Code.Shufps_xmm_xmmm128_imm8, SimdEmit.ShuffleXmm<ShuffleSingles>);
        OpTable.Add(rows, Code.Shufpd_xmm_xmmm128_imm8, SimdEmit.ShuffleXmm<ShuffleDoubles>);
    }

    private static void Arithmetic<TLane>(Emitter?[] rows, string name, string immediate)
        where TLane : struct, ISseLane
    {
        OpTable.Add(rows, $"{name}ps_xmm_xmmm128{immediate}", SimdEmit.Sse128<Packed32<TLane>>);
        OpTable.Add(rows, $"{name}pd_xmm_xmmm128{immediate}", SimdEmit.Sse128<Packed64<TLane>>);
        OpTable.Add(rows, $"{name}ss_xmm_xmmm32{immediate}", SimdEmit.Sse32<Scalar32<TLane>>);
        OpTable.Add(rows, $"{name}sd_xmm_xmmm64{immediate}", SimdEmit.Sse64<Scalar64<TLane>>);
    }

    private static void Comparisons(Emitter?[] rows)
    {
        OpTable.Add(rows, Code.Comiss_xmm_xmmm32, (BlockBuilder b, in Instruction i) => SimdEmit.Compare<Binary32>(b, i, false));
        OpTable.Add(rows, Code.Comisd_xmm_xmmm64, (BlockBuilder b, in Instruction i) => SimdEmit.Compare<Binary64>(b, i, false));
        OpTable.Add(rows, Code.Ucomiss_xmm_xmmm32, (BlockBuilder b, in Instruction i) => SimdEmit.Compare<Binary32>(b, i, true));
        OpTable.Add(rows, Code.Ucomisd_xmm_xmmm64, (BlockBuilder b, in Instruction i) => SimdEmit.Compare<Binary64>(b, i, true));
    }

    private static void Conversions(Emitter?[] rows)
    {
        OpTable.Add(rows, Code.Cvtss2sd_xmm_xmmm32, SimdEmit.Sse32<WidenScalar>);
        OpTable.Add(rows, Code.Cvtsd2ss_xmm_xmmm64, SimdEmit.Sse64<NarrowScalar>);
        OpTable.Add(rows, Code.Cvtps2pd_xmm_xmmm64, SimdEmit.Sse64<WidenPacked>);
        OpTable.Add(rows, Code.Cvtpd2ps_xmm_xmmm128, SimdEmit.Sse128<NarrowPacked>);
        OpTable.Add(rows, Code.Cvtdq2ps_xmm_xmmm128, SimdEmit.Sse128<IntegersToSingles>);
        OpTable.Add(rows, Code.Cvtdq2pd_xmm_xmmm64, SimdEmit.Sse64<PairToDoubles>);
        OpTable.Add(rows, Code.Cvtpi2ps_xmm_mmm64, SimdEmit.SseMm<PairToSingles>);
        OpTable.Add(rows, Code.Cvtpi2pd_xmm_mmm64, SimdEmit.SseMm<PairToDoubles>);
        OpTable.Add(rows, Code.Cvtsi2ss_xmm_rm32, SimdEmit.SseGeneral<IntegerToSingle>);
        OpTable.Add(rows, Code.Cvtsi2sd_xmm_rm32, SimdEmit.SseGeneral<IntegerToDouble>);
    }

    private static void ToIntegers(Emitter?[] rows)
    {
        OpTable.Add(rows, Code.Cvtps2dq_xmm_xmmm128, SimdEmit.Sse128<SinglesToIntegers<Rounded>>);
        OpTable.Add(rows, Code.Cvttps2dq_xmm_xmmm128, SimdEmit.Sse128<SinglesToIntegers<Truncated>>);
        OpTable.Add(rows, Code.Cvtpd2dq_xmm_xmmm128, SimdEmit.Sse128<DoublesToIntegers<Rounded>>);
        OpTable.Add(rows, Code.Cvttpd2dq_xmm_xmmm128, SimdEmit.Sse128<DoublesToIntegers<Truncated>>);
        OpTable.Add(rows, Code.Cvtps2pi_mm_xmmm64, SimdEmit.SseToMm64<SinglePairToIntegers<Rounded>>);
        OpTable.Add(rows, Code.Cvttps2pi_mm_xmmm64, SimdEmit.SseToMm64<SinglePairToIntegers<Truncated>>);
        OpTable.Add(rows, Code.Cvtpd2pi_mm_xmmm128, SimdEmit.SseToMm128<DoublesToIntegers<Rounded>>);
        OpTable.Add(rows, Code.Cvttpd2pi_mm_xmmm128, SimdEmit.SseToMm128<DoublesToIntegers<Truncated>>);
        OpTable.Add(rows, Code.Cvtss2si_r32_xmmm32, SimdEmit.SseToGeneral<SingleToInteger<Rounded>, Binary32>);
        OpTable.Add(rows, Code.Cvttss2si_r32_xmmm32, SimdEmit.SseToGeneral<SingleToInteger<Truncated>, Binary32>);
        OpTable.Add(rows, Code.Cvtsd2si_r32_xmmm64, SimdEmit.SseToGeneral<DoubleToInteger<Rounded>, Binary64>);
        OpTable.Add(rows, Code.Cvttsd2si_r32_xmmm64, SimdEmit.SseToGeneral<DoubleToInteger<Truncated>, Binary64>);
    }
}
