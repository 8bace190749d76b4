// Expectations about the next message: its type, its value, what can be said about it. Each comes for a waiting thread and for a task.

using Akka.Actor;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    public T ExpectMsg<T>(TimeSpan? duration = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(duration, null, hint, cancellationToken);

    public T ExpectMsg<T>(T message, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, (actual, _) => _assertions.AssertEqual(message, actual, Hint(hint)), hint, cancellationToken);

    public T ExpectMsg<T>(Predicate<T> isMessage, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, (actual, _) => Fits(isMessage(actual), actual, hint), hint, cancellationToken);

    public T ExpectMsg<T>(Action<T> assert, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, (actual, _) => assert(actual), hint, cancellationToken);

    public T ExpectMsg<T>(
        Func<T, IActorRef, bool> isMessageAndSender, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, (actual, sender) => Fits(isMessageAndSender(actual, sender), actual, hint), hint, cancellationToken);

    public T ExpectMsg<T>(
        Action<T, IActorRef> assertMessageAndSender, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect(timeout, assertMessageAndSender, hint, cancellationToken);

    public T ExpectMsg<T>(
        T expected, Func<T, T, bool> comparer, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, (actual, _) => _assertions.AssertEqual(expected, actual, comparer, Hint(hint)), hint, cancellationToken);

    public ValueTask<T> ExpectMsgAsync<T>(TimeSpan? duration = null, string hint = null, CancellationToken cancellationToken = default) =>
        ExpectAsync<T>(duration, null, hint, cancellationToken);

    public ValueTask<T> ExpectMsgAsync<T>(T message, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        ExpectAsync<T>(timeout, (actual, _) => _assertions.AssertEqual(message, actual, Hint(hint)), hint, cancellationToken);

    public ValueTask<T> ExpectMsgAsync<T>(
        Predicate<T> isMessage, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        ExpectAsync<T>(timeout, (actual, _) => Fits(isMessage(actual), actual, hint), hint, cancellationToken);

    public ValueTask<T> ExpectMsgAsync<T>(Action<T> assert, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        ExpectAsync<T>(timeout, (actual, _) => assert(actual), hint, cancellationToken);

    public ValueTask<T> ExpectMsgAsync<T>(
        Action<T, IActorRef> assertMessageAndSender, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        ExpectAsync(timeout, assertMessageAndSender, hint, cancellationToken);

    /// <summary>The end of a watched actor.</summary>
    public Terminated ExpectTerminated(IActorRef target, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<Terminated>(timeout, (actual, _) => _assertions.AssertEqual(target, actual.ActorRef, Hint(hint)), hint, cancellationToken);

    public ValueTask<Terminated> ExpectTerminatedAsync(
        IActorRef target, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        ExpectAsync<Terminated>(timeout, (actual, _) => _assertions.AssertEqual(target, actual.ActorRef, Hint(hint)), hint, cancellationToken);

    public void ExpectNoMsg(CancellationToken cancellationToken = default) => NoMessage(RemainingOrDefault, cancellationToken);

    public void ExpectNoMsg(TimeSpan duration, CancellationToken cancellationToken = default) => NoMessage(Dilated(duration), cancellationToken);

    public void ExpectNoMsg(int milliseconds, CancellationToken cancellationToken = default) =>
        ExpectNoMsg(TimeSpan.FromMilliseconds(milliseconds), cancellationToken);

    public ValueTask ExpectNoMsgAsync(CancellationToken cancellationToken = default) => NoMessageAsync(RemainingOrDefault, cancellationToken);

    public ValueTask ExpectNoMsgAsync(TimeSpan duration, CancellationToken cancellationToken = default) =>
        NoMessageAsync(Dilated(duration), cancellationToken);

    public ValueTask ExpectNoMsgAsync(int milliseconds, CancellationToken cancellationToken = default) =>
        ExpectNoMsgAsync(TimeSpan.FromMilliseconds(milliseconds), cancellationToken);

    private T Expect<T>(TimeSpan? timeout, Action<T, IActorRef> check, string hint, CancellationToken cancellationToken)
    {
        var wait = RemainingOrDilated(timeout);
        TryReceiveOne(out var envelope, wait, cancellationToken);
        return Check(envelope, wait, check, hint);
    }

    private async ValueTask<T> ExpectAsync<T>(TimeSpan? timeout, Action<T, IActorRef> check, string hint, CancellationToken cancellationToken)
    {
        var wait = RemainingOrDilated(timeout);
        return Check(await NextAsync(wait, cancellationToken), wait, check, hint);
    }

    private T Check<T>(MessageEnvelope envelope, TimeSpan waited, Action<T, IActorRef> check, string hint)
    {
        if (envelope is not RealMessageEnvelope received)
        {
            _assertions.Fail("Failed: Timeout {0} while waiting for a message of type {1} {2}", waited, typeof(T), hint ?? "");
            return default;
        }

        if (received.Message is not T message)
        {
            _assertions.Fail(
                "Failed: Expected a message of type {0}, but received {{{2}}} (type {1}) instead {3} from {4}",
                typeof(T),
                received.Message.GetType(),
                received.Message,
                hint ?? "",
                received.Sender);
            return default;
        }

        check?.Invoke(message, received.Sender);
        return message;
    }

    private void Fits<T>(bool fits, T message, string hint) => _assertions.AssertTrue(
        fits, "Got a message of the expected type <{2}>. Also expected {0} but the message {{{1}}} of type <{3}> did not match", Hint(hint), message, typeof(T).FullName, message.GetType().FullName);

    private static string Hint(string hint) => string.IsNullOrEmpty(hint) ? "" : hint.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal);

    private void NoMessage(TimeSpan duration, CancellationToken cancellationToken)
    {
        if (TryReceiveOne(out var envelope, duration, cancellationToken)) Unexpected(envelope, duration);
        _lastWasNoMsg = true;
    }

    private async ValueTask NoMessageAsync(TimeSpan duration, CancellationToken cancellationToken)
    {
        if (await NextAsync(duration, cancellationToken) is RealMessageEnvelope envelope) Unexpected(envelope, duration);
        _lastWasNoMsg = true;
    }

    private void Unexpected(MessageEnvelope envelope, TimeSpan duration) =>
        _assertions.Fail("Failed: Expected no messages during {0}, instead we received {1}", duration, envelope);
}
