// Control transfers that change CS: far jumps, calls and returns, call gates, and the return from an interrupt.
//
//J:Guest:410 Between the rings
// Inward there are gates only; outward there are returns only. A call gate or an interrupt gate brings a new stack from the TSS, because
// the inner ring must not trust the outer one's. A return outward brings back the outer stack from the frame, and empties each data segment
// register that the outer ring may not hold. Hardware task switching is not offered: a task gate or TSS selector raises #GP.
using Lguest.Guest.Execute;
using static Lguest.Guest.Cpu.GeneralRegister;

namespace Lguest.Guest.Cpu;

public sealed unsafe partial class Processor
{
    private const int CallGate16 = 4;
    private const int CallGate32 = 12;

    /// <summary>JMP far (Intel SDM vol. 2, JMP). True when done: CS and EIP are new. False with the fault set up.</summary>
    internal bool JumpFar(ushort selector, uint offset)
    {
        if (!ReadTarget(selector, out ulong descriptor))
            return false;
        if (IsCode(descriptor))
            return EnterSameLevel(selector, descriptor, offset);
        if (!ReadGate(selector, descriptor, out ushort target, out uint entry, out ulong code, out _, out _))
            return false;
        if (IsConforming(code) ? Dpl(code) > _c->Cpl : Dpl(code) != _c->Cpl)
            return RaiseFalse(Vectors.GeneralProtection, (uint)(target & NullIndex));
        MarkAccessed(target, ref code);
        SetCode(target, code, _c->Cpl);
        _c->Eip = entry;
        return true;
    }

    /// <summary>CALL far. <paramref name="next"/> is the return offset.</summary>
    internal bool CallFar(ushort selector, uint offset, uint next, bool wide)
    {
        if (!ReadTarget(selector, out ulong descriptor))
            return false;
        var oldCode = _c->Cs;
        uint esp = _c->Gpr[Esp];
        if (IsCode(descriptor))
        {
            uint level = _c->Cpl;
            if (!CheckSameLevel(selector, descriptor, offset) || !PushAll([oldCode.Selector, next], wide, level, ref esp))
                return false;
            MarkAccessed(selector, ref descriptor);
            SetCode(selector, descriptor, level);
            SetStackPointer(esp);
            _c->Eip = offset;
            return true;
        }

        if (!ReadGate(selector, descriptor, out ushort target, out uint entry, out ulong code, out int parameters, out bool wideGate))
            return false;
        if (Dpl(code) > _c->Cpl)
            return RaiseFalse(Vectors.GeneralProtection, (uint)(target & NullIndex));
        uint newLevel = IsConforming(code) ? _c->Cpl : (uint)Dpl(code);
        if (newLevel == _c->Cpl)
        {
            if (!PushAll([oldCode.Selector, next], wideGate, newLevel, ref esp))
                return false;
        }
        else if (!SwitchForCall(newLevel, parameters, wideGate, next, ref esp))
        {
            return false;
        }

        MarkAccessed(target, ref code);
        SetCode(target, code, newLevel);
        SetStackPointer(esp);
        _c->Eip = entry;
        return true;
    }

    /// <summary>RET far and, with <paramref name="flags"/>, IRET. The values have been read from the stack; <paramref name="popped"/> bytes
    /// of it.</summary>
    /// <param name="op">The instruction, for faults while reading the outer stack.</param>
    /// <param name="selector">New CS.</param>
    /// <param name="eip">New EIP.</param>
    /// <param name="popped">Bytes that selector, EIP and EFLAGS take on the stack.</param>
    /// <param name="release">RET imm16: bytes to drop from both stacks.</param>
    /// <param name="wide">32-bit operands.</param>
    /// <param name="flags">IRET: the EFLAGS image, already cut to what a 16-bit IRET can change.</param>
    internal bool ReturnFar(Op* op, ushort selector, uint eip, uint popped, uint release, bool wide, uint? flags)
    {
        uint level = (uint)(selector & 3);
        if ((selector & NullIndex) == 0)
            return RaiseFalse(Vectors.GeneralProtection, 0);
        if (!ReadDescriptor(selector, out ulong code))
            return false;
        bool rightLevel = IsConforming(code) ? Dpl(code) <= level : Dpl(code) == level;
        if (!IsCode(code) || level < _c->Cpl || !rightLevel)
            return RaiseFalse(Vectors.GeneralProtection, (uint)(selector & NullIndex));
        if (!IsPresent(code))
            return RaiseFalse(Vectors.SegmentNotPresent, (uint)(selector & NullIndex));
        var newCode = Cache(selector, code);
        if (eip > newCode.Limit)
            return RaiseFalse(Vectors.GeneralProtection, 0);
        uint oldLevel = _c->Cpl;
        if (level == oldLevel)
        {
            MarkAccessed(selector, ref code);
            SetCode(selector, code, level);
            SetStackPointer(_c->Gpr[Esp] + popped + release);
        }
        else
        {
            uint esp, ss;
            bool read = wide
                ? AnyStack.Peek<Width32>(_c, op, popped + release, out esp) & AnyStack.Peek<Width32>(_c, op, popped + release + 4, out ss)
                : AnyStack.Peek<Width16>(_c, op, popped + release, out esp) & AnyStack.Peek<Width16>(_c, op, popped + release + 2, out ss);
            if (!read)
            {
                // Peek has set up the exit with EIP and budget; the caller is going to do that again.
                _e->Budget += op->Index;
                return false;
            }

            if (!LoadStackSegment((ushort)ss, level))
                return false;
            MarkAccessed(selector, ref code);
            SetCode(selector, code, level);
            SetStackPointer(esp + release);
            DropInnerSegments(level);
        }

        _c->Eip = eip;
        if (flags is { } image)
            SetFlagsAs(image, oldLevel, true);
        if (flags is not null && wide && level == 3 && oldLevel != 3)
            RememberReturn(oldLevel);
        return true;
    }

    /// <summary>POPF and IRET: what a privilege level may change of EFLAGS (Intel SDM vol. 2, POPF).</summary>
    internal void SetFlagsAs(uint image, uint level, bool withResume)
    {
        uint may = EFlags.Known & ~(EFlags.IoPrivilege | EFlags.Interrupt | EFlags.Resume);
        if (withResume)
            may |= EFlags.Resume;
        if (level == 0)
            may |= EFlags.IoPrivilege;
        if (level <= ((_c->FlagsOther >> 12) & 3))
            may |= EFlags.Interrupt;
        uint old = Flags.All(_c) & ~(withResume ? 0 : EFlags.Resume);
        Flags.SetAll(_c, (old & ~may) | (image & may));
        if (_e->AwaitsWindow != 0 && (_c->FlagsOther & EFlags.Interrupt) != 0)
            _e->Poll = 1;
    }

    private bool ReadTarget(ushort selector, out ulong descriptor)
    {
        descriptor = 0;
        return (selector & NullIndex) == 0 ? RaiseFalse(Vectors.GeneralProtection, 0) : ReadDescriptor(selector, out descriptor);
    }

    private bool CheckSameLevel(ushort selector, ulong descriptor, uint offset)
    {
        bool allowed = IsConforming(descriptor) ? Dpl(descriptor) <= _c->Cpl : (selector & 3) <= _c->Cpl && Dpl(descriptor) == _c->Cpl;
        if (!allowed)
            return RaiseFalse(Vectors.GeneralProtection, (uint)(selector & NullIndex));
        if (!IsPresent(descriptor))
            return RaiseFalse(Vectors.SegmentNotPresent, (uint)(selector & NullIndex));
        return offset <= Cache(selector, descriptor).Limit || RaiseFalse(Vectors.GeneralProtection, 0);
    }

    private bool EnterSameLevel(ushort selector, ulong descriptor, uint offset)
    {
        if (!CheckSameLevel(selector, descriptor, offset))
            return false;
        MarkAccessed(selector, ref descriptor);
        SetCode(selector, descriptor, _c->Cpl);
        _c->Eip = offset;
        return true;
    }

    private bool ReadGate(ushort selector, ulong gate, out ushort target, out uint entry, out ulong code, out int parameters, out bool wide)
    {
        target = (ushort)(gate >> 16);
        code = 0;
        wide = Type(gate) == CallGate32;
        entry = (uint)(gate & 0xffff) | (wide ? (uint)(gate >> 32) & 0xffff0000 : 0);
        parameters = (int)(gate >> 32) & 0x1f;
        if (Type(gate) is not (CallGate16 or CallGate32) || Dpl(gate) < _c->Cpl || Dpl(gate) < (selector & 3))
            return RaiseFalse(Vectors.GeneralProtection, (uint)(selector & NullIndex));
        if (!IsPresent(gate))
            return RaiseFalse(Vectors.SegmentNotPresent, (uint)(selector & NullIndex));
        if (!ReadTarget(target, out code))
            return false;
        if (!IsCode(code) || (HostOwnsRing0 && Dpl(code) == 0 && !IsConforming(code)))
            return RaiseFalse(Vectors.GeneralProtection, (uint)(target & NullIndex));
        return IsPresent(code) || RaiseFalse(Vectors.SegmentNotPresent, (uint)(target & NullIndex));
    }

    /// <summary>The inner stack of a call gate: old SS:ESP, copied parameters, return address.</summary>
    private bool SwitchForCall(uint level, int parameters, bool wide, uint next, ref uint esp)
    {
        var oldStack = _c->Ss;
        uint oldEsp = _c->Gpr[Esp];
        Span<uint> frame = stackalloc uint[4 + parameters];
        frame[0] = oldStack.Selector;
        frame[1] = oldEsp;
        int width = wide ? 4 : 2;
        Span<byte> value = stackalloc byte[4];
        for (int i = 0; i < parameters; i++)
        {
            value.Clear();
            uint offset = AnyStack.Offset(_c, (uint)((parameters - 1 - i) * width));
            if (!Segmentation.Allows(&_c->Ss, offset, (uint)width, SegmentCache.MayRead))
                return RaiseFalse(Vectors.StackFault, 0);
            if (!GuestAccess(_c->Ss.Base + offset, value[..width], Mmu.AccessKind.Read | (_c->Cpl == 3 ? Mmu.AccessKind.User : 0)))
                return false;
            frame[2 + i] = BitConverter.ToUInt32(value);
        }

        frame[^2] = _c->Cs.Selector;
        frame[^1] = next;
        if (!ReadInnerStack(level, out ushort ss, out esp) || !LoadStackSegment(ss, level, Vectors.InvalidTss))
            return false;
        if (PushAll(frame, wide, level, ref esp))
            return true;
        _c->Ss = oldStack;
        return false;
    }
}
