// The base class of actor tests under xunit 2: a fresh system for each test, shut down after it.

using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.TestKit.Xunit2.Internals;
using Xunit.Abstractions;

namespace Akka.TestKit.Xunit2;

public class TestKit : TestKitBase, IDisposable
{
    protected readonly ITestOutputHelper Output;

    private bool _disposed;

    public TestKit(ActorSystem system = null, ITestOutputHelper output = null)
        : base(Assertions, system)
    {
        Output = output;
        InitializeLogger(Sys);
    }

    public TestKit(Config config, string actorSystemName = null, ITestOutputHelper output = null)
        : base(Assertions, config, actorSystemName)
    {
        Output = output;
        InitializeLogger(Sys);
    }

    public TestKit(string config, ITestOutputHelper output = null)
        : base(Assertions, ConfigurationFactory.ParseString(config))
    {
        Output = output;
        InitializeLogger(Sys);
    }

    public static new Config DefaultConfig => TestKitBase.DefaultConfig;
    public static new Config FullDebugConfig => TestKitBase.FullDebugConfig;

    protected static XunitAssertions Assertions { get; } = new();

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs after the test, before the system is shut down.</summary>
    protected virtual void AfterAll()
    {
    }

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing || _disposed) return;
        _disposed = true;
        try
        {
            AfterAll();
        }
        finally
        {
            Shutdown();
            SynchronizationContext.SetSynchronizationContext(null);
            ActorCell.LeaveThread(null);
        }
    }

    protected void InitializeLogger(ActorSystem system)
    {
        if (Output is null) return;
        var logger = ((ExtendedActorSystem)system).SystemActorOf(Props.Create(() => new TestOutputLogger(Output)), "log-test");
        logger.Tell(new InitializeLogger(system.EventStream), TestActor);
        ExpectMsg<LoggerInitialized>();
    }
}
