// Counts the events of a filter while a block runs, and for a moment after.

using Akka.Actor;
using Akka.Event;
using Akka.TestKit.TestEvent;

namespace Akka.TestKit.Internal;

internal sealed class EventFilterApplier(TestKitBase testkit, ActorSystem system, IReadOnlyList<EventFilterBase> filters) : IEventFilterApplier
{
    public EventFilterFactory And => new(testkit, system, filters);

    public void ExpectOne(Action action, CancellationToken cancellationToken = default) => Run(1, null, action, cancellationToken);

    public void ExpectOne(TimeSpan timeout, Action action, CancellationToken cancellationToken = default) => Run(1, timeout, action, cancellationToken);

    public T ExpectOne<T>(Func<T> func, CancellationToken cancellationToken = default) => Run(1, null, func, cancellationToken);

    public Task ExpectOneAsync(Func<Task> actionAsync, CancellationToken cancellationToken = default) => RunAsync(1, null, actionAsync, cancellationToken);

    public Task ExpectOneAsync(TimeSpan timeout, Func<Task> action, CancellationToken cancellationToken = default) =>
        RunAsync(1, timeout, action, cancellationToken);

    public void Expect(int expectedCount, Action action, CancellationToken cancellationToken = default) =>
        Run(expectedCount, null, action, cancellationToken);

    public void Expect(int expectedCount, TimeSpan timeout, Action action, CancellationToken cancellationToken = default) =>
        Run(expectedCount, timeout, action, cancellationToken);

    public T Expect<T>(int expectedCount, Func<T> func, CancellationToken cancellationToken = default) =>
        Run(expectedCount, null, func, cancellationToken);

    public Task ExpectAsync(int expectedCount, Func<Task> actionAsync, CancellationToken cancellationToken = default) =>
        RunAsync(expectedCount, null, actionAsync, cancellationToken);

    public Task ExpectAsync(int expectedCount, TimeSpan timeout, Func<Task> action, CancellationToken cancellationToken = default) =>
        RunAsync(expectedCount, timeout, action, cancellationToken);

    public void Mute(Action action, CancellationToken cancellationToken = default)
    {
        using var muted = Mute();
        action();
    }

    public T Mute<T>(Func<T> func, CancellationToken cancellationToken = default)
    {
        using var muted = Mute();
        return func();
    }

    public async Task MuteAsync(Func<Task> action, CancellationToken cancellationToken = default)
    {
        using var muted = Mute();
        await action();
    }

    public IUnmutableFilter Mute()
    {
        system.EventStream.Publish(new Mute(filters));
        return new Unmuter(system, filters);
    }

    private void Run(int expected, TimeSpan? timeout, Action action, CancellationToken cancellationToken) => Run<object>(
        expected,
        timeout,
        () =>
        {
            action();
            return null;
        },
        cancellationToken);

    private T Run<T>(int expected, TimeSpan? timeout, Func<T> function, CancellationToken cancellationToken)
    {
        var seen = new Counter();
        using var counting = Count(seen);
        var result = function();
        WaitForAsync(expected, timeout, seen, cancellationToken).GetAwaiter().GetResult();
        return result;
    }

    private async Task RunAsync(int expected, TimeSpan? timeout, Func<Task> action, CancellationToken cancellationToken)
    {
        var seen = new Counter();
        using var counting = Count(seen);
        await action();
        await WaitForAsync(expected, timeout, seen, cancellationToken);
    }

    private Counting Count(Counter seen)
    {
        foreach (var filter in filters) filter.EventMatched += seen.Add;
        return new Counting(Mute(), filters, seen);
    }

    // When none is expected, one must have had the time to come.
    private async Task WaitForAsync(int expected, TimeSpan? timeout, Counter seen, CancellationToken cancellationToken)
    {
        var wait = timeout is { } given ? testkit.Dilated(given) : testkit.TestKitSettings.TestEventFilterLeeway;
        await testkit.AwaitConditionNoThrowAsync(() => seen.Count >= Math.Max(1, expected), wait, TimeSpan.FromMilliseconds(20), cancellationToken)
            .ConfigureAwait(false);
        if (seen.Count == expected) return;
        var names = string.Join(", ", filters);
        testkit.AssertionsInternal.Fail(seen.Count < expected
            ? $"Timeout ({wait}) while waiting for messages. Only received {seen.Count}/{expected} messages that matched filter [{names}]"
            : $"Received {seen.Count - expected} messages too many. Expected {expected} but received {seen.Count} that matched filter [{names}]");
    }

    private sealed class Counter
    {
        private int _count;

        internal int Count => Volatile.Read(ref _count);

        internal void Add(LogEvent logEvent) => Interlocked.Increment(ref _count);
    }

    private sealed class Counting(IUnmutableFilter muted, IReadOnlyList<EventFilterBase> filters, Counter seen) : IDisposable
    {
        public void Dispose()
        {
            foreach (var filter in filters) filter.EventMatched -= seen.Add;
            muted.Dispose();
        }
    }

    private sealed class Unmuter(ActorSystem system, IReadOnlyList<EventFilterBase> filters) : IUnmutableFilter
    {
        public void Unmute() => system.EventStream.Publish(new Unmute(filters));

        public void Dispose() => Unmute();
    }
}
