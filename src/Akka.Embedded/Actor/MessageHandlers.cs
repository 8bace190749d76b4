// The table behind ReceiveActor: handlers in the order they were declared, first match wins.

using Akka.Dispatch;

namespace Akka.Actor;

internal sealed class MessageHandlers
{
    private readonly List<Func<object, bool>> _handlers = [];
    private bool _complete;

    internal void Add(Func<object, bool> handler, bool catchesAll = false)
    {
        if (_complete)
            throw new InvalidOperationException(
                "A handler that catches all messages has been added. No handler can be added after that.");
        _complete = catchesAll;
        _handlers.Add(handler);
    }

    internal Receive Build()
    {
        var handlers = _handlers.ToArray();
        if (handlers.Length == 1)
        {
            var only = handlers[0];
            return message => only(message);
        }

        return message =>
        {
            foreach (var handler in handlers)
                if (handler(message)) return true;
            return false;
        };
    }

    internal static Func<object, bool> For<T>(Action<T> handler, Predicate<T> shouldHandle)
    {
        if (shouldHandle is null)
        {
            return message =>
            {
                if (message is not T typed) return false;
                handler(typed);
                return true;
            };
        }

        return message =>
        {
            if (message is not T typed || !shouldHandle(typed)) return false;
            handler(typed);
            return true;
        };
    }

    internal static Func<object, bool> For<T>(Func<T, bool> handler) => message => message is T typed && handler(typed);

    internal static Func<object, bool> For(Type type, Action<object> handler, Predicate<object> shouldHandle) => message =>
    {
        if (!type.IsInstanceOfType(message) || (shouldHandle is not null && !shouldHandle(message))) return false;
        handler(message);
        return true;
    };

    internal static Func<object, bool> For(Type type, Func<object, bool> handler) => message => type.IsInstanceOfType(message) && handler(message);

    internal static Action<T> Async<T>(Func<T, Task> handler) => message => ActorTaskScheduler.RunTask(() => handler(message));
}
