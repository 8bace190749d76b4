// The thread of a way out. It waits for descriptors, which actors must not do. Frames reach it through a queue and an eventfd; its own
// frames go to the lan as messages, and it stops reading when the lan has no room.

using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Lguest.Machine;
using Lguest.Net.Frames;
using Lguest.Net.Lans;
using Lguest.Net.Lans.Actors;

namespace Lguest.Net.Outside.Actors;

/// <summary>The thread behind a port that leads out. <see cref="Take"/>, <see cref="Wake"/> and <see cref="Stop"/> may be called on any
/// thread; all else
/// happens on its own.</summary>
internal abstract unsafe class OutsideLoop
{
    /// <summary>Milliseconds after which it looks around even if nothing has happened.</summary>
    protected const int LongestWait = 1000;

    private readonly ConcurrentQueue<LanProtocol.Deliver> _arrived = new();
    private readonly FrameBatchWriter _leaving = new();
    private readonly FrameBatchWriter _finished = new();
    private readonly int _counter;
    private readonly Lock _counterLock = new();
    private readonly int _longest;
    private FrameBatch? _held;
    private volatile FrameWindow? _window;
    private volatile bool _stopping;
    private bool _isOver;
    private Action<FrameBatch> _send = batch => batch.Release();
    private IHostClock? _clock;

    /// <param name="mtu">That of the lan.</param>
    protected OutsideLoop(int mtu)
    {
        _longest = Frame.Longest(mtu);
        _counter = Posix.EventCounter(0, Posix.NonBlocking | Posix.CloseOnExec);
        if (_counter < 0)
            throw new OutsideException(
                $"no file descriptor is left for a way out (error {Marshal.GetLastPInvokeError()}); end other programs, "
                + "or raise the limit (ulimit -n)");
    }

    /// <summary>Starts the thread.</summary>
    /// <param name="send">Takes frames for the lan, with their hold. Called on this thread.</param>
    /// <param name="clock">What timers go by.</param>
    public void Start(Action<FrameBatch> send, IHostClock clock)
    {
        _clock = clock;
        _send = send;
        new Thread(Run) { IsBackground = true, Name = "way out" }.Start();
    }

    /// <summary>The lan is there, and this is the room on the way to it.</summary>
    public void Connect(FrameWindow window)
    {
        _window = window;
        Wake();
    }

    /// <summary>Frames from the lan.</summary>
    public void Take(LanProtocol.Deliver frames)
    {
        _arrived.Enqueue(frames);
        Wake();
    }

    /// <summary>Something has changed. Nothing is written once the thread has ended: the number of its counter may be another file's by
    /// then.</summary>
    public void Wake()
    {
        ulong one = 1;
        lock (_counterLock)
        {
            if (!_isOver)
                Posix.Write(_counter, &one, sizeof(ulong));
        }
    }

    /// <summary>Ends the thread, soon.</summary>
    public void Stop()
    {
        _stopping = true;
        Wake();
    }

    /// <summary>Whether the thread has ended. Any thread.</summary>
    internal bool HasEnded
    {
        get
        {
            lock (_counterLock)
                return _isOver;
        }
    }

    /// <summary>One frame from the lan, finished and no longer than an Ethernet frame may be.</summary>
    protected abstract void Out(ReadOnlySpan<byte> frame);

    /// <summary>Waits for descriptors, that of <see cref="Counter"/> among them, and serves those that are ready.</summary>
    /// <param name="mayRead">False while nothing more may be given to the lan.</param>
    protected abstract void Wait(bool mayRead);

    /// <summary>Gives back what it holds.</summary>
    protected abstract void Close();

    /// <summary>The present moment. For its own thread.</summary>
    protected Nanoseconds Now => _clock!.Monotonic;

    /// <summary>The descriptor that becomes readable when somebody has called <see cref="Wake"/>.</summary>
    protected Posix.PollDescriptor Counter => new() { Descriptor = _counter, Events = Posix.In };

    /// <summary>One frame for the lan.</summary>
    protected void In(ReadOnlySpan<byte> frame)
    {
        if (frame.Length is < Frame.HeaderLength or > Frame.LongestLength)
            return;
        if (!_leaving.HasRoom(frame.Length))
            Flush();
        frame.CopyTo(_leaving.Add(frame.Length));
    }

    private void Run()
    {
        while (!_stopping)
        {
            TakeArrived();
            Flush();
            Wait(mayRead: _held is null);
            ulong count;
            Posix.Read(_counter, &count, sizeof(ulong));
        }

        Close();
        _held?.Release();
        _leaving.Take()?.Release();
        while (_arrived.TryDequeue(out var frames))
            frames.Done();
        lock (_counterLock)
        {
            _isOver = true;
            Posix.Close(_counter);
        }
    }

    private void TakeArrived()
    {
        while (_held is null && _arrived.TryDequeue(out var delivery))
        {
            foreach (var frame in delivery.Frames)
                OffloadCompletion.Complete(frame, _finished, _longest);
            delivery.Done();
            if (_finished.Take() is { } frames)
            {
                foreach (var frame in frames)
                    Out(frame.Bytes);
                frames.Release();
            }

            Flush();
        }
    }

    private void Flush()
    {
        if (_window is not { } window)
            return;
        while ((_held ??= _leaving.Take()) is { } batch && window.TryTake(batch.RecordBytes))
        {
            _held = null;
            _send(batch);
        }
    }
}
