// The devices of a generation 1 Guest without their actors: a DMA call is settled before the Guest is entered again.

using Lguest.Devices.Generation1;
using Lguest.Guest.Memory;
using Lguest.Net.Dma;
using Lguest.Switcher.Slots;

namespace Lguest.Host.Tests.Lockstep;

internal sealed class DmaSide : IDisposable
{
    private const string Name = "guest";

    private readonly DmaExchange _exchange = new();
    private readonly GuestSlot _slot;
    private readonly DmaBoard _board;

    public DmaSide(GuestSlot slot, DmaBoard board)
    {
        _slot = slot;
        _board = board;
        _exchange.Attach(Name, slot.Memory, board.Windows).ShouldBeTrue();
    }

    /// <summary>Settles a DMA call; any other reason is not for us.</summary>
    public void Serve(ExitReason reason)
    {
        if (reason is ExitReason.BindDma bind)
        {
            _slot.FinishDma(_exchange.Bind(Name, bind.Key, bind.Buffers, bind.Count, bind.Irq) ? 1u : 0u);
        }
        else if (reason is ExitReason.SendDma send)
        {
            Send(send);
            _slot.FinishDma(null);
        }
    }

    /// <summary>Gives the console something to read. False if the driver has no room for it now.</summary>
    public bool Type(ReadOnlySpan<byte> keys)
    {
        var console = _board.Devices.OfType<DmaConsole>().Single();
        var result = _exchange.Deliver(Name, console.Key, keys);
        if (result.Outcome != DmaOutcome.Delivered)
            return false;
        result.Bytes.ShouldBe(keys.Length);
        _slot.RaiseInterrupt(result.Irq);
        return true;
    }

    public void Dispose() => _exchange.Detach(Name);

    private void Send(ExitReason.SendDma send)
    {
        if (_board.Devices.FirstOrDefault(device => device.Key == send.Key) is not { } device)
            return;
        var sent = DmaDescriptor.Read(_slot.Memory, send.Descriptor).ShouldNotBeNull();
        var answer = device is DmaDisk disk ? Move(disk, sent) : ((DmaConsole)device).Print(sent);
        answer.Offence.ShouldBeNull();
        DmaDescriptor.SetUsedLength(_slot.Memory, send.Descriptor, answer.UsedLength);
    }

    private DmaAnswer Move(DmaDisk disk, DmaDescriptor sent)
    {
        var at = _exchange.Take(Name, disk.Key);
        var bound = at is { } there ? DmaDescriptor.Read(_slot.Memory, there) : null;
        var answer = disk.Serve(sent, bound, out uint read);
        if (at is { } buffer && bound is { } wanted)
        {
            // Until now used_len held the irq that the Guest wants.
            DmaDescriptor.SetUsedLength(_slot.Memory, buffer, read);
            _slot.RaiseInterrupt((int)wanted.UsedLength);
        }

        return answer;
    }
}
