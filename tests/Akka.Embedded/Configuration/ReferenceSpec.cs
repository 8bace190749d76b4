// Every default of the runtime, as the configuration gives it and as the settings read it.

using Akka.Actor;
using Akka.Configuration;

namespace Akka.Embedded.Tests.Configuration;

public sealed class ReferenceSpec : Akka.TestKit.Xunit2.TestKit
{
    [Theory]
    [InlineData("akka.loglevel", "INFO")]
    [InlineData("akka.stdout-loglevel", "WARNING")]
    [InlineData("akka.loggers-dispatcher", "akka.actor.default-dispatcher")]
    [InlineData("akka.logger-startup-timeout", "5s")]
    [InlineData("akka.logger-async-start", "false")]
    [InlineData("akka.log-config-on-start", "off")]
    [InlineData("akka.log-dead-letters", "10")]
    [InlineData("akka.log-dead-letters-during-shutdown", "off")]
    [InlineData("akka.log-dead-letters-suspend-duration", "5 minutes")]
    [InlineData("akka.actor.provider", "Akka.Actor.LocalActorRefProvider")]
    [InlineData("akka.actor.guardian-supervisor-strategy", "Akka.Actor.DefaultSupervisorStrategy")]
    [InlineData("akka.actor.creation-timeout", "20s")]
    [InlineData("akka.actor.serialize-messages", "off")]
    [InlineData("akka.actor.serialize-creators", "off")]
    [InlineData("akka.actor.ask-timeout", "infinite")]
    [InlineData("akka.actor.default-dispatcher.type", "Dispatcher")]
    [InlineData("akka.actor.default-dispatcher.executor", "default-executor")]
    [InlineData("akka.actor.default-dispatcher.throughput", "30")]
    [InlineData("akka.actor.default-dispatcher.throughput-deadline-time", "0ms")]
    [InlineData("akka.actor.default-dispatcher.shutdown-timeout", "1s")]
    [InlineData("akka.actor.default-dispatcher.fork-join-executor.parallelism-min", "8")]
    [InlineData("akka.actor.default-dispatcher.fork-join-executor.parallelism-factor", "1.0")]
    [InlineData("akka.actor.default-dispatcher.fork-join-executor.parallelism-max", "64")]
    [InlineData("akka.actor.internal-dispatcher.throughput", "5")]
    [InlineData("akka.actor.default-blocking-io-dispatcher.throughput", "1")]
    [InlineData("akka.actor.default-fork-join-dispatcher.type", "ForkJoinDispatcher")]
    [InlineData("akka.actor.default-fork-join-dispatcher.dedicated-thread-pool.thread-count", "3")]
    [InlineData("akka.actor.debug.receive", "off")]
    [InlineData("akka.actor.debug.autoreceive", "off")]
    [InlineData("akka.actor.debug.lifecycle", "off")]
    [InlineData("akka.actor.debug.event-stream", "off")]
    [InlineData("akka.actor.debug.unhandled", "off")]
    [InlineData("akka.scheduler.tick-duration", "10ms")]
    [InlineData("akka.scheduler.implementation", "Akka.Actor.HashedWheelTimerScheduler")]
    [InlineData("akka.scheduler.shutdown-timeout", "5s")]
    [InlineData("akka.coordinated-shutdown.default-phase-timeout", "5 s")]
    [InlineData("akka.coordinated-shutdown.terminate-actor-system", "on")]
    [InlineData("akka.coordinated-shutdown.exit-clr", "off")]
    [InlineData("akka.coordinated-shutdown.run-by-clr-shutdown-hook", "on")]
    [InlineData("akka.coordinated-shutdown.run-by-actor-system-terminate", "on")]
    public void Default(string path, string expected) => ConfigurationFactory.Default().GetString(path).ShouldBe(expected);

    [Fact]
    public void Settings_read_them()
    {
        Sys.Settings.AskTimeout.ShouldBe(Timeout.InfiniteTimeSpan);
        Sys.Settings.LogDeadLetters.ShouldBe(10);
        Sys.Settings.SerializeAllMessages.ShouldBeFalse();
        Sys.Dispatchers.DefaultGlobalDispatcher.Throughput.ShouldBe(30);
        Sys.Dispatchers.DefaultGlobalDispatcher.Id.ShouldBe("akka.actor.default-dispatcher");
    }

    [Theory]
    [InlineData("akka.test.timefactor", "1.0")]
    [InlineData("akka.test.filter-leeway", "3s")]
    [InlineData("akka.test.single-expect-default", "3s")]
    [InlineData("akka.test.default-timeout", "5s")]
    public void Default_of_tests(string path, string expected) => DefaultConfig.GetString(path).ShouldBe(expected);
}
