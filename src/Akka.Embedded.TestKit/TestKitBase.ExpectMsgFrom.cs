// Expectations about the next message and who sent it.

using Akka.Actor;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    public T ExpectMsgFrom<T>(IActorRef sender, TimeSpan? duration = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(duration, (_, actual) => IsSender(sender, actual, hint), hint, cancellationToken);

    public T ExpectMsgFrom<T>(IActorRef sender, T message, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(timeout, Both<T>(sender, actual => _assertions.AssertEqual(message, actual, Hint(hint)), hint), hint, cancellationToken);

    public T ExpectMsgFrom<T>(
        IActorRef sender, Predicate<T> isMessage, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect(timeout, Both<T>(sender, actual => Fits(isMessage(actual), actual, hint), hint), hint, cancellationToken);

    public T ExpectMsgFrom<T>(
        IActorRef sender, Action<T> assertMessage, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect(timeout, Both(sender, assertMessage, hint), hint, cancellationToken);

    public T ExpectMsgFrom<T>(
        Predicate<IActorRef> isSender, Predicate<T> isMessage, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(
            timeout,
            (message, sender) =>
            {
                Fits(isSender(sender), sender, hint);
                Fits(isMessage(message), message, hint);
            },
            hint,
            cancellationToken);

    public T ExpectMsgFrom<T>(
        Action<IActorRef> assertSender, Action<T> assertMessage, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        Expect<T>(
            timeout,
            (message, sender) =>
            {
                assertSender(sender);
                assertMessage(message);
            },
            hint,
            cancellationToken);

    public ValueTask<T> ExpectMsgFromAsync<T>(
        IActorRef sender, TimeSpan? duration = null, string hint = null, CancellationToken cancellationToken = default) =>
        ExpectAsync<T>(duration, (_, actual) => IsSender(sender, actual, hint), hint, cancellationToken);

    public ValueTask<T> ExpectMsgFromAsync<T>(
        IActorRef sender, T message, TimeSpan? timeout = null, string hint = null, CancellationToken cancellationToken = default) =>
        ExpectAsync(timeout, Both<T>(sender, actual => _assertions.AssertEqual(message, actual, Hint(hint)), hint), hint, cancellationToken);

    private Action<T, IActorRef> Both<T>(IActorRef sender, Action<T> check, string hint) => (message, actual) =>
    {
        IsSender(sender, actual, hint);
        check(message);
    };

    private void IsSender(IActorRef expected, IActorRef actual, string hint) => _assertions.AssertEqual(expected, actual, Hint(hint));
}
