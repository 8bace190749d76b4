// The actor as the runtime sees it: it joins the mailbox, the user's object, the children, the watchers and the verdicts of the supervisor.
// Told in parts, a file each: this one holds identity and context; Messages what a message does; Lifecycle birth, restart and death;
// Children, DeathWatch and ReceiveTimeout what their names say. All state here is touched by the actor's own run only, except where noted.

using Akka.Dispatch;
using Akka.Dispatch.SysMsg;

namespace Akka.Actor;

/// <summary>The context of one actor, alive as long as its reference is.</summary>
public sealed partial class ActorCell : IUntypedActorContext
{
    public const int UndefinedUid = 0;

    [ThreadStatic]
    private static ActorCell _current;

    /// <summary>What a cell has that is no more: whoever keeps the reference of a dead actor must not keep what it was made of.</summary>
    private static readonly Props _terminatedProps = Props.Empty;

    private readonly ActorSystemImpl _system;
    private readonly IInternalActorRef _self;
    private readonly IInternalActorRef _parent;
    private ActorBase _actor;
    private Receive _behavior;
    private Stack<Receive> _outerBehaviors;
    private object _currentMessage;
    private IActorRef _currentSender;
    private ActorTaskScheduler _taskScheduler;

    internal ActorCell(ActorSystemImpl system, IInternalActorRef self, Props props, MessageDispatcher dispatcher, IInternalActorRef parent)
    {
        _system = system;
        _self = self;
        _parent = parent;
        Props = props;
        Dispatcher = dispatcher;
        Mailbox = dispatcher.CreateMailbox(this);
        _serializeMessages = system.Settings.SerializeAllMessages;
    }

    public Props Props { get; private set; }
    public MessageDispatcher Dispatcher { get; }
    public Mailbox Mailbox { get; }
    public ActorSystem System => _system;
    public IActorRef Self => _self;
    public IActorRef Sender => _currentSender;
    public object CurrentMessage => _currentMessage;
    public IInternalActorRef Parent => _parent;
    public bool IsTerminated => Mailbox.IsClosed;
    public bool HasMessages => Mailbox.HasMessages;
    public int NumberOfMessages => Mailbox.NumberOfMessages;
    public ActorTaskScheduler TaskScheduler => Volatile.Read(ref _taskScheduler)
        ?? Interlocked.CompareExchange(ref _taskScheduler, new ActorTaskScheduler(this), null) ?? _taskScheduler;

    IActorRef IActorContext.Parent => _parent;

    /// <summary>The cell whose actor the calling thread is running, or null.</summary>
    internal static ActorCell Current => _current;

    internal ActorSystemImpl SystemImpl => _system;
    internal ActorBase Actor => _actor;

    internal static ActorCell EnterThread(ActorCell cell)
    {
        var outer = _current;
        _current = cell;
        return outer;
    }

    internal static void LeaveThread(ActorCell outer) => _current = outer;

    public static IActorRef GetCurrentSelfOrNoSender() => _current?._self;

    public static IActorRef GetCurrentSenderOrNoSender() => _current?._currentSender;

    /// <summary>Runs the action as if on this actor's thread, which is what a test needs; nothing keeps the actor from running elsewhere meanwhile.</summary>
    public void UseThreadContext(Action action)
    {
        var outer = EnterThread(this);
        try
        {
            action();
        }
        finally
        {
            LeaveThread(outer);
        }
    }

    public void Become(Receive receive) => _behavior = receive;

    public void BecomeStacked(Receive receive)
    {
        (_outerBehaviors ??= new Stack<Receive>()).Push(_behavior);
        _behavior = receive;
    }

    public void Become(UntypedReceive receive) => Become(Handled(receive));

    public void BecomeStacked(UntypedReceive receive) => BecomeStacked(Handled(receive));

    public void UnbecomeStacked()
    {
        if (_outerBehaviors is { Count: > 0 } outer) _behavior = outer.Pop();
    }

    public ActorSelection ActorSelection(ActorPath actorPath) => ActorRefFactoryShared.ActorSelection(actorPath, _system);

    public ActorSelection ActorSelection(string actorPath) => ActorRefFactoryShared.ActorSelection(actorPath, _system, _self);

    private static Receive Handled(UntypedReceive receive) => message =>
    {
        receive(message);
        return true;
    };

    internal void SendSystemMessage(SystemMessage message) => Dispatcher.SystemDispatch(this, message);
}
