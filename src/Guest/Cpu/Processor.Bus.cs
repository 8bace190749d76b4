// Accesses to what is not RAM. A device's register is not a place in memory: reading it may change it, and a wide access is another thing
// than four narrow ones. So an access goes out once, as wide as the instruction has it, after all that could fault has been looked at.
//
//J:Guest:150 No RAM there
// The soft TLB knows only RAM. An access to a device misses it each time, in the interpreter as in emitted code, which leaves to the
// interpreter for whatever it does not find there; the walk finds a frame without RAM, and the machine behind IBus gets the access. What is
// read and written again by one instruction (ADD, XCHG, BTS) is one read and one write there, too.
using Lguest.Guest.Execute;

namespace Lguest.Guest.Cpu;

public sealed unsafe partial class Processor
{
    /// <summary>Stands for a host address where there is none: the access is for the bus.</summary>
    private static readonly byte* _onBus = (byte*)1;

    /// <summary>Physical address of the last access that was found to be for the bus.</summary>
    private ulong _device;

    private bool _isRefused;

    /// <summary>Stops the processor at the store that it is about to make to a device, as if the instruction had not been begun. For the
    /// machine, from inside <see cref="IBus.WriteDevice"/>; <see cref="Run"/> returns.</summary>
    public void RefuseStore()
    {
        _isRefused = true;
        _stop = true;
    }

    /// <summary>IN: exact by the instruction count.</summary>
    internal static uint ReadPort(CpuState* c, Op* op, ushort port, int bytes)
    {
        var p = Of(c);
        EngineState.Of(c)->Budget -= op->Index;
        uint value = p.Bus!.ReadPort(port, bytes);
        EngineState.Of(c)->Budget += op->Index;
        return value;
    }

    /// <summary>OUT.</summary>
    internal static void WritePort(CpuState* c, Op* op, ushort port, int bytes, uint value)
    {
        var p = Of(c);
        EngineState.Of(c)->Budget -= op->Index;
        p.Bus!.WritePort(port, bytes, value);
        EngineState.Of(c)->Budget += op->Index;
    }

    private void Get(Op* op, byte* host, ulong device, byte* into, uint size)
    {
        if (host == _onBus)
            GetFromBus(op, device, new Span<byte>(into, (int)size));
        else
            Buffer.MemoryCopy(host, into, size, size);
    }

    private void GetFromBus(Op* op, ulong address, Span<byte> into)
    {
        int index = op == null ? 0 : op->Index;
        _e->Budget -= index;
        for (int done = 0; done < into.Length;)
        {
            int width = Width(into.Length - done);
            uint value = Bus!.ReadDevice(address + (uint)done, width);
            for (int i = 0; i < width; i++)
                into[done + i] = (byte)(value >> (8 * i));
            done += width;
        }

        _e->Budget += index;
    }

    private void PutOnBus(Op* op, ulong address, ReadOnlySpan<byte> from)
    {
        int index = op == null ? 0 : op->Index;
        _e->Budget -= index;
        for (int done = 0; done < from.Length;)
        {
            int width = Width(from.Length - done);
            uint value = 0;
            for (int i = 0; i < width; i++)
                value |= (uint)from[done + i] << (8 * i);
            Bus!.WriteDevice(address + (uint)done, width, value);
            done += width;
        }

        _e->Budget += index;
    }

    /// <summary>The store was refused. Returns false, so that a store can return it.</summary>
    private bool Withdraw(Op* op)
    {
        _isRefused = false;
        Abandon(_c, op);
        _e->Exit = ExitKind.Stopped;
        return false;
    }

    private static int Width(int left) => left >= 4 ? 4 : left >= 2 ? 2 : 1;
}
