// The reference to an actor of this process: a thin handle on its cell.

using Akka.Dispatch;
using Akka.Dispatch.SysMsg;

namespace Akka.Actor;

public class LocalActorRef : InternalActorRefBase
{
    private readonly ActorPath _path;
    private readonly ActorCell _cell;

    internal LocalActorRef(ActorSystemImpl system, Props props, MessageDispatcher dispatcher, IInternalActorRef supervisor, ActorPath path)
    {
        _path = path;
        _cell = new ActorCell(system, this, props, dispatcher, supervisor);
    }

    public override ActorPath Path => _path;
    public override IActorRefProvider Provider => _cell.SystemImpl.Provider;
    public override IInternalActorRef Parent => _cell.Parent;
    public override bool IsLocal => true;
    public override bool IsTerminated => _cell.IsTerminated;
    public ActorCell Cell => _cell;
    public virtual IEnumerable<IActorRef> Children => _cell.GetChildren();

    public override void Start() => _cell.Start();
    public override void Stop() => _cell.SendSystemMessage(new Terminate());
    public override void Suspend() => _cell.SendSystemMessage(new Suspend());
    public override void Resume(Exception causedByFailure = null) => _cell.SendSystemMessage(new Resume(causedByFailure));
    public override void Restart(Exception cause) => _cell.SendSystemMessage(new Recreate(cause));

    public override void SendSystemMessage(ISystemMessage message) => _cell.SendSystemMessage((SystemMessage)message);

    public override IActorRef GetChild(IReadOnlyList<string> name)
    {
        IInternalActorRef current = this;
        for (var i = 0; i < name.Count; i++)
        {
            switch (name[i])
            {
                case "..":
                    current = current.Parent;
                    break;
                case "":
                    break;
                default:
                    if (current is not LocalActorRef local) return current.GetChild(name.Skip(i).ToList());
                    current = local.GetSingleChild(name[i]);
                    break;
            }

            if (current is Nobody) return ActorRefs.Nobody;
        }

        return current;
    }

    public virtual IInternalActorRef GetSingleChild(string name) => _cell.GetChildByName(name);

    protected override void TellInternal(object message, IActorRef sender) => _cell.SendMessage(message, sender);
}
