// Laws that hold for every operand, whatever the host: they keep the arithmetic honest on machines that have no x87 to ask.
using FsCheck;
using FsCheck.Fluent;
using Lguest.Guest.Arithmetic;

namespace Lguest.Guest.Tests.Arithmetic;

public sealed class Float80PropertySpec
{
    private static readonly Arbitrary<Float80> _numbers = Gen.Choose(0, int.MaxValue).Select(seed => new Samples(seed).Float80())
        .ToArbitrary();
    private static readonly Arbitrary<int> _seeds = Gen.Choose(0, int.MaxValue).ToArbitrary();

    [Fact]
    public void Sums_and_products_do_not_depend_on_the_order() =>
        Prop.ForAll(_numbers, _seeds, (a, seed) =>
        {
            var b = new Samples(seed).Near(a);
            X87Context one = new(0x37F), two = new(0x37F);
            return X87Arithmetic.Add(a, b, ref one) == X87Arithmetic.Add(b, a, ref two)
                && X87Arithmetic.Multiply(a, b, ref one) == X87Arithmetic.Multiply(b, a, ref two)
                && one.Status == two.Status;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Multiplying_and_dividing_by_one_changes_nothing() =>
        Prop.ForAll(_numbers, a =>
        {
            X87Context context = new(0x37F);
            var same = X87Operands.NeedAnswer(a) ? X87Operands.Answer(a, ref context) : a.Canonical;
            return X87Arithmetic.Multiply(a, Float80.One, ref context) == same
                && X87Arithmetic.Divide(a, Float80.One, ref context) == same
                && (context.Status & X87Context.Inexact) == 0;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_double_survives_the_way_through_80_bits() =>
        Prop.ForAll(_seeds, seed =>
        {
            ulong bits = new Samples(seed).Double();
            X87Context context = new(0x37F);
            ulong back = X87Conversion.Store64(X87Conversion.Widen64(bits), ref context);
            return double.IsNaN(BitConverter.UInt64BitsToDouble(bits)) ? back == (bits | 1UL << 51) : back == bits;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void An_integer_survives_as_number_and_as_decimal() =>
        Prop.ForAll(_seeds, seed =>
        {
            long value = (long)(new Samples(seed).Word() >> 5) % 1_000_000_000_000_000_000;
            X87Context context = new(0x37F);
            var number = X87Conversion.FromInteger(value);
            var (low, high) = X87Decimal.Store(number, ref context);
            return X87Conversion.ToInteger(number, 64, context.Rounding, ref context) == value
                && X87Decimal.Load(low, high) == number
                && context.Status == 0;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_root_of_a_square_is_the_number() =>
        Prop.ForAll(_seeds, seed =>
        {
            var number = X87Conversion.FromInteger((long)(new Samples(seed).Word() >> 33));
            X87Context context = new(0x37F);
            return X87Arithmetic.SquareRoot(X87Arithmetic.Multiply(number, number, ref context), ref context) == number
                && context.Status == 0;
        }).QuickCheckThrowOnFailure();
}
