// A virtio network card: moves frames between its Guest's rings and batches of frames. It does not know what it is connected to, and looks
// at nothing in a frame but its length.

using Lguest.Devices.Virtio;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Net.Frames;
using Lguest.Net.Lans;

namespace Lguest.Devices.Net;

/// <summary>Serves the two queues of a virtio network card (ABI sheet 10.9).</summary>
internal sealed class NetDevice : IVirtioDevice
{
    /// <summary>Bytes that wait for a Guest that lends no buffers, at most; what comes beyond that is dropped, as on any wire.</summary>
    public const int MostWaitingBytes = 1 << 20;

    private const int FramesAtATime = 64;
    private const int MostMerged = 64;
    private const int LongestHeader = 12;
    private const int MergedCountAt = 10; // num_buffers u16

    private readonly GuestMemory _memory;
    private readonly SplitQueue _receive;
    private readonly SplitQueue _transmit;
    private readonly GuestGeneration _generation;
    private readonly Func<uint> _accepted;
    private readonly int _longest;
    private readonly FrameBatchWriter _sent = new();
    private readonly FrameBatchWriter _finished = new();
    private readonly Queue<(FrameBatch Frames, FrameWindow? Window, int Bytes)> _arrived = new();
    private readonly (ushort Head, uint Written)[] _merged = new (ushort, uint)[MostMerged];
    private int _waitingBytes;
    private int _given; // frames of the oldest batch that the Guest has
    private bool _started;
    private NetMetrics _metrics;

    /// <param name="memory">The Guest's memory.</param>
    /// <param name="receive">Queue in which the Guest lends buffers.</param>
    /// <param name="transmit">Queue in which it hands over frames.</param>
    /// <param name="mac">The address in its description.</param>
    /// <param name="generation">Which decides the header's layout.</param>
    /// <param name="accepted">The features that the driver acknowledged, read anew for each portion of work: a driver may come
    /// again.</param>
    /// <param name="mtu">That of the network.</param>
    public NetDevice(GuestMemory memory, SplitQueue receive, SplitQueue transmit, MacAddress mac, GuestGeneration generation,
        Func<uint> accepted, int mtu = Frame.OrdinaryMtu)
    {
        _memory = memory;
        _receive = receive;
        _transmit = transmit;
        _generation = generation;
        _accepted = accepted;
        _longest = Frame.Longest(mtu);
        Mac = mac;
        Queues = [receive, transmit];
    }

    public IReadOnlyList<SplitQueue> Queues { get; }

    public MacAddress Mac { get; }

    public NetMetrics Metrics => _metrics with { DroppedByLan = Drops?.Total ?? 0 };

    /// <summary>What the lan drops at the card's port; null while it is not plugged in.</summary>
    public PortDrops? Drops { get; set; }

    public bool Serve(int queue) => queue == NetDescription.ReceiveQueue ? ServeReceive() : ServeTransmit();

    /// <summary>The frames that came out of the Guest since the last call, held by the caller; null if there are none.</summary>
    public FrameBatch? TakeSent() => _sent.Take();

    /// <summary>Takes frames for the Guest, which get into its memory with the next <see cref="Serve"/> of the receive queue.</summary>
    /// <param name="batch">Held by the device from now on.</param>
    /// <param name="window">Gets its room back when the frames are in the Guest or dropped.</param>
    public void Deliver(FrameBatch batch, FrameWindow? window = null)
    {
        int bytes = batch.RecordBytes;
        _started = _started || _receive.HasMore;
        _waitingBytes += bytes;
        if (_started && (_waitingBytes <= MostWaitingBytes || _arrived.Count == 0))
        {
            if (Acceptable(batch) is { } frames)
                _arrived.Enqueue((frames, window, bytes));
            else
                Give(window, bytes);
            return;
        }

        _metrics = _metrics with { DroppedIn = _metrics.DroppedIn + batch.Count };
        batch.Release();
        Give(window, bytes);
    }

    public void Reset()
    {
        _receive.Reset();
        _transmit.Reset();
        Forget();
        _started = false;
    }

    public void Dispose()
    {
        Forget();
        _sent.Take()?.Release();
        _receive.Dispose();
        _transmit.Dispose();
    }

    //J:Drivers:300 Frames out
    // The Guest has put frames into its transmit ring, each with a small header in front, and kicked. We copy them out, one after the
    // other, into a batch, and give each buffer back at once: when the kick has been served, the Guest has its memory again, whatever
    // becomes of the frames. While we are at it the Guest is told not to kick for more, since we look anyway before we stop: we say that we
    // want kicks again, and then look once more, for the Guest may have added a frame just before it could see that.

    private bool ServeTransmit()
    {
        _transmit.WantNotifications(false);
        uint accepted = _accepted();
        int header = NetDescription.HeaderBytes(_generation, accepted);
        bool more = true;
        for (int i = 0; i < FramesAtATime && more; i++)
            more = TrySend(header, accepted);
        _transmit.Publish();
        return more ? _transmit.HasMore : _transmit.WantNotifications(true);
    }

    private bool TrySend(int header, uint accepted)
    {
        if (_transmit.TryTake() is not { } chain)
            return false;
        if (chain.Writable.Count > 0)
            return _transmit.Break("the transmit queue was given something to write") is not null;
        if (chain.ReadableBytes < (ulong)(header + Frame.HeaderLength) || chain.ReadableBytes > (ulong)(header + Frame.LongestLength))
            return _transmit.Break($"a frame of {chain.ReadableBytes} bytes with its header of {header} has an invalid length") is not null;
        int length = (int)chain.ReadableBytes - header;
        if (!_sent.HasRoom(length))
        {
            _transmit.PutBack(1);
            return false;
        }

        var offload = OffloadOf(chain, accepted);
        if (length > (offload.Segmentation == SegmentationKind.None ? _longest : Frame.LongestLength)
            || !NetDescription.MayLeave(offload, accepted))
        {
            _metrics = _metrics with { DroppedOut = _metrics.DroppedOut + 1 };
        }
        else
        {
            chain.Read((ulong)header, _sent.Add(length, offload));
            _metrics = _metrics with { FramesOut = _metrics.FramesOut + 1, BytesOut = _metrics.BytesOut + length };
        }

        _transmit.Stage(chain.Head, 0);
        return true;
    }

    /// <summary>What the driver leaves to us. One that did not agree on leaving anything has nothing to say there, and is not
    /// asked.</summary>
    private static FrameOffload OffloadOf(BufferChain chain, uint accepted)
    {
        if ((accepted & NetDescription.Checksum) == 0)
            return default;
        Span<byte> front = stackalloc byte[FrameOffload.Length];
        chain.Read(0, front);
        return FrameOffload.Read(front) is { IsNothing: false } offload ? offload : default;
    }

    /// <summary>The batch as this Guest's driver can take it: work that another driver left undone is done now if this one did not agree to
    /// do without
    /// it.</summary>
    /// <returns>This batch or another in its place, held by the caller; null if no frame is left.</returns>
    private FrameBatch? Acceptable(FrameBatch batch)
    {
        uint accepted = _accepted();
        bool takesAll = true;
        foreach (var frame in batch)
            takesAll = takesAll && NetDescription.Takes(frame.Offload, accepted);
        if (takesAll)
            return batch;
        foreach (var frame in batch)
        {
            if (NetDescription.Takes(frame.Offload, accepted))
                _finished.Add(frame);
            else if (!OffloadCompletion.Complete(frame, _finished, _longest))
                Drop();
        }

        batch.Release();
        return _finished.Take();
    }

    //J:Drivers:305 Frames in
    // Frames arrive when they like. They wait in their batches until the Guest has lent buffers for them, up to a limit, and are then laid
    // into its memory together, to be announced by one interrupt. As long as there are buffers the Guest need not tell us of new ones,
    // which it does for every frame that it takes; only when frames wait for buffers do we ask to be told.

    private bool ServeReceive()
    {
        uint accepted = _accepted();
        bool gaveAll = GiveAll(accepted);
        if (!gaveAll)
        {
            // Buffers that were lent before the driver could see that we ask for them would go unnoticed: hence the second look.
            _receive.WantNotifications(true);
            gaveAll = GiveAll(accepted);
        }

        _receive.Publish();
        if (gaveAll)
            _receive.WantNotifications(false);
        return false;
    }

    /// <summary>Gives the Guest what has arrived.</summary>
    /// <returns>False if something is left, for want of buffers.</returns>
    private bool GiveAll(uint accepted)
    {
        while (_arrived.TryPeek(out var oldest))
        {
            int index = 0;
            foreach (var frame in oldest.Frames)
            {
                if (index++ < _given)
                    continue;
                if (!TryGive(frame, accepted))
                    return false;
                _given++;
            }

            Done();
        }

        return true;
    }

    private bool TryGive(Frame frame, uint accepted)
    {
        if (_receive.Fault is not null)
            return Drop();
        int header = NetDescription.HeaderBytes(_generation, accepted);

        // Only the longest header has a place for the number of buffers.
        return header == LongestHeader && (accepted & NetDescription.MergedBuffers) != 0 ? TryGiveMerged(frame, header)
            : TryGiveWhole(frame, header);
    }

    private bool TryGiveWhole(Frame frame, int header)
    {
        if (TakeLent() is not { } chain)
            return _receive.Fault is not null && Drop();
        if (chain.WritableBytes < (ulong)(header + frame.Length))
        {
            // A frame that does not fit is no frame. The buffer may do for the next.
            _receive.PutBack(1);
            return Drop();
        }

        Span<byte> front = stackalloc byte[LongestHeader];
        front.Clear();
        if (header > FrameOffload.Length - 1)
            frame.Offload.Write(front);

        // The longest header has a place for the number of buffers, merged or not.
        front[MergedCountAt] = 1;
        chain.Write(0, front[..header]);
        chain.Write((ulong)header, frame.Bytes);
        _receive.Stage(chain.Head, (uint)(header + frame.Length));
        return Given(frame);
    }

    /// <summary>Lays a frame into as many chains as it takes, which the driver gets at once; their number stands in the header.</summary>
    private bool TryGiveMerged(Frame frame, int header)
    {
        int chains = 0;
        int done = 0;
        GuestPhysical? countLow = null;
        GuestPhysical? countHigh = null;
        Span<byte> front = stackalloc byte[LongestHeader];
        front.Clear();
        do
        {
            if (chains == MostMerged || TakeLent() is not { } chain)
            {
                _receive.PutBack(chains);
                return (chains == MostMerged || _receive.Fault is not null) && Drop();
            }

            int first = chains == 0 ? header : 0;
            if (chains == 0 && chain.WritableBytes < (ulong)header)
                return _receive.Break($"a receive buffer of {chain.WritableBytes} bytes is smaller than the header") is not null || Drop();
            if (chains == 0)
            {
                frame.Offload.Write(front);
                chain.Write(0, front);
                countLow = chain.AddressOf(MergedCountAt);
                countHigh = chain.AddressOf(MergedCountAt + 1);
            }

            int written = chain.Write((ulong)first, frame.Bytes[done..]);
            done += written;
            _merged[chains++] = (chain.Head, (uint)(first + written));
        }
        while (done < frame.Length);

        _memory.TryWrite(countLow!.Value, (byte)chains);
        _memory.TryWrite(countHigh!.Value, (byte)0);
        for (int i = 0; i < chains; i++)
            _receive.Stage(_merged[i].Head, _merged[i].Written);
        return Given(frame);
    }

    private BufferChain? TakeLent()
    {
        if (_receive.TryTake() is not { } chain)
            return null;
        return chain.Readable.Count == 0 ? chain : _receive.Break("the receive queue was given something to read");
    }

    private bool Given(Frame frame)
    {
        _started = true;
        _metrics = _metrics with { FramesIn = _metrics.FramesIn + 1, BytesIn = _metrics.BytesIn + frame.Length };
        return true;
    }

    private bool Drop()
    {
        _metrics = _metrics with { DroppedIn = _metrics.DroppedIn + 1 };
        return true;
    }

    private void Done()
    {
        var (batch, window, bytes) = _arrived.Dequeue();
        _given = 0;
        batch.Release();
        Give(window, bytes);
    }

    private void Give(FrameWindow? window, int bytes)
    {
        _waitingBytes -= bytes;
        window?.Give(bytes);
    }

    private void Forget()
    {
        while (_arrived.Count > 0)
            Done();
    }
}
