// The two things that most handlers are generic over: how wide an operand is, and how its address is formed. Both are empty structs, so
// that the JIT compiles a handler of its own for each combination and nothing of the abstraction is left at run time.
using System.Runtime.CompilerServices;
using Lguest.Guest.Cpu;
using Lguest.Guest.Mmu;

namespace Lguest.Guest.Execute;

/// <summary>Width of an operand. Values travel as uint, zero-extended.</summary>
internal unsafe interface IWidth
{
    static abstract uint Bytes { get; }

    static abstract uint Mask { get; }

    /// <summary>Reads a register by its offset.</summary>
    static abstract uint Get(CpuState* c, byte register);

    static abstract void Set(CpuState* c, byte register, uint value);

    static abstract bool Load(CpuState* c, Op* op, uint linear, out uint value);

    static abstract bool Store(CpuState* c, Op* op, uint linear, uint value);

    static abstract uint Peek(byte* host);

    static abstract void Poke(byte* host, uint value);

    /// <summary>Sign-extends to 32 bits.</summary>
    static abstract uint Widen(uint value);

    /// <summary>The carries of an addition or subtraction in the form of <see cref="CpuState.FlagCarries"/>.</summary>
    static abstract uint Carries(uint vector);
}

internal readonly unsafe struct Width8 : IWidth
{
    public static uint Bytes => 1;

    public static uint Mask => 0xff;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Get(CpuState* c, byte register) => *((byte*)c + register);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Set(CpuState* c, byte register, uint value) => *((byte*)c + register) = (byte)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* c, Op* op, uint linear, out uint value) => Access.Load8(c, op, linear, out value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Store(CpuState* c, Op* op, uint linear, uint value) => Access.Store8(c, op, linear, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Peek(byte* host) => *host;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Poke(byte* host, uint value) => *host = (byte)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Widen(uint value) => (uint)(sbyte)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Carries(uint vector) => ((vector & 0xc0) << 24) | (vector & 8);
}

internal readonly unsafe struct Width16 : IWidth
{
    public static uint Bytes => 2;

    public static uint Mask => 0xffff;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Get(CpuState* c, byte register) => *(ushort*)((byte*)c + register);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Set(CpuState* c, byte register, uint value) => *(ushort*)((byte*)c + register) = (ushort)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* c, Op* op, uint linear, out uint value) => Access.Load16(c, op, linear, out value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Store(CpuState* c, Op* op, uint linear, uint value) => Access.Store16(c, op, linear, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Peek(byte* host) => *(ushort*)host;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Poke(byte* host, uint value) => *(ushort*)host = (ushort)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Widen(uint value) => (uint)(short)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Carries(uint vector) => ((vector & 0xc000) << 16) | (vector & 8);
}

internal readonly unsafe struct Width32 : IWidth
{
    public static uint Bytes => 4;

    public static uint Mask => uint.MaxValue;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Get(CpuState* c, byte register) => *(uint*)((byte*)c + register);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Set(CpuState* c, byte register, uint value) => *(uint*)((byte*)c + register) = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Load(CpuState* c, Op* op, uint linear, out uint value) => Access.Load32(c, op, linear, out value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Store(CpuState* c, Op* op, uint linear, uint value) => Access.Store32(c, op, linear, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Peek(byte* host) => *(uint*)host;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Poke(byte* host, uint value) => *(uint*)host = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Widen(uint value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Carries(uint vector) => vector & 0xc0000008;
}

/// <summary>How the linear address of a memory operand is formed and checked.</summary>
internal unsafe interface IAddress
{
    /// <summary>False after having set up #GP or #SS.</summary>
    static abstract bool Read(CpuState* c, Op* op, uint size, out uint linear);

    /// <summary>As <see cref="Read"/>, for an access that writes.</summary>
    static abstract bool Write(CpuState* c, Op* op, uint size, out uint linear);
}

/// <summary>Flat segment, 32-bit address: base + index * scale + displacement, nothing to check.</summary>
internal readonly unsafe struct Flat : IAddress
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Read(CpuState* c, Op* op, uint size, out uint linear)
    {
        linear = *(uint*)((byte*)c + op->B) + (*(uint*)((byte*)c + op->C) << op->Scale) + (uint)op->Disp;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Write(CpuState* c, Op* op, uint size, out uint linear) => Read(c, op, size, out linear);
}

/// <summary>Flat segment, base + displacement: the commonest of all.</summary>
internal readonly unsafe struct FlatBase : IAddress
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Read(CpuState* c, Op* op, uint size, out uint linear)
    {
        linear = *(uint*)((byte*)c + op->B) + (uint)op->Disp;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Write(CpuState* c, Op* op, uint size, out uint linear) => Read(c, op, size, out linear);
}

/// <summary>Any segment, 16- or 32-bit address: limit, type and presence are checked.</summary>
internal readonly unsafe struct Segmented : IAddress
{
    public static bool Read(CpuState* c, Op* op, uint size, out uint linear) =>
        Segmentation.Linear(c, op, Offset(c, op), size, SegmentCache.MayRead, out linear);

    public static bool Write(CpuState* c, Op* op, uint size, out uint linear) =>
        Segmentation.Linear(c, op, Offset(c, op), size, SegmentCache.MayWrite, out linear);

    public static uint Offset(CpuState* c, Op* op)
    {
        uint offset = *(uint*)((byte*)c + op->B) + (*(uint*)((byte*)c + op->C) << op->Scale) + (uint)op->Disp;
        return op->HasAddress16 ? Offset16(c, op) : offset;
    }

    private static uint Offset16(CpuState* c, Op* op) =>
        (ushort)(*(ushort*)((byte*)c + op->B) + *(ushort*)((byte*)c + op->C) + op->Disp);
}
