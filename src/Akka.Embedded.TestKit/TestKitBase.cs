// The base of every actor test: a system, a test actor that collects what is sent to it, and expectations about what arrives.
// In parts, a file each: this one sets up and takes down; Expect, ExpectMsgFrom, ExpectMany, Receive, Await, Within and ActorOf do what they say.

using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.TestKit.Internal;

namespace Akka.TestKit;

public abstract partial class TestKitBase : IActorRefFactory
{
    private static long _testActorNumber;

    private readonly ITestKitAssertions _assertions;
    private readonly MessageQueue _queue = new();
    private TimeSpan? _end;
    private bool _lastWasNoMsg;
    private MessageEnvelope _lastMessage = NullMessageEnvelope.Instance;

    protected TestKitBase(ITestKitAssertions assertions, ActorSystem system = null, string testActorName = null)
        : this(assertions, system, DefaultConfig, null, testActorName)
    {
    }

    protected TestKitBase(ITestKitAssertions assertions, Config config, string actorSystemName = null, string testActorName = null)
        : this(assertions, null, config, actorSystemName, testActorName)
    {
    }

    private TestKitBase(ITestKitAssertions assertions, ActorSystem system, Config config, string actorSystemName, string testActorName)
    {
        ArgumentNullException.ThrowIfNull(assertions);
        _assertions = assertions;
        if (system is null)
            system = ActorSystem.Create(actorSystemName ?? "test", ReferenceEquals(config, DefaultConfig) ? config : config.SafeWithFallback(DefaultConfig));
        else
            system.Settings.InjectTopLevelFallback(DefaultConfig);
        Sys = system;
        TestKitSettings = TestKitExtension.For(system);
        Log = Logging.GetLogger(system, GetType());
        EventFilter = new EventFilterFactory(this);
        TestActor = CreateTestActor(system, testActorName ?? "testActor" + Interlocked.Increment(ref _testActorNumber));
        KeepImplicitSender();
    }

    /// <summary>The settings of tests, over the reference configuration.</summary>
    public static Config DefaultConfig { get; } =
        ConfigurationFactory.FromResource("Akka.TestKit.Internal.Reference.conf", typeof(TestKitBase).Assembly).WithFallback(ConfigurationFactory.Default());

    /// <summary>Logs everything the runtime can say about itself.</summary>
    public static Config FullDebugConfig { get; } = ConfigurationFactory.ParseString(
        """
        akka.log-dead-letters-during-shutdown = true
        akka.actor.debug.receive = true
        akka.actor.debug.autoreceive = true
        akka.actor.debug.lifecycle = true
        akka.actor.debug.event-stream = true
        akka.actor.debug.unhandled = true
        akka.stdout-loglevel = DEBUG
        akka.loglevel = DEBUG
        """);

    public static TimeSpan Now => TimeSpan.FromTicks(DateTime.UtcNow.Ticks);

    public ActorSystem Sys { get; }
    public TestKitSettings TestKitSettings { get; }
    public IActorRef TestActor { get; }
    public ILoggingAdapter Log { get; }
    public EventFilterFactory EventFilter { get; }
    public bool HasMessages => _queue.Count > 0;

    /// <summary>The sender of the last message that was received, by whatever expectation.</summary>
    public IActorRef LastSender => _lastMessage.Sender;

    public object LastMessage => _lastMessage.Message;

    internal ITestKitAssertions AssertionsInternal => _assertions;

    public EventFilterFactory CreateEventFilter(ActorSystem system) => new(this, system);

    public void IgnoreMessages(Func<object, bool> shouldIgnoreMessage) =>
        TestActor.Tell(new TestActor.SetIgnore(message => shouldIgnoreMessage(message)), TestActor);

    public void IgnoreMessages<TMsg>(Func<TMsg, bool> shouldIgnoreMessage) =>
        IgnoreMessages(message => message is TMsg typed && shouldIgnoreMessage(typed));

    public void IgnoreMessages<TMsg>() => IgnoreMessages(message => message is TMsg);

    public void IgnoreNoMessages() => TestActor.Tell(new TestActor.SetIgnore(null), TestActor);

    /// <summary>The test actor will get <see cref="Terminated"/> when the actor ends.</summary>
    public IActorRef Watch(IActorRef actorToWatch)
    {
        TestActor.Tell(new TestActor.Watch(actorToWatch), TestActor);
        return actorToWatch;
    }

    public IActorRef Unwatch(IActorRef actorToUnwatch)
    {
        TestActor.Tell(new TestActor.Unwatch(actorToUnwatch), TestActor);
        return actorToUnwatch;
    }

    public void SetAutoPilot(AutoPilot pilot) => TestActor.Tell(new TestActor.SetAutoPilot(pilot), TestActor);

    /// <summary>The duration times <c>akka.test.timefactor</c>.</summary>
    public TimeSpan Dilated(TimeSpan duration)
    {
        if (duration < TimeSpan.Zero && duration != Timeout.InfiniteTimeSpan)
            throw new ArgumentException("Duration must be positive.", nameof(duration));
        return duration == Timeout.InfiniteTimeSpan ? duration : duration * TestKitSettings.TestTimeFactor;
    }

    public TimeSpan GetTimeoutOrDefault(TimeSpan? timeout) => timeout ?? TestKitSettings.DefaultTimeout;

    public virtual TestProbe CreateTestProbe(string name = null) => CreateTestProbe(Sys, name);

    public virtual TestProbe CreateTestProbe(ActorSystem system, string name = null) => new(system, _assertions, name);

    public virtual TestLatch CreateTestLatch(int count = 1) => new(Dilated, count, TestKitSettings.DefaultTimeout);

    public IActorRef CreateTestActor(string name) => CreateTestActor(Sys, name);

    public virtual void Shutdown(TimeSpan? duration = null, bool verifySystemShutdown = false) => Shutdown(Sys, duration, verifySystemShutdown);

    protected virtual void Shutdown(ActorSystem system, TimeSpan? duration = null, bool verifySystemShutdown = false)
    {
        system ??= Sys;
        var wait = duration ?? Min(Max(Dilated(TimeSpan.FromSeconds(5)), TimeSpan.FromSeconds(1)), TimeSpan.FromSeconds(10));
        if (system.Terminate().Wait(wait)) return;
        var message = $"Failed to stop [{system.Name}] within [{wait}]";
        if (verifySystemShutdown) throw new TimeoutException(message);
        system.Log.Warning(message);
    }

    private IActorRef CreateTestActor(ActorSystem system, string name)
    {
        var queue = _queue;
        var actor = ((ExtendedActorSystem)system).SystemActorOf(
            Props.Create(() => new InternalTestActor(queue)).WithDispatcher("akka.test.test-actor.dispatcher"), name);
        return actor;
    }

    private void KeepImplicitSender()
    {
        if (this is TestProbe) return;
        var cell = this is INoImplicitSender ? null : ((LocalActorRef)TestActor).Cell;
        ActorCell.EnterThread(cell);
        SynchronizationContext.SetSynchronizationContext(new ActorCellKeepingSynchronizationContext(cell));
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
