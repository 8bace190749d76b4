// Proves the elementary functions: never more than one unit in the last place from the host's own answer, which is itself
// within one unit of the truth, and equal to it wherever the manual fixes the answer.

using Lguest.Guest.Arithmetic;

namespace Lguest.Guest.Tests.Arithmetic;

public sealed class X87TranscendentalSpec
{
    private const int Cases = 10_000;
    private const uint BeforeComputing = X87Context.Invalid | X87Context.Denormal | X87Context.ZeroDivide | X87Context.C2;

    private delegate Float80 Function(Float80 st0, Float80 st1, ref X87Context context);

    private static readonly Dictionary<string, (byte[] Code, int Range, Function Function)> _functions = new()
    {
        ["fsin"] = ([0xD9, 0xFE], 62, (a, _, ref c) => X87Trigonometry.Sine(a, ref c)),
        ["fcos"] = ([0xD9, 0xFF], 62, (a, _, ref c) => X87Trigonometry.Cosine(a, ref c)),
        ["fsincos, sine"] = ([0xD9, 0xFB, 0xDD, 0xD8], 62, (a, _, ref c) => X87Trigonometry.SineCosine(a, ref c).Sine),
        ["fptan"] = ([0xD9, 0xF2, 0xDD, 0xD8], 62, (a, _, ref c) => X87Trigonometry.Tangent(a, ref c)),
        ["fpatan"] = ([0xD9, 0xF3], 40, (a, b, ref c) => X87ArcTangent.Angle(b, a, ref c)),
        ["fyl2x"] = ([0xD9, 0xF1], 40, (a, b, ref c) => X87Logarithm.YTimesLog2(a, b, ref c)),
        ["fyl2xp1"] = ([0xD9, 0xF9], -2, (a, b, ref c) => X87Logarithm.YTimesLog2OfOnePlus(a, b, ref c)),
        ["f2xm1"] = ([0xD9, 0xF0], -1, (a, _, ref c) => X87Logarithm.TwoToXMinusOne(a, ref c)),
    };

    public static TheoryData<string> Functions => [.. _functions.Keys];

    [Theory]
    [MemberData(nameof(Functions))]
    public void A_function_is_within_one_unit_of_the_host_processor(string name)
    {
        if (!HostCode.IsAvailable)
            return;
        var (code, range, function) = _functions[name];
        var host = new HostX87(code);
        var samples = new Samples(30);
        for (var index = 0; index < Cases; index++)
        {
            var control = samples.Control() | X87Context.Exceptions;
            var st0 = index % 4 == 0 ? samples.Float80() : Ordinary(samples, range);
            var st1 = index % 8 < 2 ? samples.Float80() : Ordinary(samples, 20);
            var context = new X87Context(control);
            var ours = function(st0, st1, ref context);
            var answer = host.Run(control, st0, st1);
            // The pop that evens out the stack of a function with two results also pops an argument out of range.
            if ((context.Status & X87Context.C2) != 0 && code.Length > 2)
                continue;
            var where = $"{name}({st0}, {st1}) under {control:X3}: host {answer.St0} {answer.Status:X4}, ours {ours} {context.Status:X4}";
            Distance(ours, answer.St0).ShouldBeLessThanOrEqualTo(1UL, where);
            (context.Status & BeforeComputing).ShouldBe(answer.Status & BeforeComputing, where);
        }
    }

    [Fact]
    public void The_constants_are_rounded_as_the_host_rounds_them()
    {
        if (!HostCode.IsAvailable)
            return;
        (byte Code, Func<uint, Float80> Constant)[] constants =
        [
            (0xE9, X87Constants.Log2Of10), (0xEA, X87Constants.Log2OfE), (0xEB, X87Constants.Pi),
            (0xEC, X87Constants.Log10Of2), (0xED, X87Constants.NaturalLogOf2),
        ];
        foreach (var (code, constant) in constants)
        {
            var host = new HostX87(0xD9, code);
            for (var rounding = 0u; rounding < 4; rounding++)
                constant(rounding).ShouldBe(host.Run(0x37F | rounding << 10, default, default).St0);
        }
    }

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
