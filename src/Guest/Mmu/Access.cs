// The fast path of every memory operand: one compare against the soft TLB, inlined into each handler. What misses (not cached, crosses a
// page, not writable, holds decoded code) goes to Processor's slow path, which walks the page tables, raises the fault or does the access.
//
// The index is taken from the first byte and the tag compared with the page of the last byte: an access that crosses a page can never
// match, because two neighbouring pages have different indexes.
using System.Runtime.CompilerServices;
using Lguest.Guest.Cpu;
using Lguest.Guest.Execute;

namespace Lguest.Guest.Mmu;

/// <summary>Loads and stores at linear addresses. All return false (null) after having set up the exit; the handler must then return null
/// at once,
/// having changed nothing.</summary>
public static unsafe class Access
{
    private const uint PageMask = 0xfffff000;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TlbEntry* Entry(CpuState* c, uint linear) =>
        (TlbEntry*)((byte*)EngineState.Of(c)->Tlb + ((linear >> 8) & ((TlbEntry.Count - 1) << 4)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load8(CpuState* c, Op* op, uint linear, out uint value)
    {
        var e = Entry(c, linear);
        if ((linear & PageMask) == e->ReadTag)
        {
            value = *(byte*)(e->Addend + (nint)linear);
            return true;
        }

        bool ok = Processor.LoadSlow(c, op, linear, 1);
        value = (byte)EngineState.Of(c)->Temp;
        return ok;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load16(CpuState* c, Op* op, uint linear, out uint value)
    {
        var e = Entry(c, linear);
        if (((linear + 1) & PageMask) == e->ReadTag)
        {
            value = *(ushort*)(e->Addend + (nint)linear);
            return true;
        }

        bool ok = Processor.LoadSlow(c, op, linear, 2);
        value = (ushort)EngineState.Of(c)->Temp;
        return ok;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load32(CpuState* c, Op* op, uint linear, out uint value)
    {
        var e = Entry(c, linear);
        if (((linear + 3) & PageMask) == e->ReadTag)
        {
            value = *(uint*)(e->Addend + (nint)linear);
            return true;
        }

        bool ok = Processor.LoadSlow(c, op, linear, 4);
        value = (uint)EngineState.Of(c)->Temp;
        return ok;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load64(CpuState* c, Op* op, uint linear, out ulong value)
    {
        var e = Entry(c, linear);
        if (((linear + 7) & PageMask) == e->ReadTag)
        {
            value = *(ulong*)(e->Addend + (nint)linear);
            return true;
        }

        bool ok = Processor.LoadSlow(c, op, linear, 8);
        value = EngineState.Of(c)->Temp;
        return ok;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load128(CpuState* c, Op* op, uint linear, out ulong low, out ulong high)
    {
        var e = Entry(c, linear);
        if (((linear + 15) & PageMask) == e->ReadTag)
        {
            byte* p = (byte*)(e->Addend + (nint)linear);
            low = *(ulong*)p;
            high = *(ulong*)(p + 8);
            return true;
        }

        bool ok = Processor.LoadSlow(c, op, linear, 16);
        low = EngineState.Of(c)->Temp;
        high = EngineState.Of(c)->TempHigh;
        return ok;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Store8(CpuState* c, Op* op, uint linear, uint value)
    {
        var e = Entry(c, linear);
        if ((linear & PageMask) == e->WriteTag)
        {
            *(byte*)(e->Addend + (nint)linear) = (byte)value;
            return true;
        }

        EngineState.Of(c)->Temp = value;
        return Processor.StoreSlow(c, op, linear, 1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Store16(CpuState* c, Op* op, uint linear, uint value)
    {
        var e = Entry(c, linear);
        if (((linear + 1) & PageMask) == e->WriteTag)
        {
            *(ushort*)(e->Addend + (nint)linear) = (ushort)value;
            return true;
        }

        EngineState.Of(c)->Temp = value;
        return Processor.StoreSlow(c, op, linear, 2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Store32(CpuState* c, Op* op, uint linear, uint value)
    {
        var e = Entry(c, linear);
        if (((linear + 3) & PageMask) == e->WriteTag)
        {
            *(uint*)(e->Addend + (nint)linear) = value;
            return true;
        }

        EngineState.Of(c)->Temp = value;
        return Processor.StoreSlow(c, op, linear, 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Store64(CpuState* c, Op* op, uint linear, ulong value)
    {
        var e = Entry(c, linear);
        if (((linear + 7) & PageMask) == e->WriteTag)
        {
            *(ulong*)(e->Addend + (nint)linear) = value;
            return true;
        }

        EngineState.Of(c)->Temp = value;
        return Processor.StoreSlow(c, op, linear, 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Store128(CpuState* c, Op* op, uint linear, ulong low, ulong high)
    {
        var e = Entry(c, linear);
        if (((linear + 15) & PageMask) == e->WriteTag)
        {
            byte* p = (byte*)(e->Addend + (nint)linear);
            *(ulong*)p = low;
            *(ulong*)(p + 8) = high;
            return true;
        }

        EngineState.Of(c)->Temp = low;
        EngineState.Of(c)->TempHigh = high;
        return Processor.StoreSlow(c, op, linear, 16);
    }

    /// <summary>Where [linear, linear + size) may be read and written directly, or null if that needs the slow path. Sets up
    /// nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* WritePointer(CpuState* c, uint linear, uint size)
    {
        var e = Entry(c, linear);
        return ((linear + size - 1) & PageMask) == e->WriteTag ? (byte*)(e->Addend + (nint)linear) : null;
    }

    /// <summary>Where [linear, linear + size) may be read directly, or null if that needs the slow path. Sets up nothing.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* ReadPointer(CpuState* c, uint linear, uint size)
    {
        var e = Entry(c, linear);
        return ((linear + size - 1) & PageMask) == e->ReadTag ? (byte*)(e->Addend + (nint)linear) : null;
    }

    /// <summary>Raises the fault that a write of [linear, linear + size) would raise, or makes that later write certain to succeed. For
    /// instructions that write more than once, or read before they write.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool ProbeWrite(CpuState* c, Op* op, uint linear, uint size) =>
        WritePointer(c, linear, size) != null || Processor.ProbeWriteSlow(c, op, linear, size);
}
