// A gate that opens after so many counts. With it a test can tell that something has happened elsewhere.

namespace Akka.TestKit;

public class TestLatch
{
    private readonly CountdownEvent _countdown;
    private readonly Func<TimeSpan, TimeSpan> _dilate;
    private readonly TimeSpan _defaultTimeout;

    public TestLatch()
        : this(1)
    {
    }

    public TestLatch(int count)
        : this(static duration => duration, count, TimeSpan.FromSeconds(5))
    {
    }

    internal TestLatch(Func<TimeSpan, TimeSpan> dilate, int count, TimeSpan defaultTimeout)
    {
        _dilate = dilate;
        _countdown = new CountdownEvent(count);
        _defaultTimeout = defaultTimeout;
    }

    public bool IsOpen => _countdown.CurrentCount == 0;

    public void CountDown() => _countdown.Signal();

    public void Open()
    {
        while (!IsOpen) CountDown();
    }

    public void Reset() => _countdown.Reset();

    public void Ready() => Ready(_defaultTimeout);

    /// <summary>Waits until the latch is open; throws <see cref="TimeoutException"/> when it does not open in time.</summary>
    public void Ready(TimeSpan timeout)
    {
        if (!_countdown.Wait(_dilate(timeout))) throw new TimeoutException($"Timeout of {timeout}");
    }
}
