// A reading of emitted code that is simpler than the verifier's and shares nothing with it: straight backwards from an access to the
// instructions that must have made its registers. It follows no jumps, so it proves nothing; but what it finds missing is missing.
using Iced.Intel;
using Lguest.Guest.Cpu;

namespace Lguest.Guest.Tests.Translator;

/// <summary>Looks for accesses without the instructions of an address check in front of them.</summary>
internal static unsafe class PatternReader
{
    /// <summary>What is wrong with code that follows one path; null if nothing.</summary>
    public static string? Fault(byte[] code, ulong address)
    {
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(code));
        decoder.IP = address;
        List<Instruction> all = [];
        while (decoder.IP < address + (ulong)code.Length)
            all.Add(decoder.Decode());
        InstructionInfoFactory infos = new();
        for (int k = 0; k < all.Count; k++)
        {
            var i = all[k];
            if (i.Mnemonic is Mnemonic.Syscall or Mnemonic.Call or Mnemonic.Ret or Mnemonic.Int or Mnemonic.Push or Mnemonic.Pop
                or Mnemonic.INVALID or Mnemonic.Ldmxcsr or Mnemonic.Fxrstor or Mnemonic.Fxsave or Mnemonic.Fldenv or Mnemonic.Fnstenv
                or Mnemonic.Frstor or Mnemonic.Fnsave or Mnemonic.Maskmovq or Mnemonic.Maskmovdqu)
                return $"{i}: forbidden";
            if (i.Mnemonic == Mnemonic.Fldcw && (i.MemoryBase != Register.R14 || (long)i.MemoryDisplacement64 != Fx))
                return $"{i}: a control word of the Guest's";
            foreach (var used in infos.GetInfo(i).GetUsedRegisters())
            {
                var full = used.Register.GetFullRegister();
                bool writes = used.Access is not (OpAccess.Read or OpAccess.CondRead);
                if (full is >= Register.ZMM8 and <= Register.ZMM31)
                    return $"{i}: a register that 32-bit programs do not have";
                if (full == Register.RSP || (used.Register.IsSegmentRegister() && used.Register != Register.GS)
                    || (writes && full is Register.R9 or Register.R13 or Register.R14))
                    return $"{i}: forbidden register";
                if (writes && full == Register.R12 && i.Mnemonic != Mnemonic.Lea)
                    return $"{i}: budget";
            }

            foreach (var memory in infos.GetInfo(i).GetUsedMemory())
            {
                if (Access(all, infos, k, memory) is { } fault)
                    return $"{i}: {fault}";
            }
        }

        return null;
    }

    private static string? Access(List<Instruction> all, InstructionInfoFactory infos, int k, UsedMemory memory)
    {
        bool write = memory.Access is not (OpAccess.Read or OpAccess.CondRead);
        int size = memory.MemorySize.GetSize();
        if (memory.Segment == Register.GS)
            return memory.AddressSize == CodeSize.Code32 ? null : "beyond the window";
        switch (memory.Base)
        {
            case Register.R14 when memory.Index != Register.None:
                return !write && memory.Scale == 8 && memory.Displacement >= (ulong)TlbOf(false) ? null : "TLB";
            case Register.R14:
                return memory.Index == Register.None && (long)memory.Displacement >= -EngineState.Front
                    && (long)memory.Displacement + size <= sizeof(EngineState) - EngineState.Front
                    && (!write || (long)memory.Displacement < 200 || IsUnitField((long)memory.Displacement - Fx, size)) ? null : "state";
            case Register.R8 or Register.R10 or Register.R11 when memory.Index == Register.None:
                return write ? "store through a pointer" : null;
        }

        // addend <- [r14 + 8 * x + TLB + 8]; the distance test names a size; the tag was loaded by the same kind of access.
        int addend = Writer(all, infos, k, memory.Index);
        if (addend >= 0 && IsKernelWindow(all[addend]))
            return InKernelWindow(all, infos, k, memory);
        if (addend < 0 || Field(all[addend]) != 8)
            return "no addend";
        int tag = addend - 1;
        while (tag >= 0 && Field(all[tag]) is not (0 or 4))
            tag--;
        if (tag < 0 || (write && Field(all[tag]) != 4))
            return "no tag, or the tag of reads";
        for (int at = tag; at < addend; at++)
        {
            if (all[at].Code == Code.Lea_r32_m && all[at].MemoryIndex != Register.None
                && (int)all[at].MemoryDisplacement64 is > 0 and <= 64)
                return (int)all[at].MemoryDisplacement64 >= size + (int)memory.Displacement ? null : "the test is for less";
        }

        return "no distance";
    }

    private static bool IsKernelWindow(in Instruction i) => i.Code == Code.Mov_r64_rm64 && i.MemoryBase == Register.R14
        && i.MemoryIndex == Register.None && (long)i.MemoryDisplacement64 == KernelWindow;

    /// <summary>The address is a number of 32 bits, and the operand begins there.</summary>
    private static string? InKernelWindow(List<Instruction> all, InstructionInfoFactory infos, int k, UsedMemory memory)
    {
        int address = Writer(all, infos, k, memory.Base);
        return address < 0 || !all[address].Op0Register.IsGPR32() ? "an address of 64 bits in the kernel's window"
            : memory.Displacement != 0 || memory.Scale != 1 || memory.MemorySize.GetSize() > 64 ? "beyond the kernel's window" : null;
    }

    private static long KernelWindow { get; } =
        System.Runtime.InteropServices.Marshal.OffsetOf<EngineState>(nameof(EngineState.KernelWindow)) - EngineState.Front;

    /// <summary>Offset in an entry of the soft TLB; -1 for what reads none.</summary>
    private static long Field(in Instruction i)
    {
        if (i.MemoryBase != Register.R14 || i.MemoryIndex == Register.None || i.Mnemonic != Mnemonic.Mov)
            return -1;
        foreach (bool user in (ReadOnlySpan<bool>)[false, true])
        {
            if ((long)i.MemoryDisplacement64 - TlbOf(user) is >= 0 and < 16 and var field)
                return field;
        }

        return -1;
    }

    private static long Fx { get; } = System.Runtime.InteropServices.Marshal.OffsetOf<CpuState>(nameof(CpuState.Fx));

    /// <summary>The x87's control word and instruction pointer.</summary>
    private static bool IsUnitField(long at, int size) => (at, size) is (0, 2) or (8, 4);

    private static long TlbOf(bool user) => System.Runtime.InteropServices.Marshal.OffsetOf<EngineState>(
        user ? nameof(EngineState.UserTlb) : nameof(EngineState.SupervisorTlb)) - EngineState.Front;

    private static int Writer(List<Instruction> all, InstructionInfoFactory infos, int before, Register register)
    {
        for (int k = before - 1; k >= 0; k--)
        {
            foreach (var used in infos.GetInfo(all[k]).GetUsedRegisters())
            {
                if (used.Register.GetFullRegister() == register.GetFullRegister()
                    && used.Access is not (OpAccess.Read or OpAccess.CondRead))
                    return k;
            }
        }

        return -1;
    }
}
