// Publishing and subscribing, logging, and the log of lost letters.

using Akka.Actor;
using Akka.Configuration;
using Akka.Event;

namespace Akka.Embedded.Tests.Event;

public sealed class EventStreamSpec : PatientTestKit
{
    public EventStreamSpec()
        : base(ConfigurationFactory.ParseString("akka.loglevel = DEBUG"))
    {
    }

    private abstract record Animal;

    private sealed record Dog(string Name) : Animal;

    private sealed record Cat(string Name) : Animal;

    [Fact]
    public void Subscribers_to_a_type_hear_everything_that_is_one()
    {
        var dogs = CreateTestProbe();
        Sys.EventStream.Subscribe(TestActor, typeof(Animal)).ShouldBeTrue();
        Sys.EventStream.Subscribe<Dog>(dogs.Ref).ShouldBeTrue();

        Sys.EventStream.Publish(new Cat("tom"));
        Sys.EventStream.Publish(new Dog("rex"));

        ExpectMsg(new Cat("tom"));
        ExpectMsg(new Dog("rex"));
        dogs.ExpectMsg(new Dog("rex"));
        dogs.ExpectNoMsg(50);
    }

    [Fact]
    public void Who_unsubscribes_hears_no_more()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Dog));
        Sys.EventStream.Unsubscribe(TestActor, typeof(Dog)).ShouldBeTrue();

        Sys.EventStream.Publish(new Dog("rex"));

        ExpectNoMsg(50);
    }

    [Fact]
    public void Subscribing_twice_is_subscribing_once()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Dog)).ShouldBeTrue();
        Sys.EventStream.Subscribe(TestActor, typeof(Dog)).ShouldBeFalse();

        Sys.EventStream.Publish(new Dog("rex"));

        ExpectMsg(new Dog("rex"));
        ExpectNoMsg(50);
    }

    [Fact]
    public void An_actors_log_events_carry_its_path_its_text_and_their_level()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(LogEvent));
        var actor = Sys.ActorOf(Props.Create(() => new Talking()), "talking");

        actor.Tell("warn");

        var warning = FishForMessage<Warning>(_ => true);
        warning.LogSource.ShouldBe("akka://test/user/talking");
        warning.LogClass.ShouldBe(typeof(Talking));
        warning.Message.ToString().ShouldBe("two and three make 5");
        warning.LogLevel().ShouldBe(LogLevel.WarningLevel);
        warning.Cause.ShouldBeNull();
        warning.ToString().ShouldContain("[WARNING]");
    }

    [Theory]
    [InlineData("debug")]
    [InlineData("info")]
    [InlineData("warn")]
    [InlineData("error")]
    public void Each_level_can_be_expected(string level)
    {
        var actor = Sys.ActorOf(Props.Create(() => new Talking()));
        var filter = level switch
        {
            "debug" => EventFilter.Debug(contains: "make 5"),
            "info" => EventFilter.Info(start: "two and"),
            "warn" => EventFilter.Warning(message: "two and three make 5"),
            _ => EventFilter.Error(contains: "make 5"),
        };

        filter.ExpectOne(() => actor.Tell(level));
    }

    [Fact]
    public void An_error_carries_its_cause()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Talking()));

        EventFilter.Exception<InvalidOperationException>(message: "boom").ExpectOne(() => actor.Tell("cause"));
    }

    [Fact]
    public async Task Levels_below_the_configured_one_are_not_even_made()
    {
        var system = ActorSystem.Create("quiet", "akka.loglevel = WARNING");
        var log = Logging.GetLogger(system, "test");

        log.IsInfoEnabled.ShouldBeFalse();
        log.IsWarningEnabled.ShouldBeTrue();
        log.IsEnabled(LogLevel.ErrorLevel).ShouldBeTrue();

        await system.Terminate();
    }

    [Fact]
    public async Task A_logger_of_ones_own_can_be_configured()
    {
        var system = ActorSystem.Create("logged", $"akka.loggers = [\"{typeof(Collecting).AssemblyQualifiedName}\"]");

        system.Log.Warning("seen {0}", 1);

        var seen = await Collecting.First.Task.WaitAsync(TimeSpan.FromSeconds(20));
        seen.LogLevel().ShouldBe(LogLevel.WarningLevel);
        await system.Terminate();
    }

    [Fact]
    public void A_logger_that_does_not_exist_is_a_configuration_error() =>
        Should.Throw<ConfigurationException>(() => ActorSystem.Create("unlogged", """akka.loggers = ["No.Such.Logger, Nowhere"]"""));

    [Fact]
    public void Lost_letters_are_logged_until_there_are_enough()
    {
        var gone = Sys.ActorOf(Props.Create(() => new Talking()));
        Watch(gone);
        Sys.Stop(gone);
        ExpectTerminated(gone);

        EventFilter.Info(contains: "dead letters encountered").Expect(10, () =>
        {
            foreach (var i in Enumerable.Range(0, 15)) gone.Tell(i);
        });
    }

    private sealed class Talking : ReceiveActor
    {
        public Talking()
        {
            var log = Context.GetLogger();
            Receive<string>(level =>
            {
                switch (level)
                {
                    case "debug":
                        log.Debug("{0} and {1} make {2}", "two", "three", 5);
                        break;
                    case "info":
                        log.Info("{0} and {1} make {2}", "two", "three", 5);
                        break;
                    case "warn":
                        log.Warning("{0} and {1} make {2}", "two", "three", 5);
                        break;
                    case "error":
                        log.Error("{0} and {1} make {2}", "two", "three", 5);
                        break;
                    default:
                        log.Error(new InvalidOperationException("boom"), "it went {0}", "wrong");
                        break;
                }
            });
        }
    }

    public sealed class Collecting : ReceiveActor
    {
        internal static readonly TaskCompletionSource<Warning> First = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Collecting()
        {
            Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
            Receive<Warning>(warning =>
            {
                // The runtime may have something to warn of by itself, such as a logger that took its time.
                if (warning.Message.ToString() == "seen 1")
                    First.TrySetResult(warning);
            });
            ReceiveAny(_ => { });
        }
    }
}
