// Waiting for something to become true. A test that asks again and again needs no sleep of a guessed length.

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(100);

    /// <summary>Tries an assertion again and again until it holds; its last failure is thrown when it never does.</summary>
    public void AwaitAssert(Action assertion, TimeSpan? duration = null, TimeSpan? interval = null, CancellationToken cancellationToken = default) =>
        RunBlocking(() => AwaitAssertAsync(assertion, duration, interval, cancellationToken));

    public Task AwaitAssertAsync(Action assertion, TimeSpan? duration = null, TimeSpan? interval = null, CancellationToken cancellationToken = default) =>
        AwaitAssertAsync(
            () =>
            {
                assertion();
                return Task.CompletedTask;
            },
            duration,
            interval,
            cancellationToken);

    public async Task AwaitAssertAsync(
        Func<Task> assertion, TimeSpan? duration = null, TimeSpan? interval = null, CancellationToken cancellationToken = default)
    {
        var pause = interval ?? _interval;
        if (pause == Timeout.InfiniteTimeSpan) pause = TimeSpan.MaxValue;
        pause = Max(TimeSpan.Zero, pause);
        var max = RemainingOrDilated(duration);
        var stop = Now + max;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var wait = Min(max, pause);
            try
            {
                await assertion();
                return;
            }
            catch (Exception) when (Now + wait < stop)
            {
                // Whatever the assertion throws means "not yet", as long as there is time left.
            }

            await Task.Delay(wait, cancellationToken);
            max = stop - Now;
        }
    }

    public void AwaitCondition(Func<bool> conditionIsFulfilled, CancellationToken cancellationToken = default) =>
        AwaitCondition(conditionIsFulfilled, RemainingOrDefault, null, null, cancellationToken);

    public void AwaitCondition(Func<bool> conditionIsFulfilled, TimeSpan? max, CancellationToken cancellationToken = default) =>
        AwaitCondition(conditionIsFulfilled, max, null, null, cancellationToken);

    public void AwaitCondition(Func<bool> conditionIsFulfilled, TimeSpan? max, string message, CancellationToken cancellationToken = default) =>
        AwaitCondition(conditionIsFulfilled, max, null, message, cancellationToken);

    public void AwaitCondition(
        Func<bool> conditionIsFulfilled, TimeSpan? max, TimeSpan? interval, string message = null, CancellationToken cancellationToken = default) =>
        RunBlocking(() => AwaitConditionAsync(() => Task.FromResult(conditionIsFulfilled()), max, interval, message, cancellationToken));

    public Task AwaitConditionAsync(Func<Task<bool>> conditionIsFulfilled, CancellationToken cancellationToken = default) =>
        AwaitConditionAsync(conditionIsFulfilled, RemainingOrDefault, null, null, cancellationToken);

    public Task AwaitConditionAsync(Func<bool> conditionIsFulfilled, CancellationToken cancellationToken = default) =>
        AwaitConditionAsync(() => Task.FromResult(conditionIsFulfilled()), RemainingOrDefault, null, null, cancellationToken);

    public Task AwaitConditionAsync(Func<Task<bool>> conditionIsFulfilled, TimeSpan? max, CancellationToken cancellationToken = default) =>
        AwaitConditionAsync(conditionIsFulfilled, max, null, null, cancellationToken);

    public async Task AwaitConditionAsync(
        Func<Task<bool>> conditionIsFulfilled, TimeSpan? max, TimeSpan? interval, string message = null, CancellationToken cancellationToken = default)
    {
        var wait = RemainingOrDilated(max);
        if (await PollAsync(conditionIsFulfilled, wait, interval, cancellationToken)) return;
        _assertions.Fail($"Timeout {{0}} expired while waiting for condition{(message is null ? "" : ": " + Hint(message))}", wait);
    }

    public bool AwaitConditionNoThrow(
        Func<bool> conditionIsFulfilled, TimeSpan max, TimeSpan? interval = null, CancellationToken cancellationToken = default) =>
        Task.Run(() => PollAsync(() => Task.FromResult(conditionIsFulfilled()), max, interval, cancellationToken), cancellationToken).GetAwaiter().GetResult();

    public Task<bool> AwaitConditionNoThrowAsync(
        Func<bool> conditionIsFulfilled, TimeSpan max, TimeSpan? interval = null, CancellationToken cancellationToken = default) =>
        PollAsync(() => Task.FromResult(conditionIsFulfilled()), max, interval, cancellationToken);

    private static async Task<bool> PollAsync(Func<Task<bool>> condition, TimeSpan max, TimeSpan? interval, CancellationToken cancellationToken)
    {
        var stop = Now + max;
        while (!await condition())
        {
            var left = stop - Now;
            if (left <= TimeSpan.Zero) return false;
            await Task.Delay(Min(left, interval ?? _interval), cancellationToken);
        }

        return true;
    }

    // The first try runs right here, on the caller's thread; only waiting goes elsewhere.
    private static void RunBlocking(Func<Task> action) => action().GetAwaiter().GetResult();
}
