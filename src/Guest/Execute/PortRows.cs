// Ports. In ring 0 of a plain PC IN and OUT reach the chips of its board; in an outer ring they do so where IOPL or the bitmap in the TSS
// allow it. A machine without a bus has no ports, and there they raise #GP in every ring, which is what lguest lives on: the Host emulates
// an empty machine.
using System.Buffers.Binary;
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;

namespace Lguest.Guest.Execute;

/// <summary>IN, OUT, INS and OUTS (Intel SDM vol. 1, ch. 19). Each ends its block: a chip may want attention at once.</summary>
internal static unsafe class PortRows
{
    private const int DataRegister = 2;
    private const uint BitmapPointer = 0x66;

    public static void AddTo(Emitter?[] rows)
    {
        Family<Width8>(rows, "AL", "b", 8);
        Family<Width16>(rows, "AX", "w", 16);
        Family<Width32>(rows, "EAX", "d", 32);
    }

    private static void Family<TWidth>(Emitter?[] rows, string accumulator, string letter, int bits)
        where TWidth : struct, IWidth
    {
        OpTable.Add(rows, $"In_{accumulator}_imm8", (BlockBuilder b, in Instruction i) => Port(b, i, i.Immediate8, &In<TWidth>));
        OpTable.Add(rows, $"In_{accumulator}_DX", (BlockBuilder b, in Instruction i) => Port(b, i, null, &In<TWidth>));
        OpTable.Add(rows, $"Out_imm8_{accumulator}", (BlockBuilder b, in Instruction i) => Port(b, i, i.Immediate8, &Out<TWidth>));
        OpTable.Add(rows, $"Out_DX_{accumulator}", (BlockBuilder b, in Instruction i) => Port(b, i, null, &Out<TWidth>));
        OpTable.Add(rows, $"Ins{letter}_m{bits}_DX", (BlockBuilder b, in Instruction i) => Series(b, i, &Ins<TWidth>));
        OpTable.Add(rows, $"Outs{letter}_DX_m{bits}", (BlockBuilder b, in Instruction i) => Series(b, i, &Outs<TWidth>));
    }

    private static void Port(BlockBuilder b, in Instruction i, byte? port, delegate*<CpuState*, Op*, Op*> run)
    {
        var op = b.Append(i);
        op->Extra = port is null ? (byte)1 : (byte)0;
        op->Imm = port ?? 0u;
        op->Run = run;
        b.EndForLoop(i);
    }

    private static void Series(BlockBuilder b, in Instruction i, delegate*<CpuState*, Op*, Op*> run)
    {
        StringRows.Emit(b, i, run);
        b.EndForLoop(i);
    }

    private static ushort Number(CpuState* c, Op* op) => op->Extra != 0 ? (ushort)c->Gpr[DataRegister] : (ushort)op->Imm;

    /// <summary>Whether the current ring may use ports; else the exception is set up.</summary>
    private static bool Allowed(CpuState* c, Op* op, ushort port, uint bytes)
    {
        var p = Processor.Of(c);
        if (p.Bus is not null)
        {
            if (c->Cpl <= ((c->FlagsOther >> 12) & 3))
                return true;
            if (!InBitmap(c, p, port, bytes, out bool mayUse))
            {
                Processor.Abandon(c, op);
                return false;
            }

            if (mayUse)
                return true;
        }

        Processor.Fault(c, op, Vectors.GeneralProtection);
        return false;
    }

    /// <summary>Asks the TSS. False with an exception set up if it cannot be read.</summary>
    private static bool InBitmap(CpuState* c, Processor p, ushort port, uint bytes, out bool mayUse)
    {
        mayUse = false;
        if ((c->Tr.Attributes & (SegmentCache.Present | 8)) != (SegmentCache.Present | 8) || c->Tr.Limit < BitmapPointer + 1)
            return true;
        Span<byte> word = stackalloc byte[2];
        if (!p.SystemRead(c->Tr.Base + BitmapPointer, word))
            return false;
        uint at = BinaryPrimitives.ReadUInt16LittleEndian(word) + (port / 8u);
        if (at + 1 > c->Tr.Limit)
            return true;
        if (!p.SystemRead(c->Tr.Base + at, word))
            return false;
        uint mask = ((1u << (int)bytes) - 1) << (port & 7);
        mayUse = (BinaryPrimitives.ReadUInt16LittleEndian(word) & mask) == 0;
        return true;
    }

    private static Op* In<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        ushort port = Number(c, op);
        if (!Allowed(c, op, port, TWidth.Bytes))
            return null;
        TWidth.Set(c, 0, Processor.ReadPort(c, op, port, (int)TWidth.Bytes));
        return op + 1;
    }

    private static Op* Out<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        ushort port = Number(c, op);
        if (!Allowed(c, op, port, TWidth.Bytes))
            return null;
        Processor.WritePort(c, op, port, (int)TWidth.Bytes, TWidth.Get(c, 0));
        return op + 1;
    }

    private static Op* Ins<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        ushort port = (ushort)c->Gpr[DataRegister];
        if (!Allowed(c, op, port, TWidth.Bytes))
            return null;
        uint count = StringRows.Count(c, op);
        while (count != 0)
        {
            // The chip is asked only once it is sure that there is a place for what it says.
            if (!StringRows.Destination(c, op, TWidth.Bytes, SegmentCache.MayWrite, out uint to)
                || !Mmu.Access.ProbeWrite(c, op, to, TWidth.Bytes)
                || !TWidth.Store(c, op, to, Processor.ReadPort(c, op, port, (int)TWidth.Bytes)))
                return null;
            StringRows.Advance(c, op, 7, StringRows.Step(c, TWidth.Bytes));
            StringRows.Done(c, op, 1);
            count--;
            if (count != 0 && StringRows.MustYield(c, op, count))
                return StringRows.Yield(c, op);
        }

        return op + 1;
    }

    private static Op* Outs<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        ushort port = (ushort)c->Gpr[DataRegister];
        if (!Allowed(c, op, port, TWidth.Bytes))
            return null;
        uint count = StringRows.Count(c, op);
        while (count != 0)
        {
            if (!StringRows.Source(c, op, TWidth.Bytes, out uint from) || !TWidth.Load(c, op, from, out uint value))
                return null;
            Processor.WritePort(c, op, port, (int)TWidth.Bytes, value);
            StringRows.Advance(c, op, 6, StringRows.Step(c, TWidth.Bytes));
            StringRows.Done(c, op, 1);
            count--;
            if (count != 0 && StringRows.MustYield(c, op, count))
                return StringRows.Yield(c, op);
        }

        return op + 1;
    }
}
