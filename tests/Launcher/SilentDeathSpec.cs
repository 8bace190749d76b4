// What is guessed about a Guest that died before it said anything.

using Lguest.Guest.Abi;

namespace Lguest.Launcher.Tests;

public sealed class SilentDeathSpec
{
    private static readonly LinuxRelease _linux = new(3, 11, 0);

    [Theory]
    [InlineData(892, false)]
    [InlineData(893, true)]
    [InlineData(1024, true)]
    [InlineData(1025, false)]
    public void A_silent_Linux_whose_memory_may_lack_high_memory_has_a_hint(long megabytes, bool isHinted) =>
        SilentDeath.Hint(_linux, megabytes, hasPrinted: false).Contains("give it 892 MB at most",
            StringComparison.Ordinal).ShouldBe(isHinted);

    [Fact]
    public void A_Guest_that_spoke_and_one_that_is_no_Linux_have_none()
    {
        SilentDeath.Hint(_linux, 1000, hasPrinted: true).ShouldBeEmpty();
        SilentDeath.Hint(null, 1000, hasPrinted: false).ShouldBeEmpty();
        SilentDeath.Hint(_linux, 1000, hasPrinted: false).ShouldNotContain("\n");
    }
}
