// When a Guest counts as one that rests: what it may run meanwhile, for how long it is watched, and what comes after.
using Lguest.Switcher.Time;

namespace Lguest.Switcher.Tests.Time;

public sealed class ReposeSpec
{
    private const long Start = 7_000_000_000;
    private const long Little = Repose.Watched / Repose.Parts;
    private readonly Repose _repose = new(Start);

    [Fact]
    public void One_that_has_hardly_run_for_as_long_as_it_is_watched_does()
    {
        _repose.IsOneAt(Start + Repose.Watched - 1, 0).ShouldBeFalse();
        _repose.IsOneAt(Start + Repose.Watched, Little).ShouldBeTrue();
        _repose.IsOneAt(Start + Repose.Watched + 1, Little).ShouldBeFalse("it is watched anew");
        _repose.IsOneAt(Start + (2 * Repose.Watched), 2 * Little).ShouldBeTrue();
    }

    [Fact]
    public void One_that_has_run_for_more_does_not_and_is_watched_anew()
    {
        _repose.IsOneAt(Start + Repose.Watched, Little + 1).ShouldBeFalse();
        _repose.IsOneAt(Start + Repose.Watched + 1, Little + 1).ShouldBeFalse();
        _repose.IsOneAt(Start + (2 * Repose.Watched), (2 * Little) + 1).ShouldBeTrue();
    }

    [Fact]
    public void One_that_nobody_has_looked_after_for_long_is_judged_by_all_of_that_time()
    {
        _repose.IsOneAt(Start + (10 * Repose.Watched), 10 * Little).ShouldBeTrue();
        _repose.IsOneAt(Start + (20 * Repose.Watched), (20 * Little) + 1).ShouldBeFalse();
    }
}
