// The console of generation 1. Output is a send to key 0, which works before the bus is scanned. Input goes into the one buffer that the
// driver has bound to the same key.

using Lguest.Guest.Memory;
using Lguest.Net.Dma;
using Lguest.Net.Files;

namespace Lguest.Devices.Generation1;

/// <summary>The console's output (ABI sheet 9.6).</summary>
/// <param name="memory">The Guest's memory.</param>
/// <param name="irq">Its interrupt.</param>
/// <param name="terminal">Takes what the Guest prints.</param>
internal sealed class DmaConsole(GuestMemory memory, int irq, Stream terminal) : DmaDevice(memory, default, irq, "console")
{
    private readonly byte[] _text = new byte[DmaDescriptor.MostBytes];

    // The reader of our output may have gone. The Guest runs on, and prints into nothing.
    private readonly FailSafeStream _terminal = new(terminal, leaveOpen: true);

    /// <summary>Prints what was sent.</summary>
    public DmaAnswer Print(in DmaDescriptor sent)
    {
        if (sent.FirstBad(Memory) is { } bad)
            return DmaAnswer.Bad(bad);
        int length = DmaCopy.Gather(Memory, sent, _text);
        _terminal.Write(_text, 0, length);
        return new DmaAnswer((uint)length);
    }

    public override void Dispose()
    {
        base.Dispose();
        _terminal.Flush();
    }
}
