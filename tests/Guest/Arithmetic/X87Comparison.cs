// One line of this table is one x87 instruction twice: as machine code for the host and as a call of ours. The tests
// walk the table with samples; anything the two disagree about is a mistake of ours.

using System.Globalization;
using Lguest.Guest.Arithmetic;

namespace Lguest.Guest.Tests.Arithmetic;

/// <summary>The exact x87 operations, each with the machine code that does the same.</summary>
internal sealed class X87Comparison
{
    private readonly Operation _operation;
    private readonly HostX87? _host;
    private readonly bool _conditions;

    private X87Comparison(string name, bool conditions, Operation operation, byte[] code)
    {
        Name = name;
        _conditions = conditions;
        _operation = operation;
        _host = HostCode.IsAvailable ? new HostX87(code) : null;
    }

    /// <summary>Our answer: the new ST(0), or the memory written, under the same inputs.</summary>
    internal delegate Outcome Operation(Inputs inputs, ref X87Context context);

    public string Name { get; }

    public static IEnumerable<X87Comparison> All()
    {
        yield return Binary("fadd st0, st1", X87Arithmetic.Add, 0xD8, 0xC1);
        yield return Binary("fsub st0, st1", X87Arithmetic.Subtract, 0xD8, 0xE1);
        yield return Binary("fmul st0, st1", X87Arithmetic.Multiply, 0xD8, 0xC9);
        yield return Binary("fdiv st0, st1", X87Arithmetic.Divide, 0xD8, 0xF1);
        yield return Unary("fsqrt", X87Arithmetic.SquareRoot, 0xD9, 0xFA);
        yield return Binary("fprem", X87Remainder.Truncating, 0xD9, 0xF8);
        yield return Binary("fprem1", X87Remainder.Nearest, 0xD9, 0xF5);
        yield return Binary("fscale", X87Functions.Scale, 0xD9, 0xFD);
        yield return Unary("frndint", X87Functions.RoundToInteger, 0xD9, 0xFC);
        yield return Conditions("fcom", (a, b, ref c) => X87Functions.Compare(a, b, false, ref c), 0xD8, 0xD1);
        yield return Conditions("fucom", (a, b, ref c) => X87Functions.Compare(a, b, true, ref c), 0xDD, 0xE1);
        yield return Conditions("fxam", (a, _, ref c) => c.Status |= X87Functions.Examine(a), 0xD9, 0xE5);
        yield return Load("fld m32", (m, _, ref c) => X87Conversion.Load32((uint)m, ref c), 0xD9, 0x06);
        yield return Load("fld m64", (m, _, ref c) => X87Conversion.Load64(m, ref c), 0xDD, 0x06);
        yield return Load("fild m64", (m, _, ref _) => X87Conversion.FromInteger((long)m), 0xDF, 0x2E);
        yield return Load("fbld", (m, h, ref _) => X87Decimal.Load(m, h), 0xDF, 0x26);
        yield return Store("fst m32", (a, ref c) => X87Conversion.Store32(a, ref c), uint.MaxValue, 0xD9, 0x16);
        yield return Store("fst m64", (a, ref c) => X87Conversion.Store64(a, ref c), ulong.MaxValue, 0xDD, 0x16);
        yield return Store("fist m16", (a, ref c) => (ulong)X87Conversion.ToInteger(a, 16, c.Rounding, ref c), ushort.MaxValue, 0xDF, 0x16);
        yield return Store("fist m32", (a, ref c) => (ulong)X87Conversion.ToInteger(a, 32, c.Rounding, ref c), uint.MaxValue, 0xDB, 0x16);
        yield return Store("fistp m64", (a, ref c) => (ulong)X87Conversion.ToInteger(a, 64, c.Rounding, ref c), ulong.MaxValue, 0xDF, 0x3E);
        yield return new("fbstp", false, BcdStore, [0xDF, 0x36]);
        yield return new("fxtract", false, Extract, [0xD9, 0xF4]);
    }

    /// <summary>Null when host and we agree, else a line that tells the difference.</summary>
    public string? Difference(Samples samples)
    {
        var (inputs, control) = Draw(samples);
        var context = new X87Context(control);
        var ours = _operation(inputs, ref context);
        var host = _host!.Run(control, inputs.St0, inputs.St1, inputs.Low, inputs.High);

        uint mask = X87Context.Exceptions | (_conditions ? HostX87Result.Conditions : X87Context.C1);
        var expected = Expected(host, ours, inputs, in context);
        return expected == ours && (host.Status & mask) == (context.Status & mask)
            ? null
            : $"{Name} cw={control:X3} st0={inputs.St0} st1={inputs.St1} m={inputs.High:X4}:{inputs.Low:X16}"
                + $" host={host.St0} {host.St1} m={host.MemoryHigh:X4}:{host.MemoryLow:X16} sw={host.Status:X4} tags={host.Tags:X4} "
                    + $"ours={ours} status={context.Status:X4}";
    }

    /// <summary>One line of text with inputs and our answer, for machines that cannot be asked. See <see cref="Replay"/>.</summary>
    public string Record(Samples samples)
    {
        var (inputs, control) = Draw(samples);
        return string.Create(CultureInfo.InvariantCulture,
            $"{Name};{control:X};{inputs.St0};{inputs.St1};{inputs.Low:X};{inputs.High:X};{Answer(inputs, control)}");
    }

    /// <summary>Our answer today to the inputs of a recorded line, and the recorded one.</summary>
    public (string Today, string Recorded) Replay(string line)
    {
        string[] fields = line.Split(';');
        var inputs = new Inputs(Number(fields[2]), Number(fields[3]),
            ulong.Parse(fields[4], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
            ushort.Parse(fields[5], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
        return (Answer(inputs, uint.Parse(fields[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture)), fields[6]);
    }

    private string Answer(Inputs inputs, uint control)
    {
        var context = new X87Context(control);
        var ours = _operation(inputs, ref context);
        // A result that an unmasked exception keeps back means nothing.
        bool kept = ours.Kind == OutcomeKind.Memory
            ? !context.Unmasked(X87Context.Invalid | X87Context.Overflow | X87Context.Underflow)
            : !context.Aborted;
        string result = ours.Kind == OutcomeKind.None || !kept ? "-" : $"{ours.High:X4}:{ours.Low:X16} {ours.Second}";
        return string.Create(CultureInfo.InvariantCulture, $"{result} {context.Status & 0xFFFF:X4}");
    }

    private static Float80 Number(string text) => new(
        ulong.Parse(text[5..], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
        ushort.Parse(text[..4], NumberStyles.HexNumber, CultureInfo.InvariantCulture));

    private (Inputs Inputs, uint Control) Draw(Samples samples)
    {
        var st0 = samples.Float80();
        return (new Inputs(st0, samples.Near(st0), Memory(samples), (ushort)samples.Bits()), samples.Control());
    }

    private ulong Memory(Samples samples) => Name switch
    {
        "fld m32" => samples.Single(),
        "fld m64" => samples.Double(),
        _ => samples.Bits(),
    };

    // What the host shows in the places our outcome speaks of. Where an exception kept the result back, ours does not count.
    private static Outcome Expected(HostX87Result host, Outcome ours, Inputs inputs, in X87Context context)
    {
        if (ours.Kind == OutcomeKind.None)
            return ours;
        if (ours.Kind == OutcomeKind.Memory)
        {
            if (!context.Unmasked(X87Context.Invalid | X87Context.Overflow | X87Context.Underflow))
                return ours with { Low = host.MemoryLow & ours.Mask, High = (ushort)(host.MemoryHigh & ours.HighMask) };
            return host.MemoryLow == inputs.Low && host.MemoryHigh == inputs.High ? ours : ours with { Low = ~ours.Low };
        }
        if (ours.Kind == OutcomeKind.Loaded)
            return context.Unmasked(X87Context.Invalid) ? ours with { Low = host.Top == 6 ? ours.Low : ~ours.Low }
                : Outcome.Loaded(host.St0);
        if (ours.Kind == OutcomeKind.Extracted)
        {
            return context.Aborted
                ? ours with { Low = host.Top == 6 && host.St0 == inputs.St0 ? ours.Low : ~ours.Low }
                : Outcome.Extracted(host.St1, host.St0);
        }
        return context.Aborted ? ours with { Low = host.St0 == inputs.St0 ? ours.Low : ~ours.Low } : Outcome.Register(host.St0);
    }

    private delegate Float80 BinaryOperation(Float80 a, Float80 b, ref X87Context context);

    private delegate Float80 UnaryOperation(Float80 a, ref X87Context context);

    private delegate void ConditionOperation(Float80 a, Float80 b, ref X87Context context);

    private delegate Float80 LoadOperation(ulong low, ushort high, ref X87Context context);

    private delegate ulong StoreOperation(Float80 a, ref X87Context context);

    private static X87Comparison Binary(string name, BinaryOperation operation, params byte[] code) =>
        new(name, name.StartsWith("fprem", StringComparison.Ordinal), (i, ref c) => Outcome.Register(operation(i.St0, i.St1, ref c)), code);

    private static X87Comparison Unary(string name, UnaryOperation operation, params byte[] code) =>
        new(name, false, (i, ref c) => Outcome.Register(operation(i.St0, ref c)), code);

    private static X87Comparison Conditions(string name, ConditionOperation operation, params byte[] code) =>
        new(name, true, (i, ref c) =>
        {
            operation(i.St0, i.St1, ref c);
            return default;
        }, code);

    private static X87Comparison Load(string name, LoadOperation operation, params byte[] code) =>
        new(name, false, (i, ref c) => Outcome.Loaded(operation(i.Low, i.High, ref c)), code);

    private static X87Comparison Store(string name, StoreOperation operation, ulong mask, params byte[] code) =>
        new(name, false, (i, ref c) => new Outcome(OutcomeKind.Memory, operation(i.St0, ref c) & mask, 0, mask, 0), code);

    private static Outcome BcdStore(Inputs inputs, ref X87Context context)
    {
        var (low, high) = X87Decimal.Store(inputs.St0, ref context);
        return new Outcome(OutcomeKind.Memory, low, high, ulong.MaxValue, ushort.MaxValue);
    }

    private static Outcome Extract(Inputs inputs, ref X87Context context)
    {
        var (exponent, significand) = X87Functions.Extract(inputs.St0, ref context);
        return Outcome.Extracted(exponent, significand);
    }

    internal readonly record struct Inputs(Float80 St0, Float80 St1, ulong Low, ushort High);

    internal enum OutcomeKind
    {
        None,
        Register,
        Memory,
        Loaded,
        Extracted,
    }

    internal readonly record struct Outcome(OutcomeKind Kind, ulong Low, ushort High, ulong Mask = 0, ushort HighMask = 0,
        Float80 Second = default)
    {
        public static Outcome Register(Float80 value) => new(OutcomeKind.Register, value.Significand, value.SignExponent);

        public static Outcome Loaded(Float80 value) => new(OutcomeKind.Loaded, value.Significand, value.SignExponent);

        public static Outcome Extracted(Float80 exponent, Float80 significand) =>
            new(OutcomeKind.Extracted, significand.Significand, significand.SignExponent, 0, 0, exponent);
    }
}
