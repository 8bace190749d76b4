// A switch with ports by number and somewhere to look what came out, with a clock that a test turns by hand.

using Lguest.Net.Capture;
using Lguest.Net.Frames;
using Lguest.Net.Lans;
using Lguest.Net.Tests.Frames;

namespace Lguest.Net.Tests.Lans;

/// <summary>A <see cref="VirtualSwitch"/> under test.</summary>
internal sealed class TestLan : IFrameOutput
{
    public const long Millisecond = 1_000_000;
    public const long Second = 1_000_000_000;
    private readonly Dictionary<string, List<(long At, byte[] Bytes)>> _arrived = [];

    public TestLan(LinkSettings? link = null, int addresses = 64, int perStation = 16, int held = 1 << 24, int mtu = 1500,
        PcapBuffer? capture = null) =>
        Switch = new VirtualSwitch(
        new LanSettings("lan") { Link = link ?? LinkSettings.Perfect, Mtu = mtu },
        new AddressTable(addresses, perStation, 300 * Second), held, this, capture);

    public VirtualSwitch Switch { get; }

    public long Now { get; set; } = 1_000 * Second;

    public Station Port(string name, LinkSettings? link = null, MacAddress? mac = null) =>
        Switch.AddPort(name, mac, new PortSettings { Link = link ?? LinkSettings.Perfect });

    /// <summary>Sends frames into the lan and takes out what has arrived.</summary>
    public void Send(Station from, params IEnumerable<byte[]> frames) => Send(from, Ether.Batch(frames));

    public void Send(Station from, FrameBatch batch)
    {
        Switch.Receive(from, batch, Now, Now);
        batch.Release();
        Switch.Flush(peers: true);
    }

    /// <summary>Lets time pass, stopping whenever a frame is due.</summary>
    public void Wait(long nanoseconds)
    {
        long end = Now + nanoseconds;
        while (Switch.NextDue <= end)
        {
            Now = Math.Max(Now, Switch.NextDue);
            Switch.Advance(Now);
            Switch.Flush(peers: true);
        }

        Now = end;
    }

    /// <summary>The frames that came out at a station since this was last asked.</summary>
    public List<byte[]> Take(Station station) => [.. TakeTimed(station).Select(one => one.Bytes)];

    /// <summary>The numbers of the frames that came out at a station since this was last asked.</summary>
    public List<int> Numbers(Station station) => [.. Take(station).Select(bytes => Ether.Number(new Frame(bytes)))];

    /// <summary>The same with the times at which they came.</summary>
    public List<(long At, byte[] Bytes)> TakeTimed(Station station) => _arrived.Remove(station.Name, out var frames) ? frames : [];

    void IFrameOutput.Send(Station to, FrameBatch frames)
    {
        to.CountOut(frames);
        if (!_arrived.TryGetValue(to.Name, out var list))
            _arrived.Add(to.Name, list = []);
        foreach (var frame in frames)
            list.Add((Now, frame.Bytes.ToArray()));
        frames.Release();
    }
}
