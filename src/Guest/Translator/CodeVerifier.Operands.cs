// Operands of instructions without a meaning of their own: which memory they may reach, which registers they may read, and what they leave
// behind in those that they change.
using Iced.Intel;
using Lguest.Guest.Execute;
using Lguest.Guest.Windows;

namespace Lguest.Guest.Translator;

internal sealed partial class CodeVerifier
{
    /// <summary>Checks what an instruction reads, and the memory that it writes.</summary>
    /// <param name="loaded">What a plain load brings.</param>
    private string? Operands(in Instruction i, in InstructionInfo info, VerifierState state, out Known loaded)
    {
        loaded = default;
        for (int k = 0; k < i.OpCount; k++)
        {
            var access = info.GetOpAccess(k);
            if (i.GetOpKind(k) == OpKind.Register)
            {
                if (access != OpAccess.Write && Reading(i.GetOpRegister(k), state) is { } rule)
                    return rule;
            }
            else if (i.GetOpKind(k) == OpKind.Memory)
            {
                if ((i.Mnemonic == Mnemonic.Lea ? AddressOnly(i, state) : Memory(i, access, state, out loaded)) is { } rule)
                    return rule;
            }
        }

        return null;
    }

    private static string? Reading(Register register, VerifierState state)
    {
        if (register == Register.None || IsUnitRegister(register))
            return null;
        int number = NumberOf(register);
        if (IsReserved(number))
            return "a register that is not for numbers";
        var value = state[number];
        if (value.Holds == Holds.LowByte && register.IsGPR8())
            return null;
        return value.IsHostAddress ? "a host address taken for a number" : null;
    }

    private static string? AddressOnly(in Instruction i, VerifierState state) =>
        Reading(i.MemoryBase, state) ?? Reading(i.MemoryIndex, state);

    /// <summary>An access to memory.</summary>
    private string? Memory(in Instruction i, OpAccess access, VerifierState state, out Known loaded)
    {
        loaded = new Known(Holds.Word, Fresh(i));
        int size = SizeOf(i);
        bool write = access is not (OpAccess.Read or OpAccess.CondRead);
        bool load32 = i.Code == Code.Mov_r32_rm32 && !write;
        bool load64 = i.Code == Code.Mov_r64_rm64 && !write;
        int at = NumberOf(i.MemoryBase);
        long displacement = (long)i.MemoryDisplacement64;
        if (size <= 0)
            return "an access of unknown size";
        if (IsInWindow(i))
            return size > Window.LongestOperand ? "an operand that reaches beyond the window" : AddressOnly(i, state);
        if (at == R14 && i.MemoryIndex != Register.None)
            return load32 || load64 ? Tlb(i, load64, displacement, state, out loaded) : "the soft TLB is there to be looked up";
        var held = state[at];
        if (i.MemoryIndex != Register.None)
        {
            var index = state[NumberOf(i.MemoryIndex)];
            bool open = index.Holds == Holds.KernelWindow;
            if (IsReserved(at) || held.Holds != Holds.Word || i.MemoryIndexScale != 1 || (!open && !index.Is(Holds.Addend, held.Of)))
                return "an access that is not to a word and its addend";
            if (MustBeAligned(i) && (displacement % VectorBytes != 0 || !state.IsProven(new Known(Holds.AlignmentTest, held.Of))))
                return "a vector that may not be aligned";
            if (open)
                return displacement != 0 || size > Window.LongestOperand ? "an operand that reaches beyond the window" : null;
            if (displacement < 0 || !state.MayAccess(held.Of, displacement + size, write))
                return write ? "a write without a test for a write of this size" : "a read without a test for this size";
            return null;
        }

        if (MustBeAligned(i))
            return "a vector that may not be aligned";
        if (at == R14)
            return State(load32, load64, size, write, displacement, out loaded, i);
        if (IsReserved(at))
            return "an access through a register that is no base";
        return held.Holds switch
        {
            Holds.JumpEntry when load32 && displacement == SandboxFields.EntryEip => Loads(Holds.EntryEip, held, out loaded),
            Holds.JumpEntry when load32 && displacement == SandboxFields.EntryKey => Loads(Holds.EntryKey, held, out loaded),
            Holds.JumpEntry when load64 && displacement == SandboxFields.EntryHead =>
                state.IsProven(held with { Holds = Holds.HitTest })
                    ? Loads(Holds.OtherOp, held, out loaded)
                    : "a guess that was not tested",
            Holds.ConstantOp when load64 && displacement == SandboxFields.OpTarget =>
                (_context.RightsOf(held.Of) & OpRights.Follow) != 0
                    ? Loads(Holds.OtherOp, held, out loaded)
                    : "an operation without a target",
            Holds.ConstantOp when !write && displacement == SandboxFields.OpImm && size == sizeof(uint) => null,
            Holds.ConstantOp when !write && displacement == SandboxFields.OpIndex && size == sizeof(byte) => null,
            _ => "an access to memory that is not the Guest's",
        };
    }

    private static string? Loads(Holds holds, Known from, out Known loaded)
    {
        loaded = new Known(holds, from.Of);
        return null;
    }

    private string? Tlb(in Instruction i, bool wide, long displacement, VerifierState state, out Known loaded)
    {
        loaded = default;
        var index = i.MemoryIndex == Register.None ? default : state[NumberOf(i.MemoryIndex)];
        if (index.Holds != Holds.TlbIndex || i.MemoryIndexScale != 8)
            return "an index into the soft TLB that may lead beyond it";
        displacement -= _context.IsUser ? SandboxFields.UserTlb : SandboxFields.SupervisorTlb;
        if (!wide && displacement == SandboxFields.ReadTag)
            loaded = new Known(Holds.Tag, index.Of);
        else if (!wide && displacement == SandboxFields.WriteTag)
            loaded = new Known(Holds.Tag, index.Of, Write: true);
        else if (wide && displacement == SandboxFields.Addend)
            loaded = new Known(Holds.Addend, index.Of);
        else
            return "not a field of the soft TLB";
        return null;
    }

    private string? State(bool load32, bool load64, int size, bool write, long displacement, out Known loaded, in Instruction i)
    {
        loaded = new Known(Holds.Word, Fresh(i));
        if (load32 && displacement == SandboxFields.Poll)
            loaded = new Known(Holds.Attention);
        else if (load32 && displacement == SandboxFields.X87Away)
            loaded = new Known(Holds.Away, Size: (int)HostUnits.X87);
        else if (load32 && displacement == SandboxFields.XmmAway)
            loaded = new Known(Holds.Away, Size: (int)HostUnits.Xmm);
        else if (load32 && displacement == SandboxFields.JumpKey)
            loaded = new Known(Holds.CurrentKey);
        else if (load64 && displacement == SandboxFields.KernelWindow && !_context.IsUser)
            loaded = new Known(Holds.KernelWindow);
        else if (load64 && displacement == SandboxFields.Jumps)
            loaded = new Known(Holds.JumpTable);
        else if (load64 && SandboxFields.NotedSegment(displacement) is { } half)
            loaded = new Known(Holds.SegmentHalf, (ulong)half);
        else if (i.Mnemonic == Mnemonic.Fldcw)
            loaded = default; // it has been looked at
        else if (!SandboxFields.MayAccess(displacement, size, write))
            return write ? "a write to what is not the Guest's in the state" : "a read of what is not the Guest's in the state";
        return null;
    }

    /// <summary>What is known of the registers that an instruction changes.</summary>
    private static string? Results(in Instruction i, in InstructionInfo info, VerifierState state, Known loaded)
    {
        bool load = i.Code is Code.Mov_r32_rm32 or Code.Mov_r64_rm64 && i.Op1Kind == OpKind.Memory;
        foreach (var used in info.GetUsedRegisters())
        {
            if (used.Access is OpAccess.Read or OpAccess.CondRead or OpAccess.None or OpAccess.NoMemAccess || !used.Register.IsGPR())
                continue;
            int number = NumberOf(used.Register);
            bool secret = state[number].IsHostAddress;
            bool whole = used.Register.GetSize() >= 4 && used.Access is OpAccess.Write or OpAccess.ReadWrite;
            bool low = used.Register.IsGPR8() && used.Access is OpAccess.Write or OpAccess.ReadWrite;
            if (Set(state, number, new Known(whole || !secret ? Holds.Unknown : low ? Holds.LowByte : Holds.Garbage)) is { } rule)
                return rule;
        }

        for (int k = 0; k < i.OpCount; k++)
        {
            if (i.GetOpKind(k) != OpKind.Register || info.GetOpAccess(k) is not (OpAccess.Write or OpAccess.ReadWrite))
                continue;
            int number = NumberOf(i.GetOpRegister(k));
            if (load && k == 0)
                return Set(state, number, loaded.Holds == Holds.Word && i.Code == Code.Mov_r64_rm64 ? default : loaded);
            if (i.GetOpRegister(k).IsGPR32() && i.Mnemonic is Mnemonic.Mov or Mnemonic.Movzx or Mnemonic.Movsx or Mnemonic.Lea)
                return Set(state, number, new Known(Holds.Word, Fresh(i)));
        }

        return null;
    }
}
