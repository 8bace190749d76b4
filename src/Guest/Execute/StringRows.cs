// String instructions with every prefix. They are the one place where an instruction can be interrupted in its middle: the progress
// is in ECX, ESI and EDI, so a fault, an interrupt or a poll finds a consistent state and the instruction simply starts again with what is
// left.
//
//J:Guest:330 REP
// A REP MOVS over flat segments is done page by page: as many elements as fit before either pointer leaves its page, as one copy. Only an
// element that crosses a page, misses the TLB or touches decoded code goes the slow way, alone. A copy whose destination overlaps its
// source from above must not be a block move: the processor would read what it has just written, and programs rely on that to fill memory
// with a pattern.
//J:Guest:331 A string without end
// REP STOSB with ECX = 0xFFFFFFFF is one instruction and takes a second. It retires once, and it is counted once, but what it does is work:
// each portion is taken from the budget, so that a slice ends in time in the middle of it, with EIP at the instruction and the registers at
// the element that comes next. What was taken without retiring is remembered in EngineState.Unretired, which keeps the count of
// instructions exact.
using System.Runtime.CompilerServices;
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using Lguest.Guest.Execute.Integer;
using Lguest.Guest.Mmu;
using static Lguest.Guest.Cpu.GeneralRegister;

namespace Lguest.Guest.Execute;

/// <summary>MOVS STOS LODS CMPS SCAS (Intel SDM vol. 2, REP).</summary>
internal static unsafe class StringRows
{
    private const byte NoRepeat = 0;
    private const byte Repeat = 1;
    private const byte RepeatNotEqual = 2;
    private const uint PageBytes = 4096;

    /// <summary>Elements done one by one between two looks at the budget, a power of two, and what they take from it: about their time in
    /// instructions.</summary>
    private const uint ElementsPerCharge = 64;
    private const long ElementsCharge = 32;

    /// <summary>Bytes moved as a block that take as long as one instruction.</summary>
    private const uint BytesPerCharge = 256;

    public static void AddTo(Emitter?[] rows)
    {
        Family<Width8>(rows, "b", 8, "AL");
        Family<Width16>(rows, "w", 16, "AX");
        Family<Width32>(rows, "d", 32, "EAX");
    }

    private static void Family<TWidth>(Emitter?[] rows, string letter, int bits, string accumulator)
        where TWidth : struct, IWidth
    {
        OpTable.Add(rows, $"Movs{letter}_m{bits}_m{bits}", (BlockBuilder b, in Instruction i) => Emit(b, i, &Movs<TWidth>));
        OpTable.Add(rows, $"Stos{letter}_m{bits}_{accumulator}", (BlockBuilder b, in Instruction i) => Emit(b, i, &Stos<TWidth>));
        OpTable.Add(rows, $"Lods{letter}_{accumulator}_m{bits}", (BlockBuilder b, in Instruction i) => Emit(b, i, &Lods<TWidth>));
        OpTable.Add(rows, $"Cmps{letter}_m{bits}_m{bits}", (BlockBuilder b, in Instruction i) => Emit(b, i, &Cmps<TWidth>));
        OpTable.Add(rows, $"Scas{letter}_{accumulator}_m{bits}", (BlockBuilder b, in Instruction i) => Emit(b, i, &Scas<TWidth>));
    }

    internal static void Emit(BlockBuilder b, in Instruction i, delegate*<CpuState*, Op*, Op*> run)
    {
        var op = b.Append(i);
        op->Extra = i.HasRepnePrefix ? RepeatNotEqual : i.HasRepePrefix ? Repeat : NoRepeat;
        for (int operand = 0; operand < i.OpCount; operand++)
        {
            var kind = i.GetOpKind(operand);
            if (kind is OpKind.MemorySegSI or OpKind.MemorySegESI)
                op->Seg = BlockBuilder.SegmentOf(i.MemorySegment);
            if (kind is OpKind.MemorySegSI or OpKind.MemoryESDI)
                op->Traits = Op.Address16;
        }

        // Imm: both the source segment and ES are flat, and addresses are 32 bits wide.
        op->Imm = !op->HasAddress16 && b.IsFlat(op->Seg) && b.IsFlat(SegmentRegister.Es) ? 1u : 0u;
        op->Run = run;
    }

    internal static uint Count(CpuState* c, Op* op) => op->Extra == NoRepeat ? 1 : op->HasAddress16 ? (ushort)c->Gpr[Ecx] : c->Gpr[Ecx];

    /// <summary>Takes finished elements off the counter.</summary>
    internal static void Done(CpuState* c, Op* op, uint elements)
    {
        if (op->Extra == NoRepeat)
            return;
        if (op->HasAddress16)
            *(ushort*)&c->Gpr[Ecx] -= (ushort)elements;
        else
            c->Gpr[Ecx] -= elements;
    }

    /// <summary>Moves ESI (6) or EDI (7), or their low halves.</summary>
    internal static void Advance(CpuState* c, Op* op, int register, uint distance)
    {
        if (op->HasAddress16)
            *(ushort*)&c->Gpr[register] += (ushort)distance;
        else
            c->Gpr[register] += distance;
    }

    private static uint Pointer(CpuState* c, Op* op, int register) => op->HasAddress16 ? (ushort)c->Gpr[register] : c->Gpr[register];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Backward(CpuState* c) => (c->FlagsOther & EFlags.Direction) != 0;

    internal static uint Step(CpuState* c, uint bytes) => Backward(c) ? 0 - bytes : bytes;

    /// <summary>Address of the source element; checks the segment unless it is flat.</summary>
    internal static bool Source(CpuState* c, Op* op, uint bytes, out uint linear)
    {
        linear = c->Gpr[Esi];
        return op->Imm != 0 || Segmentation.Linear(c, op, Pointer(c, op, 6), bytes, SegmentCache.MayRead, out linear);
    }

    internal static bool Destination(CpuState* c, Op* op, uint bytes, uint right, out uint linear)
    {
        linear = c->Gpr[Edi];
        if (op->Imm != 0)
            return true;
        uint offset = Pointer(c, op, 7);
        linear = c->Es.Base + offset;
        if (Segmentation.Allows(&c->Es, offset, bytes, right))
            return true;
        Processor.Fault(c, op, Vectors.GeneralProtection);
        return false;
    }

    // Where an instruction pauses must not depend on what the TLB happens to know: both engines, and a Guest brought back from a snapshot,
    // stop at the same element. So a portion is what fits into the pages, however it is then copied, and is charged as a whole.

    /// <summary>Elements that lie in the page of <paramref name="linear"/> from there on upward.</summary>
    private static uint ElementsInPage(uint linear, uint bytes) => (PageBytes - (linear & (PageBytes - 1))) / bytes;

    /// <summary>After each element, with <paramref name="left"/> to go: true if the instruction has to be left and started again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool MustYield(CpuState* c, Op* op, uint left)
    {
        if ((left & (ElementsPerCharge - 1)) == 0)
            Charge(c, ElementsCharge);
        var e = EngineState.Of(c);
        return e->Poll != 0 || e->Budget <= op->Index || (e->Mode & ModeBits.SingleStep) != 0;
    }

    /// <summary>After <paramref name="n"/> elements of <paramref name="bytes"/> bytes each, done in one go.</summary>
    private static bool MustYield(CpuState* c, Op* op, uint n, uint bytes, uint left)
    {
        if (n > 1)
            Charge(c, 1 + (n * bytes / BytesPerCharge));
        return MustYield(c, op, left);
    }

    /// <summary>Takes work from the budget for which no instruction has retired.</summary>
    private static void Charge(CpuState* c, long work)
    {
        EngineState.Of(c)->Budget -= work;
        EngineState.Of(c)->Unretired += work;
    }

    /// <summary>Elements to do in one go: a single-stepped REP stops after each.</summary>
    private static uint Portion(CpuState* c, uint elements) =>
        (EngineState.Of(c)->Mode & ModeBits.SingleStep) != 0 ? Math.Min(elements, 1) : elements;

    /// <summary>Leaves in the middle; the instruction has not retired. RF tells a handler that the instruction it interrupted has begun
    /// (Intel SDM vol. 3,
    /// 17.3.1.1: pushed as 1 after any iteration but the last).</summary>
    internal static Op* Yield(CpuState* c, Op* op)
    {
        // Nothing is settled for the instruction itself: it retires once, when its last element is done.
        c->FlagsOther |= EFlags.Resume;
        EngineState.Of(c)->Budget -= op->Index;
        c->Eip = op->Eip;
        return null;
    }

    private static Op* Movs<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        uint w = TWidth.Bytes;
        uint count = Count(c, op);
        while (count != 0)
        {
            // Through segments that must be checked: the source is read before the destination is looked at, and not a second time, for
            // it may be a device.
            uint value = 0;
            if (!Source(c, op, w, out uint from) || (op->Imm == 0 && !TWidth.Load(c, op, from, out value))
                || !Destination(c, op, w, SegmentCache.MayWrite, out uint to))
                return null;
            uint n = op->Imm != 0 && !Backward(c) ? Portion(c, Math.Min(count, Math.Min(ElementsInPage(from, w), ElementsInPage(to, w))))
                : 0;
            n = Math.Max(n, 1);
            for (uint left = n; left != 0;)
            {
                uint copied = op->Imm == 0 || Backward(c) ? 0 : CopyKnown<TWidth>(c, op, from, to, left);
                if (copied == 0)
                {
                    if ((op->Imm != 0 && !TWidth.Load(c, op, from, out value)) || !TWidth.Store(c, op, to, value))
                        return null;
                    copied = 1;
                }

                uint distance = Backward(c) ? 0 - w : copied * w;
                from += distance;
                to += distance;
                Advance(c, op, 6, distance);
                Advance(c, op, 7, distance);
                Done(c, op, copied);
                left -= copied;
            }

            count -= n;
            if (count != 0 && MustYield(c, op, n, w, count))
                return Yield(c, op);
        }

        return op + 1;
    }

    /// <summary>Copies elements between two pages that the TLB knows; 0 if it lacks one of them.</summary>
    private static uint CopyKnown<TWidth>(CpuState* c, Op* op, uint from, uint to, uint elements)
        where TWidth : struct, IWidth
    {
        byte* source = Access.ReadPointer(c, from, TWidth.Bytes);
        byte* target = source == null ? null : Access.WritePointer(c, to, TWidth.Bytes);
        if (target == null)
            return 0;
        Copy<TWidth>(source, target, elements);
        return elements;
    }

    private static void Copy<TWidth>(byte* source, byte* target, uint elements)
        where TWidth : struct, IWidth
    {
        uint bytes = elements * TWidth.Bytes;
        if (target <= source || target >= source + bytes)
        {
            Buffer.MemoryCopy(source, target, bytes, bytes);
            return;
        }

        for (uint at = 0; at < bytes; at += TWidth.Bytes)
            TWidth.Poke(target + at, TWidth.Peek(source + at));
    }

    private static Op* Stos<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        uint w = TWidth.Bytes;
        uint value = TWidth.Get(c, 0);
        uint count = Count(c, op);
        while (count != 0)
        {
            if (!Destination(c, op, w, SegmentCache.MayWrite, out uint to))
                return null;
            uint n = op->Imm != 0 && !Backward(c) ? Portion(c, Math.Min(count, ElementsInPage(to, w))) : 0;
            bool isPortion = n != 0;
            n = Math.Max(n, 1);
            for (uint left = n; left != 0;)
            {
                uint stored = 1;
                byte* target = isPortion ? Access.WritePointer(c, to, w) : null;
                if (target != null)
                    Fill<TWidth>(target, value, stored = left);
                else if (!TWidth.Store(c, op, to, value))
                    return null;
                uint distance = Backward(c) ? 0 - w : stored * w;
                to += distance;
                Advance(c, op, 7, distance);
                Done(c, op, stored);
                left -= stored;
            }

            count -= n;
            if (count != 0 && MustYield(c, op, n, w, count))
                return Yield(c, op);
        }

        return op + 1;
    }

    private static void Fill<TWidth>(byte* target, uint value, uint elements)
        where TWidth : struct, IWidth
    {
        switch (TWidth.Bytes)
        {
            case 1:
                new Span<byte>(target, (int)elements).Fill((byte)value);
                break;
            case 2:
                new Span<ushort>(target, (int)elements).Fill((ushort)value);
                break;
            default:
                new Span<uint>(target, (int)elements).Fill(value);
                break;
        }
    }

    private static Op* Lods<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        uint count = Count(c, op);
        while (count != 0)
        {
            if (!Source(c, op, TWidth.Bytes, out uint from) || !TWidth.Load(c, op, from, out uint value))
                return null;
            TWidth.Set(c, 0, value);
            Advance(c, op, 6, Step(c, TWidth.Bytes));
            Done(c, op, 1);
            count--;
            if (count != 0 && MustYield(c, op, count))
                return Yield(c, op);
        }

        return op + 1;
    }

    /// <summary>The flags are those of the last comparison; when an element faults they are what they were before. Processors read the
    /// element
    /// at ES:EDI first, which shows when both would fault.</summary>
    private static Op* Cmps<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        uint count = Count(c, op);
        while (count != 0)
        {
            if (!Destination(c, op, TWidth.Bytes, SegmentCache.MayRead, out uint to) || !TWidth.Load(c, op, to, out uint b)
                || !Source(c, op, TWidth.Bytes, out uint from) || !TWidth.Load(c, op, from, out uint a))
                return null;
            Advance(c, op, 6, Step(c, TWidth.Bytes));
            Advance(c, op, 7, Step(c, TWidth.Bytes));
            Done(c, op, 1);
            count--;
            if (count == 0 || (a == b) == (op->Extra == RepeatNotEqual))
            {
                Cmp.Apply<TWidth>(c, a, b);
                return op + 1;
            }

            if (MustYield(c, op, count))
                return Yield(c, op);
        }

        return op + 1;
    }

    private static Op* Scas<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        uint a = TWidth.Get(c, 0);
        uint count = Count(c, op);
        while (count != 0)
        {
            if (!Destination(c, op, TWidth.Bytes, SegmentCache.MayRead, out uint to) || !TWidth.Load(c, op, to, out uint b))
                return null;
            Advance(c, op, 7, Step(c, TWidth.Bytes));
            Done(c, op, 1);
            count--;
            if (count == 0 || (a == b) == (op->Extra == RepeatNotEqual))
            {
                Cmp.Apply<TWidth>(c, a, b);
                return op + 1;
            }

            if (MustYield(c, op, count))
                return Yield(c, op);
        }

        return op + 1;
    }
}
