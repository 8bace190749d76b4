// The switch of one lan on one node, as a function: frames go in with the time and come out sorted; delayed frames come out when it is
// called again at their time.
//
//J:Net:100 The way of a frame
// A frame from a Guest is looked at once: is it a frame at all, can what it says about checksums be true? Then it goes through the cable of
// its port, through the lan's own cable, to the switch, and through the cable of the port where it goes out. Most cables are perfect and
// cost nothing. Each that is not may keep the frame; all that is kept, wherever, waits in one queue ordered by the moment it is due, so
// that frames leave in the right order even if three cables in a row delay them, and each cable sees them at the exact moment at which the
// one before let them go.
//
// The switch remembers behind which station it saw an address. A frame for a known address goes there, any other to all, and never back to
// where it came from.
//
//J:Net:110 Split horizon
// A lan that spans nodes has a switch on each, every one connected with every other. A frame from another node goes to local ports only:
// its own switch has sent it to all other nodes already. So there is no loop, and no spanning tree is needed.

using Lguest.Net.Capture;
using Lguest.Net.Frames;

namespace Lguest.Net.Lans;

/// <summary>A learning switch with links. One thread at a time; times are nanoseconds of any clock that does not go back.</summary>
internal sealed class VirtualSwitch
{
    /// <summary>A batch of this many bytes is worth a message to another node by itself; smaller ones are collected, and larger ones than a
    /// batch should be
    /// are sorted anew, since remoting does not take messages of any size.</summary>
    private const int WorthSending = 16_384;

    private readonly LanSettings _lan;
    private readonly IFrameOutput _output;
    private readonly AddressTable _addresses;
    private readonly int _heldPerLink;
    private readonly int _longest;
    private readonly List<Station> _stations = [];
    private readonly List<Station> _waiting = [];
    private readonly PriorityQueue<HeldFrame, (long Due, long Order)> _held = new();
    private readonly FrameBatchWriter _finished = new();
    private long _order;
    private long _now;

    /// <param name="lan">Name and cable.</param>
    /// <param name="addresses">What it remembers.</param>
    /// <param name="heldPerLink">Bytes that one direction of a link may keep.</param>
    /// <param name="output">Takes the frames.</param>
    /// <param name="capture">Records what enters the lan; null for nobody.</param>
    public VirtualSwitch(LanSettings lan, AddressTable addresses, int heldPerLink, IFrameOutput output, PcapBuffer? capture = null)
    {
        _lan = lan;
        _addresses = addresses;
        _heldPerLink = heldPerLink;
        _longest = Frame.Longest(lan.Mtu);
        _output = output;
        Capture = capture;
    }

    /// <summary>Records what enters the lan.</summary>
    public PcapBuffer? Capture { get; }

    /// <summary>Ports and other nodes, in the order in which they came.</summary>
    public IReadOnlyList<Station> Stations => _stations;

    /// <summary>When <see cref="Advance"/> has something to do; <see cref="long.MaxValue"/> if nothing is under way.</summary>
    public long NextDue => _held.TryPeek(out _, out var when) ? when.Due : long.MaxValue;

    /// <summary>True if frames for other nodes are being collected.</summary>
    public bool HasForPeers => _waiting.Exists(station => station.IsPeer);

    /// <summary>Adds a port.</summary>
    /// <param name="name">Unique among the ports that are there.</param>
    /// <param name="mac">An address that is behind it for certain.</param>
    /// <param name="settings">Without a <see cref="LinkSettings.Problem"/>.</param>
    /// <param name="capture">Records both directions.</param>
    public Station AddPort(
        string name, MacAddress? mac = null, PortSettings? settings = null, PcapBuffer? capture = null, PortDrops? drops = null)
    {
        settings ??= PortSettings.Default;
        var station = new Station(name, isPeer: false)
        {
            In = Link.Of(settings.Link, $"{_lan.Name}/{name}/in"),
            Out = Link.Of(settings.Link, $"{_lan.Name}/{name}/out"),
            Lan = Link.Of(_lan.Link, $"{_lan.Name}/{name}/lan"),
            Capture = capture,
            Drops = drops ?? new PortDrops(),
        };
        _stations.Add(station);
        if (mac is { } address)
            _addresses.Fix(address, station);
        return station;
    }

    /// <summary>Adds the part of the lan on another node.</summary>
    public Station AddPeer(string name)
    {
        var station = new Station(name, isPeer: true);
        _stations.Add(station);
        return station;
    }

    /// <summary>Takes a port or another node away, and forgets the addresses behind it. What is under way to it is lost; what has come from
    /// it and is on
    /// the lan's own cable arrives.</summary>
    public void Remove(Station station)
    {
        station.IsGone = true;
        _stations.Remove(station);
        _waiting.Remove(station);
        _addresses.Forget(station);
        station.Writer.Take()?.Release();
    }

    /// <summary>Frames have come in. The batch stays the caller's.</summary>
    /// <param name="from">Where.</param>
    /// <param name="frames">Anything: each is checked.</param>
    /// <param name="sent">When they were sent; at most <paramref name="now"/>.</param>
    /// <param name="now">The time.</param>
    public void Receive(Station from, FrameBatch frames, long sent, long now)
    {
        Advance(now);
        from.CountIn(frames);
        if (from.In is null && from.Lan is null && from.Capture is null && Capture is null && TryPassWhole(from, frames, now))
            return;
        foreach (var frame in frames)
            Enter(from, frame, sent);
    }

    /// <summary>Frames whose time has come go on.</summary>
    public void Advance(long now)
    {
        _now = now;
        while (_held.TryPeek(out var held, out var when) && when.Due <= now)
        {
            _held.Dequeue();
            held.Cable.Held -= held.Cost;
            if (held.Next != Stage.Out || !held.Station.IsGone)
                Proceed(held.Next, held.Station, held.Frame, when.Due);
            held.Release();
        }
    }

    /// <summary>Gives what has been collected to the output.</summary>
    /// <param name="peers">Also what is for other nodes.</param>
    public void Flush(bool peers)
    {
        int kept = 0;
        for (int i = 0; i < _waiting.Count; i++)
        {
            var station = _waiting[i];
            if (station.IsPeer && !peers)
            {
                _waiting[kept++] = station;
                continue;
            }

            station.IsWaiting = false;
            SendCollected(station);
        }

        _waiting.RemoveRange(kept, _waiting.Count - kept);
    }

    /// <summary>The common case: no cable and no recorder in the way, and all frames of the batch go the same way. Then the batch itself
    /// goes, and no frame
    /// is copied.</summary>
    private bool TryPassWhole(Station from, FrameBatch frames, long now)
    {
        MacAddress source = default, destination = default;
        Station? to = null; // null: to all
        bool isFirst = true;
        foreach (var frame in frames)
        {
            if (FrameRules.Problem(frame, _longest) is not null)
                return false;
            if (isFirst || frame.Source != source)
                _addresses.Learn(source = frame.Source, from, now);
            if (!isFirst && frame.Destination == destination)
                continue;
            destination = frame.Destination;
            var known = Find(destination, now);
            if (!isFirst && known != to)
                return false;
            to = known;
            isFirst = false;
        }

        if (to is not null)
        {
            LeaveWhole(from, to, frames, now);
            return true;
        }

        foreach (var station in _stations)
            LeaveWhole(from, station, frames, now);
        return true;
    }

    private void LeaveWhole(Station from, Station to, FrameBatch frames, long now)
    {
        if (!MayGo(from, to))
            return;
        if (to.Out is null && to.Capture is null && (!to.IsPeer || frames.RecordBytes is >= WorthSending and <= FrameBatch.FullBytes))
        {
            // Earlier frames must not come later.
            SendCollected(to);
            Send(to, frames.Retain());
            return;
        }

        foreach (var frame in frames)
            Leave(to, frame, now);
    }

    private void Enter(Station from, Frame frame, long at)
    {
        if (FrameRules.Problem(frame, _longest) is { } problem)
        {
            from.CountDrop(problem);
            return;
        }

        // A cable loses frames, not packets of 64 KiB, and a recording should show what a cable would: so the work left to do is done
        // before them.
        if (frame.Offload.IsNothing || (from.In is null && from.Lan is null && from.Capture is null && Capture is null))
        {
            Arrive(from, frame, at);
            return;
        }

        if (!OffloadCompletion.Complete(frame, _finished, _longest))
        {
            from.CountDrop(DropReason.BadOffload);
            return;
        }

        var batch = _finished.Take()!;
        foreach (var one in batch)
            Arrive(from, one, at);
        batch.Release();
    }

    private void Arrive(Station from, Frame frame, long at)
    {
        from.Capture?.Add(frame, at);
        Proceed(Stage.PortIn, from, frame, at);
    }

    private void Proceed(Stage stage, Station station, Frame frame, long at)
    {
        switch (stage)
        {
            case Stage.PortIn when station.In is { } cable:
                Pass(cable, station, frame, at, Stage.Lan);
                break;
            case <= Stage.Lan when station.Lan is { } cable:
                Pass(cable, station, frame, at, Stage.Switch);
                break;
            case <= Stage.Switch:
                Switch(station, frame, at);
                break;
            default:
                Collect(station, frame, at);
                break;
        }
    }

    private void Pass(Link cable, Station station, Frame frame, long at, Stage next)
    {
        var fate = cable.Pass(frame.Length, at);
        if (fate.Drop is { } reason)
        {
            station.CountDrop(reason);
            return;
        }

        if (fate.CorruptBit is { } bit)
        {
            byte[] corrupted = frame.Bytes.ToArray();
            corrupted[bit >> 3] ^= (byte)(1 << (bit & 7));
            frame = new Frame(corrupted, frame.Offload);
        }

        for (int copy = 0; copy < fate.Copies; copy++)
        {
            if (fate.Due <= _now)
                Proceed(next, station, frame, fate.Due);
            else if (cable.Held + HeldFrame.CostOf(frame.Length) > _heldPerLink)
                station.CountDrop(DropReason.TooManyHeld);
            else
                Hold(HeldFrame.Of(frame, station, next, cable), fate.Due);
        }
    }

    private void Hold(HeldFrame held, long due)
    {
        held.Cable.Held += held.Cost;
        _held.Enqueue(held, (due, _order++));
    }

    private void Switch(Station from, Frame frame, long at)
    {
        Capture?.Add(frame, at);
        var source = frame.Source;

        // A link may have corrupted the address, and a port may be unplugged while its last frames are under way.
        if (source.IsGroup || source.IsZero)
        {
            from.CountDrop(DropReason.BadSource);
            return;
        }

        if (!from.IsGone)
            _addresses.Learn(source, from, at);
        if (Find(frame.Destination, at) is { } to)
        {
            if (MayGo(from, to))
                Leave(to, frame, at);
            return;
        }

        foreach (var station in _stations)
            if (MayGo(from, station))
                Leave(station, frame, at);
    }

    private Station? Find(MacAddress destination, long at) =>
        !destination.IsGroup && _addresses.TryFind(destination, at, out var station) ? station : null;

    private static bool MayGo(Station from, Station to) => to != from && !(from.IsPeer && to.IsPeer);

    private void Leave(Station to, Frame frame, long at)
    {
        if (to.Out is null && to.Capture is null)
        {
            Collect(to, frame, at);
            return;
        }

        if (frame.Offload.IsNothing)
        {
            LeaveByCable(to, frame, at);
            return;
        }

        if (!OffloadCompletion.Complete(frame, _finished, _longest))
        {
            to.CountDrop(DropReason.BadOffload);
            return;
        }

        var batch = _finished.Take()!;
        foreach (var one in batch)
            LeaveByCable(to, one, at);
        batch.Release();
    }

    private void LeaveByCable(Station to, Frame frame, long at)
    {
        if (to.Out is { } cable)
            Pass(cable, to, frame, at, Stage.Out);
        else
            Collect(to, frame, at);
    }

    private void Collect(Station to, Frame frame, long at)
    {
        to.Capture?.Add(frame, at);
        if (!to.Writer.HasRoom(frame.Length))
            Send(to, to.Writer.Take()!);
        to.Writer.Add(frame);
        if (to.IsWaiting)
            return;
        to.IsWaiting = true;
        _waiting.Add(to);
    }

    private void SendCollected(Station to)
    {
        if (to.Writer.Take() is { } frames)
            Send(to, frames);
    }

    private void Send(Station to, FrameBatch frames) => _output.Send(to, frames);
}
