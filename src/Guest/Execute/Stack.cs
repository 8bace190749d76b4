// Pushing and popping. Almost always SS is flat and 32 bits wide; then the stack pointer is a linear address and nothing else. The general
// form checks the segment and honours a 16-bit stack pointer.
using System.Runtime.CompilerServices;
using Lguest.Guest.Cpu;
using Lguest.Guest.Mmu;
using static Lguest.Guest.Cpu.GeneralRegister;

namespace Lguest.Guest.Execute;

/// <summary>How a handler reaches the stack. ESP is changed only after the access has succeeded.</summary>
internal unsafe interface IStack
{
    static abstract bool Push<TWidth>(CpuState* c, Op* op, uint value)
        where TWidth : struct, IWidth;

    /// <summary>Reads the value <paramref name="depth"/> bytes above the stack pointer; does not move it.</summary>
    static abstract bool Peek<TWidth>(CpuState* c, Op* op, uint depth, out uint value)
        where TWidth : struct, IWidth;

    /// <summary>Adds to ESP or SP.</summary>
    static abstract void Adjust(CpuState* c, uint bytes);
}

internal readonly unsafe struct FlatStack : IStack
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Push<TWidth>(CpuState* c, Op* op, uint value)
        where TWidth : struct, IWidth
    {
        uint esp = c->Gpr[Esp] - TWidth.Bytes;
        if (!TWidth.Store(c, op, esp, value))
            return false;
        c->Gpr[Esp] = esp;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Peek<TWidth>(CpuState* c, Op* op, uint depth, out uint value)
        where TWidth : struct, IWidth => TWidth.Load(c, op, c->Gpr[Esp] + depth, out value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Adjust(CpuState* c, uint bytes) => c->Gpr[Esp] += bytes;
}

internal readonly unsafe struct AnyStack : IStack
{
    public static bool Push<TWidth>(CpuState* c, Op* op, uint value)
        where TWidth : struct, IWidth
    {
        uint offset = Offset(c, 0 - TWidth.Bytes);
        if (!Linear(c, op, offset, TWidth.Bytes, SegmentCache.MayWrite, out uint linear) || !TWidth.Store(c, op, linear, value))
            return false;
        Adjust(c, 0 - TWidth.Bytes);
        return true;
    }

    public static bool Peek<TWidth>(CpuState* c, Op* op, uint depth, out uint value)
        where TWidth : struct, IWidth
    {
        value = 0;
        return Linear(c, op, Offset(c, depth), TWidth.Bytes, SegmentCache.MayRead, out uint linear)
            && TWidth.Load(c, op, linear, out value);
    }

    public static void Adjust(CpuState* c, uint bytes)
    {
        if (c->Ss.IsBig)
            c->Gpr[Esp] += bytes;
        else
            *(ushort*)&c->Gpr[Esp] += (ushort)bytes;
    }

    /// <summary>Stack pointer plus a distance, wrapped to the width of the stack.</summary>
    public static uint Offset(CpuState* c, uint distance) => c->Ss.IsBig ? c->Gpr[Esp] + distance : (ushort)(c->Gpr[Esp] + distance);

    /// <summary>Checks a stack access; raises #SS(0).</summary>
    public static bool Linear(CpuState* c, Op* op, uint offset, uint size, uint right, out uint linear)
    {
        linear = c->Ss.Base + offset;
        if (Segmentation.Allows(&c->Ss, offset, size, right))
            return true;
        Processor.Fault(c, op, Vectors.StackFault);
        return false;
    }
}
