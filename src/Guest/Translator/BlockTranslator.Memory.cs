// Addresses, the stack, and what divides: everything that may find, before it does anything, that the interpreter has to do it.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using static Lguest.Guest.Translator.HostRegister;

namespace Lguest.Guest.Translator;

internal sealed unsafe partial class BlockTranslator
{
    /// <summary>The linear address of the memory operand, in R10. FS and GS have a base of their own, and in a Guest's lifetime many: the
    /// interpreter takes over where an access would need more than that base.</summary>
    private void EmitAddress(in Instruction i)
    {
        EmitEffectiveAddress(R10, i);
        if (i.MemorySegment is not (Register.FS or Register.GS))
            return;
        var segment = BlockBuilder.SegmentOf(i.MemorySegment);
        _writer.Load32(R11, R14, StateOffsets.SegmentRights(segment));
        _writer.Lea32(R11, R11, -(int)SegmentCache.Everything);
        EmitUnlessZero(_op);
        _writer.Load32(R11, R14, StateOffsets.SegmentBase(segment));
        _writer.LeaIndexed(false, R10, R10, R11, 0, 0);
    }

    private void EmitEffectiveAddress(HostRegister to, in Instruction i)
    {
        int displacement = (int)i.MemoryDisplacement32;
        if (i.MemoryBase == Register.None && i.MemoryIndex == Register.None)
            _writer.Set32(to, (uint)displacement);
        else if (i.MemoryIndex == Register.None)
            _writer.Lea32(to, HostOf(i.MemoryBase), displacement);
        else if (i.MemoryBase != Register.None)
            _writer.LeaIndexed(false, to, HostOf(i.MemoryBase), HostOf(i.MemoryIndex), Scale(i), displacement);
        else
            _writer.LeaScaled32(to, HostOf(i.MemoryIndex), Scale(i), displacement);
    }

    private static int Scale(in Instruction i) => i.MemoryIndexScale switch { 2 => 1, 4 => 2, 8 => 3, _ => 0 };

    //J:Translator:130 A check without flags
    // Nearly all Guest code has flags alive at any time, and a fault must show them as they were; so the check of an address may not touch
    // them. That leaves few instructions: moves, LEA, NOT, and the shifts of BMI2. The linear address is in R10:
    //
    //   rorx r8d, r10d, 22            the ten bits above bit 12 are now the highest ones,
    //   shrx r8d, r8d, r9d            and now the only ones: which of 1,024 entries
    //   lea  r8d, [r8+r8]             times 8 below: 16 bytes an entry
    //   mov  r11d, [r14+r8*8+tag]     the read tag, or the write tag
    //   not  r11d                     that is -tag - 1
    //   lea  r11d, [r11+r10+size]     from the tag to the last byte of the access
    //   shrx r11d, r11d, r13d         by 12: zero if, and only if, it is the right page and the access does not leave it
    //   xchg rcx, r11; jrcxz good     the one branch that asks no flag; otherwise the interpreter does this instruction
    //   mov  r8, [r14+r8*8+addend]    from linear to host addresses: the access is to [r10+r8]
    //
    // One subtraction tests page, right and size together. That is why an empty entry has a tag far from all pages that can be looked up
    // there. What the interpreter finds out about a page it enters into the same TLB, so that the next access passes.
    /// <summary>Looks R10 up in the soft TLB. The interpreter takes over unless it is there; else host memory is at R10 + R8.</summary>
    private void EmitCheck(int size, bool write)
    {
        if (_isOpen)
        {
            _writer.Load64(R8, R14, StateOffsets.KernelWindow);
            return;
        }

        int tlb = (_mode & ModeBits.User) != 0 ? StateOffsets.UserTlb : StateOffsets.SupervisorTlb;
        _writer.RotateRight32(R8, R10, EntryStubs.IndexShift);
        _writer.ShiftRight(false, R8, R8, R9);
        _writer.LeaIndexed(false, R8, R8, R8, 0, 0);
        _writer.LoadIndexed(false, R11, R14, R8, 3, tlb + (write ? sizeof(uint) : 0));
        _writer.Not32(R11);
        _writer.LeaIndexed(false, R11, R11, R10, 0, size);
        _writer.ShiftRight(false, R11, R11, R13);
        EmitUnlessZero(_op);
        _writer.LoadIndexed(true, R8, R14, R8, 3, tlb + (sizeof(uint) * 2));
    }

    private Emitted EmitLea(in Instruction i)
    {
        if (i.Code != Code.Lea_r32_m)
            return Emitted.No;
        EmitEffectiveAddress(HostOf(i.Op0Register), i);
        return Emitted.Yes;
    }

    private Emitted EmitPush(in Instruction i)
    {
        if (InRun)
        {
            int at = OffsetInRun(i);
            if (i.Op0Kind == OpKind.Register)
                _writer.StoreIndexed32(HostOf(i.Op0Register), R10, R8, at);
            else
                _writer.StoreIndexedImmediate32(R10, R8, at, (uint)i.GetImmediate(0));
            MoveStack(-4);
            return Emitted.Yes;
        }

        if (i.Op0Kind == OpKind.Memory)
        {
            EmitAddress(i);
            EmitLoadWord(R11);
            if (HasWindow)
                EmitWindowPush(R11);
            else
                _writer.Store32(R11, R14, StateOffsets.Temp);
        }

        if (HasWindow)
        {
            if (i.Op0Kind == OpKind.Register)
                EmitWindowPush(HostOf(i.Op0Register));
            else if (i.Op0Kind != OpKind.Memory)
                EmitWindowPush((uint)i.GetImmediate(0));
            _writer.Lea32(R15, R15, -4);
            return Emitted.Yes;
        }

        EmitStackSlot();
        if (i.Op0Kind == OpKind.Memory)
        {
            _writer.Load32(R11, R14, StateOffsets.Temp);
            NotePlaceIfOpen();
            _writer.StoreIndexed32(R11, R10, R8, 0);
        }
        else if (i.Op0Kind == OpKind.Register)
        {
            NotePlaceIfOpen();
            _writer.StoreIndexed32(HostOf(i.Op0Register), R10, R8, 0);
        }
        else
        {
            NotePlaceIfOpen();
            _writer.StoreIndexedImmediate32(R10, R8, 0, (uint)i.GetImmediate(0));
        }

        _writer.Lea32(R15, R15, -4);
        return Emitted.Yes;
    }

    /// <summary>Makes sure that four bytes below the stack pointer may be written; ESP stays.</summary>
    private void EmitStackSlot()
    {
        _writer.Lea32(R10, R15, -4);
        EmitCheck(4, true);
    }

    private Emitted EmitPop(in Instruction i)
    {
        if (InRun)
        {
            _writer.LoadIndexed(false, HostOf(i.Op0Register), R10, R8, 0, OffsetInRun(i));
            MoveStack(4);
            return Emitted.Yes;
        }

        if (HasWindow && i.Op0Register != Register.ESP)
        {
            EmitWindowLoad(HostOf(i.Op0Register), R15, 0);
            _writer.Lea32(R15, R15, 4);
            return Emitted.Yes;
        }

        _writer.Move32(R10, R15);
        EmitLoadWord(R11);
        _writer.Lea32(R15, R15, 4);
        _writer.Move32(HostOf(i.Op0Register), R11);
        return Emitted.Yes;
    }

    private Emitted EmitLeaveFrame()
    {
        _writer.Move32(R10, Rbp);
        EmitLoadWord(R11);
        _writer.Lea32(R15, Rbp, 4);
        _writer.Move32(Rbp, R11);
        return Emitted.Yes;
    }

    private Emitted EmitCall(in Instruction i)
    {
        bool known = i.Op0Kind == OpKind.NearBranch32;
        if (InRun)
        {
            _writer.StoreIndexedImmediate32(R10, R8, OffsetInRun(i), i.NextIP32);
            MoveStack(-4);
        }
        else if (HasWindow)
        {
            if (!known)
                EmitTarget(i);
            EmitWindowPush(i.NextIP32);
            _writer.Lea32(R15, R15, -4);
        }
        else
        {
            if (!known)
                EmitTarget(i);
            EmitStackSlot();
            NotePlaceIfOpen();
            _writer.StoreIndexedImmediate32(R10, R8, 0, i.NextIP32);
            _writer.Lea32(R15, R15, -4);
        }

        if (known)
        {
            ClearAdjust();
            EmitGoTo(_op, i.NearBranch32);
            return Emitted.Ends;
        }

        _writer.Load32(R10, R14, StateOffsets.Temp);
        EmitIndirect();
        return Emitted.Ends;
    }

    /// <summary>The destination of an indirect branch, in R10 and in Temp.</summary>
    private void EmitTarget(in Instruction i)
    {
        if (i.Op0Kind == OpKind.Register)
        {
            _writer.Move32(R10, HostOf(i.Op0Register));
        }
        else
        {
            EmitAddress(i);
            EmitLoadWord(R10);
        }

        _writer.Store32(R10, R14, StateOffsets.Temp);
    }

    private Emitted EmitJump(in Instruction i)
    {
        if (i.Op0Kind == OpKind.NearBranch32)
        {
            ClearAdjust();
            EmitGoTo(_op, i.NearBranch32);
            return Emitted.Ends;
        }

        EmitTarget(i);
        EmitIndirect();
        return Emitted.Ends;
    }

    private Emitted EmitReturn(in Instruction i)
    {
        int drops = 4 + (i.OpCount > 0 ? i.Immediate16 : 0);
        if (InRun)
        {
            _writer.LoadIndexed(false, R10, R10, R8, 0, OffsetInRun(i));
            MoveStack(drops);
        }
        else
        {
            _writer.Move32(R10, R15);
            EmitLoadWord(R10);
            _writer.Lea32(R15, R15, drops);
        }

        EmitIndirect();
        return Emitted.Ends;
    }

    /// <summary>DIV and IDIV of EDX:EAX. What would raise #DE is left to the interpreter, which leaves all flags alone, and so does
    /// this.</summary>
    private void EmitDivide(in Instruction i)
    {
        if (i.Op0Kind == OpKind.Register)
        {
            _writer.Move32(R11, HostOf(i.Op0Register));
        }
        else
        {
            EmitAddress(i);
            EmitLoadWord(R11);
        }

        EmitSaveFlags();
        if (i.Code == Code.Div_rm32)
        {
            _writer.Bytes(0x44, 0x39, 0xda); // cmp edx, r11d
            _slow.Add(new SlowPath((nint)_op, _writer.JumpForwardIf(3), Leaving.SavedFlags, _adjustDirty));
            _writer.Bytes(0x41, 0xf7, 0xf3); // div r11d
            EmitLoadFlags();
            return;
        }

        // 64 by 32 bits in 64 by 64: only a zero and a quotient beyond 32 bits have to be looked for.
        _writer.Bytes(0x4d, 0x63, 0xdb); // movsxd r11, r11d
        _writer.Bytes(0x4d, 0x8d, 0x43, 0x01); // lea r8, [r11 + 1]
        _writer.Bytes(0x49, 0x83, 0xf8, 0x01); // cmp r8, 1: divisors 0 and -1
        _slow.Add(new SlowPath((nint)_op, _writer.JumpForwardIf(6), Leaving.SavedFlags, _adjustDirty));
        _writer.Store32(Rdx, R14, StateOffsets.Temp + 8);
        _writer.Move32(R10, Rax);
        _writer.Bytes(0x89, 0xc0); // mov eax, eax
        _writer.Bytes(0x48, 0xc1, 0xe2, 32); // shl rdx, 32
        _writer.Bytes(0x48, 0x09, 0xd0); // or rax, rdx
        _writer.Bytes(0x48, 0x99); // cqo
        _writer.Bytes(0x49, 0xf7, 0xfb); // idiv r11
        _writer.Bytes(0x4c, 0x63, 0xc0); // movsxd r8, eax
        _writer.Bytes(0x49, 0x39, 0xc0); // cmp r8, rax
        _slow.Add(new SlowPath((nint)_op, _writer.JumpForwardIf(5), Leaving.SavedDividend, _adjustDirty));
        _writer.Bytes(0x89, 0xc0); // mov eax, eax
        _writer.Bytes(0x89, 0xd2); // mov edx, edx
        EmitLoadFlags();
    }
}
