// The Guest's console. What the Guest writes is printed here; what is typed here goes to the Guest, no faster than it reads. Bytes pass
// unchanged in both directions.

using Lguest.Guest.Memory;
using Lguest.Host.Virtio;
using Lguest.Net.Files;

namespace Lguest.Host.Devices.Console;

/// <summary>Serves the two queues of a virtio console (ABI sheet 10.7).</summary>
/// <param name="memory">The Guest's memory.</param>
/// <param name="input">Queue in which the Guest posts buffers for what is typed.</param>
/// <param name="output">Queue in which it hands over what it prints.</param>
/// <param name="terminal">Takes what the Guest prints.</param>
internal sealed class ConsoleDevice(GuestMemory memory, SplitQueue input, SplitQueue output, Stream terminal) : IVirtioDevice
{
    private const int BuffersAtATime = 16;

    private ReadOnlyMemory<byte> _typed;

    // The reader of our output may have gone. The Guest may have work to do that needs no reader: it runs on, and prints into nothing.
    private readonly FailSafeStream _terminal = new(terminal, leaveOpen: true);

    public IReadOnlyList<SplitQueue> Queues { get; } = [input, output];

    public ConsoleMetrics Metrics { get; private set; }

    /// <summary>Whether all that was typed has gone to the Guest, so that it may have more.</summary>
    public bool WantsInput => _typed.IsEmpty;

    /// <summary>Gives the Guest something to read; only while <see cref="WantsInput"/>.</summary>
    public void Type(ReadOnlyMemory<byte> bytes) => _typed = bytes;

    public bool Serve(int queue) => queue == ConsoleDescription.InputQueue ? ServeInput() : ServeOutput();

    /// <summary>Prints bytes that did not come over the queue: the early console's (ABI sheet 10.5).</summary>
    public void Print(ReadOnlySpan<byte> bytes)
    {
        _terminal.Write(bytes);
        if (!_terminal.HasFailed)
            Metrics = Metrics with { BytesOut = Metrics.BytesOut + bytes.Length };
    }

    public void Reset()
    {
        // What was typed but not yet taken stays: it was typed for the Guest, not for one life of its driver.
        input.Reset();
        output.Reset();
    }

    public void Dispose()
    {
        input.Dispose();
        output.Dispose();
        _terminal.Flush();
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
            foreach (var piece in text.Readable)
                Print(memory.Span(piece.Address, piece.Length));
            output.Return(text.Head, 0);
        }

        return output.HasMore;
    }
}
