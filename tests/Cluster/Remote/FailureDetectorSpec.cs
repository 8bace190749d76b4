// The judges of silence, with a clock of the test's own: who beats regularly is alive, who falls silent is not, who comes back is again.

using Akka.Remote;

namespace Lguest.Cluster.Tests.Remote;

public sealed class FailureDetectorSpec
{
    private long _now = 1_000_000;

    [Fact]
    public void Who_was_never_heard_is_not_missed()
    {
        var detector = Phi();

        _now += 1_000_000;

        detector.IsAvailable.ShouldBeTrue();
        detector.IsMonitoring.ShouldBeFalse();
    }

    [Fact]
    public void Who_beats_regularly_is_alive_and_who_falls_silent_is_not()
    {
        var detector = Phi();
        Beat(detector, 100, 1_000);

        detector.IsMonitoring.ShouldBeTrue();
        _now += 1_000;
        detector.IsAvailable.ShouldBeTrue();
        _now += 2_900;
        detector.IsAvailable.ShouldBeTrue("within the pause that is accepted");
        _now += 3_000;
        detector.IsAvailable.ShouldBeFalse();
    }

    [Fact]
    public void Who_comes_back_is_alive_again()
    {
        var detector = Phi();
        Beat(detector, 20, 1_000);
        _now += 60_000;
        detector.IsAvailable.ShouldBeFalse();

        detector.HeartBeat();

        detector.IsAvailable.ShouldBeTrue();
        Beat(detector, 5, 1_000);
        _now += 60_000;
        detector.IsAvailable.ShouldBeFalse("one long silence is no excuse for the next");
    }

    [Fact]
    public void Who_beats_irregularly_is_given_more_time()
    {
        var steady = Phi();
        Beat(steady, 100, 1_000);
        var start = _now;
        var unsteady = Phi();
        for (var i = 0; i < 100; i++) Beat(unsteady, 1, i % 2 == 0 ? 100 : 1_900);

        Patience(unsteady).ShouldBeGreaterThan(2 * (PatienceFrom(steady, start) - 3_000) + 3_000);
    }

    [Fact]
    public void A_deadline_is_a_deadline()
    {
        var detector = new DeadlineFailureDetector(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(1), () => _now);
        detector.IsAvailable.ShouldBeTrue();
        detector.HeartBeat();

        _now += 3_999;
        detector.IsAvailable.ShouldBeTrue();
        _now += 1;
        detector.IsAvailable.ShouldBeFalse();
    }

    [Fact]
    public void A_registry_keeps_each_apart()
    {
        var registry = new DefaultFailureDetectorRegistry<string>(Phi);
        registry.Heartbeat("left");
        registry.Heartbeat("right");
        _now += 60_000;
        registry.Heartbeat("right");

        registry.IsAvailable("left").ShouldBeFalse();
        registry.IsAvailable("right").ShouldBeTrue();
        registry.IsAvailable("nobody").ShouldBeTrue();
        registry.IsMonitoring("nobody").ShouldBeFalse();
        registry.Remove("left");
        registry.IsMonitoring("left").ShouldBeFalse();
        registry.IsAvailable("left").ShouldBeTrue();
    }

    private FailureDetector Phi() =>
        new PhiAccrualFailureDetector(8, 1_000, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(1), () => _now);

    private void Beat(FailureDetector detector, int times, int interval)
    {
        for (var i = 0; i < times; i++)
        {
            _now += interval;
            detector.HeartBeat();
        }
    }

    // How long a silence it takes from now until the detector gives up, in milliseconds.
    private long Patience(FailureDetector detector)
    {
        var start = _now;
        while (detector.IsAvailable) _now += 10;
        return _now - start;
    }

    private long PatienceFrom(FailureDetector detector, long start)
    {
        _now = start;
        return Patience(detector);
    }
}
