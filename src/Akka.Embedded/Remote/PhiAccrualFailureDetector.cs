// The statistical judge (Hayashibara et al., "The phi accrual failure detector"): from the intervals seen so far it says how improbable the
// present silence is. phi = 1 means one chance in ten that the heartbeat is still to come, 2 one in a hundred, and so on.

using Akka.Configuration;
using Akka.Event;

namespace Akka.Remote;

/// <summary>Unavailable while phi is at or above the threshold. Thread-safe.</summary>
public class PhiAccrualFailureDetector : FailureDetector
{
    private readonly Lock _gate = new();
    private readonly double _threshold;
    private readonly double _minStdDeviation;
    private readonly double _acceptablePause;
    private readonly long _firstEstimate;
    private readonly Clock _clock;
    private readonly EventStream _eventStream;
    private readonly HeartbeatHistory _history;
    private long? _last;

    public PhiAccrualFailureDetector(
        double threshold, int maxSampleSize, TimeSpan minStdDeviation, TimeSpan acceptableHeartbeatPause, TimeSpan firstHeartbeatEstimate, Clock clock = null)
    {
        _threshold = threshold;
        _minStdDeviation = minStdDeviation.TotalMilliseconds;
        _acceptablePause = acceptableHeartbeatPause.TotalMilliseconds;
        _firstEstimate = (long)firstHeartbeatEstimate.TotalMilliseconds;
        _clock = clock ?? DefaultClock;
        _history = new HeartbeatHistory(maxSampleSize);
    }

    public PhiAccrualFailureDetector(Config config, EventStream ev)
        : this(
            config.GetDouble("threshold"),
            config.GetInt("max-sample-size"),
            config.GetTimeSpan("min-std-deviation"),
            config.GetTimeSpan("acceptable-heartbeat-pause"),
            config.GetTimeSpan("heartbeat-interval")) => _eventStream = ev;

    /// <summary>Whom the warnings of this detector name.</summary>
    public string Address { get; set; } = "N/A";

    public override bool IsAvailable
    {
        get
        {
            lock (_gate) return Phi(_clock()) < _threshold;
        }
    }

    public override bool IsMonitoring
    {
        get
        {
            lock (_gate) return _last is not null;
        }
    }

    internal double CurrentPhi
    {
        get
        {
            lock (_gate) return Phi(_clock());
        }
    }

    public override void HeartBeat()
    {
        long interval;
        lock (_gate)
        {
            var now = _clock();
            if (_last is not { } last)
            {
                // Nothing is known yet: guess with a deviation of a quarter, so that the first real intervals soon outweigh the guess.
                _history.Add(_firstEstimate - _firstEstimate / 4);
                _history.Add(_firstEstimate + _firstEstimate / 4);
                _last = now;
                return;
            }

            interval = now - last;
            // The silence of a failure is no example of how long heartbeats take.
            var counted = Phi(now) < _threshold;
            if (counted) _history.Add(interval);
            _last = now;
            if (!counted || interval < _acceptablePause / 3 * 2) return;
        }

        _eventStream?.Publish(new Warning(ToString(), GetType(), $"heartbeat interval is growing too large for address {Address}: {interval} millis"));
    }

    internal static double Phi(double silence, double mean, double deviation)
    {
        // The logistic approximation of the cumulative normal distribution.
        var y = (silence - mean) / deviation;
        var e = Math.Exp(-y * (1.5976 + 0.070566 * y * y));
        return silence > mean ? -Math.Log10(e / (1 + e)) : -Math.Log10(1 - 1 / (1 + e));
    }

    private double Phi(long now) =>
        _last is not { } last ? 0 : Phi(now - last, _history.Mean + _acceptablePause, Math.Max(_history.StdDeviation, _minStdDeviation));
}
