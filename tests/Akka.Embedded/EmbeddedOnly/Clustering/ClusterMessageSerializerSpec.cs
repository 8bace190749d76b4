// The cluster's words on the wire: every message comes back as it was, and nothing bent, old or contradictory comes back at all.
// LGUEST_FUZZ_CASES makes it try harder.

using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Membership;
using Akka.Cluster.Serialization;
using static Akka.Embedded.Tests.EmbeddedOnly.Clustering.Nodes;

namespace Akka.Embedded.Tests.EmbeddedOnly.Clustering;

public sealed class ClusterMessageSerializerSpec : PatientTestKit
{
    private readonly ClusterMessageSerializer _serializer;

    public ClusterMessageSerializerSpec() => _serializer = new ClusterMessageSerializer((ExtendedActorSystem)Sys);

    private static int Cases => int.TryParse(Environment.GetEnvironmentVariable("LGUEST_FUZZ_CASES"), out var cases) ? cases : 20_000;

    private static Gossip Rich => Of(A.Up(1, "left", "disk"), B.Is(MemberStatus.Joining), C.Is(MemberStatus.Down, 3), D.Is(MemberStatus.Exiting, 4), E.Is(MemberStatus.WeaklyUp))
        .WithReachability(Reachability.Empty.Unreachable(A, C).Terminated(B, C).Unreachable(A, D).Reachable(A, D).Unreachable(D, E).Reachable(D, E))
        .WithVersion(VectorClock.Empty.Increment(A).Increment(A).Increment(B))
        .WithSeen([A, B]);

    private static object[] Messages =>
    [
        new InitJoin(), new InitJoinAck(A.Address), new InitJoinNack(B.Address), new Leave(A.Address), new Down(new Address("akka", "local")), new ExitingConfirmed(C),
        new Heartbeat(A.Address, 7, 1L << 40), new HeartbeatRsp(B, -1, long.MinValue), new Join(A, ["röle", "b"]), new Welcome(A, Rich), new GossipEnvelope(A, B, Rich),
        new GossipStatus(A, Rich.Version),
    ];

    [Fact]
    public void Every_message_comes_back_as_it_was()
    {
        foreach (var message in Messages)
        {
            var back = _serializer.FromBinary(_serializer.ToBinary(message), _serializer.Manifest(message));
            Told(back).ShouldBe(Told(message));
            back.ShouldBeOfType(message.GetType());
        }
    }

    [Fact]
    public void The_table_of_who_misses_whom_keeps_the_versions_of_its_rows() =>
        ((Welcome)_serializer.FromBinary(_serializer.ToBinary(new Welcome(A, Rich)), "W")).Gossip.Reachability.SameAs(Rich.Reachability).ShouldBeTrue();

    [Fact]
    public void Another_version_is_refused_whatever_it_says()
    {
        foreach (var message in Messages)
        {
            var bytes = _serializer.ToBinary(message);
            foreach (var version in new byte[] { 0, 2, 255 })
            {
                bytes[0] = version;
                Should.Throw<SerializationException>(() => _serializer.FromBinary(bytes, _serializer.Manifest(message))).Message.ShouldContain($"version {version}");
            }
        }
    }

    [Fact]
    public void Bytes_too_many_or_too_few_are_refused()
    {
        foreach (var message in Messages)
        {
            var bytes = _serializer.ToBinary(message);
            Should.Throw<SerializationException>(() => _serializer.FromBinary([.. bytes, 0], _serializer.Manifest(message)));
            for (var length = 0; length < bytes.Length; length++)
                Should.Throw<SerializationException>(() => _serializer.FromBinary(bytes[..length], _serializer.Manifest(message)), $"{message.GetType().Name} cut to {length}");
        }
    }

    [Fact]
    public void An_unknown_manifest_is_refused() => Should.Throw<SerializationException>(() => _serializer.FromBinary([1], "??"));

    [Fact]
    public void Gossip_that_contradicts_itself_is_refused()
    {
        Refused(Of(A.Up()).WithSeen([A, B]), "is no member");
        Refused(Of(A.Up()).WithReachability(Reachability.Empty.Unreachable(B, A)), "observes and is no member");
        Refused(Of(A.Up()).WithReachability(Reachability.Empty.Unreachable(A, B)), "is observed and is no member");
        Refused(Of(A.Up()).WithReachability(Reachability.Empty.Unreachable(A, A)), "cannot say");
        Refused(Of(A.Up(), Member.Removed(B)), "status Removed");
        Refused(Of(A.Up(int.MaxValue - 1)), "come up as number");
        Refused(Of(B.Up()), "a cluster that it is not in");
    }

    [Fact]
    public void Whatever_is_bent_is_read_or_refused_and_what_is_read_can_be_told_again()
    {
        var random = new Random(300);
        var good = Messages.Select(message => (Manifest: _serializer.Manifest(message), Bytes: _serializer.ToBinary(message))).ToArray();
        var read = 0;
        for (var i = 0; i < Cases; i++)
        {
            var (manifest, bytes) = good[random.Next(good.Length)];
            var bent = Bend(bytes, random);
            try
            {
                var message = _serializer.FromBinary(bent, random.Next(10) == 0 ? good[random.Next(good.Length)].Manifest : manifest);
                _serializer.FromBinary(_serializer.ToBinary(message), _serializer.Manifest(message)).ShouldBeOfType(message.GetType());
                if (message is GossipEnvelope envelope) GossipReception.Receive(Rich.SeenFrom(B), A, B, envelope.Gossip).State.Gossip.Has(B).ShouldBeTrue();
                read++;
            }
            catch (SerializationException refused)
            {
                refused.Message.ShouldStartWith("Refused a cluster message");
            }
        }

        read.ShouldBeInRange(1, Cases - 1);
    }

    private static byte[] Bend(byte[] bytes, Random random)
    {
        var bent = bytes.ToArray();
        for (var hits = random.Next(1, 4); hits > 0; hits--)
        {
            var at = random.Next(bent.Length);
            switch (random.Next(5))
            {
                case 0:
                    bent[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bent[at] = (byte)random.Next(256);
                    break;
                case 2 when bent.Length > 1:
                    bent = [.. bent[..at], .. bent[(at + 1)..]];
                    break;
                case 3:
                    bent = [.. bent[..at], (byte)random.Next(256), .. bent[at..]];
                    break;
                default:
                    bent.AsSpan(at, Math.Min(random.Next(1, 9), bent.Length - at)).Fill(0xFF);
                    break;
            }
        }

        return bent;
    }

    private void Refused(Gossip gossip, string why) =>
        Should.Throw<SerializationException>(() => _serializer.FromBinary(_serializer.ToBinary(new Welcome(A, gossip)), "W")).Message.ShouldContain(why);

    private static string Told(object message) => message switch
    {
        GossipEnvelope envelope => $"{envelope.From} {envelope.To} {Told(envelope.Gossip)}",
        Welcome welcome => $"{welcome.From} {Told(welcome.Gossip)}",
        Gossip gossip => $"{string.Join(' ', gossip.Members.Select(Told))} {string.Join(' ', gossip.Seen.Order())} {gossip.Reachability} {gossip.Version}",
        Member member => $"{member.UniqueAddress} {member.Status} {member.UpNumber} {string.Join(',', member.Roles.Order())}",
        Join join => $"{join.Node} {string.Join(',', join.Roles.Order())}",
        _ => message.ToString()!,
    };
}
