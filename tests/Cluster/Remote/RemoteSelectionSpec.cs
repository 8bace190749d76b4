// Selections that lead to other systems: by name, by pattern, into nothing.

using Akka.Actor;

namespace Lguest.Cluster.Tests.Remote;

public sealed class RemoteSelectionSpec : RemoteSpecBase
{
    [Fact]
    public async Task A_selection_finds_the_one_actor_it_means()
    {
        var actor = Other.ActorOf(Props.Create(() => new Echo()), "echo");

        var found = await Sys.ActorSelection($"{OtherAddress}/user/echo").ResolveOne(TimeSpan.FromSeconds(20));

        found.Path.Address.ShouldBe(OtherAddress);
        found.Path.Uid.ShouldBe(actor.Path.Uid);
    }

    [Fact]
    public async Task A_selection_of_nobody_says_so() =>
        await Should.ThrowAsync<ActorNotFoundException>(Sys.ActorSelection($"{OtherAddress}/user/nobody").ResolveOne(TimeSpan.FromSeconds(20)));

    [Fact]
    public void A_pattern_means_all_that_match()
    {
        foreach (var name in new[] { "left-1", "left-2", "right-1" }) Other.ActorOf(Props.Create(() => new Echo()), name);

        Sys.ActorSelection($"{OtherAddress}/user/left-*").Tell("who", TestActor);

        var names = new[] { Answerer(), Answerer() };
        names.ShouldBe(["left-1", "left-2"], ignoreOrder: true);
        ExpectNoMsg(200);
    }

    [Fact]
    public void Anybody_can_be_asked_who_he_is()
    {
        var actor = Other.ActorOf(Props.Create(() => new Echo()), "echo");

        Sys.ActorSelection($"{OtherAddress}/user/echo").Tell(new Identify("me"), TestActor);
        Sys.ActorSelection($"{OtherAddress}/user/nobody").Tell(new Identify(7), TestActor);

        var answers = new[] { ExpectMsg<ActorIdentity>(TimeSpan.FromSeconds(20)), ExpectMsg<ActorIdentity>(TimeSpan.FromSeconds(20)) };
        answers.ShouldContain(one => Equals(one.MessageId, "me") && one.Subject.Path.Uid == actor.Path.Uid);
        answers.ShouldContain(one => Equals(one.MessageId, 7) && one.Subject == null);
    }

    private string Answerer()
    {
        ExpectMsg("who", TimeSpan.FromSeconds(20));
        return LastSender.Path.Name;
    }
}
