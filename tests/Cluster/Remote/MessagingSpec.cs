// Messages between two systems: that they arrive as they were, in the order in which they were sent, and that answers find back.

using Akka.Actor;
using Akka.Event;

namespace Lguest.Cluster.Tests.Remote;

public sealed class MessagingSpec : RemoteSpecBase
{
    public MessagingSpec()
        : base("akka.remote.dot-netty.tcp.maximum-frame-size = 4 MiB")
    {
    }

    [Fact]
    public async Task An_answer_comes_back_from_another_system()
    {
        var echo = await Resolve(Other.ActorOf(Props.Create(() => new Echo()), "echo"));

        echo.Tell("hello", TestActor);

        ExpectMsg("hello", TimeSpan.FromSeconds(20));
        LastSender.Path.Address.ShouldBe(OtherAddress);
        LastSender.ShouldBe(echo);
    }

    [Fact]
    public async Task An_ask_is_answered()
    {
        var echo = await Resolve(Other.ActorOf(Props.Create(() => new Echo()), "echo"));

        (await echo.Ask<string>("hello", TimeSpan.FromSeconds(20))).ShouldBe("hello");
        (await echo.Ask<int>(42, TimeSpan.FromSeconds(20))).ShouldBe(42);
        (await echo.Ask<long>(1L << 40, TimeSpan.FromSeconds(20))).ShouldBe(1L << 40);
    }

    [Fact]
    public async Task A_hundred_thousand_messages_keep_their_order()
    {
        const int Count = 100_000;
        var relay = await Resolve(Other.ActorOf(Props.Create(() => new Relay(TestActor)), "relay"));

        for (var i = 0; i < Count; i++) relay.Tell(i, ActorRefs.NoSender);

        for (var i = 0; i < Count; i++) ExpectMsg<int>(TimeSpan.FromSeconds(30)).ShouldBe(i);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_500)]
    [InlineData(64 * 1024)]
    [InlineData(1024 * 1024)]
    public async Task Bytes_arrive_as_they_were(int size)
    {
        var echo = await Resolve(Other.ActorOf(Props.Create(() => new Echo()), "echo"));
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);

        (await echo.Ask<byte[]>(bytes, TimeSpan.FromSeconds(20))).ShouldBe(bytes);
    }

    [Fact]
    public async Task A_reference_in_a_message_can_be_talked_to()
    {
        var echo = await Resolve(Other.ActorOf(Props.Create(() => new Echo()), "echo"));

        var back = await echo.Ask<IActorRef>(TestActor, TimeSpan.FromSeconds(20));

        back.ShouldBe(TestActor);
        back.Tell("to myself", ActorRefs.NoSender);
        ExpectMsg("to myself");
    }

    [Fact]
    public async Task A_message_without_a_sender_has_none()
    {
        var probe = CreateTestProbe(Other);
        var target = await Resolve(probe.Ref);

        target.Tell("from nobody", ActorRefs.NoSender);

        probe.ExpectMsg("from nobody", TimeSpan.FromSeconds(20));
        probe.LastSender.ShouldBe(Other.DeadLetters);
    }

    [Fact]
    public void What_is_sent_where_nobody_listens_is_a_dead_letter()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        var nobody = Sys.ActorSelection("akka.tcp://nobody@127.0.0.1:1/user/nobody");

        nobody.Tell("lost", TestActor);

        FishForMessage<DeadLetter>(letter => letter.Message is ActorSelectionMessage { Message: "lost" } or "lost", TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_poison_pill_works_at_a_distance()
    {
        var actor = Other.ActorOf(Props.Create(() => new Echo()), "echo");
        var remote = await Resolve(actor);
        var probe = CreateTestProbe(Other);
        probe.Watch(actor);

        remote.Tell(PoisonPill.Instance);

        probe.ExpectTerminated(actor, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task A_failure_is_told_with_its_words()
    {
        var echo = await Resolve(Other.ActorOf(Props.Create(() => new Echo()), "echo"));

        var failed = await Should.ThrowAsync<InvalidOperationException>(
            echo.Ask<string>(new Status.Failure(new InvalidOperationException("not today")), TimeSpan.FromSeconds(20)));

        failed.Message.ShouldContain("not today");
    }
}
