// The Guest's console. What the Guest writes is printed here; what is typed here goes to the Guest, no faster than it reads. Bytes pass
// unchanged in both directions.

using Lguest.Devices.Virtio;
using Lguest.Guest.Memory;

namespace Lguest.Devices.Console;

/// <summary>Serves the two queues of a virtio console (ABI sheet 10.7).</summary>
/// <param name="memory">The Guest's memory.</param>
/// <param name="input">Queue in which the Guest posts buffers for what is typed.</param>
/// <param name="output">Queue in which it hands over what it prints.</param>
/// <param name="terminal">Takes what the Guest prints.</param>
internal sealed class ConsoleDevice(GuestMemory memory, SplitQueue input, SplitQueue output, IOutput terminal) : IVirtioDevice
{
    private const int BuffersAtATime = 16;

    private ReadOnlyMemory<byte> _typed;
    private Action? _roomMade;
    private ulong _printed; // bytes of the chain at the head of the output queue

    public IReadOnlyList<SplitQueue> Queues { get; } = [input, output];

    public ConsoleMetrics Metrics { get; private set; }

    /// <summary>Whether all that was typed has gone to the Guest, so that it may have more.</summary>
    public bool WantsInput => _typed.IsEmpty;

    /// <summary>Called, on any thread, when the output queue may be served again after the terminal took no more.</summary>
    public Action RoomMade { get; set; } = () => { };

    /// <summary>Gives the Guest something to read; only while <see cref="WantsInput"/>.</summary>
    public void Type(ReadOnlyMemory<byte> bytes) => _typed = bytes;

    public bool Serve(int queue) => queue == ConsoleDescription.InputQueue ? ServeInput() : ServeOutput();

    /// <summary>Prints bytes that did not come over the queue: the early console's (ABI sheet 10.5). Nobody can keep them back there: what
    /// a terminal that was stopped has no room for is lost.</summary>
    public void Print(ReadOnlySpan<byte> bytes) => Write(bytes);

    /// <summary>Calls back when all that was printed has been written.</summary>
    public void WhenWritten(Action done) => terminal.WhenWritten(done);

    public void Reset()
    {
        // What was typed but not yet taken stays: it was typed for the Guest, not for one life of its driver.
        input.Reset();
        output.Reset();
        _printed = 0;
    }

    public void Dispose()
    {
        input.Dispose();
        output.Dispose();
    }

    private bool ServeInput()
    {
        // Without anything typed the Guest's buffers stay where they are: a buffer returned empty would read as a hang-up.
        for (int i = 0; i < BuffersAtATime && !_typed.IsEmpty; i++)
        {
            if (input.TryTake() is not { } buffer)
                return false;
            if (buffer.Readable.Count > 0)
                return input.Break("the console's input queue was given something to read") is not null;
            int taken = buffer.Write(0, _typed.Span[..(int)Math.Min((ulong)_typed.Length, buffer.WritableBytes)]);
            _typed = _typed[taken..];
            Metrics = Metrics with { BytesIn = Metrics.BytesIn + taken };
            input.Return(buffer.Head, (uint)taken);
        }

        return !_typed.IsEmpty && input.HasMore;
    }

    private bool ServeOutput()
    {
        for (int i = 0; i < BuffersAtATime; i++)
        {
            if (output.TryTake() is not { } text)
                return false;
            if (text.Writable.Count > 0)
                return output.Break("the console's output queue was given something to write") is not null;
            if (!TryPrint(text))
            {
                output.PutBack(1);
                return false;
            }

            output.Return(text.Head, 0);
        }

        return output.HasMore;
    }

    /// <summary>Prints a chain, or as much of it as there is room for; the rest is printed when it is taken again.</summary>
    private bool TryPrint(BufferChain text)
    {
        ulong left = text.ReadableBytes - Math.Min(_printed, text.ReadableBytes);
        foreach (var piece in BufferChain.Pieces(text.Readable, _printed, left))
        {
            int taken = Write(memory.Span(piece.Address, piece.Length));
            _printed += (ulong)taken;
            if (taken < piece.Length)
                return false;
        }

        _printed = 0;
        return true;
    }

    private int Write(ReadOnlySpan<byte> bytes)
    {
        int taken = terminal.Write(bytes, _roomMade ??= () => RoomMade());
        Metrics = Metrics with { BytesOut = Metrics.BytesOut + taken };
        return taken;
    }
}
