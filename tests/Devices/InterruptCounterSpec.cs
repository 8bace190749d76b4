// Three Ctrl-C within a second, and nothing else.

using Lguest.Devices.Console;

namespace Lguest.Devices.Tests;

public sealed class InterruptCounterSpec
{
    [Theory]
    [InlineData("^ ^ ^", new[] { 0, 400, 900 }, true)]
    [InlineData("^ ^ ^", new[] { 0, 400, 1100 }, false)]
    [InlineData("^ a ^ ^", new[] { 0, 100, 200, 300 }, false)]
    [InlineData("^ ^a ^", new[] { 0, 100, 200 }, false)]
    [InlineData("^ ^^", new[] { 0, 100 }, true)]
    [InlineData("^^^", new[] { 0 }, true)]
    [InlineData("^ ^ ^ ^", new[] { 0, 1500, 1600, 1700 }, true)]
    public void Only_three_with_nothing_between_them_within_a_second_count(string typed, int[] milliseconds, bool ends)
    {
        var counter = new InterruptCounter();

        var seen = typed.Split(' ')
            .Select((keys, i) => counter.Saw([.. keys.Select(key => key == '^' ? (byte)3 : (byte)key)],
                TimeSpan.FromMilliseconds(milliseconds[i])))
            .ToList();

        seen[^1].ShouldBe(ends);
        seen[..^1].ShouldAllBe(early => !early);
    }
}
