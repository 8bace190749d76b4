// What goes by a shared page can be recorded as what goes through a switch, and is counted: what a Guest sent, what it received, and all of
// it, on one node and on two.

using System.Buffers.Binary;
using System.Text;
using Akka.Actor;
using Akka.Configuration;
using Lguest.Net.Capture;
using Lguest.Net.Dma;
using Lguest.Net.Dma.Actors;
using Lguest.Net.Lans.Actors;

namespace Lguest.Net.Tests.Dma;

public sealed class DmaRecordingSpec : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);
    private readonly ActorSystem _system = ActorSystem.Create(
        "recorded", ConfigurationFactory.ParseString("akka.loglevel = WARNING").WithFallback(NetSettings.Reference()));
    private readonly string _folder = Directory.CreateTempSubdirectory("lguest-dma").FullName;

    [Fact]
    public async Task Each_guest_has_what_it_sent_and_received_and_the_page_has_everything_once()
    {
        using var left = DmaGuest.Recorded("left", 0, File("left"), File("all"));
        using var right = DmaGuest.Recorded("right", 1, File("right"), File("all"));
        var dma = Start("dma", left, right);
        dma.Tell(new DmaProtocol.Bind("right", right.Key(1), right.Free(2), 2, 7));
        dma.Tell(new DmaProtocol.Bind("left", left.Key(0), left.Free(2), 2, 7));

        await Send(dma, left, 1, "from left, 1");
        await Send(dma, right, 0, "from right, 1");
        await Send(dma, left, 2, "to nobody");
        var gone = await dma.Ask<DmaProtocol.Detached>(new DmaProtocol.Detach("left"), _patience);

        gone.Traffic.ShouldBe(new DmaTraffic(1, 13, 1, 12));
        await EndRecordings(dma);
        Holds("left", "from left, 1", "from right, 1", "to nobody");
        Holds("right", "from left, 1", "from right, 1");
        Holds("all", "from left, 1", "from right, 1", "to nobody");
    }

    [Fact]
    public async Task A_send_that_is_tried_again_is_sent_once_and_received_when_it_has_arrived()
    {
        using var left = DmaGuest.Recorded("left", 0, File("left"), null);
        using var right = DmaGuest.Recorded("right", 1, File("right"), null);
        var dma = Start("dma", left, right);
        right.Free(1);
        right.Memory.TryWrite(new Lguest.Guest.Memory.GuestPhysical(DmaGuest.Buffers), 5u).ShouldBeTrue();
        dma.Tell(new DmaProtocol.Bind("right", right.Key(1), new Lguest.Guest.Memory.GuestPhysical(DmaGuest.Buffers), 1, 7));

        await Send(dma, left, 1, "no room");
        right.Free(1);
        await Send(dma, left, 1, "room now");

        (await dma.Ask<DmaProtocol.Detached>(new DmaProtocol.Detach("right"), _patience)).Traffic.ShouldBe(new DmaTraffic(1, 8, 0, 0));
        await EndRecordings(dma);
        Holds("left", "no room", "room now");
        Holds("right", "room now");
    }

    [Fact]
    public async Task The_recordings_of_a_guest_that_is_started_again_go_on()
    {
        using var left = DmaGuest.Recorded("left", 0, File("left"), File("all"));
        for (int life = 1; life <= 3; life++)
        {
            var dma = Start($"dma{life}", left);
            await Send(dma, left, 1, $"life {life}");
            await dma.Ask<DmaProtocol.Detached>(new DmaProtocol.Detach("left"), _patience);
            dma.Tell(new DmaProtocol.Attach(left.Name, left.Memory, left.Windows, left));
            await Send(dma, left, 1, $"life {life}, again");
            await dma.Ask<DmaProtocol.Detached>(new DmaProtocol.Detach("left"), _patience);
            await EndRecordings(dma);
        }

        // The writers of two lives may be at work at the same time, each in its own order.
        Read(File("left")).ShouldBe(
            ["life 1", "life 1, again", "life 2", "life 2, again", "life 3", "life 3, again"], ignoreOrder: true);
        Holds("all", "life 1", "life 1, again", "life 2", "life 2, again", "life 3", "life 3, again");
    }

    [Fact]
    public async Task What_comes_from_another_node_is_recorded_where_it_arrives()
    {
        using var left = DmaGuest.Recorded("left", 0, File("left"), null);
        using var right = DmaGuest.Recorded("right", 1, File("right"), File("there"));
        var (here, there) = (Start("here", left), Start("there", right));
        there.Tell(new DmaProtocol.Bind("right", right.Key(1), right.Free(1), 1, 7));
        (await right.Hears(0)).ShouldBe("bound");
        here.Tell(new DmaProtocol.Peers([there]));
        there.Tell(new DmaProtocol.Peers([here]));

        // Until the other node's keys are known here, nobody is bound; the driver would try again as its own protocols do.
        int tries = 0;
        using (CancellationTokenSource end = new(_patience))
        {
            do
            {
                end.Token.ThrowIfCancellationRequested();
                await Send(here, left, 1, "far away");
                tries++;
            }
            while (left.Word(DmaGuest.Sent) == 0);
        }

        (await here.Ask<DmaProtocol.Detached>(new DmaProtocol.Detach("left"), _patience)).Traffic.ShouldBe(new DmaTraffic(0, 0, 1, 8));
        (await there.Ask<DmaProtocol.Detached>(new DmaProtocol.Detach("right"), _patience)).Traffic.ShouldBe(new DmaTraffic(1, 8, 0, 0));
        await EndRecordings(here, there);
        Holds("left", [.. Enumerable.Repeat("far away", tries)]);
        Holds("right", "far away");
        Holds("there", "far away");
    }

    [Fact]
    public async Task A_file_that_cannot_be_written_and_a_descriptor_that_is_none_stop_nothing()
    {
        using var left = DmaGuest.Recorded("left", 0, Path.Combine(_folder, "no", "such", "folder"), null);
        using var right = DmaGuest.Recorded("right", 1, null, null);
        var dma = Start("dma", left, right);
        dma.Tell(new DmaProtocol.Bind("right", right.Key(1), right.Free(1), 1, 7));

        await Send(dma, left, 1, "hello");
        right.Text(DmaGuest.Data, 5).ShouldBe("hello");
        dma.Tell(new DmaProtocol.Send("left", left.Key(1), left.Describe(DmaGuest.Sent, 0, (0xf000_0000, 5))));

        (await left.Hears(1)).ShouldBe("sent", "the receiver has no buffer left, and nobody looked at what was sent");
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _system.Terminate();
        Directory.Delete(_folder, recursive: true);
    }

    private string File(string name) => Path.Combine(_folder, name + ".pcap");

    private IActorRef Start(string name, params DmaGuest[] guests)
    {
        var dma = _system.ActorOf(DmaActor.Props(DmaSettings.From(_system.Settings.Config)), name);
        foreach (var guest in guests)
            dma.Tell(new DmaProtocol.Attach(guest.Name, guest.Memory, guest.Windows, guest));
        return dma;
    }

    /// <summary>Sends and waits until the Guest could go on.</summary>
    private static async Task Send(IActorRef dma, DmaGuest guest, int slot, string text)
    {
        int before = guest.Sends;
        dma.Tell(new DmaProtocol.Send(guest.Name, guest.Key(slot), guest.Message(text)));
        using CancellationTokenSource end = new(_patience);
        while (guest.Sends == before)
            await Task.Delay(2, end.Token);
    }

    /// <summary>What was told to be recorded is in the files, and nothing can follow it any more.</summary>
    private static async Task EndRecordings(params IActorRef[] dmas)
    {
        foreach (var dma in dmas)
            foreach (var file in ((ActorRefWithCell)dma).Children)
                (await file.GracefulStop(_patience, PoisonPill.Instance)).ShouldBeTrue();
    }

    /// <summary>A file holds these frames and no others.</summary>
    private void Holds(string name, params string[] frames) => Read(File(name)).ShouldBe(frames);

    private static List<string> Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        byte[] bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        List<string> frames = [];
        for (int at = PcapFormat.FileHeader; at + PcapFormat.RecordHeader <= bytes.Length;)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 8));
            at += PcapFormat.RecordHeader;
            frames.Add(Encoding.ASCII.GetString(bytes, at, length));
            at += length;
        }

        return frames;
    }
}
