// Expectations about several messages at once, in any order.

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>One message that equals one of these.</summary>
    public T ExpectMsgAnyOf<T>(IEnumerable<T> messages, CancellationToken cancellationToken = default)
    {
        var wait = RemainingOrDefault;
        TryReceiveOne(out var envelope, wait, cancellationToken);
        var all = messages.ToArray();
        return Check<T>(envelope, wait, (actual, _) => _assertions.AssertTrue(all.Contains(actual), "not any of the expected messages: {0}", actual), null);
    }

    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(params T[] messages) => ExpectMsgAllOf(RemainingOrDefault, (IReadOnlyCollection<T>)messages);

    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(TimeSpan max, params T[] messages) => ExpectMsgAllOf(max, (IReadOnlyCollection<T>)messages);

    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(IReadOnlyCollection<T> messages, CancellationToken cancellationToken = default) =>
        ExpectMsgAllOf(RemainingOrDefault, messages, cancellationToken);

    /// <summary>As many messages as these, each of these among them.</summary>
    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(TimeSpan max, IReadOnlyCollection<T> messages, CancellationToken cancellationToken = default)
    {
        var received = ReceiveN(messages.Count, max, cancellationToken);
        var missing = messages.Where(message => !received.Any(one => one is T typed && Equals(typed, message))).Cast<object>().ToArray();
        var unexpected = received.Where(one => one is not T typed || !messages.Contains(typed)).ToArray();
        _assertions.AssertTrue(missing.Length == 0, "not found [{0}]. Got [{1}]", string.Join(", ", missing), string.Join(", ", received));
        _assertions.AssertTrue(unexpected.Length == 0, "found unexpected [{0}]", string.Join(", ", unexpected));
        return received.Cast<T>().ToArray();
    }
}
