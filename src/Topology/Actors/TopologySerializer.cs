// The bytes of the topology's messages. Each begins with a version, and what does not read to its end exactly is no message: a peer of
// another build, or one that sends malformed bytes, is told apart from one that speaks our language.

using System.Collections.Immutable;
using System.Runtime.Serialization;
using System.Text;
using Akka.Actor;
using Akka.Serialization;
using Lguest.Topology.Leading;

namespace Lguest.Topology.Actors;

/// <summary>Little-endian binary forms of <see cref="TopologyProtocol"/>.</summary>
internal sealed class TopologySerializer : SerializerWithStringManifest
{
    private const byte Version = 2; // 1 had no dropped frames
    private const int MostItems = 8192;
    private const int LongestText = 16384;

    /// <summary>Characters of what is told of one Guest: with 4,096 of them the longest message still fits a frame of remoting.</summary>
    private const int LongestStory = 240;

    public TopologySerializer(ExtendedActorSystem system)
        : base(system)
    {
    }

    public override int Identifier => 6201;

    public override string Manifest(object o) => o switch
    {
        TopologyProtocol.GetReport => "GR",
        TopologyProtocol.Report => "R",
        TopologyProtocol.Lead => "L",
        TopologyProtocol.StartGuest => "SG",
        TopologyProtocol.Started => "S",
        TopologyProtocol.StopGuest => "PG",
        TopologyProtocol.Ended => "E",
        TopologyProtocol.Noted => "N",
        TopologyProtocol.Share => "SH",
        TopologyProtocol.Renew => "RN",
        TopologyProtocol.LeaseAnswer => "LA",
        TopologyProtocol.StopAll => "SA",
        TopologyProtocol.Leave => "LV",
        TopologyProtocol.MayLeave => "ML",
        TopologyProtocol.Finish => "F",
        TopologyProtocol.GetMembership => "GM",
        TopologyProtocol.Membership => "M",
        TopologyProtocol.LanHere => "LH",
        _ => throw new ArgumentException($"{o.GetType()} is not a message between the nodes of a topology", nameof(o)),
    };

    public override byte[] ToBinary(object obj)
    {
        var bytes = new MemoryStream();
        using var to = new BinaryWriter(bytes, Encoding.UTF8);
        to.Write(Version);
        switch (obj)
        {
            case TopologyProtocol.GetReport:
                break;
            case TopologyProtocol.Report report:
                WriteReport(to, report.Node);
                break;
            case TopologyProtocol.Lead lead:
                to.Write(lead.Term);
                WriteLedger(to, lead.Ledger);
                break;
            case TopologyProtocol.StartGuest start:
                to.Write(start.Term);
                to.Write(start.Guest);
                to.Write(start.Incarnation);
                break;
            case TopologyProtocol.Started started:
                to.Write(started.Node);
                to.Write(started.Guest);
                to.Write(started.Incarnation);
                break;
            case TopologyProtocol.StopGuest stop:
                to.Write(stop.Term);
                to.Write(stop.Guest);
                to.Write(stop.Incarnation);
                to.Write(stop.By);
                break;
            case TopologyProtocol.Ended ended:
                to.Write(ended.Node);
                WriteEnding(to, ended.Ending);
                break;
            case TopologyProtocol.Noted noted:
                to.Write(noted.Term);
                to.Write(noted.Guest);
                to.Write(noted.Incarnation);
                break;
            case TopologyProtocol.Share share:
                WriteLedger(to, share.Ledger);
                break;
            case TopologyProtocol.Renew renew:
                to.Write(renew.Node);
                to.Write(renew.Asked.Ticks);
                to.Write(renew.Echo is not null);
                to.Write(renew.Echo?.Ticks ?? 0);
                break;
            case TopologyProtocol.LeaseAnswer answer:
                to.Write(answer.Term);
                to.Write(answer.Asked.Ticks);
                to.Write(answer.Reading.Ticks);
                to.Write(answer.Granted);
                break;
            case TopologyProtocol.StopAll stop:
                to.Write(stop.By);
                break;
            case TopologyProtocol.Leave leave:
                to.Write(leave.Node);
                break;
            case TopologyProtocol.MayLeave may:
                to.Write(may.Term);
                break;
            case TopologyProtocol.Finish finish:
                to.Write(finish.Term);
                to.Write(finish.ExitCode);
                WriteLedger(to, finish.Ledger);
                break;
            case TopologyProtocol.GetMembership get:
                to.Write(get.Round);
                break;
            case TopologyProtocol.Membership membership:
                to.Write(membership.Node);
                to.Write(membership.Round);
                to.Write(membership.IsMember);
                break;
            case TopologyProtocol.LanHere here:
                to.Write(here.Lan);
                to.Write(Akka.Serialization.Serialization.SerializedActorPath(here.Actor));
                break;
            default:
                throw new ArgumentException($"{obj.GetType()} is not a message between the nodes of a topology", nameof(obj));
        }

        return bytes.ToArray();
    }

    public override object FromBinary(byte[] bytes, string manifest)
    {
        using var from = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        try
        {
            if (from.ReadByte() is var version && version != Version)
                throw new SerializationException($"a topology message '{manifest}' of version {version}, where {Version} is spoken");
            object message = Read(from, manifest);
            return from.BaseStream.Position == bytes.Length
                ? message
                : throw new SerializationException($"a topology message '{manifest}' is longer than it should be");
        }
        catch (Exception problem) when (problem is EndOfStreamException or FormatException or ArgumentException
            or InvalidOperationException)
        {
            throw new SerializationException($"a topology message '{manifest}' of {bytes.Length} bytes cannot be read", problem);
        }
    }

    private object Read(BinaryReader from, string manifest) => manifest switch
    {
        "GR" => TopologyProtocol.GetReport.Instance,
        "R" => new TopologyProtocol.Report(ReadReport(from)),
        "L" => new TopologyProtocol.Lead(from.ReadInt64(), ReadLedger(from)),
        "SG" => new TopologyProtocol.StartGuest(from.ReadInt64(), Text(from), from.ReadInt32()),
        "S" => new TopologyProtocol.Started(Text(from), Text(from), from.ReadInt32()),
        "PG" => new TopologyProtocol.StopGuest(from.ReadInt64(), Text(from), from.ReadInt32(), Text(from)),
        "E" => new TopologyProtocol.Ended(Text(from), ReadEnding(from)),
        "N" => new TopologyProtocol.Noted(from.ReadInt64(), Text(from), from.ReadInt32()),
        "SH" => new TopologyProtocol.Share(ReadLedger(from)),
        "RN" => new TopologyProtocol.Renew(Text(from), Time(from), from.ReadBoolean() ? Time(from) : Nothing(from)),
        "LA" => new TopologyProtocol.LeaseAnswer(from.ReadInt64(), Time(from), Time(from), from.ReadBoolean()),
        "SA" => new TopologyProtocol.StopAll(Text(from)),
        "LV" => new TopologyProtocol.Leave(Text(from)),
        "ML" => new TopologyProtocol.MayLeave(from.ReadInt64()),
        "F" => new TopologyProtocol.Finish(from.ReadInt64(), from.ReadInt32(), ReadLedger(from)),
        "GM" => new TopologyProtocol.GetMembership(from.ReadInt64()),
        "M" => new TopologyProtocol.Membership(Text(from), from.ReadInt64(), from.ReadBoolean()),
        "LH" => new TopologyProtocol.LanHere(Text(from), system.Provider.ResolveActorRef(Text(from))),
        _ => throw new SerializationException($"there is no topology message '{manifest}'"),
    };

    private static TimeSpan? Nothing(BinaryReader from)
    {
        from.ReadInt64();
        return null;
    }

    private static void WriteReport(BinaryWriter to, NodeReport report)
    {
        to.Write(report.Node);
        to.Write(report.Digest);
        to.Write(report.Term);
        WriteLedger(to, report.Ledger);
        to.Write(report.Running.Length);
        foreach (var (guest, incarnation) in report.Running)
        {
            to.Write(guest);
            to.Write(incarnation);
        }

        to.Write(report.Endings.Length);
        foreach (var ending in report.Endings)
            WriteEnding(to, ending);
    }

    private static NodeReport ReadReport(BinaryReader from) => new(
        Text(from), Text(from), from.ReadInt64(), ReadLedger(from), Items(from, static item => (Text(item), item.ReadInt32())),
            Items(from, ReadEnding));

    private static void WriteLedger(BinaryWriter to, Ledger ledger)
    {
        to.Write(ledger.Term);
        to.Write(ledger.Version);
        to.Write(ledger.Entries.Length);
        foreach (var entry in ledger.Entries)
        {
            to.Write(entry.Guest);
            to.Write(entry.Incarnation);
            to.Write((byte)entry.Stage);
            to.Write(entry.Node);
            to.Write(entry.Restarts);
            to.Write(Cut(entry.Text));
            WriteFigures(to, entry.Figures);
        }
    }

    private static Ledger ReadLedger(BinaryReader from) =>
        new(from.ReadInt64(), from.ReadInt64(), Items(from, static item => new GuestEntry(
        Text(item), item.ReadInt32(), Choice<GuestStage>(item), Text(item), item.ReadInt32(), Text(item), ReadFigures(item))));

    private static void WriteEnding(BinaryWriter to, GuestEnding ending)
    {
        to.Write(ending.Guest);
        to.Write(ending.Incarnation);
        to.Write((byte)ending.Kind);
        to.Write(Cut(ending.Text));
        WriteFigures(to, ending.Figures);
    }

    private static GuestEnding ReadEnding(BinaryReader from) =>
        new(Text(from), from.ReadInt32(), Choice<EndingKind>(from), Text(from), ReadFigures(from));

    private static void WriteFigures(BinaryWriter to, GuestFigures figures)
    {
        to.Write(figures.Instructions);
        to.Write(figures.Hypercalls);
        to.Write(figures.Faults);
        to.Write(figures.Interrupts);
        to.Write(figures.Frames);
        to.Write(figures.Bytes);
        to.Write(figures.Dropped);
        to.Write(figures.Ran.Ticks);
    }

    private static GuestFigures ReadFigures(BinaryReader from) => new(
        from.ReadInt64(), from.ReadInt64(), from.ReadInt64(), from.ReadInt64(), from.ReadInt64(), from.ReadInt64(), from.ReadInt64(),
        Time(from));

    private static ImmutableArray<T> Items<T>(BinaryReader from, Func<BinaryReader, T> read)
    {
        int count = from.ReadInt32();
        if (count is < 0 or > MostItems)
            throw new SerializationException($"a topology message with a list of {count}");
        var items = ImmutableArray.CreateBuilder<T>();
        for (int i = 0; i < count; i++)
            items.Add(read(from));
        return items.ToImmutable();
    }

    private static string Text(BinaryReader from)
    {
        string text = from.ReadString();
        return text.Length <= LongestText ? text : throw new SerializationException($"a topology message with a text of {text.Length}");
    }

    private static string Cut(string story) => story.Length <= LongestStory ? story : story[..(LongestStory - 3)] + "...";

    private static TimeSpan Time(BinaryReader from) => TimeSpan.FromTicks(from.ReadInt64());

    private static T Choice<T>(BinaryReader from)
        where T : struct, Enum
    {
        var value = (T)Enum.ToObject(typeof(T), from.ReadByte());
        return Enum.IsDefined(value) ? value : throw new SerializationException($"a topology message with an unknown {typeof(T).Name}");
    }
}
