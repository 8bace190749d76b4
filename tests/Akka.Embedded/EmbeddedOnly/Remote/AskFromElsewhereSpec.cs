// Several systems in one process, as in tests of whole clusters: an ask made on a thread that belongs to an actor of another system must find its way
// back all the same. Akka.NET takes the thread's system for the answer's, and loses it.

using Akka.Actor;
using Akka.Configuration;
using Akka.Embedded.Tests.Remote;

namespace Akka.Embedded.Tests.EmbeddedOnly.Remote;

public sealed class AskFromElsewhereSpec : IAsyncLifetime
{
    private const string Reachable = "akka { loglevel = ERROR, actor.provider = remote, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 } }";
    private static readonly TimeSpan _long = TimeSpan.FromSeconds(20);

    private readonly ActorSystem _left = ActorSystem.Create("left", ConfigurationFactory.ParseString(Reachable));
    private readonly ActorSystem _right = ActorSystem.Create("right", ConfigurationFactory.ParseString(Reachable));
    private readonly ActorSystem _elsewhere = ActorSystem.Create("elsewhere", ConfigurationFactory.ParseString("akka.loglevel = ERROR"));

    [Fact]
    public async Task An_answer_comes_back_to_the_system_of_whoever_was_asked()
    {
        _right.ActorOf(Props.Create(() => new Echo()), "echo");
        var address = ((ExtendedActorSystem)_right).Provider.DefaultAddress;
        var echo = await _left.ActorSelection(new RootActorPath(address) / "user" / "echo").ResolveOne(_long);

        var asker = _elsewhere.ActorOf(Props.Create(() => new Asker(echo)));

        (await asker.Ask<string>("hello", _long)).ShouldBe("hello");
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => Task.WhenAll(_left.Terminate(), _right.Terminate(), _elsewhere.Terminate());

    private sealed class Asker : ReceiveActor
    {
        public Asker(IActorRef other) => Receive<string>(text => other.Ask<string>(text, TimeSpan.FromSeconds(5)).PipeTo(Sender));
    }
}
