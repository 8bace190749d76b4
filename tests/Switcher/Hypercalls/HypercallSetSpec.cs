// The sheet's table 3.2, column by column: which numbers a kernel of each family may put into EAX. All others cost it its life.
using Lguest.Guest.Abi;
using Lguest.Switcher.Hypercalls;

namespace Lguest.Switcher.Tests.Hypercalls;

public sealed class HypercallSetSpec
{
    [Theory]
    [InlineData(AbiFamily.Unknown, false, new int[0])]
    [InlineData(AbiFamily.Linux2623, false, new[] { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 13, 14, 15, 16 })]
    [InlineData(AbiFamily.Linux2624, false, new[] { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 15, 16, 17 })]
    [InlineData(AbiFamily.Linux2630, false, new[] { 0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 14, 15, 16, 17, 18 })]
    [InlineData(AbiFamily.Linux2631, false, new[] { 0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 14, 15, 16, 17, 18, 19 })]
    [InlineData(AbiFamily.Linux3, false, new[] { 0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 14, 15, 16, 17, 18, 19 })]
    [InlineData(AbiFamily.Linux4, false, new[] { 0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 14, 15, 16, 18, 19 })]
    [InlineData(AbiFamily.Linux2630, true, new[] { 0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 14, 15, 16, 17, 18 })]
    [InlineData(AbiFamily.Linux2631, true, new[] { 0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16, 17, 18, 19 })]
    [InlineData(AbiFamily.Linux3, true, new[] { 0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16, 17, 18, 19 })]
    [InlineData(AbiFamily.Linux4, true, new[] { 0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16, 18, 19 })]
    public void A_kernel_may_make_the_calls_that_its_family_knows_and_no_other(AbiFamily family, bool pae, int[] numbers) =>
        Enumerable.Range(0, 100).Where(number => HypercallSet.Offers(family, pae, (Hypercall)number)).ShouldBe(numbers);
}
