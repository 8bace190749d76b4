// The bytes inside the frames: what the runtime's own serializers make of spoiled ones. They may refuse with an exception, which costs one
// message; they may not hang, build what nobody bound, or run out of stack.

using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Remote;
using Xunit.Abstractions;

namespace Akka.Embedded.Tests.EmbeddedOnly.Remote;

public sealed class PayloadFuzzSpec(ITestOutputHelper output)
    : PatientTestKit("akka { actor.provider = remote, loglevel = ERROR, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 } }")
{
    [Fact]
    public void Spoiled_payloads_cost_no_more_than_their_message()
    {
        var random = new Random(Fuzzing.Seed);
        var good = Messages().Select(Written).ToArray();
        var buffer = new byte[4 * good.Max(one => one.Bytes.Length) + 64];
        var (read, refused) = (0, 0);
        // Refusing is an exception, some twenty times dearer than a frame: fewer cases for the same time.
        for (var i = 0; i < Fuzzing.Cases / 10; i++)
        {
            var (id, manifest, bytes) = good[random.Next(good.Length)];
            var spoiled = buffer[..Fuzzing.Spoil(bytes, buffer, random)];
            try
            {
                Sys.Serialization.DeserializeFromPeer(spoiled, id, manifest);
                read++;
            }
            catch (Exception) // Any refusal will do: the dispatcher of the connection takes them all. What must not happen cannot be caught.
            {
                refused++;
            }
        }

        output.WriteLine($"{read} read, {refused} refused");
        refused.ShouldBeGreaterThan(0);
        read.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData(16, true)]
    [InlineData(17, false)]
    [InlineData(2_000, false)]
    public void Messages_within_messages_have_an_end(int layers, bool readable)
    {
        var serializer = Sys.Serialization.FindSerializerForType(typeof(ActorSelectionMessage));
        object message = "core";
        for (var i = 0; i < layers; i++) message = new ActorSelectionMessage(message, []);
        var bytes = serializer.ToBinary(message);

        if (readable) Sys.Serialization.DeserializeFromPeer(bytes, serializer.Identifier, "").ShouldBeOfType<ActorSelectionMessage>();
        else Should.Throw<SerializationException>(() => Sys.Serialization.DeserializeFromPeer(bytes, serializer.Identifier, ""));
    }

    private IEnumerable<object> Messages() =>
    [
        new ActorSelectionMessage("hello", [new SelectParent(), new SelectChildName("a"), new SelectChildPattern("b*"), new SelectChildRecursive()]),
        new Identify("id"),
        new ActorIdentity(7, TestActor),
        TestActor,
        new Status.Failure(new InvalidOperationException("no", new ArgumentException("because"))),
        new Status.Success("yes"),
        new RemoteWatcher.HeartbeatRsp(17),
        new Watch((IInternalActorRef)TestActor, (IInternalActorRef)TestActor),
        new DeathWatchNotification(TestActor, true, false),
        "text", 1, 2L,
        new List<object> { "json", 1, new Plain("x", new Dictionary<string, int> { ["a"] = 1 }) },
    ];

    private (int Id, string Manifest, byte[] Bytes) Written(object message)
    {
        var serializer = Sys.Serialization.FindSerializerFor(message);
        return (serializer.Identifier, Akka.Serialization.Serialization.ManifestFor(serializer, message), serializer.ToBinary(message));
    }

    private sealed record Plain(string Name, Dictionary<string, int> Numbers);
}
