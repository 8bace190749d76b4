// Saving and restoring the coprocessor as a whole: environments of 14 and 28 bytes, states of 94 and 108, and the 512 bytes of FXSAVE. A
// fault in the middle must leave no trace, so everything is gathered on the stack first.
using Lguest.Guest.Arithmetic;
using Lguest.Guest.Cpu;
using Lguest.Guest.Mmu;

namespace Lguest.Guest.Execute.Fpu;

/// <summary>FSTENV, FLDENV, FSAVE, FRSTOR, FXSAVE, FXRSTOR (Intel SDM vol. 1, 8.1.10, 10.5; protected-mode formats).</summary>
/// <remarks>Segment selectors of instruction and operand are stored as 0, as processors do that report so in CPUID leaf 7.</remarks>
internal static unsafe class X87Environment
{
    private const uint ShortSize = 14;
    private const uint LongSize = 28;
    private const uint RegistersSize = 80;
    private const uint FxSize = 512;
    private const uint FxWritten = 288;
    private const uint ControlAt = 24;
    private const uint MaskAt = 28;
    private const uint LegalMxcsr = 0xFFFF;

    /// <summary>FNSTENV; <see cref="Op.Extra"/> is 1 for the 14-byte form. Masks all exceptions afterwards.</summary>
    public static Op* Store<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress
    {
        if (EngineState.Of(c)->FpuTrap != 0)
            return X87Stack.Trap(c, op);
        byte* image = stackalloc byte[(int)LongSize];
        uint size = Write(c, image, op->Extra != 0);
        if (!TAddress.Write(c, op, size, out uint linear) || !StoreBytes(c, op, linear, image, size, Unit(op)))
            return null;
        X87Stack.Control(c) |= (ushort)X87Context.Exceptions;
        X87Stack.Summarize(c);
        return op + 1;
    }

    /// <summary>FNSAVE: environment and registers, then FNINIT.</summary>
    public static Op* Save<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress
    {
        if (EngineState.Of(c)->FpuTrap != 0)
            return X87Stack.Trap(c, op);
        byte* image = stackalloc byte[(int)(LongSize + RegistersSize)];
        uint size = Write(c, image, op->Extra != 0);
        for (uint i = 0; i < 8; i++, size += 10)
        {
            var value = X87Stack.Get(c, i);
            *(ulong*)(image + size) = value.Significand;
            *(ushort*)(image + size + 8) = value.SignExponent;
        }

        if (!TAddress.Write(c, op, size, out uint linear) || !StoreBytes(c, op, linear, image, size, Unit(op)))
            return null;
        X87Control.Initialize(c);
        return op + 1;
    }

    public static Op* Load<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress
    {
        if (X87Stack.IsBlocked(c))
            return X87Stack.Trap(c, op);
        byte* image = stackalloc byte[(int)LongSize];
        uint size = op->Extra != 0 ? ShortSize : LongSize;
        if (!TAddress.Read(c, op, size, out uint linear) || !LoadBytes(c, op, linear, image, size, Unit(op)))
            return null;
        Read(c, image, op->Extra != 0);
        return op + 1;
    }

    public static Op* Restore<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress
    {
        if (X87Stack.IsBlocked(c))
            return X87Stack.Trap(c, op);
        byte* image = stackalloc byte[(int)(LongSize + RegistersSize)];
        uint environment = op->Extra != 0 ? ShortSize : LongSize;
        if (!TAddress.Read(c, op, environment + RegistersSize, out uint linear)
            || !LoadBytes(c, op, linear, image, environment + RegistersSize, Unit(op)))
            return null;
        Read(c, image, op->Extra != 0);
        byte tags = X87Stack.Tags(c);
        for (uint i = 0; i < 8; i++)
        {
            byte* at = image + environment + (10 * i);
            X87Stack.Set(c, i, new Float80(*(ulong*)at, *(ushort*)(at + 8)));
        }

        X87Stack.Tags(c) = tags;
        return op + 1;
    }

    public static Op* FxSave<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress
    {
        if (EngineState.Of(c)->FpuTrap != 0)
            return X87Stack.Trap(c, op);
        if (!TAddress.Write(c, op, FxSize, out uint linear))
            return null;
        if ((linear & 15) != 0)
            return Processor.Fault(c, op, Vectors.GeneralProtection);
        byte* image = stackalloc byte[(int)FxWritten];
        byte* fx = X87Stack.Area(c);
        Buffer.MemoryCopy(fx, image, FxWritten, FxWritten);
        for (uint i = 0; i < 8; i++)
            CopyRegister(fx + 32 + (16 * X87Stack.Physical(c, i)), image + 32 + (16 * i));
        *(uint*)(image + MaskAt) = LegalMxcsr;
        return Access.ProbeWrite(c, op, FarEnd(c, op, linear), 1) && StoreBytes(c, op, linear, image, FxWritten, 4) ? op + 1 : null;
    }

    public static Op* FxRestore<TAddress>(CpuState* c, Op* op)
        where TAddress : struct, IAddress
    {
        if (EngineState.Of(c)->FpuTrap != 0)
            return X87Stack.Trap(c, op);
        if (!TAddress.Read(c, op, FxSize, out uint linear))
            return null;
        if ((linear & 15) != 0)
            return Processor.Fault(c, op, Vectors.GeneralProtection);
        byte* image = stackalloc byte[(int)FxSize];
        if (!Access.Load8(c, op, FarEnd(c, op, linear), out _) || !LoadBytes(c, op, linear, image, FxSize, 4))
            return null;
        if ((*(uint*)(image + ControlAt) & ~LegalMxcsr) != 0)
            return Processor.Fault(c, op, Vectors.GeneralProtection);

        byte* fx = X87Stack.Area(c);
        X87Stack.Control(c) = X87Control.Legal(*(ushort*)image);
        X87Stack.Status(c) = *(ushort*)(image + 2);
        X87Stack.Tags(c) = image[4];
        X87Stack.Opcode(c) = (ushort)(*(ushort*)(image + 6) & 0x7FF);
        X87Stack.InstructionPointer(c) = *(uint*)(image + 8);
        X87Stack.OperandPointer(c) = *(uint*)(image + 16);
        *(uint*)(fx + ControlAt) = *(uint*)(image + ControlAt);
        for (uint i = 0; i < 8; i++)
            CopyRegister(image + 32 + (16 * i), fx + 32 + (16 * X87Stack.Physical(c, i)));
        Buffer.MemoryCopy(image + 160, fx + 160, 128, 128);
        X87Stack.Summarize(c);
        return op + 1;
    }

    private static void CopyRegister(byte* from, byte* to)
    {
        *(ulong*)to = *(ulong*)from;
        *(ulong*)(to + 8) = *(ushort*)(from + 8);
    }

    private static uint Write(CpuState* c, byte* image, bool isShort)
    {
        if (isShort)
        {
            ushort* words = (ushort*)image;
            words[0] = X87Stack.Control(c);
            words[1] = X87Stack.Status(c);
            words[2] = FullTags(c);
            words[3] = (ushort)X87Stack.InstructionPointer(c);
            words[4] = 0;
            words[5] = (ushort)X87Stack.OperandPointer(c);
            words[6] = 0;
            return ShortSize;
        }

        uint* parts = (uint*)image;
        const uint filled = 0xFFFF_0000;
        parts[0] = filled | X87Stack.Control(c);
        parts[1] = filled | X87Stack.Status(c);
        parts[2] = filled | FullTags(c);
        parts[3] = X87Stack.InstructionPointer(c);
        parts[4] = (uint)X87Stack.Opcode(c) << 16;
        parts[5] = X87Stack.OperandPointer(c);
        parts[6] = filled;
        return LongSize;
    }

    private static void Read(CpuState* c, byte* image, bool isShort)
    {
        uint* parts = (uint*)image;
        ushort* words = (ushort*)image;
        X87Stack.Control(c) = X87Control.Legal(words[0]);
        X87Stack.Status(c) = isShort ? words[1] : (ushort)parts[1];
        uint tags = isShort ? words[2] : (ushort)parts[2];
        uint inUse = 0;
        for (int i = 0; i < 8; i++)
            inUse |= ((tags >> (2 * i)) & 3) != 3 ? 1u << i : 0;
        X87Stack.Tags(c) = (byte)inUse;
        X87Stack.InstructionPointer(c) = isShort ? words[3] : parts[3];
        X87Stack.Opcode(c) = isShort ? (ushort)0 : (ushort)((parts[4] >> 16) & 0x7FF);
        X87Stack.OperandPointer(c) = isShort ? words[5] : parts[5];
        X87Stack.Summarize(c);
    }

    /// <summary>The tag word with two bits for each register: valid, zero, special, empty.</summary>
    private static ushort FullTags(CpuState* c)
    {
        uint tags = 0;
        uint top = X87Stack.Top(c);
        for (uint i = 0; i < 8; i++)
        {
            var value = X87Stack.Get(c, i);
            uint tag = X87Stack.IsEmpty(c, i) ? 3u : value.IsZero ? 1u : value.IsNormal ? 0u : 2u;
            tags |= tag << (int)(2 * ((top + i) & 7));
        }

        return (ushort)tags;
    }

    /// <summary>The last byte of an FXSAVE area, which is touched first and lies at the start of the segment if a 16-bit address
    /// wraps.</summary>
    private static uint FarEnd(CpuState* c, Op* op, uint linear)
    {
        bool wraps = op->HasAddress16 && Segmented.Offset(c, op) + FxSize > 0x1_0000;
        return linear + FxSize - 1 - (wraps ? 0x1_0000u : 0);
    }

    /// <summary>Size of an environment's first field.</summary>
    private static uint Unit(Op* op) => op->Extra != 0 ? 2u : 4u;

    private static bool StoreBytes(CpuState* c, Op* op, uint linear, byte* from, uint size, uint unit)
    {
        // Processors touch both ends first, as the address of a page fault shows.
        if (!Access.ProbeWrite(c, op, linear, unit) || !Access.ProbeWrite(c, op, linear + size - 1, 1))
            return false;
        uint at = 0;
        for (; at + 4 <= size; at += 4)
        {
            if (!Access.Store32(c, op, linear + at, *(uint*)(from + at)))
                return false;
        }

        return at == size || Access.Store16(c, op, linear + at, *(ushort*)(from + at));
    }

    private static bool LoadBytes(CpuState* c, Op* op, uint linear, byte* to, uint size, uint unit)
    {
        if (!(unit == 2 ? Access.Load16(c, op, linear, out _) : Access.Load32(c, op, linear, out _))
            || !Access.Load8(c, op, linear + size - 1, out _))
            return false;
        uint at = 0;
        for (; at + 4 <= size; at += 4)
        {
            if (!Access.Load32(c, op, linear + at, out uint value))
                return false;
            *(uint*)(to + at) = value;
        }

        if (at == size)
            return true;
        bool loaded = Access.Load16(c, op, linear + at, out uint last);
        *(ushort*)(to + at) = (ushort)last;
        return loaded;
    }
}
