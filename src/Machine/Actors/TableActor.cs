// An actor's messages, one line each, are its table of contents. Akka.NET's ReceiveActor keeps them so, too, but it compiles each actor's
// lines into code when the first of its kind starts, which costs a short run of the program more than all that the actor does in it. Here
// the handler is found by the message's type, in a dictionary.

using Akka.Actor;

namespace Lguest.Machine.Actors;

/// <summary>A base for actors that say in their constructor which messages they handle. A message goes to the handler of its class, else of
/// the nearest class that it derives from, else of an interface; one without any is unhandled.</summary>
public abstract class TableActor : UntypedActor
{
    private Dictionary<Type, Action<object>?> _handlers = [];
    private Action<object>? _any;

    /// <summary>Handles messages of one class or interface; of two handlers for the same, the first counts.</summary>
    protected void Receive<T>(Action<T> handle)
        where T : class =>
        _handlers.TryAdd(typeof(T), message => handle((T)message));

    /// <summary>Handles whatever no other handler of this table fits.</summary>
    protected void ReceiveAny(Action<object> handle) => _any = handle;

    /// <summary>Replaces the table by the one that <paramref name="configure"/> makes.</summary>
    protected void Become(Action configure)
    {
        _handlers = [];
        _any = null;
        configure();
    }

    /// <inheritdoc/>
    protected sealed override void OnReceive(object message)
    {
        var type = message.GetType();
        if (!_handlers.TryGetValue(type, out var handle))
            _handlers[type] = handle = Inherited(type);
        if ((handle ?? _any) is { } found)
            found(message);
        else
            Unhandled(message);
    }

    private Action<object>? Inherited(Type type)
    {
        for (var parent = type.BaseType; parent is not null; parent = parent.BaseType)
        {
            if (_handlers.TryGetValue(parent, out var handle) && handle is not null)
                return handle;
        }

        return type.GetInterfaces().Select(_handlers.GetValueOrDefault).FirstOrDefault(handle => handle is not null);
    }
}
