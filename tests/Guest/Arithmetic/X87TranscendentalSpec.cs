// Proves the elementary functions: never more than one unit in the last place from the host's own answer, which is itself
// within one unit of the truth, and equal to it wherever the manual fixes the answer.

using Lguest.Guest.Arithmetic;
using Lguest.Guest.Tests.Comparison;

namespace Lguest.Guest.Tests.Arithmetic;

public sealed class X87TranscendentalSpec
{
    private const int Cases = 20_000;
    private const uint Flags = X87Context.Exceptions | X87Context.C2;
    private const uint AtBorders = X87Context.Overflow | X87Context.Underflow;

    private delegate Float80 Function(Float80 st0, Float80 st1, ref X87Context context);

    private static readonly Dictionary<string, (byte[] Code, int Range, Function Function)> _functions = new()
    {
        ["fsin"] = ([0xD9, 0xFE], 62, (a, _, ref c) => X87Trigonometry.Sine(a, ref c)),
        ["fcos"] = ([0xD9, 0xFF], 62, (a, _, ref c) => X87Trigonometry.Cosine(a, ref c)),
        ["fsincos, sine"] = ([0xD9, 0xFB], 62, (a, _, ref c) => X87Trigonometry.SineCosine(a, ref c).Sine),
        ["fsincos, cosine"] = ([0xD9, 0xFB], 62, (a, _, ref c) => X87Trigonometry.SineCosine(a, ref c).Cosine),
        ["fptan"] = ([0xD9, 0xF2], 62, (a, _, ref c) => X87Trigonometry.Tangent(a, ref c)),
        ["fpatan"] = ([0xD9, 0xF3], 40, (a, b, ref c) => X87ArcTangent.Angle(b, a, ref c)),
        ["fyl2x"] = ([0xD9, 0xF1], 40, (a, b, ref c) => X87Logarithm.YTimesLog2(a, b, ref c)),
        ["fyl2xp1"] = ([0xD9, 0xF9], -2, (a, b, ref c) => X87Logarithm.YTimesLog2OfOnePlus(a, b, ref c)),
        ["f2xm1"] = ([0xD9, 0xF0], -1, (a, _, ref c) => X87Logarithm.TwoToXMinusOne(a, ref c)),
    };

    public static TheoryData<string> Functions => [.. _functions.Keys];

    [SkippableTheory]
    [MemberData(nameof(Functions))]
    public void A_function_is_within_one_unit_of_the_host_processor_and_raises_what_it_raises(string name)
    {
        Skip.IfNot(HostCode.IsAvailable, HostCode.WhyNot);
        var (code, range, function) = _functions[name];
        bool isBelowTop = name is "fsincos, sine" or "fptan";
        var host = new HostX87(code);
        var samples = new Samples(30);
        for (int index = 0; index < Cases; index++)
        {
            uint control = index % 3 == 0 ? samples.Control() : samples.Control() | X87Context.Exceptions;
            var st0 = index % 2 == 0 ? samples.Argument(range) : Ordinary(samples, range);
            var st1 = index % 4 < 2 ? samples.Argument(20) : Ordinary(samples, 20);
            var context = new X87Context(control);
            var ours = function(st0, st1, ref context);
            var answer = host.Run(control, st0, st1);
            var theirs = isBelowTop && (answer.Status & X87Context.C2) == 0 ? answer.St1 : answer.St0;
            string where = $"{name}({st0}, {st1}) under {control:X3}: host {theirs} {answer.Status:X4}, ours {ours} {context.Status:X4}";
            if (context.Aborted)
            {
                (context.Status & Flags).ShouldBe(answer.Status & Flags, where);
                continue;
            }

            // Last unit and exception are one there: see IsAtBorder. FSINCOS says for both results what either of them raises.
            bool isAtBorder = AreAtBorder(theirs, ours);
            uint flags = isAtBorder || (name == "fsincos, cosine"
                && AreAtBorder(answer.St1, X87Trigonometry.SineCosine(st0, ref context).Sine))
                ? Flags & ~AtBorders
                : Flags;
            (context.Status & flags).ShouldBe(answer.Status & flags, where);
            if (!isAtBorder)
                Distance(ours, theirs).ShouldBeLessThanOrEqualTo(1UL, where);
        }
    }

    [Theory]
    [InlineData(0x3ff7, 0xfffc, 0x7ffe, X87Context.Overflow | X87Context.Inexact)]
    [InlineData(0x3ff7, 0xfffb, 0x7ffe, X87Context.Inexact)]
    [InlineData(0x3ffe, 0x0001, 0x8001, X87Context.Inexact)]
    [InlineData(0x3ffd, 0x0001, 0x8002, X87Context.Inexact)]
    public void The_logarithm_of_a_power_of_two_is_exact_and_so_is_the_border_of_overflow_and_underflow(
        int x, int y, int expected, uint flags)
    {
        // RC = 3, towards zero: what is exact stays, what overflows becomes the largest number. Processors say #P all the same.
        var context = new X87Context(0xf3f);
        const ulong integer = 1UL << 63;

        var result = X87Logarithm.YTimesLog2(new Float80(integer, (ushort)x), new Float80(integer, (ushort)y), ref context);

        result.SignExponent.ShouldBe((ushort)expected);
        result.Significand.ShouldBe((flags & X87Context.Overflow) != 0 ? ulong.MaxValue : integer);
        context.Status.ShouldBe(flags);
    }

    [SkippableFact]
    public void The_constants_are_rounded_as_the_host_rounds_them()
    {
        Skip.IfNot(HostCode.IsAvailable, HostCode.WhyNot);
        (byte Code, Func<uint, Float80> Constant)[] constants =
        [
            (0xE9, X87Constants.Log2Of10), (0xEA, X87Constants.Log2OfE), (0xEB, X87Constants.Pi),
            (0xEC, X87Constants.Log10Of2), (0xED, X87Constants.NaturalLogOf2),
        ];
        foreach (var (code, constant) in constants)
        {
            var host = new HostX87(0xD9, code);
            for (uint rounding = 0u; rounding < 4; rounding++)
                constant(rounding).ShouldBe(host.Run(0x37F | rounding << 10, default, default).St0);
        }
    }

    private static bool AreAtBorder(Float80 a, Float80 b) =>
        Transcendental.IsAtBorder(a.Exponent, a.Significand) && Transcendental.IsAtBorder(b.Exponent, b.Significand);

    private static Float80 Ordinary(Samples samples, int maxExponent) =>
        new(samples.Bits() | 1UL << 63, samples.Below(2) == 0 ? 0 : 0x8000u, Float80.Bias + maxExponent - samples.Below(70));

    // Neighbours differ by one when sign, exponent and fraction are read as one number.
    private static ulong Distance(Float80 a, Float80 b)
    {
        if (a == b)
            return 0;
        var difference = Ordinal(a) - Ordinal(b);
        return (ulong)UInt128.Min(ulong.MaxValue, (UInt128)Int128.Abs(difference));
    }

    private static Int128 Ordinal(Float80 value)
    {
        var magnitude = ((Int128)value.Exponent << 63) + (Int128)(value.Significand & ~Float80.IntegerBit);
        return value.Sign == 0 ? magnitude : -magnitude;
    }
}
