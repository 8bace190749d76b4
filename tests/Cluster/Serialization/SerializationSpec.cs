// Which serializer takes what, what goes over the wire, and messages that are made to travel in tests.

using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;
using Lguest.Support;

namespace Lguest.Cluster.Tests.Serialization;

public sealed class SerializationSpec : PatientTestKit
{
    private static readonly Config _config = ConfigurationFactory.ParseString(
        $$"""
        akka.actor {
          serialize-messages = on
          serializers.point = "{{typeof(PointSerializer).AssemblyQualifiedName}}"
          serialization-bindings {
            "{{typeof(IDrawing).AssemblyQualifiedName}}" = point
          }
          serialization-identifiers {
            "{{typeof(PointSerializer).AssemblyQualifiedName}}" = 4711
          }
        }
        """);

    public SerializationSpec()
        : base(_config)
    {
    }

    private Akka.Serialization.Serialization Serialization => Sys.Serialization;

    [Fact]
    public void The_binding_of_the_type_decides()
    {
        var serializer = Serialization.FindSerializerFor(new Point(1, 2)).ShouldBeOfType<PointSerializer>();
        serializer.Identifier.ShouldBe(4711);
        serializer.IncludeManifest.ShouldBeTrue();
        Serialization.FindSerializerForType(typeof(Point)).ShouldBeSameAs(serializer);
        Serialization.FindSerializerFor(new byte[] { 1 }).ShouldBeOfType<ByteArraySerializer>();
        Serialization.FindSerializerFor(null!).ShouldBeOfType<NullSerializer>();
        Serialization.FindSerializerFor(new Plain("x", 1)).Identifier.ShouldBe(1);
    }

    [Fact]
    public void What_is_written_can_be_read_by_number_and_manifest()
    {
        var serializer = (SerializerWithStringManifest)Serialization.FindSerializerFor(new Point(1, 2));
        var bytes = Serialization.Serialize(new Point(1, 2));

        serializer.Manifest(new Point(1, 2)).ShouldBe("P1");
        Akka.Serialization.Serialization.ManifestFor(serializer, new Point(1, 2)).ShouldBe("P1");
        Serialization.Deserialize(bytes, 4711, "P1").ShouldBe(new Point(1, 2));
    }

    [Fact]
    public void An_unknown_number_is_refused() =>
        Should.Throw<SerializationException>(() => Serialization.Deserialize([1], 999, "P1"));

    [Fact]
    public void Messages_travel_in_tests()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Echo()));
        var point = new Point(3, 4);
        var plain = new Plain("text", 7);

        actor.Tell(point);
        ExpectMsg<Point>(back => back.Equals(point) && !ReferenceEquals(back, point));
        actor.Tell(plain);
        ExpectMsg<Plain>(back => back.Equals(plain) && !ReferenceEquals(back, plain));
    }

    [Fact]
    public void What_is_not_to_travel_does_not()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Echo()));
        var local = new Local();

        actor.Tell(local);

        ExpectMsg<Local>().ShouldBeSameAs(local);
    }

    [Fact]
    public void Numbers_texts_and_references_survive_json()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Echo()));

        foreach (var value in new object[] { 1, 2L, 3.5, true, "text", 4.5m, 1.5f })
        {
            actor.Tell(value);
            ExpectMsg<object>().ShouldBe(value);
        }

        actor.Tell(new WithReference(TestActor, 5));
        ExpectMsg<WithReference>(message => message.Reference.Equals(TestActor) && message.Any.Equals(5));
    }

    [Fact]
    public void A_message_that_cannot_travel_is_lost_with_a_word()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Echo()));

        EventFilter.Error(contains: "Swallowing exception during message send").ExpectOne(() => actor.Tell(new Unwritable()));

        ExpectNoMsg(50);
    }

    [Fact]
    public void A_reference_is_written_for_the_transport_it_goes_over()
    {
        var system = (ExtendedActorSystem)Sys;

        Akka.Serialization.Serialization.SerializedActorPath(TestActor).ShouldBe(TestActor.Path.ToSerializationFormat());
        Akka.Serialization.Serialization.WithTransport(system, () => Akka.Serialization.Serialization.SerializedActorPath(TestActor))
            .ShouldBe(TestActor.Path.ToSerializationFormat());
    }

    public interface IDrawing;

    public sealed record Point(int X, int Y) : IDrawing;

    public sealed record Unwritable : IDrawing;

    public sealed record Plain(string Text, int Number);

    public sealed record WithReference(IActorRef Reference, object Any);

    private sealed class Local : INoSerializationVerificationNeeded;

    private sealed class Echo : ReceiveActor
    {
        public Echo() => ReceiveAny(message => Sender.Tell(message));
    }

    public sealed class PointSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
    {
        public override string Manifest(object o) => o switch
        {
            Point => "P1",
            _ => throw new ArgumentException($"cannot write {o.GetType()}"),
        };

        public override byte[] ToBinary(object obj) => obj switch
        {
            Point point => Encoding.UTF8.GetBytes($"{point.X},{point.Y}"),
            _ => throw new ArgumentException($"cannot write {obj.GetType()}"),
        };

        public override object FromBinary(byte[] bytes, string manifest)
        {
            if (manifest != "P1") throw new SerializationException($"unknown manifest {manifest}");
            var parts = Encoding.UTF8.GetString(bytes).Split(',').Select(int.Parse).ToArray();
            return new Point(parts[0], parts[1]);
        }
    }
}
