// Paths, addresses, and finding actors by them.

using Akka.Actor;

namespace Akka.Embedded.Tests.Actor;

public sealed class SelectionSpec : PatientTestKit
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task An_actor_is_found_by_its_path()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Named()), "a");

        (await Sys.ActorSelection("/user/a").ResolveOne(_patience)).ShouldBe(actor);
        (await Sys.ActorSelection(actor.Path).ResolveOne(_patience)).ShouldBe(actor);
        (await Sys.ActorSelection("akka://test/user/a").ResolveOne(_patience)).ShouldBe(actor);
    }

    [Fact]
    public async Task Who_is_not_there_is_not_found() =>
        await Should.ThrowAsync<ActorNotFoundException>(() => Sys.ActorSelection("/user/nobody").ResolveOne(_patience));

    [Fact]
    public void A_pattern_reaches_all_that_fit()
    {
        foreach (var name in new[] { "w1", "w2", "x1" }) Sys.ActorOf(Props.Create(() => new Named()), name);

        Sys.ActorSelection("/user/w*").Tell("who");

        new[] { ExpectMsg<string>(), ExpectMsg<string>() }.Order().ShouldBe(["w1", "w2"]);
        ExpectNoMsg(100);
    }

    [Fact]
    public void A_relative_path_starts_at_the_actor()
    {
        var parent = Sys.ActorOf(Props.Create(() => new Named()), "parent");
        parent.Tell(new Spawn("one"));
        parent.Tell(new Spawn("two"));

        parent.Tell(new Select("one"));
        ExpectMsg("one");
        parent.Tell(new Select("one/../two"));
        ExpectMsg("two");
        parent.Tell(new Select("../parent"));
        ExpectMsg("parent");
    }

    [Fact]
    public void Identify_is_answered_by_everyone_and_for_nobody()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Named()), "a");

        actor.Tell(new Identify(1));
        ExpectMsg<ActorIdentity>(identity => identity.Subject.Equals(actor) && identity.MessageId.Equals(1));

        Sys.ActorSelection("/user/none").Tell(new Identify(2));
        ExpectMsg<ActorIdentity>(identity => identity.Subject is null && identity.MessageId.Equals(2));
    }

    [Fact]
    public void Paths_and_references_know_their_incarnation()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Named()), "a");

        actor.Path.ToString().ShouldBe("akka://test/user/a");
        actor.Path.ToStringWithoutAddress().ShouldBe("/user/a");
        actor.Path.ToStringWithUid().ShouldBe($"akka://test/user/a#{actor.Path.Uid}");
        actor.Path.Name.ShouldBe("a");
        actor.Path.Elements.ShouldBe(["user", "a"]);
        actor.Path.Parent.ToString().ShouldBe("akka://test/user");
        (actor.Path / "b").ToString().ShouldBe("akka://test/user/a/b");
        ActorPath.Parse(actor.Path.ToStringWithUid()).Uid.ShouldBe(actor.Path.Uid);
        ActorPath.Parse("akka://test/user/a").ShouldBe(actor.Path);
        ActorPath.TryParse("no path", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("akka://sys", "akka", "sys", null, null)]
    [InlineData("akka.tcp://sys@host:2552", "akka.tcp", "sys", "host", 2552)]
    [InlineData("akka.tcp://sys@10.0.0.1:1", "akka.tcp", "sys", "10.0.0.1", 1)]
    public void Addresses_are_read_and_written(string text, string protocol, string system, string? host, int? port)
    {
        var address = Address.Parse(text);

        (address.Protocol, address.System, address.Host, address.Port).ShouldBe((protocol, system, host, port));
        address.ToString().ShouldBe(text);
        address.HasLocalScope.ShouldBe(host is null);
        address.ShouldBe(new Address(protocol, system, host, port));
        address.HostPort().ShouldBe(text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sys")]
    public void What_is_no_address_is_refused(string text) => Should.Throw<UriFormatException>(() => Address.Parse(text));

    [Fact]
    public void Only_our_own_protocols_are_addresses_of_systems() => Address.TryParse("http://sys@host:1", out _).ShouldBeFalse();

    [Fact]
    public void A_reference_survives_its_text()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Named()), "a");
        var provider = ((ExtendedActorSystem)Sys).Provider;

        provider.ResolveActorRef(Akka.Serialization.Serialization.SerializedActorPath(actor)).ShouldBe(actor);
        provider.ResolveActorRef("akka://test/user/nobody").IsNobody().ShouldBeFalse();
        provider.ResolveActorRef("akka://other/user/a").ShouldBe(Sys.DeadLetters);
    }

    private sealed record Spawn(string Name);

    private sealed record Select(string Path);

    private sealed class Named : ReceiveActor
    {
        public Named()
        {
            Receive<Spawn>(spawn =>
            {
                Context.ActorOf(Props.Create(() => new Named()), spawn.Name);
            });
            Receive<Select>(select => Context.ActorSelection(select.Path).Tell("who", Sender));
            Receive<string>(_ => Sender.Tell(Self.Path.Name));
        }
    }
}
