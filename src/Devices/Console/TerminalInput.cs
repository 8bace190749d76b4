// Reading a terminal or a pipe blocks, and a device's actor must not block. So a thread reads a little ahead. A long script on stdin waits
// in the pipe until the Guest has taken what came before.

using System.Collections.Concurrent;
using System.Diagnostics;
using Lguest.Machine;
using Lguest.Machine.Actors;
using Lguest.Net.Files;

namespace Lguest.Devices.Console;

/// <summary>Bytes typed or piped in, held until the Guest wants them.</summary>
internal sealed class TerminalInput : IDisposable
{
    /// <summary>Largest piece that is handed over at once.</summary>
    public const int PieceBytes = 1024;

    private const int PiecesAhead = 4;

    private const int KeysAhead = 4096;

    private readonly BlockingCollection<byte[]> _pieces;
    private readonly Stream _source;
    private readonly bool _typed;
    private readonly IHostClock _clock;
    private readonly CancellationTokenSource _over = new();
    private volatile Action _interrupted;
    private volatile Action _arrived = () => { };

    /// <param name="source">Where bytes come from. Its end is the end of typing, not of the Guest.</param>
    /// <param name="typed">Whether somebody sits there: then what the Guest does not take is dropped in the end, so that Ctrl-C is still
    /// seen.</param>
    /// <param name="interrupted">Called, on the reading thread, at three Ctrl-C within a second.</param>
    /// <param name="clock">Counts that second; null for the machine's.</param>
    public TerminalInput(Stream source, bool typed, Action interrupted, IHostClock? clock = null)
    {
        _pieces = new BlockingCollection<byte[]>(typed ? KeysAhead : PiecesAhead);
        _source = source;
        _typed = typed;
        _interrupted = interrupted;
        _clock = clock ?? SystemClock.Instance;
    }

    /// <summary>Nobody sits there yet: what is typed comes by <see cref="Push"/>.</summary>
    public static TerminalInput Open() => new(Stream.Null, typed: true, () => { });

    /// <summary>Takes bytes as if they had been typed. Any thread.</summary>
    public void Push(byte[] bytes)
    {
        _pieces.TryAdd(bytes);
        _arrived();
    }

    /// <summary>Starts the reading thread. It does not keep the process alive.</summary>
    public void Start() => new Thread(Read) { IsBackground = true, Name = "terminal input" }.Start();

    /// <summary>Names whom to tell, on any thread, that something can be taken; tells it at once if that is so already.</summary>
    public void Announce(Action arrived)
    {
        _arrived = arrived;
        if (_pieces.Count > 0)
            arrived();
    }

    /// <summary>The next piece, if one has come.</summary>
    public bool TryTake(out ReadOnlyMemory<byte> piece)
    {
        bool any = _pieces.TryTake(out byte[]? bytes);
        piece = bytes;
        return any;
    }

    /// <summary>The input has no listener any more. The reading thread may stay in its source until the process ends, which nothing can
    /// change, but it keeps no object
    /// else alive, and ends with the next that is typed.</summary>
    public void Dispose()
    {
        _interrupted = () => { };
        _arrived = () => { };
        _over.Cancel();
    }

    private void Read()
    {
        var counter = new InterruptCounter();
        byte[] buffer = new byte[PieceBytes];
        try
        {
            int got;
            while ((got = _source.Read(buffer)) > 0 && !_over.IsCancellationRequested)
            {
                if (counter.Saw(buffer.AsSpan(0, got), _clock.Monotonic.Span))
                    _interrupted();
                if (!_typed)
                    _pieces.Add(buffer[..got], _over.Token);
                else
                    _pieces.TryAdd(buffer[..got]);
                _arrived();
            }
        }
        catch (OperationCanceledException)
        {
            // What is left in the source is nobody's.
        }
        catch (Exception problem) when (FileFault.InUse(problem))
        {
            // A terminal that went away types nothing more; whether the Guest goes on without it is not decided here.
        }
    }
}
