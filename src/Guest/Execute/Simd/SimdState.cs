// The eight XMM and eight MM registers, and who may touch them. The MM registers are the x87's own in disguise: using one makes the
// x87 stack look full, which is why a program says EMMS when it is done.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Lguest.Guest.Arithmetic;
using Lguest.Guest.Cpu;
using Lguest.Guest.Execute.Fpu;

namespace Lguest.Guest.Execute.Simd;

/// <summary>SIMD state in <see cref="CpuState.Fx"/>; a register operand is its number times 16 (Intel SDM vol. 1, 9.2, 10.2; vol. 3, table
/// 13-1).</summary>
internal static unsafe class SimdState
{
    public const uint LegalMxcsr = 0xFFFF;
    private const int MmAt = 32;
    private const int XmmAt = 160;
    private const int MxcsrAt = 24;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref Vector128<byte> Xmm(CpuState* c, byte register) => ref *(Vector128<byte>*)(X87Stack.Area(c) + XmmAt + register);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mm(CpuState* c, byte register) => *(ulong*)(X87Stack.Area(c) + MmAt + register);

    /// <summary>Writes an MM register: the sign and exponent of the x87 register under it become all ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetMm(CpuState* c, byte register, ulong value)
    {
        byte* at = X87Stack.Area(c) + MmAt + register;
        *(ulong*)at = value;
        *(ulong*)(at + 8) = 0xFFFF;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref uint Mxcsr(CpuState* c) => ref *(uint*)(X87Stack.Area(c) + MxcsrAt);

    /// <summary>Whether an SSE instruction may not run; <see cref="TrapSse"/> then says why.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsSseBlocked(CpuState* c) => (EngineState.Of(c)->FpuTrap | (~c->Cr4 & ControlRegisters.Cr4OsFxsr)) != 0;

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Op* TrapSse(CpuState* c, Op* op)
    {
        bool undefined = (c->Cr0 & ControlRegisters.Cr0Emulation) != 0 || (c->Cr4 & ControlRegisters.Cr4OsFxsr) == 0;
        return Processor.Fault(c, op, undefined ? Vectors.InvalidOpcode : Vectors.DeviceNotAvailable);
    }

    /// <summary>Whether an MMX instruction may not run; <see cref="TrapMmx"/> then says why.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsMmxBlocked(CpuState* c) => X87Stack.IsBlocked(c);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Op* TrapMmx(CpuState* c, Op* op) =>
        (c->Cr0 & ControlRegisters.Cr0Emulation) != 0 ? Processor.Fault(c, op, Vectors.InvalidOpcode) : X87Stack.Trap(c, op);

    /// <summary>What every MMX instruction but EMMS does to the x87: top 0, no register empty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void EnterMmx(CpuState* c)
    {
        X87Stack.SetTop(c, 0);
        X87Stack.Tags(c) = 0xFF;
    }

    /// <summary>
    /// Leaves an instruction's exceptions in MXCSR. False when one is unmasked: #XM is set up, or #UD if the system does not take #XM,
    /// and nothing may be written.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Accept(CpuState* c, Op* op, in SseContext context) => context.Raised == 0 || AcceptRaised(c, op, context);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool AcceptRaised(CpuState* c, Op* op, in SseContext context)
    {
        Mxcsr(c) = context.After;
        if (!context.Faults)
            return true;
        Processor.Fault(c, op, (c->Cr4 & ControlRegisters.Cr4OsXmmExceptions) != 0 ? Vectors.SimdFloatingPoint : Vectors.InvalidOpcode);
        return false;
    }
}
