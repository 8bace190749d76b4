// What need not be found out again as long as the descriptor tables are as they were: what a segment register holds after the load of a
// selector, and how ring 3 gets into the Guest's kernel by a software interrupt and back by IRET.
//
//J:Guest:415 Tables that only the Switcher changes
// A system call reads eleven descriptors on its way in and out, and finds each as it was the time before. Where these tables are the
// machine's (MapWindow) no store of the Guest's changes them, and the machine says when it does. Then the outcome is remembered, and the
// same selector or the same vector comes to the same again. A Guest that has tables of its own, in its memory, has them read each time.
using System.Runtime.CompilerServices;
using Lguest.Guest.Mmu;
using static Lguest.Guest.Cpu.GeneralRegister;

namespace Lguest.Guest.Cpu;

public sealed unsafe partial class Processor
{
    private const ushort LocalTable = 4;

    /// <summary>SS, ESP, EFLAGS, CS and EIP.</summary>
    private const uint OuterFrame = 20;

    private (uint Gdt, uint GdtLimit, uint Idt, uint IdtLimit, uint Tss) _memosOf;
    private uint _memoLevel;
    private CallMemo _call;
    private ReturnMemo _return;

    /// <summary>A software interrupt from ring 3 to an inner ring.</summary>
    private struct CallMemo
    {
        public bool IsGood;
        public bool KeepsInterrupts;
        public byte Vector;
        public uint Target;
        public uint Level;
        public SegmentCache Code;
        public SegmentCache Stack;
    }

    /// <summary>IRET to ring 3.</summary>
    private struct ReturnMemo
    {
        public bool IsGood;
        public uint Level;
        public SegmentCache Code;
        public SegmentCache Stack;
    }

    /// <summary>The machine has changed a descriptor, a gate, or where the tables are.</summary>
    public void ForgetDescriptors()
    {
        for (int i = 0; i < SegmentMemo.Count; i++)
            _e->Memos[i].Negative = SegmentMemo.Empty;
        _call.IsGood = _return.IsGood = false;
        _memosOf = (_c->GdtBase, _c->GdtLimit, _c->IdtBase, _c->IdtLimit, _c->Tr.Base);
        _memoLevel = _c->Cpl;
    }

    /// <summary>Before anything is executed: the machine may have set the table registers.</summary>
    private void CheckDescriptors()
    {
        if (_memosOf != (_c->GdtBase, _c->GdtLimit, _c->IdtBase, _c->IdtLimit, _c->Tr.Base))
            ForgetDescriptors();
    }

    /// <summary>A segment register has been loaded by an instruction.</summary>
    internal void RememberLoad(SegmentRegister register, bool isPop)
    {
        var segment = Segment(register);
        if (_c->Cpl == 3 || (segment->Selector & LocalTable) != 0 || ((segment->Selector & NullIndex) != 0 && !OwnsTables)
            || (register < SegmentRegister.Fs && !segment->IsFlatData))
            return;
        if (_memoLevel != _c->Cpl)
            ForgetDescriptors();
        ref var memo = ref _e->Memos[SegmentMemo.IndexOf(register, isPop)];
        memo.Negative = 0u - segment->Selector;
        memo.Segment = *segment;
    }

    /// <summary>Takes a software interrupt as it was taken before, from ring 3 into the kernel. False, with nothing done, if that is not
    /// known. The budget is settled.</summary>
    internal bool TryCallAgain(byte vector, uint next)
    {
        if (!_call.IsGood || _call.Vector != vector || _c->Cpl != 3)
            return false;
        byte* slot = _window + (_c->Tr.Base - _windowBase) + 4 + (_call.Level * 8);
        uint low = *(uint*)slot - OuterFrame;
        var entry = &_e->SupervisorTlb[(int)((low >> 12) & (TlbEntry.Count - 1))];
        if (*(ushort*)(slot + 4) != _call.Stack.Selector || ((low + OuterFrame - 1) & PageMask) != entry->WriteTag)
            return false;
        uint* frame = (uint*)(entry->Addend + (nint)low);
        frame[0] = next;
        frame[1] = _c->Cs.Selector;
        frame[2] = Flags.All(_c);
        frame[3] = _c->Gpr[Esp];
        frame[4] = _c->Ss.Selector;
        _c->Cs = _call.Code;
        _c->Ss = _call.Stack;
        _c->Cpl = _call.Level;
        _c->Gpr[Esp] = low;
        _c->FlagsOther &= ~(EFlags.Trap | EFlags.NestedTask | EFlags.Resume | EFlags.Virtual8086
            | (_call.KeepsInterrupts ? 0 : EFlags.Interrupt));
        _c->Eip = _call.Target;
        RefreshMode();
        return true;
    }

    /// <summary>A software interrupt from ring 3 has been delivered to an inner ring. Engines that run side by side count what is
    /// delivered, and both have to count the same.</summary>
    private void RememberCall(byte vector, uint target, bool keepsInterrupts)
    {
        if (Notes is not null || !OwnsTables)
            return;
        if (!_c->Ss.IsFlatData || !_c->Ss.IsBig || ((_c->Cs.Selector | _c->Ss.Selector) & LocalTable) != 0
            || WindowSpan(_c->IdtBase + (vector * 8u), 8).IsEmpty || WindowSpan(_c->Tr.Base, 32).IsEmpty || (_c->Tr.Attributes & 8) == 0)
            return;
        _call = new CallMemo
        {
            IsGood = true,
            KeepsInterrupts = keepsInterrupts,
            Vector = vector,
            Target = target,
            Level = _c->Cpl,
            Code = _c->Cs,
            Stack = _c->Ss,
        };
    }

    /// <summary>Returns to ring 3 as before. False, with nothing done, if that is not known.</summary>
    internal bool TryReturnAgain()
    {
        uint esp = _c->Gpr[Esp];
        var entry = &_e->SupervisorTlb[(int)((esp >> 12) & (TlbEntry.Count - 1))];
        const uint Flat = ModeBits.FlatSs | ModeBits.Stack32;
        if (!_return.IsGood || _return.Level != _c->Cpl || (_e->Mode & Flat) != Flat
            || ((esp + OuterFrame - 1) & PageMask) != entry->ReadTag)
            return false;
        uint* frame = (uint*)(entry->Addend + (nint)esp);
        if ((ushort)frame[1] != _return.Code.Selector || (ushort)frame[4] != _return.Stack.Selector)
            return false;
        uint image = frame[2], level = _c->Cpl;
        _c->Eip = frame[0];
        _c->Gpr[Esp] = frame[3];
        _c->Cs = _return.Code;
        _c->Ss = _return.Stack;
        _c->Cpl = 3;
        DropInnerSegments(3);
        SetFlagsAs(image, level, true);
        RefreshMode();
        return true;
    }

    /// <summary>IRET has returned to ring 3.</summary>
    private void RememberReturn(uint level)
    {
        if (Notes is not null || !OwnsTables)
            return;
        if (!_c->Cs.IsFlatCode || !_c->Ss.IsBig || ((_c->Cs.Selector | _c->Ss.Selector) & LocalTable) != 0)
            return;
        _return = new ReturnMemo { IsGood = true, Level = level, Code = _c->Cs, Stack = _c->Ss };
    }

    /// <summary>Whether the GDT is the machine's own.</summary>
    private bool OwnsTables
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _windowLength != 0 && _c->GdtBase >= _windowBase && _c->GdtBase - _windowBase + _c->GdtLimit < _windowLength;
    }
}
