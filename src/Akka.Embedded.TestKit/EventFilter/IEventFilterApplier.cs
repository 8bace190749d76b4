// What a test does with a filter: expect its events, so many of them, or keep them quiet.

namespace Akka.TestKit;

public interface IEventFilterApplier
{
    EventFilterFactory And { get; }
    void ExpectOne(Action action, CancellationToken cancellationToken = default);
    void ExpectOne(TimeSpan timeout, Action action, CancellationToken cancellationToken = default);
    T ExpectOne<T>(Func<T> func, CancellationToken cancellationToken = default);
    Task ExpectOneAsync(Func<Task> actionAsync, CancellationToken cancellationToken = default);
    Task ExpectOneAsync(TimeSpan timeout, Func<Task> action, CancellationToken cancellationToken = default);
    void Expect(int expectedCount, Action action, CancellationToken cancellationToken = default);
    void Expect(int expectedCount, TimeSpan timeout, Action action, CancellationToken cancellationToken = default);
    T Expect<T>(int expectedCount, Func<T> func, CancellationToken cancellationToken = default);
    Task ExpectAsync(int expectedCount, Func<Task> actionAsync, CancellationToken cancellationToken = default);
    Task ExpectAsync(int expectedCount, TimeSpan timeout, Func<Task> action, CancellationToken cancellationToken = default);
    void Mute(Action action, CancellationToken cancellationToken = default);
    T Mute<T>(Func<T> func, CancellationToken cancellationToken = default);
    Task MuteAsync(Func<Task> action, CancellationToken cancellationToken = default);
    IUnmutableFilter Mute();
}

/// <summary>Undoes a mute; so does disposing it.</summary>
public interface IUnmutableFilter : IDisposable
{
    void Unmute();
}
