// The bytes between the nodes of a topology: every message comes back as it was, and malformed bytes are refused.

using System.Runtime.Serialization;
using System.Text.Json;
using Akka.Actor;
using Lguest.Topology.Actors;
using Lguest.Topology.Leading;
using Lguest.Topology.Peers.Actors;

namespace Lguest.Topology.Tests;

public sealed class TopologySerializerSpec : IDisposable
{
    private static readonly JsonSerializerOptions _everyField = new() { IncludeFields = true, WriteIndented = true };
    private readonly ActorSystem _system = ActorSystem.Create("serializer-spec");
    private readonly TopologySerializer _serializer;

    public TopologySerializerSpec() => _serializer = new TopologySerializer((ExtendedActorSystem)_system);

    public static TheoryData<object> Messages => [.. All];

    private static IReadOnlyList<object> All
    {
        get
        {
            var figures = new GuestFigures(1, 2, 3, 4, 5, 6, 8, TimeSpan.FromSeconds(7));
            var ledger = new Ledger(3, 9, [new GuestEntry("a", 2, GuestStage.Placed, "left", 1, "", figures),
                new GuestEntry("b", 1, GuestStage.Off, "right", 0, "powered off", GuestFigures.None)]);
            var ending = new GuestEnding("a", 2, EndingKind.Died, "died: of something", figures);
            return
            [
                TopologyProtocol.GetReport.Instance,
                new TopologyProtocol.Report(new NodeReport("left", "digest", 4, ledger, [("a", 2), ("c", 7)], [ending])),
                new TopologyProtocol.Lead(5, ledger),
                new TopologyProtocol.StartGuest(5, "a", 3),
                new TopologyProtocol.Started("left", "a", 3),
                new TopologyProtocol.StopGuest(5, "a", 3, "Ctrl-C"),
                new TopologyProtocol.Ended("left", ending),
                new TopologyProtocol.Noted(5, "a", 3),
                new TopologyProtocol.Share(Ledger.Empty),
                new TopologyProtocol.Renew("left", TimeSpan.FromTicks(123), null),
                new TopologyProtocol.Renew("left", TimeSpan.FromTicks(123), TimeSpan.FromTicks(-5)),
                new TopologyProtocol.LeaseAnswer(5, TimeSpan.FromTicks(1), TimeSpan.FromTicks(2), true),
                new TopologyProtocol.StopAll("Ctrl-C"),
                new TopologyProtocol.Leave("left"),
                new TopologyProtocol.MayLeave(5),
                new TopologyProtocol.GetMembership(7),
                new TopologyProtocol.Membership("left", 7, true),
                new TopologyProtocol.Finish(5, 1, ledger),
            ];
        }
    }

    public void Dispose() => _system.Terminate().Wait();

    [Theory, MemberData(nameof(Messages))]
    public void A_message_comes_back_as_it_was(object message)
    {
        object back = _serializer.FromBinary(_serializer.ToBinary(message), _serializer.Manifest(message));

        // Records with arrays in them are equal if they say the same, field by field.
        back.GetType().ShouldBe(message.GetType());
        Fields(back).ShouldBe(Fields(message));
    }

    [Fact]
    public void Each_field_of_a_report_comes_back_in_its_own_place()
    {
        var ending = new GuestEnding("guest", 11, EndingKind.Refused, "why",
            new GuestFigures(21, 22, 23, 24, 25, 26, 27, TimeSpan.FromTicks(28)));
        var entry = new GuestEntry("other", 12, GuestStage.Down, "right", 13, "reason",
            new GuestFigures(31, 32, 33, 34, 35, 36, 37, TimeSpan.FromTicks(38)));
        var sent = new TopologyProtocol.Report(new NodeReport("left", "digest", 14, new Ledger(15, 16, [entry]),
            [("one", 17), ("two", 18)], [ending]));

        var report = _serializer.FromBinary(_serializer.ToBinary(sent), "R").ShouldBeOfType<TopologyProtocol.Report>().Node;

        (report.Node, report.Digest, report.Term, report.Ledger.Term, report.Ledger.Version).ShouldBe(("left", "digest", 14, 15, 16));
        report.Running.ShouldBe([("one", 17), ("two", 18)]);
        report.Ledger.Entries.ShouldHaveSingleItem().ShouldBe(entry);
        report.Endings.ShouldHaveSingleItem().ShouldBe(ending);
    }

    private static string Fields(object message) => JsonSerializer.Serialize(message, message.GetType(), _everyField);

    [Fact]
    public void A_reference_comes_back_as_it_was()
    {
        var actor = _system.ActorOf(Props.Empty, "lan");
        var message = new TopologyProtocol.LanHere("green", actor);

        _serializer.FromBinary(_serializer.ToBinary(message), "LH").ShouldBe(message);
    }

    [Fact]
    public void Every_message_has_a_manifest_of_its_own()
    {
        var types = typeof(TopologyProtocol).GetNestedTypes()
            .Where(type => type.IsAssignableTo(typeof(TopologyProtocol.IBetweenNodes)) && !type.IsInterface).ToList();

        types.Count.ShouldBe(All.Select(message => message.GetType()).Distinct().Count() + 1);
    }

    [Fact]
    public void The_longest_message_fits_a_frame_of_remoting()
    {
        const int MostGuests = 4096;
        string name = new string('n', 45);
        string story = new string('\u20ac', 5000);
        var figures = new GuestFigures(long.MaxValue, 1, 1, 1, 1, 1, 1, TimeSpan.MaxValue);
        var entry = new GuestEntry(name, 1, GuestStage.Placed, name, 1, story, figures);
        var ending = new GuestEnding(name, 1, EndingKind.Died, story, figures);
        var ledger = new Ledger(1, 1, [.. Enumerable.Repeat(entry, MostGuests)]);
        var report = new NodeReport(
            name, name, 1, ledger, [.. Enumerable.Repeat((name, 1), MostGuests)], [.. Enumerable.Repeat(ending, MostGuests)]);
        long? most = PeerSettings.Remote.GetByteSize("akka.remote.dot-netty.tcp.maximum-frame-size");

        byte[] bytes = _serializer.ToBinary(new TopologyProtocol.Report(report));

        ((long)bytes.Length).ShouldBeLessThan(most!.Value - 4096, "the envelope takes some, too");
        ((TopologyProtocol.Report)_serializer.FromBinary(bytes, "R")).Node.Ledger.Entries[^1].Text.ShouldEndWith("...");
    }

    [Fact]
    public void Rubbish_is_refused_as_rubbish()
    {
        var dice = new Random(11);
        foreach (object message in All)
        {
            byte[] bytes = _serializer.ToBinary(message);
            string manifest = _serializer.Manifest(message);
            for (int i = 0; i < 300; i++)
            {
                byte[] changed = bytes.ToArray();
                for (int bends = dice.Next(1, 4); bends > 0; bends--)
                    changed[dice.Next(changed.Length)] = (byte)dice.Next(256);
                changed = changed[..dice.Next(changed.Length + 1)];
                try
                {
                    _serializer.FromBinary(changed, manifest);
                }
                catch (SerializationException)
                {
                    // The one way in which a peer's bytes may fail.
                }
            }
        }

        Should.Throw<SerializationException>(() => _serializer.FromBinary([2], "??"));
        Should.Throw<SerializationException>(() => _serializer.FromBinary([1], "GR")).Message.ShouldContain("version 1");
        Should.Throw<SerializationException>(() => _serializer.FromBinary([3], "GR")).Message.ShouldContain("version 3");
    }
}
