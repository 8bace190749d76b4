// What decides how a message is written: the number of its serializer and a manifest, nothing else. The program's own serializers
// (TopologySerializer, LanSerializer, DmaSerializer) and those that refuse (src/Topology/Peers) stand on these rules.

using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
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

    private static readonly Config _alone = ConfigurationFactory.ParseString(
        """
        akka {
          loglevel = ERROR
          actor.provider = cluster
          remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
          coordinated-shutdown.run-by-clr-shutdown-hook = off
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
        Serialization.FindSerializerFor(new Plain("x", 1))
            .Identifier.ShouldBe(1, "JSON takes whatever has no binding, which is why the program binds it away");
    }

    [Fact]
    public void What_is_written_can_be_read_by_number_and_manifest()
    {
        var serializer = (SerializerWithStringManifest)Serialization.FindSerializerFor(new Point(1, 2));
        byte[] bytes = Serialization.Serialize(new Point(1, 2));

        serializer.Manifest(new Point(1, 2)).ShouldBe("P1");
        Akka.Serialization.Serialization.ManifestFor(serializer, new Point(1, 2)).ShouldBe("P1");
        Serialization.Deserialize(bytes, 4711, "P1").ShouldBe(new Point(1, 2));
    }

    [Fact]
    public void An_unknown_number_is_refused() =>
        Should.Throw<SerializationException>(() => Serialization.Deserialize([1], 999, "P1"));

    [Fact]
    public void The_singleton_s_serializer_is_known_when_its_settings_are_and_not_before()
    {
        var message = typeof(ClusterSingletonManager).Assembly.GetTypes()
            .First(type => typeof(IClusterSingletonMessage).IsAssignableFrom(type) && type.IsClass);
        using var without = ActorSystem.Create("without", _alone);
        using var with = ActorSystem.Create("with", _alone.WithFallback(ClusterSingleton.DefaultConfig()));

        without.Serialization.FindSerializerForType(message).Identifier.ShouldBe(1, "until then it is JSON");
        with.Serialization.FindSerializerForType(message).Identifier.ShouldBe(14);
        ClusterSingletonManagerSettings.Create(without);
        without.Serialization.FindSerializerForType(message).Identifier.ShouldBe(14, "Akka makes its serializers anew");
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
    public void A_message_that_cannot_travel_is_lost_with_a_word()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Echo()));

        EventFilter.Error(contains: "Swallowing exception during message send").ExpectOne(() => actor.Tell(new Unwritable()));

        ExpectNoMsg(50);
    }

    public interface IDrawing;

    public sealed record Point(int X, int Y) : IDrawing;

    public sealed record Unwritable : IDrawing;

    public sealed record Plain(string Text, int Number);

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
            int[] parts = Encoding.UTF8.GetString(bytes).Split(',').Select(int.Parse).ToArray();
            return new Point(parts[0], parts[1]);
        }
    }
}
