// One line of this table is one scalar SSE or SSE2 instruction twice: as machine code for the host and as a call of ours.

using System.Globalization;
using Lguest.Guest.Arithmetic;

namespace Lguest.Guest.Tests.Arithmetic;

/// <summary>The scalar operations of both formats, each with the machine code that does the same.</summary>
internal sealed class SseComparison
{
    private static readonly byte[] _resultOfEax = [0x66, 0x0F, 0x6E, 0xC0];
    private readonly bool _wide;
    private readonly ulong _mask;
    private readonly Operation _operation;
    private readonly HostSse? _host;

    private SseComparison(string name, bool wide, ulong mask, Operation operation, byte[] code)
    {
        Name = name;
        _wide = wide;
        _mask = mask;
        _operation = operation;
        _host = HostCode.IsAvailable ? new HostSse(code) : null;
    }

    internal delegate ulong Operation(ulong a, ulong b, ref SseContext context);

    public string Name { get; }

    public static IEnumerable<SseComparison> All()
    {
        foreach (var operation in OfFormat<Binary32>("ss", 0xF3, uint.MaxValue).Concat(OfFormat<Binary64>("sd", 0xF2, ulong.MaxValue)))
            yield return operation;
        yield return new("cvtss2sd", false, ulong.MaxValue, (_, b, ref c) => SseConversion.Widen((uint)b, ref c), [0xF3, 0x0F, 0x5A, 0xC1]);
        yield return new("cvtsd2ss", true, uint.MaxValue, (_, b, ref c) => SseConversion.Narrow(b, ref c), [0xF2, 0x0F, 0x5A, 0xC1]);
        yield return new("cvtdq2ps", false, uint.MaxValue, (_, b, ref c) => SseConversion.FromInteger<Binary32>((int)b, ref c),
            [0x0F, 0x5B, 0xC1]);
        yield return new("cvtdq2pd", false, ulong.MaxValue, (_, b, ref c) => SseConversion.FromInteger<Binary64>((int)b, ref c),
            [0xF3, 0x0F, 0xE6, 0xC1]);
    }

    /// <summary>One line of text with inputs and our answer, for machines that cannot be asked. See <see cref="Replay"/>.</summary>
    public string Record(Samples samples)
    {
        var (a, b, control) = Draw(samples);
        return string.Create(CultureInfo.InvariantCulture, $"{Name};{control:X};{a:X};{b:X};{Answer(a, b, control)}");
    }

    /// <summary>Our answer today to the inputs of a recorded line, and the recorded one.</summary>
    public (string Today, string Recorded) Replay(string line)
    {
        string[] fields = line.Split(';');
        ulong Number(int field) => ulong.Parse(fields[field], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return (Answer(Number(2), Number(3), (uint)Number(1)), fields[4]);
    }

    /// <summary>Null when host and we agree, else a line that tells the difference.</summary>
    public string? Difference(Samples samples)
    {
        var (a, b, control) = Draw(samples);
        var context = new SseContext(control);
        ulong ours = _operation(a, b, ref context) & _mask;
        var (low, after) = _host!.Run(control, a, b);
        return (low & _mask) == ours && after == context.After
            ? null
            : $"{Name} mxcsr={control:X4} a={a:X} b={b:X} host={low & _mask:X} {after:X4} ours={ours:X} {context.After:X4}";
    }

    private string Answer(ulong a, ulong b, uint control)
    {
        var context = new SseContext(control);
        return string.Create(CultureInfo.InvariantCulture, $"{_operation(a, b, ref context) & _mask:X} {context.After:X4}");
    }

    private (ulong A, ulong B, uint Control) Draw(Samples samples)
    {
        ulong a = _wide ? samples.Double() : samples.Single();
        ulong b = samples.Below(3) == 0 ? a ^ (samples.Bits() & 3) : _wide ? samples.Double() : samples.Single();
        if (samples.Below(6) == 0)
            b = a ^ (_wide ? 1UL << 63 : 1UL << 31);
        return (a, b, 0x1F80u | (uint)samples.Below(4) << 13 | (uint)samples.Below(2) << 15 | (uint)samples.Below(2) << 6);
    }

    private static IEnumerable<SseComparison> OfFormat<TFormat>(string suffix, byte prefix, ulong mask)
        where TFormat : struct, IFloatFormat
    {
        bool wide = prefix == 0xF2;
        SseComparison Line(string name, Operation operation, params byte[] code) => new(name + suffix, wide, mask, operation, code);
        yield return Line("add", SseArithmetic<TFormat>.Add, prefix, 0x0F, 0x58, 0xC1);
        yield return Line("sub", SseArithmetic<TFormat>.Subtract, prefix, 0x0F, 0x5C, 0xC1);
        yield return Line("mul", SseArithmetic<TFormat>.Multiply, prefix, 0x0F, 0x59, 0xC1);
        yield return Line("div", SseArithmetic<TFormat>.Divide, prefix, 0x0F, 0x5E, 0xC1);
        yield return Line("sqrt", (_, b, ref c) => SseArithmetic<TFormat>.SquareRoot(b, ref c), prefix, 0x0F, 0x51, 0xC1);
        yield return Line("min", SseArithmetic<TFormat>.Minimum, prefix, 0x0F, 0x5D, 0xC1);
        yield return Line("max", SseArithmetic<TFormat>.Maximum, prefix, 0x0F, 0x5F, 0xC1);
        for (int predicate = 0; predicate < 8; predicate++)
        {
            int number = predicate;
            yield return Line($"cmp{number}", (a, b, ref c) => SseArithmetic<TFormat>.Compare(a, b, number, ref c) ? mask : 0, prefix, 0x0F,
                0xC2, 0xC1, (byte)number);
        }
        byte[] escape = wide ? [0x66] : [];
        byte[] flags = [0x9F, 0x0F, 0xB6, 0xC4, .. _resultOfEax];
        yield return Line("ucomi", (a, b, ref c) => Flags(SseArithmetic<TFormat>.Ordering(a, b, true, ref c)),
            [.. escape, 0x0F, 0x2E, 0xC1, .. flags]);
        yield return Line("comi", (a, b, ref c) => Flags(SseArithmetic<TFormat>.Ordering(a, b, false, ref c)),
            [.. escape, 0x0F, 0x2F, 0xC1, .. flags]);
        yield return new("cvt2si." + suffix, wide, uint.MaxValue, (_, b, ref c) => (uint)SseConversion.ToInteger<TFormat>(b, false, ref c),
            [prefix, 0x0F, 0x2D, 0xC1, .. _resultOfEax]);
        yield return new("cvtt2si." + suffix, wide, uint.MaxValue, (_, b, ref c) => (uint)SseConversion.ToInteger<TFormat>(b, true, ref c),
            [prefix, 0x0F, 0x2C, 0xC1, .. _resultOfEax]);
    }

    private static ulong Flags(int order) => 2u | order switch { -1 => 1u, 0 => 0x40u, 1 => 0u, _ => 0x45u };
}
