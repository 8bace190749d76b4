// A peer that speaks Akka's protocol with Akka's defaults, and sends what would make objects of types that it chooses, or orders that
// nobody here takes: each is refused where it arrives, no actor sees it, and the connection goes on for others.

using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Event;
using Akka.Serialization;
using Lguest.Support;

namespace Lguest.Topology.Tests.Peers;

public sealed class HostilePeerSpec : PatientTestKit
{
    private readonly ActorSystem _stranger = ActorSystem.Create("stranger", PeerNodes.Stranger);

    public HostilePeerSpec()
        : base(PeerNodes.Product)
    {
    }

    private Akka.Serialization.Serialization Here => Sys.Serialization;

    [Fact]
    public async Task What_a_stranger_sends_as_JSON_arrives_nowhere()
    {
        var there = await Reach(TestActor);
        var warned = CreateTestProbe();
        Sys.EventStream.Subscribe(warned.Ref, typeof(Warning));
        Sys.EventStream.Subscribe(warned.Ref, typeof(Error));

        there.Tell(new Plain("made by name"), ActorRefs.NoSender);

        warned.FishForMessage<LogEvent>(logged => logged.ToString().Contains("serializer id [1]", StringComparison.Ordinal));
        there.Tell("still here", ActorRefs.NoSender);
        ExpectMsg("still here");
    }

    [Fact]
    public async Task Orders_to_an_actor_that_are_not_its_messages_are_not_taken()
    {
        var actor = CreateTestProbe();
        var there = await Reach(actor.Ref);
        Watch(actor.Ref);

        there.Tell(PoisonPill.Instance, ActorRefs.NoSender);
        there.Tell(Kill.Instance, ActorRefs.NoSender);
        there.Tell(new Status.Failure(new InvalidOperationException("made by name")), ActorRefs.NoSender);
        there.Tell("still here", ActorRefs.NoSender);

        actor.ExpectMsg("still here");
    }

    [Fact]
    public void What_names_a_type_is_refused_by_whichever_serializer_it_asks_for()
    {
        string? name = typeof(Plain).AssemblyQualifiedName;
        foreach (int number in (int[])[1, 2, 3, 4, 6, 16, 22, 36])
            Should.Throw<SerializationException>(() => Here.Deserialize("{}"u8.ToArray(), number, name), $"serializer {number}");
        foreach (object refused in (object[])[new Terminate(), new Suspend(), new Recreate(new InvalidOperationException())])
        {
            string manifest = Akka.Serialization.Serialization.ManifestFor(new SystemMessages((ExtendedActorSystem)_stranger), refused);
            Should.Throw<SerializationException>(() => Here.Deserialize([], 22, manifest));
        }
    }

    [Fact]
    public void A_message_without_a_serializer_is_refused_at_its_sender_with_its_name() =>
        Should.Throw<SerializationException>(() => Here.Serialize(new Plain("x"))).Message.ShouldContain(typeof(Plain).ToString());

    protected override void AfterAll()
    {
        base.AfterAll();
        Shutdown(_stranger);
    }

    /// <summary>How the stranger reaches an actor of the node.</summary>
    private async Task<IActorRef> Reach(IActorRef actor)
    {
        var address = ((ExtendedActorSystem)Sys).Provider.DefaultAddress;
        return await _stranger.ActorSelection(new RootActorPath(address) / actor.Path.Elements).ResolveOne(TimeSpan.FromSeconds(20));
    }

    private sealed record Plain(string Text);

    /// <summary>Akka's system messages are told apart by the names of their types.</summary>
    private sealed class SystemMessages(ExtendedActorSystem system) : Serializer(system)
    {
        public override int Identifier => 22;

        public override bool IncludeManifest => true;

        public override byte[] ToBinary(object obj) => [];

        public override object FromBinary(byte[] bytes, Type type) => new();
    }
}
