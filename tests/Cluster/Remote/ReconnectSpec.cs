// Connections that break and heal, systems that come back as others, and systems that were given up. A node that was cut off joins again
// as a new one (RejoinActor), which is only possible because a quarantine holds for one life of a system and not for its address.

using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote;
using Lguest.Support;

namespace Lguest.Cluster.Tests.Remote;

public sealed class ReconnectSpec : RemoteSpecBase
{
    private static readonly TimeSpan _long = TimeSpan.FromSeconds(20);

    private IRemoteActorRefProvider Provider => (IRemoteActorRefProvider)((ExtendedActorSystem)Sys).Provider;

    [Fact]
    public async Task A_system_that_comes_back_is_talked_to_again()
    {
        var echo = await Resolve(Other.ActorOf(Props.Create(() => new Echo()), "echo"));
        await echo.Ask<string>("before", _long);

        await RestartOther();
        Other.ActorOf(Props.Create(() => new Echo()), "echo");

        await AwaitAnswer($"{OtherAddress}/user/echo");
    }

    [Fact]
    public async Task A_cut_line_heals_and_nothing_that_must_arrive_is_lost()
    {
        int port = FreePorts.Next();
        using var line = new CuttableLine(port);
        var behind = ActorSystem.Create("behind", ConfigurationFactory.ParseString(
            $"akka.remote.dot-netty.tcp {{ port = {port}, public-port = {line.Port} }}").WithFallback(Sys.Settings.Config));
        var actor = behind.ActorOf(Props.Create(() => new Echo()), "echo");
        var echo = await Sys.ActorSelection($"{AddressOf(behind)}/user/echo").ResolveOne(_long);
        Watch(echo);
        await echo.Ask<string>("before", _long);

        line.Cut();
        behind.Stop(actor);
        line.Heal();

        ExpectTerminated(echo, _long);
        behind.ActorOf(Props.Create(() => new Echo()), "echo-2");
        await AwaitAnswer($"{AddressOf(behind)}/user/echo-2");
        Shutdown(behind);
    }

    [Fact]
    public async Task A_quarantined_system_is_not_talked_to_until_it_is_another()
    {
        var echo = await Resolve(Other.ActorOf(Props.Create(() => new Echo()), "echo"));
        await echo.Ask<string>("before", _long);
        var events = CreateTestProbe();
        Sys.EventStream.Subscribe(events.Ref, typeof(QuarantinedEvent));
        int uid = AddressUidExtension.Uid(Other);

        Provider.Quarantine(OtherAddress, uid);

        var quarantined = events.ExpectMsg<QuarantinedEvent>(_long);
        quarantined.Address.ShouldBe(OtherAddress);
        quarantined.Uid.ShouldBe(uid);
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        await AwaitAssertAsync(
            () =>
            {
                echo.Tell("after", TestActor);
                FishForMessage<DeadLetter>(letter => Equals(letter.Message, "after"), TimeSpan.FromSeconds(2));
            },
            _long);
        Sys.EventStream.Unsubscribe(TestActor);

        await RestartOther();
        Other.ActorOf(Props.Create(() => new Echo()), "echo");

        await AwaitAnswer($"{OtherAddress}/user/echo");
    }

    [Fact]
    public async Task A_system_learns_that_it_has_been_quarantined()
    {
        var echo = await Resolve(Other.ActorOf(Props.Create(() => new Echo()), "echo"));
        await echo.Ask<string>("before", _long);
        var events = CreateTestProbe(Other);
        Other.EventStream.Subscribe(events.Ref, typeof(ThisActorSystemQuarantinedEvent));

        Provider.Quarantine(OtherAddress, AddressUidExtension.Uid(Other));

        // It is told at the latest when it wants something of us.
        await AwaitAssertAsync(
            () =>
            {
                Other.ActorSelection(new RootActorPath(AddressOf(Sys)) / "user" / "nobody").Tell("still there?", ActorRefs.NoSender);
                events.ExpectMsg<ThisActorSystemQuarantinedEvent>(TimeSpan.FromSeconds(1)).RemoteAddress.ShouldBe(AddressOf(Sys));
            },
            _long);
    }

    // What is said while an address is gated is lost: ask until somebody answers.
    private async Task AwaitAnswer(string path) =>
        await AwaitAssertAsync(async () => (await Sys.ActorSelection(path).Ask<string>("again", TimeSpan.FromSeconds(1))).ShouldBe("again"),
            _long);
}
