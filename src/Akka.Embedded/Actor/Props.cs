// The recipe of an actor: type, constructor arguments and where it is to run. A value that can be reused for any number of actors.

using System.Linq.Expressions;
using System.Reflection;
using Akka.Serialization;

namespace Akka.Actor;

public class Props : IEquatable<Props>
{
    public static readonly Props None = new(typeof(DefaultActor), Array.Empty<object>());

    private readonly Func<ActorBase> _producer;

    public Props(Type type, object[] args)
        : this(Deploy.None, type, args)
    {
    }

    public Props(Type type)
        : this(Deploy.None, type, Array.Empty<object>())
    {
    }

    public Props(Type type, SupervisorStrategy supervisorStrategy, params object[] args)
        : this(Deploy.None, type, args) => SupervisorStrategy = supervisorStrategy;

    public Props(Type type, SupervisorStrategy supervisorStrategy, IEnumerable<object> args)
        : this(type, supervisorStrategy, args.ToArray())
    {
    }

    public Props(Deploy deploy, Type type, params object[] args)
    {
        ArgumentNullException.ThrowIfNull(type);
        Deploy = deploy;
        Type = type;
        Arguments = args ?? [null];
    }

    public Props(Deploy deploy, Type type, IEnumerable<object> args)
        : this(deploy, type, args.ToArray())
    {
    }

    protected Props(Props copy)
    {
        Deploy = copy.Deploy;
        Type = copy.Type;
        Arguments = copy.Arguments;
        SupervisorStrategy = copy.SupervisorStrategy;
        _producer = copy._producer;
    }

    private Props(Props copy, Func<ActorBase> producer)
        : this(copy) => _producer = producer;

    public static Props Empty => new(typeof(EmptyActor), Array.Empty<object>());

    public Type Type { get; }
    public object[] Arguments { get; }
    public Deploy Deploy { get; protected set; }

    /// <summary>Overrides the strategy the actor declares for its children; null keeps it.</summary>
    public SupervisorStrategy SupervisorStrategy { get; protected set; }

    public string TypeName => Type.AssemblyQualifiedName;

    /// <summary>The dispatcher asked for, or the default one's name.</summary>
    public string Dispatcher => Deploy.Dispatcher == Deploy.NoDispatcherGiven ? Dispatch.Dispatchers.DefaultDispatcherId : Deploy.Dispatcher;

    /// <summary>From <c>() => new MyActor(a, b)</c>: the arguments are evaluated now, the constructor runs for each actor.</summary>
    public static Props Create<TActor>(Expression<Func<TActor>> factory, SupervisorStrategy supervisorStrategy = null)
        where TActor : ActorBase
    {
        if (factory.Body is UnaryExpression)
            return new Props(new Props(typeof(TActor), supervisorStrategy), Compile(factory));
        var creation = (NewExpression)factory.Body;
        return new Props(typeof(TActor), supervisorStrategy, creation.Arguments.Select(Evaluate).ToArray());
    }

    public static Props Create<TActor>(params object[] args)
        where TActor : ActorBase => new(typeof(TActor), args);

    public static Props Create<TActor>(SupervisorStrategy supervisorStrategy)
        where TActor : ActorBase, new() => new(typeof(TActor), supervisorStrategy);

    public static Props Create(Type type, params object[] args)
    {
        if (type is null) throw new ArgumentNullException(nameof(type), "Props must be instantiated with an actor type.");
        return new Props(type, args);
    }

    public static Props CreateBy(IIndirectActorProducer producer, params object[] args) =>
        new(new Props(producer.ActorType, args), producer.Produce);

    public Props WithDispatcher(string dispatcher) => With(Deploy.WithDispatcher(dispatcher));

    /// <summary>Settings given here win over those the props already carry.</summary>
    public Props WithDeploy(Deploy deploy) => With(deploy.WithFallback(Deploy));

    public Props WithStashCapacity(int stashCapacity) => With(Deploy.WithStashCapacity(stashCapacity));

    public Props WithSupervisorStrategy(SupervisorStrategy supervisorStrategy)
    {
        var copy = Copy();
        copy.SupervisorStrategy = supervisorStrategy;
        return copy;
    }

    public virtual ActorBase NewActor()
    {
        if (_producer is not null) return _producer();
        try
        {
            return (ActorBase)Activator.CreateInstance(Type, Arguments);
        }
        catch (TargetInvocationException failure)
        {
            throw new TypeLoadException(
                $"Error while creating actor instance of type {Type} with {Arguments.Length} args: ({string.Join(",", Arguments)})", failure.InnerException);
        }
    }

    public bool Equals(Props other) =>
        other is not null && Equals(Deploy, other.Deploy) && Type == other.Type && Equals(SupervisorStrategy, other.SupervisorStrategy)
        && Arguments.SequenceEqual(other.Arguments);

    public override bool Equals(object obj) => Equals(obj as Props);
    public override int GetHashCode() => HashCode.Combine(Type, Deploy, SupervisorStrategy);

    protected virtual Props Copy() => new(this);

    /// <summary>With <c>serialize-creators</c>, proves that the arguments could travel to another node.</summary>
    internal void VerifySerializable(ActorSystemImpl system)
    {
        foreach (var argument in Arguments)
            if (argument is not null) SerializedCopy.Of(argument, system);
    }

    private Props With(Deploy deploy)
    {
        var copy = Copy();
        copy.Deploy = deploy;
        return copy;
    }

    private static Func<ActorBase> Compile<TActor>(Expression<Func<TActor>> factory)
        where TActor : ActorBase
    {
        var create = factory.Compile();
        return () => create();
    }

    private static object Evaluate(Expression argument) => argument is ConstantExpression constant
        ? constant.Value
        : Expression.Lambda<Func<object>>(Expression.Convert(argument, typeof(object))).Compile(preferInterpretation: true)();

    private sealed class EmptyActor : UntypedActor
    {
        protected override void OnReceive(object message) => Unhandled(message);
    }

    private sealed class DefaultActor : UntypedActor
    {
        protected override void OnReceive(object message) =>
            throw new InvalidOperationException("No actor producer specified!");
    }
}

/// <summary>Builds actors in some way of its own, a container for instance.</summary>
public interface IIndirectActorProducer
{
    Type ActorType { get; }
    ActorBase Produce();
    void Release(ActorBase actor);
}
