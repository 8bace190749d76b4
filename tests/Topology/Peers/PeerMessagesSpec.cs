// Every message type that there is, ours and Akka's, held against the serializers of a node as the program configures it: what crosses
// nodes has a serializer of its own with a manifest and a version, and what has none cannot be sent.

using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.Serialization;
using Lguest.Devices.Actors;
using Lguest.Launcher.Actors;
using Lguest.Net.Lans.Actors;
using Lguest.Switcher.Actors;
using Lguest.Topology.Actors;
using Lguest.Topology.Nodes.Actors;
using Lguest.Topology.Peers.Actors;

namespace Lguest.Topology.Tests.Peers;

public sealed class PeerMessagesSpec : IAsyncLifetime
{
    private static readonly Assembly[] _ours =
    [
        typeof(TopologyProtocol).Assembly, typeof(LauncherProtocol).Assembly, typeof(DeviceProtocol).Assembly, typeof(LanProtocol).Assembly,
        typeof(SwitcherActor).Assembly,
    ];

    private readonly ActorSystem _system = ActorSystem.Create("peers", PeerNodes.Product);

    public static TheoryData<string> Crossing => [.. Messages().Where(Crosses).Select(type => type.AssemblyQualifiedName!)];

    public static TheoryData<string> Staying =>
        [.. Messages().Where(type => !Crosses(type)).Select(type => type.AssemblyQualifiedName!)];

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _system.Terminate();

    [Theory, MemberData(nameof(Crossing))]
    public void A_message_that_crosses_nodes_has_a_serializer_of_ours_with_a_manifest_and_a_version(string name)
    {
        var type = Type.GetType(name, throwOnError: true)!;
        var serializer = _system.Serialization.FindSerializerForType(type).ShouldBeAssignableTo<SerializerWithStringManifest>()!;

        serializer.GetType().Assembly.ShouldBeOneOf(_ours);
        serializer.ShouldNotBeOfType<RefusingSerializer>();
        serializer.Identifier.ShouldBeGreaterThan(100, "those up to 100 are Akka's");
        string manifest = serializer.Manifest(RuntimeHelpers.GetUninitializedObject(type));
        manifest.Length.ShouldBeInRange(1, 3);
        foreach (byte version in (byte[])[0, 254, 255])
        {
            byte[] bytes = [version, .. new byte[64]];
            Should.Throw<SerializationException>(() => serializer.FromBinary(bytes, manifest)).Message.ShouldContain("version");
        }
    }

    [Fact]
    public void No_two_of_a_serializer_have_the_same_manifest() =>
        Messages().Where(Crosses)
            .Select(RuntimeHelpers.GetUninitializedObject)
            .Select(message =>
            {
                var serializer = (SerializerWithStringManifest)_system.Serialization.FindSerializerFor(message);
                return $"{serializer.Identifier}/{serializer.Manifest(message)}";
            })
            .ShouldBeUnique();

    [Theory, MemberData(nameof(Staying))]
    public void A_message_that_stays_on_its_node_cannot_be_sent_to_another(string name)
    {
        object message = RuntimeHelpers.GetUninitializedObject(Type.GetType(name, throwOnError: true)!);
        var serializer = _system.Serialization.FindSerializerFor(message).ShouldBeOfType<RefusingSerializer>();

        Should.Throw<SerializationException>(() => serializer.Manifest(message)).Message.ShouldContain(message.GetType().ToString());
        Should.Throw<SerializationException>(() => serializer.ToBinary(message)).Message.ShouldContain(message.GetType().ToString());
    }

    [Theory]
    [InlineData("Akka.Cluster.Tools.Singleton.IClusterSingletonMessage, Akka.Cluster.Tools", 14)]
    [InlineData("Akka.Cluster.IClusterMessage, Akka.Cluster", 5)]
    public void What_Akka_s_cluster_and_singleton_say_has_Akka_s_own_serializer(string marker, int identifier)
    {
        var kind = Type.GetType(marker, throwOnError: true)!;
        var messages = kind.Assembly.GetTypes()
            .Where(type => kind.IsAssignableFrom(type) && !type.IsInterface && !type.IsAbstract)
            .ToList();

        messages.Count.ShouldBeGreaterThan(3);
        foreach (var message in messages)
            _system.Serialization.FindSerializerForType(message).Identifier.ShouldBe(identifier, message.FullName);
    }

    [Fact]
    public void No_serializer_that_a_peer_can_name_makes_what_the_peer_names()
    {
        Type[] kept = [typeof(NullSerializer), typeof(RefusingSerializer), typeof(SelectiveSerializer)];
        var known = Enumerable.Range(0, 10_000).Select(Find).OfType<Serializer>().ToList();

        known.Count.ShouldBeGreaterThan(12);
        foreach (var serializer in known.Where(serializer => !kept.Contains(serializer.GetType())))
            serializer.ShouldBeAssignableTo<SerializerWithStringManifest>(serializer.GetType().Name);
        known.Select(serializer => serializer.GetType().Name).ShouldNotContain(nameof(NewtonSoftJsonSerializer));
    }

    [Fact]
    public void The_program_s_own_system_reads_no_JSON_either()
    {
        using var system = ActorSystem.Create("local", OneNode.Reference());

        system.Serialization.FindSerializerFor(new Version(1, 2)).ShouldBeOfType<RefusingSerializer>();
        string? name = typeof(Version).AssemblyQualifiedName;
        Should.Throw<SerializationException>(() => system.Serialization.Deserialize("{}"u8.ToArray(), 1, name));
    }

    /// <summary>The serializer of a number, which Akka tells to itself alone.</summary>
    private Serializer? Find(int identifier)
    {
        var find = typeof(Akka.Serialization.Serialization).GetMethod("GetSerializerById", BindingFlags.NonPublic | BindingFlags.Instance)!;
        try
        {
            return (Serializer)find.Invoke(_system.Serialization, [identifier])!;
        }
        catch (TargetInvocationException unknown) when (unknown.InnerException is KeyNotFoundException)
        {
            return null;
        }
    }

    private static IEnumerable<Type> Messages() => _ours
        .SelectMany(assembly => assembly.GetTypes())
        .Where(type => type.Name.EndsWith("Protocol", StringComparison.Ordinal))
        .SelectMany(protocol => protocol.GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic))
        .Where(type => type is { IsClass: true, IsAbstract: false } && !type.IsDefined(typeof(CompilerGeneratedAttribute)));

    private static bool Crosses(Type type) => type.GetInterfaces().Any(face => face.Name == "IBetweenNodes");
}
