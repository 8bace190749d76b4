// The usual actor: its constructor lists, one line a message type, what it understands. Become swaps the list.

namespace Akka.Actor;

public abstract class ReceiveActor : UntypedActor, IInitializableActor
{
    private readonly Stack<MessageHandlers> _building = new();

    protected ReceiveActor() => _building.Push(new MessageHandlers());

    void IInitializableActor.Init() => base.Become(_building.Pop().Build());

    protected sealed override bool Receive(object message) => false;

    protected sealed override void OnReceive(object message)
    {
    }

    protected void Become(Action configure) => base.Become(Configure(configure));

    protected void BecomeStacked(Action configure) => base.BecomeStacked(Configure(configure));

    protected void Receive<T>(Action<T> handler, Predicate<T> shouldHandle = null) =>
        Add(MessageHandlers.For(handler, shouldHandle), typeof(T) == typeof(object) && shouldHandle is null);

    protected void Receive<T>(Predicate<T> shouldHandle, Action<T> handler) => Receive(handler, shouldHandle);

    protected void Receive(Type messageType, Action<object> handler, Predicate<object> shouldHandle = null) =>
        Add(MessageHandlers.For(messageType, handler, shouldHandle), messageType == typeof(object) && shouldHandle is null);

    protected void Receive(Type messageType, Predicate<object> shouldHandle, Action<object> handler) => Receive(messageType, handler, shouldHandle);

    /// <summary>The handler says itself, by its result, whether it took the message.</summary>
    protected void Receive<T>(Func<T, bool> handler) => Add(MessageHandlers.For(handler));

    protected void Receive(Type messageType, Func<object, bool> handler) => Add(MessageHandlers.For(messageType, handler));

    protected void ReceiveAny(Action<object> handler) => Add(MessageHandlers.For(handler, null), catchesAll: true);

    /// <summary>No other message is taken until the handler's task has ended.</summary>
    protected void ReceiveAsync<T>(Func<T, Task> handler, Predicate<T> shouldHandle = null) =>
        Receive(MessageHandlers.Async(handler), shouldHandle);

    protected void ReceiveAsync<T>(Predicate<T> shouldHandle, Func<T, Task> handler) => ReceiveAsync(handler, shouldHandle);

    protected void ReceiveAsync(Type messageType, Func<object, Task> handler, Predicate<object> shouldHandle = null) =>
        Receive(messageType, MessageHandlers.Async(handler), shouldHandle);

    protected void ReceiveAsync(Type messageType, Predicate<object> shouldHandle, Func<object, Task> handler) =>
        ReceiveAsync(messageType, handler, shouldHandle);

    protected void ReceiveAnyAsync(Func<object, Task> handler) => ReceiveAny(MessageHandlers.Async(handler));

    private Receive Configure(Action configure)
    {
        _building.Push(new MessageHandlers());
        configure();
        return _building.Pop().Build();
    }

    private void Add(Func<object, bool> handler, bool catchesAll = false)
    {
        if (_building.Count == 0)
            throw new InvalidOperationException("You may only call Receive-methods when constructing the actor and inside Become().");
        _building.Peek().Add(handler, catchesAll);
    }
}
