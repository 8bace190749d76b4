// Taking interrupts and exceptions through the IDT.
//
//J:Guest:400 The way through a gate
// Every exception, software interrupt and external interrupt comes here. The gate is read from the IDT and checked; the code segment it
// names decides what happens. If that segment is ring 0 and ring 0 belongs to the Host, this is lguest's world switch: nothing is pushed,
// the machine is told, and what it does with the registers is what the Guest finds. If it is ring 1, as in the gates that lguest calls
// direct traps, the processor does it all by itself: stack from the TSS, frame, new CS and EIP, and no Host has been involved. A system
// call of a Guest program takes that way.
//
// An exception during delivery starts over with the new one, or ends in #DF by the manual's table of which pairs can be handled in
// sequence.
using System.Buffers.Binary;
using Lguest.Guest.Memory;
using Lguest.Guest.Mmu;
using static Lguest.Guest.Cpu.GeneralRegister;

namespace Lguest.Guest.Cpu;

public sealed unsafe partial class Processor
{
    private const int InterruptGate16 = 6;
    private const int TrapGate16 = 7;
    private const int InterruptGate32 = 14;
    private const int TrapGate32 = 15;

    /// <summary>Takes an external interrupt through the Guest's IDT, as if the pin had been raised with this vector. For machines whose
    /// Guests own their IDT; EFLAGS.IF is the caller's business.</summary>
    public void Interrupt(byte vector) => Deliver(vector, 0, TrapCause.External);

    /// <summary>The trap after a single-stepped instruction; DR6.BS tells the handler (Intel SDM vol. 3, 17.3.1.4).</summary>
    private void DeliverStep()
    {
        _c->Dr[6] |= SingleStepCondition;
        Deliver(Vectors.Debug, 0, TrapCause.Trap);
    }

    private const uint SingleStepCondition = 1 << 14;

    private void Deliver(byte vector, uint error, TrapCause cause)
    {
        uint instruction = cause == TrapCause.Software ? (uint)_e->Temp : _c->Eip;
        while (true)
        {
            _e->Exit = ExitKind.Continue;
            if (HostOwnsRing0 && _c->IdtLimit == 0)
            {
                // A machine without an IDT takes everything itself.
                TellMachine(vector, error, cause);
                return;
            }

            if (TryDeliver(vector, error, cause))
                return;
            if (_e->Exit != ExitKind.Fault)
                return;
            _c->Eip = instruction;
            byte second = (byte)_e->FaultVector;
            if (vector == Vectors.DoubleFault && cause != TrapCause.Software)
            {
                // Triple fault: the processor shuts down. The machine hears of it as a double fault that could not be delivered.
                _stop = true;
                TellMachine(Vectors.DoubleFault, 0, TrapCause.Fault);
                return;
            }

            bool worse = cause != TrapCause.Software
                && ((IsContributory(vector) && IsContributory(second))
                    || (vector == Vectors.PageFault && (IsContributory(second) || second == Vectors.PageFault)));
            vector = worse ? Vectors.DoubleFault : second;
            error = worse ? 0 : _e->FaultError;
            cause = TrapCause.Fault;
        }
    }

    private static bool IsContributory(byte vector) => vector is Vectors.DivideError
        or (>= Vectors.InvalidTss and <= Vectors.GeneralProtection);

    private void TellMachine(byte vector, uint error, TrapCause cause)
    {
        // The machine finds the flags that the processor would have pushed.
        if (cause == TrapCause.Fault)
            _c->FlagsOther |= EFlags.Resume;
        Machine.Trap(this, vector, error, cause, new GuestVirtual(vector == Vectors.PageFault ? _c->Cr2 : 0));
        if (cause == TrapCause.Fault)
            _c->FlagsOther &= ~EFlags.Resume;
    }

    private bool TryDeliver(byte vector, uint error, TrapCause cause)
    {
        uint external = cause == TrapCause.Software ? 0u : 1u;
        uint from = _c->Cpl;
        uint gateError = (vector * 8u) + 2 + external;
        if ((vector * 8u) + 7 > _c->IdtLimit)
            return RaiseFalse(Vectors.GeneralProtection, gateError);
        Span<byte> bytes = stackalloc byte[8];
        if (!SystemRead(_c->IdtBase + (vector * 8u), bytes))
            return false;
        ulong gate = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        int type = Type(gate);
        if (type is not (InterruptGate16 or TrapGate16 or InterruptGate32 or TrapGate32))
            return RaiseFalse(Vectors.GeneralProtection, gateError);
        if (cause == TrapCause.Software && Dpl(gate) < _c->Cpl)
            return RaiseFalse(Vectors.GeneralProtection, gateError);
        if (!IsPresent(gate))
            return RaiseFalse(Vectors.SegmentNotPresent, gateError);
        ushort selector = (ushort)(gate >> 16);
        if ((selector & NullIndex) == 0)
            return RaiseFalse(Vectors.GeneralProtection, external);
        if (!ReadDescriptor(selector, out ulong code))
            return false;
        if (!IsCode(code) || Dpl(code) > _c->Cpl)
            return RaiseFalse(Vectors.GeneralProtection, (uint)(selector & NullIndex) | external);
        if (!IsPresent(code))
            return RaiseFalse(Vectors.SegmentNotPresent, (uint)(selector & NullIndex) | external);
        if (HostOwnsRing0 && Dpl(code) == 0 && !IsConforming(code))
        {
            TellMachine(vector, error, cause);
            return true;
        }

        bool wide = type >= InterruptGate32;
        uint target = wide ? (uint)(gate & 0xffff) | ((uint)(gate >> 32) & 0xffff0000) : (uint)(gate & 0xffff);
        bool withError = cause != TrapCause.Software && cause != TrapCause.External && Vectors.HasErrorCode(vector);
        if (!PushFrame(selector, code, wide, withError ? error : null, cause))
            return false;
        uint clear = EFlags.Trap | EFlags.NestedTask | EFlags.Resume | EFlags.Virtual8086;
        if ((type & 1) == 0)
            clear |= EFlags.Interrupt;
        _c->FlagsOther &= ~clear;
        _c->Eip = target;
        RefreshMode();
        if (cause == TrapCause.Software && wide && from == 3 && _c->Cpl != 3)
            RememberCall(vector, target, (type & 1) != 0);
        return true;
    }

    /// <summary>Switches stacks if the handler is in an inner ring, pushes the frame, and loads CS. Changes nothing on failure.</summary>
    private bool PushFrame(ushort selector, ulong code, bool wide, uint? error, TrapCause cause)
    {
        uint level = IsConforming(code) ? _c->Cpl : (uint)Dpl(code);
        var oldStack = _c->Ss;
        uint oldEsp = _c->Gpr[Esp];
        uint oldLevel = _c->Cpl;
        bool inner = level < oldLevel;
        uint esp = oldEsp;
        if (inner)
        {
            if (!ReadInnerStack(level, out ushort ss, out esp) || !LoadStackSegment(ss, level, Vectors.InvalidTss))
                return false;
        }

        Span<uint> frame = stackalloc uint[6];
        int count = 0;
        if (inner)
        {
            frame[count++] = oldStack.Selector;
            frame[count++] = oldEsp;
        }

        // A restarted instruction must not hit its breakpoint again: faults push RF set (Intel SDM vol. 3, 17.3.1.1).
        frame[count++] = Flags.All(_c) | (cause == TrapCause.Fault ? EFlags.Resume : 0);
        frame[count++] = _c->Cs.Selector;
        frame[count++] = _c->Eip;
        if (error is { } number)
            frame[count++] = number;
        if (!PushAll(frame[..count], wide, level, ref esp))
        {
            _c->Ss = oldStack;
            return false;
        }

        MarkAccessed(selector, ref code);
        SetCode(selector, code, level);
        SetStackPointer(esp);
        return true;
    }

    /// <summary>Writes values below the new stack pointer, first value highest. The stack segment is already the new one.</summary>
    internal bool PushAll(ReadOnlySpan<uint> values, bool wide, uint level, ref uint esp)
    {
        int width = wide ? 4 : 2;
        int size = values.Length * width;
        Span<byte> bytes = stackalloc byte[64 * 4];
        bytes = bytes[..size];
        for (int i = 0; i < values.Length; i++)
        {
            var slot = bytes[(size - ((i + 1) * width))..];
            if (wide)
                BinaryPrimitives.WriteUInt32LittleEndian(slot, values[i]);
            else
                BinaryPrimitives.WriteUInt16LittleEndian(slot, (ushort)values[i]);
        }

        uint offset = _c->Ss.IsBig ? esp - (uint)size : (ushort)(esp - (uint)size);
        if (!Execute.Segmentation.Allows(&_c->Ss, offset, (uint)size, SegmentCache.MayWrite))
            return RaiseFalse(Vectors.StackFault, 0);
        var access = AccessKind.Write | (level == 3 ? AccessKind.User : 0);
        if (!GuestAccess(_c->Ss.Base + offset, bytes, access))
        {
            // The processor pushes from the top down, and CR2 tells at which of the pushes it stopped.
            for (int slot = size - width; slot > 0; slot -= width)
            {
                if (!GuestAccess(_c->Ss.Base + offset + (uint)slot, bytes.Slice(slot, width), access))
                    return false;
            }

            return GuestAccess(_c->Ss.Base + offset, bytes[..width], access);
        }

        esp = _c->Ss.IsBig ? offset : (esp & 0xffff0000) | offset;
        return true;
    }

    /// <summary>The stack of an inner ring from the TSS (Intel SDM vol. 3, 7.2.1). On failure #TS is set up.</summary>
    internal bool ReadInnerStack(uint level, out ushort ss, out uint esp)
    {
        ss = 0;
        esp = 0;
        bool wide = (_c->Tr.Attributes & 8) != 0;
        uint at = wide ? 4 + (level * 8) : 2 + (level * 4);
        uint size = wide ? 8u : 4u;
        if ((_c->Tr.Attributes & SegmentCache.Present) == 0 || at + size - 1 > _c->Tr.Limit)
            return RaiseFalse(Vectors.InvalidTss, (uint)(_c->Tr.Selector & NullIndex));
        Span<byte> bytes = stackalloc byte[8];
        if (!SystemRead(_c->Tr.Base + at, bytes[..(int)size]))
            return false;
        esp = wide ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        ss = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(int)(size / 2)..]);
        return true;
    }

    /// <summary>Sets ESP, or SP alone on a 16-bit stack.</summary>
    internal void SetStackPointer(uint esp)
    {
        if (_c->Ss.IsBig)
            _c->Gpr[Esp] = esp;
        else
            *(ushort*)&_c->Gpr[Esp] = (ushort)esp;
    }

    internal bool RaiseFalse(byte vector, uint error)
    {
        Raise(vector, error);
        return false;
    }
}
