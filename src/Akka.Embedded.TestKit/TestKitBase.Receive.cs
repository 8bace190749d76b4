// Taking messages off the queue, one or many, without saying what is expected.

using Akka.Actor;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>The next message, or null when none came in time.</summary>
    public object ReceiveOne(TimeSpan? max = null, CancellationToken cancellationToken = default) =>
        TryReceiveOne(out var envelope, max, cancellationToken) ? envelope.Message : null;

    public async ValueTask<object> ReceiveOneAsync(TimeSpan? max = null, CancellationToken cancellationToken = default) =>
        await NextAsync(max, cancellationToken) is RealMessageEnvelope envelope ? envelope.Message : null;

    public bool TryReceiveOne(out MessageEnvelope envelope, TimeSpan? max = null, CancellationToken cancellationToken = default)
    {
        envelope = Received(_queue.Take(MaxWait(max), remove: true, cancellationToken));
        return envelope is RealMessageEnvelope;
    }

    public async ValueTask<(bool Success, MessageEnvelope Envelope)> TryReceiveOneAsync(TimeSpan? max, CancellationToken cancellationToken = default)
    {
        var envelope = await NextAsync(max, cancellationToken);
        return (envelope is RealMessageEnvelope, envelope);
    }

    /// <summary>The next message, left where it is.</summary>
    public object PeekOne(TimeSpan? max = null, CancellationToken cancellationToken = default) =>
        _queue.Take(MaxWait(max), remove: false, cancellationToken)?.Message;

    public object PeekOne(CancellationToken cancellationToken) => PeekOne(Timeout.InfiniteTimeSpan, cancellationToken);

    public IReadOnlyCollection<object> ReceiveN(int numberOfMessages, CancellationToken cancellationToken = default) =>
        ReceiveN(numberOfMessages, RemainingOrDefault, cancellationToken);

    /// <summary>Exactly so many messages, all within the time.</summary>
    public IReadOnlyCollection<object> ReceiveN(int numberOfMessages, TimeSpan max, CancellationToken cancellationToken = default)
    {
        var wait = RemainingOrDilated(max);
        var stop = Now + wait;
        var messages = new List<object>();
        for (var i = 0; i < numberOfMessages; i++)
        {
            var message = ReceiveOne(Max(stop - Now, TimeSpan.Zero), cancellationToken);
            _assertions.AssertTrue(message is not null, "Timeout ({0}) while expecting {1} messages. Only got {2} after {3}.", wait, numberOfMessages, i, wait);
            messages.Add(message);
        }

        return messages;
    }

    public object FishForMessage(Predicate<object> isMessage, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default) =>
        FishForMessage<object>(isMessage, max, hint, cancellationToken);

    /// <summary>Throws messages away until one fits.</summary>
    public T FishForMessage<T>(Predicate<T> isMessage, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default)
    {
        var wait = RemainingOrDilated(max);
        var end = Now + wait;
        while (true)
        {
            var left = Max(end - Now, TimeSpan.Zero);
            if (!TryReceiveOne(out var envelope, left, cancellationToken))
                _assertions.Fail("Timeout ({0}) during fishForMessage{1}", wait, string.IsNullOrEmpty(hint) ? "" : ", hint: " + hint);
            if (envelope.Message is T message && isMessage(message)) return message;
        }
    }

    public async ValueTask<T> FishForMessageAsync<T>(
        Predicate<T> isMessage, TimeSpan? max = null, string hint = "", CancellationToken cancellationToken = default)
    {
        var wait = RemainingOrDilated(max);
        var end = Now + wait;
        while (true)
        {
            if (await NextAsync(Max(end - Now, TimeSpan.Zero), cancellationToken) is not RealMessageEnvelope envelope)
            {
                _assertions.Fail("Timeout ({0}) during fishForMessage{1}", wait, string.IsNullOrEmpty(hint) ? "" : ", hint: " + hint);
                return default;
            }

            if (envelope.Message is T message && isMessage(message)) return message;
        }
    }

    public async Task<object> FishUntilMessageAsync<T>(TimeSpan? max = null, CancellationToken cancellationToken = default) =>
        await FishForMessageAsync<T>(static _ => true, max, "", cancellationToken);

    public IReadOnlyList<T> ReceiveWhile<T>(TimeSpan? max, Func<object, T> filter, int msgs = int.MaxValue, CancellationToken cancellationToken = default)
        where T : class => ReceiveWhile(filter, max, Timeout.InfiniteTimeSpan, msgs, cancellationToken);

    public IReadOnlyList<T> ReceiveWhile<T>(
        TimeSpan? max, TimeSpan? idle, Func<object, T> filter, int msgs = int.MaxValue, CancellationToken cancellationToken = default)
        where T : class => ReceiveWhile(filter, max, idle, msgs, cancellationToken);

    /// <summary>Messages as long as the filter makes something of them, none is late, and there are not enough; the first that is refused stays.</summary>
    public IReadOnlyList<T> ReceiveWhile<T>(
        Func<object, T> filter, TimeSpan? max = null, TimeSpan? idle = null, int msgs = int.MaxValue, CancellationToken cancellationToken = default)
        where T : class
    {
        var stop = Now + RemainingOrDilated(max);
        var longestSilence = idle ?? Timeout.InfiniteTimeSpan;
        var last = _lastMessage;
        var result = new List<T>();
        while (result.Count < msgs)
        {
            var left = stop - Now;
            var wait = longestSilence == Timeout.InfiniteTimeSpan ? left : Min(left, longestSilence);
            if (!TryReceiveOne(out var envelope, Max(wait, TimeSpan.Zero), cancellationToken)) break;
            if (filter(envelope.Message) is not { } taken)
            {
                _queue.Return(envelope);
                break;
            }

            last = envelope;
            result.Add(taken);
        }

        _lastMessage = last;
        _lastWasNoMsg = true;
        return result;
    }

    public IReadOnlyList<T> ReceiveWhile<T>(
        Predicate<T> shouldContinue,
        TimeSpan? max = null,
        TimeSpan? idle = null,
        int msgs = int.MaxValue,
        bool shouldIgnoreOtherMessageTypes = true,
        CancellationToken cancellationToken = default)
        where T : class
    {
        var result = new List<T>();
        ReceiveWhile<object>(
            message =>
            {
                if (message is not T typed) return shouldIgnoreOtherMessageTypes ? message : null;
                if (!shouldContinue(typed)) return null;
                result.Add(typed);
                return message;
            },
            max,
            idle,
            msgs,
            cancellationToken);
        return result;
    }

    private async Task<MessageEnvelope> NextAsync(TimeSpan? max, CancellationToken cancellationToken) =>
        Received(await _queue.TakeAsync(MaxWait(max), remove: true, cancellationToken));

    private TimeSpan MaxWait(TimeSpan? max) => max == Timeout.InfiniteTimeSpan ? Timeout.InfiniteTimeSpan : max is { } given ? given : RemainingOrDefault;

    private MessageEnvelope Received(MessageEnvelope envelope)
    {
        _lastWasNoMsg = envelope is null;
        _lastMessage = envelope ?? NullMessageEnvelope.Instance;
        return _lastMessage;
    }
}
