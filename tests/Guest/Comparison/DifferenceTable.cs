// The one place for everything that need not be equal. What both manuals define is compared bit by bit; what they leave open, and what
// one vendor's processors do in a way of their own, has a row here that says how far. A row with a vendor does not widen anything: it
// says what that vendor's processors answer instead, and that is compared as strictly. A difference that no row covers fails the test.
// The file is long because it is one table: a row is to be read beside its neighbours.
using Iced.Intel;
using Lguest.Guest.Tests.Native;
using static Lguest.Guest.Tests.Comparison.CaseOperands;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>All known differences between processors, and between processors and our core.</summary>
internal static unsafe class DifferenceTable
{
    private const int Esp = 4;
    private const int Esi = 6;
    private const int Edi = 7;
    private const int BoundRange = 5;
    private const int InvalidOpcode = 6;
    private const int GeneralProtection = 13;
    private const int PageFault = 14;
    private const uint ConditionOne = 0x200;
    private const uint OverflowAndUnderflow = 0x18;
    private const uint ErrorSummary = 0x80;
    private const uint MisalignedMask = 0x2_0000;

    /// <summary>Status flags, TF, DF, NT, AC and ID.</summary>
    private const uint ComparedFlags = StatusFlags.All | 0x100 | 0x400 | 0x4000 | 0x4_0000 | 0x20_0000;

    public static IReadOnlyList<Difference> Rows { get; } =
    [
        // What both manuals leave open, or what the way of asking does not show: on every processor.
        new("all", "IF, IOPL, VM and the like are the kernel's; RF depends on how the state was stored",
            "vol. 1, 3.4.3.3; vol. 3, 18.3.1.1", "vol. 2, 3.1.6", "changes them as the manual says; other tests show it")
        {
            Then = static (ref v) => v.OpenFlags |= ~ComparedFlags,
        },
        new("all", "a data segment register that holds a null selector: IRET of an interrupt of the host turns 1 to 3 into 0",
            "vol. 2, IRET", "vol. 3, IRET", "keeps the selector; all four mean the same")
        {
            Then = static (ref v) => v.NullSelectorsAreOne = true,
        },
        new("all",
            "bit P of the error code of a fetch outside of the sandbox, where the host's child may have a page that cannot be executed",
            "vol. 3, 4.7", "vol. 2, 8.4.2", "has nothing there")
        {
            When = static (ref v) => v.Host.Trap == PageFault && (v.Host.Error & 0x10) != 0
                && v.Host.Cr2 - Sandbox.Data >= Sandbox.ImageSize && v.Host.Cr2 - Sandbox.Code >= Sandbox.CodeSize,
            Then = static (ref v) => v.OpenError |= 1,
        },
        new("all but shifts and rotates", "the status flags that the instruction's page calls undefined, as Iced lists them",
            "vol. 2, Flags Affected", "vol. 3, rFLAGS Affected", "sets them as recent Intel processors do, for nobody may rely on them")
        {
            When = static (ref v) => !IsShift(v.Instruction.Mnemonic),
            Then = static (ref v) => v.OpenFlags |= StatusFlags.FromIced(v.Instruction.RflagsUndefined),
        },
        new("SAL SHL SHR SAR", "AF unless the count is 0, OF unless it is 1, CF of SHL and SHR if it is not below the width",
            "vol. 2, SAL/SAR/SHL/SHR", "vol. 3, SAL SHL, SAR, SHR", "as recent Intel processors")
        {
            Mnemonics = [Mnemonic.Sal, Mnemonic.Shl, Mnemonic.Shr, Mnemonic.Sar],
            When = static (ref v) => Count(v.Given, v.Instruction, 1) != 0,
            Then = static (ref v) =>
            {
                uint count = Count(v.Given, v.Instruction, 1);
                v.OpenFlags |= StatusFlags.Adjust | (count == 1 ? 0 : StatusFlags.Overflow);
                if (count >= Width(v.Instruction) && v.Instruction.Mnemonic != Mnemonic.Sar) v.OpenFlags |= StatusFlags.Carry;
            },
        },
        new("ROL ROR RCL RCR", "OF unless the count is 0 or 1",
            "vol. 2, RCL/RCR/ROL/ROR", "vol. 3, RCL, RCR, ROL, ROR", "as recent Intel processors")
        {
            Mnemonics = [Mnemonic.Rol, Mnemonic.Ror, Mnemonic.Rcl, Mnemonic.Rcr],
            When = static (ref v) => Count(v.Given, v.Instruction, 1) > 1,
            Then = static (ref v) => v.OpenFlags |= StatusFlags.Overflow,
        },
        new("SHLD SHRD", "AF unless the count is 0, OF unless it is 1",
            "vol. 2, SHLD, SHRD", "vol. 3, SHLD, SHRD", "as recent Intel processors")
        {
            Mnemonics = [Mnemonic.Shld, Mnemonic.Shrd],
            When = static (ref v) => Count(v.Given, v.Instruction, 2) != 0,
            Then = static (ref v) => v.OpenFlags |= StatusFlags.Adjust | (Count(v.Given, v.Instruction, 2) == 1 ? 0 : StatusFlags.Overflow),
        },
        new("SHLD SHRD", "result and status flags if the count is above the width, which only 16-bit operands allow",
            "vol. 2, SHLD, SHRD", "vol. 3, SHLD, SHRD",
            "goes on with the destination's bits, as Intel processors do; AMD's with the source's")
        {
            Mnemonics = [Mnemonic.Shld, Mnemonic.Shrd],
            When = static (ref v) => Count(v.Given, v.Instruction, 2) > Width(v.Instruction),
            Then = static (ref v) =>
            {
                v.OpenFlags |= StatusFlags.All;
                if (v.Instruction.Op0Kind == OpKind.Register) v.OpenRegister(v.Instruction.Op0Register.GetNumber(), 0xffff);
                else v.OpenMemory(EffectiveAddress(v.Given, v.Instruction), 2);
            },
        },
        new("LAR r32", "bits 16 to 19 of the result",
            "vol. 2, LAR", "vol. 3, LAR", "the limit's upper bits, as they stand in the descriptor")
        {
            Mnemonics = [Mnemonic.Lar],
            When = static (ref v) => v.Instruction.Op0Register.GetSize() == 4
                && v.Host.Gpr[v.Instruction.Op0Register.GetNumber()] != v.Given.Gpr[v.Instruction.Op0Register.GetNumber()],
            Then = static (ref v) => v.OpenRegister(v.Instruction.Op0Register.GetNumber(), 0x000f_0000),
        },
        new("POPA POPAD", "registers that were popped before a later one faults",
            "vol. 2, POPA/POPAD", "vol. 3, POPA POPAD", "none is popped, which is what restartable asks for")
        {
            Mnemonics = [Mnemonic.Popa, Mnemonic.Popad],
            When = static (ref v) => v.Host.Trap != TestOutcomeLayout.Landed,
            Then = static (ref v) =>
            {
                for (int i = 0; i < 8; i++) v.OpenRegister(i, uint.MaxValue);
            },
        },
        new("CALL far", "what its first push has written below the stack pointer when the second faults",
            "vol. 3, 6.5", "vol. 2, 8.1.2", "writes nothing before both pushes are known to succeed")
        {
            Mnemonics = [Mnemonic.Call],
            When = static (ref v) => v.Host.Trap == PageFault
                && (v.Instruction.IsCallFarIndirect || v.Instruction.Op0Kind is OpKind.FarBranch16 or OpKind.FarBranch32),
            Then = static (ref v) => v.OpenMemory(v.Given.Gpr[Esp] - 8, 8),
        },
        new("BOUND", "which comes first: the lower limit is broken, the upper one cannot be read",
            "vol. 2, BOUND; vol. 3, 6.9", "vol. 3, BOUND", "reads both before it compares")
        {
            Mnemonics = [Mnemonic.Bound],
            When = static (ref v) => v.Host.Trap == BoundRange && v.Expected.Trap is GeneralProtection or PageFault,
            Then = static (ref v) => (v.Expected.Trap, v.Expected.Error) = (BoundRange, 0),
        },
        new("FSIN FCOS FSINCOS FPTAN FPATAN F2XM1 FYL2X FYL2XP1",
            "the last unit of a result, C1 that tells how it was rounded, and #O and #U where that unit decides about them",
            "vol. 1, 8.3.10", "vol. 1, 6.4.5", "computes to 128 bits and rounds")
        {
            Mnemonics = Transcendental.Functions,
            Then = static (ref v) =>
            {
                v.LastUnitIsOpen = true;
                v.OpenStatus |= ConditionOne;
                for (int at = Verdict.StackAt; at <= Verdict.StackAt + 16; at += 16)
                {
                    if (Transcendental.IsAtBorder(v.HostFx(at, Verdict.StackRegisterSize))
                        && Transcendental.IsAtBorder(v.ExpectedBytes(at, Verdict.StackRegisterSize)))
                        TakeFromHost(ref v);
                }
            },
        },

        // What Intel's processors do in a way of their own.
        new("all x87",
            "FDP of every instruction with a memory operand, not only where an unmasked exception is pending: without CPUID.(7,0):EBX[6]",
            "vol. 1, 8.1.8", "vol. 2, 11.5", "keeps FDP for unmasked exceptions alone, as processors with that bit do")
        {
            Only = Vendor.Intel,
            When = static (ref v) => v.HasFpu && !IsPending(ref v) && HostVendor.KeepsEveryOperandPointer,
            Then = static (ref v) =>
                v.ExpectedFx<uint>(Verdict.OperandPointerAt) = BitConverter.ToUInt32(v.HostFx(Verdict.OperandPointerAt, 4)),
        },

        // What AMD's processors do in a way of their own.
        new("all x87",
            "FIP, FDP and FOP are kept only while an unmasked exception is pending (ES is set), else zero, even after FLDENV and FRSTOR",
            "vol. 1, 8.1.8, 8.1.9", "vol. 2, 11.4.4; vol. 3, FXSAVE",
            "keeps FIP of every instruction that is no control instruction, as Intel's processors do")
        {
            Only = Vendor.Amd,
            When = static (ref v) => v.HasFpu && !IsPending(ref v),
            Then = static (ref v) =>
            {
                v.ExpectedFx<ushort>(Verdict.OpcodeAt) = 0;
                v.ExpectedFx<uint>(Verdict.InstructionPointerAt) = 0;
                v.ExpectedFx<uint>(Verdict.OperandPointerAt) = 0;
            },
        },
        new("0F 0D with a register", "undefined: it is PREFETCH, which takes memory only",
            "vol. 2, table A-3 and PREFETCHW", "vol. 3, PREFETCHx",
            "a no-operation, as every reserved one of 0F 0D and 0F 18 to 0F 1F is on Intel's processors")
        {
            Only = Vendor.Amd,
            Mnemonics = [Mnemonic.Reservednop],
            When = static (ref v) => v.Instruction.Code is Code.Reservednop_rm16_r16_0F0D or Code.Reservednop_rm32_r32_0F0D
                && v.Instruction.Op0Kind == OpKind.Register && v.Expected.Eip != v.Given.CodeAddress,
            Then = static (ref v) => Fault(ref v, InvalidOpcode, 0, 0),
        },
        new("INT1", "EIP in the frame of #DB is that of INT1 itself",
            "vol. 2, INT n/INTO/INT3/INT1", "vol. 3, INT1; vol. 2, 8.2.2", "that of the next instruction: a trap, as the manuals say")
        {
            Only = Vendor.Amd,
            Mnemonics = [Mnemonic.Int1],
            When = static (ref v) => v.Expected.Trap == 1,
            Then = static (ref v) => v.Expected.Eip = v.Given.CodeAddress,
        },
        new("CMPS",
            "may read DS:ESI before ES:EDI, so that either is told of where neither can be read: families differ, prefixes do not matter",
            "vol. 2, CMPS", "vol. 3, CMPSx; vol. 2, 8.5", "ES:EDI first, as Intel's processors")
        {
            Only = Vendor.Amd,
            Mnemonics = [Mnemonic.Cmpsb, Mnemonic.Cmpsw, Mnemonic.Cmpsd],
            When = static (ref v) => v.Instruction.IsStringInstruction && IsOperandFault(ref v),
            Then = static (ref v) =>
            {
                bool isNarrow = v.Instruction.Op0Kind == OpKind.MemorySegSI;
                uint offset = isNarrow ? v.Expected.Gpr[Esi] & 0xffff : v.Expected.Gpr[Esi];
                if (SandboxAccess.Read(SegmentOf(v.Given, v.Instruction.MemorySegment), offset,
                    (uint)v.Instruction.MemorySize.GetSize()) is not { } fault) return;
                if (v.Host.Trap == fault.Trap && (fault.Trap != PageFault || v.Host.Cr2 == fault.Address))
                    (v.Expected.Trap, v.Expected.Error, v.Expected.Cr2) = fault;
            },
        },
        new("CMPS SCAS with REPE or REPNE", "a fault after the first element leaves the status flags of the last comparison",
            "vol. 2, REP/REPE/REPNE", "vol. 3, REPx; vol. 1, 3.3.10", "the flags before the instruction, as Intel's manual says")
        {
            Only = Vendor.Amd,
            Mnemonics = [Mnemonic.Cmpsb, Mnemonic.Cmpsw, Mnemonic.Cmpsd, Mnemonic.Scasb, Mnemonic.Scasw, Mnemonic.Scasd],
            When = static (ref v) => v.Instruction.IsStringInstruction && IsOperandFault(ref v) && v.Expected.Gpr[Edi] != v.Given.Gpr[Edi],
            Then = static (ref v) => v.Expected.Eflags = (v.Expected.Eflags & ~StatusFlags.All) | LastComparison(ref v),
        },
        new("MASKMOVDQU", "a page fault tells the address of the operand's first byte in a page that cannot be written",
            "vol. 2, MASKMOVDQU; vol. 3, 4.7", "vol. 4, MASKMOVDQU; vol. 2, 8.2.15",
            "that of the upper half if it is written at all, as Intel's processors")
        {
            Only = Vendor.Amd,
            Mnemonics = [Mnemonic.Maskmovdqu],
            When = static (ref v) => v.Expected.Trap == PageFault && IsOperandFault(ref v),
            Then = static (ref v) =>
            {
                bool isNarrow = v.Instruction.Op0Kind == OpKind.MemorySegDI;
                uint offset = isNarrow ? v.Given.Gpr[Edi] & 0xffff : v.Given.Gpr[Edi];
                uint linear = offset + AddressBook.BaseOf(SegmentOf(v.Given, v.Instruction.MemorySegment));
                if (linear - Sandbox.Data < Sandbox.WritableSize) v.Expected.Cr2 = (linear & ~(Sandbox.PageSize - 1)) + Sandbox.PageSize;
                else (v.Expected.Cr2, v.Expected.Error) = (linear, linear - Sandbox.ReadOnly < Sandbox.PageSize ? 7u : 6u);
            },
        },
        new("FST FSTP FIST FISTP FBSTP to memory",
            "the operand is looked at even if an unmasked exception keeps the result back: #PF or #GP, and no exception is noted",
            "vol. 1, 8.5; vol. 3, 6.9", "vol. 2, 8.5", "what is not stored does not look at its address, as on Intel's processors")
        {
            Only = Vendor.Amd,
            Mnemonics = [Mnemonic.Fst, Mnemonic.Fstp, Mnemonic.Fist, Mnemonic.Fistp, Mnemonic.Fbstp],
            When = static (ref v) => v.Instruction.Op0Kind == OpKind.Memory && v.Expected.Eip != v.Given.CodeAddress && IsPending(ref v),
            Then = static (ref v) =>
            {
                if (SandboxAccess.Write(v.Given, v.Instruction) is not { } fault) return;
                Fault(ref v, fault.Trap, fault.Error, fault.Address);
                v.GivenFx(0, 512).CopyTo(v.ExpectedSpan(0, 512));
            },
        },
        new("FSTP m80, FBSTP", "a store that reaches into a page that cannot be written leaves the other page as it was",
            "vol. 3, 6.5", "vol. 2, 8.1.2", "has stored the first eight bytes, as Intel's processors")
        {
            Only = Vendor.Amd,
            Mnemonics = [Mnemonic.Fstp, Mnemonic.Fbstp],
            When = static (ref v) => v.Instruction.Op0Kind == OpKind.Memory && v.Expected.Trap == PageFault && IsOperandFault(ref v),
            Then = static (ref v) =>
                v.ExpectMemory(EffectiveAddress(v.Given, v.Instruction), v.Original(EffectiveAddress(v.Given, v.Instruction)), 8),
        },
        new("MOVD MOVQ MOVNTQ from MM to memory", "a fault leaves the x87 state as it was",
            "vol. 1, 9.5; vol. 3, 12.5", "vol. 1, 5.14; vol. 2, 8.1",
            "TOP and tags are as after an MMX instruction already, as on Intel's processors")
        {
            Only = Vendor.Amd,
            Mnemonics = [Mnemonic.Movd, Mnemonic.Movq, Mnemonic.Movntq],
            When = static (ref v) => v.HasFpu && v.Instruction.Op0Kind == OpKind.Memory && v.Instruction.Op1Register.IsMM()
                && v.Expected.Trap != TestOutcomeLayout.Landed && v.Expected.Eip == v.Given.CodeAddress,
            Then = static (ref v) =>
            {
                v.GivenFx(Verdict.StatusAt, 3).CopyTo(v.ExpectedSpan(Verdict.StatusAt, 3));
                v.GivenFx(Verdict.StackAt, 128).CopyTo(v.ExpectedSpan(Verdict.StackAt, 128));
            },
        },
        new("FXSAVE", "MXCSR_MASK has bit 17, MM",
            "vol. 1, 11.6.6", "vol. 2, 11.5.7; vol. 1, 4.2.2", "does not know misaligned exception masks: Intel's processors have none")
        {
            Only = Vendor.Amd,
            Mnemonics = [Mnemonic.Fxsave],
            When = static (ref v) => v.Expected.Eip != v.Given.CodeAddress,
            Then = static (ref v) => v.ExpectMemory(EffectiveAddress(v.Given, v.Instruction) + 28, 0x2_ffff, 4),
        },
        new("FXRSTOR LDMXCSR", "MXCSR may have bit 17, MM",
            "vol. 1, 10.2.3", "vol. 1, 4.2.2", "#GP, as for any reserved bit")
        {
            Only = Vendor.Amd,
            Mnemonics = [Mnemonic.Fxrstor, Mnemonic.Ldmxcsr],
            Ask = static (ref TestCase given, in Instruction i) =>
            {
                if (MxcsrInPatch(given, i, out int at)) given.Patch[at + 2] &= unchecked((byte)~(MisalignedMask >> 16));
            },
            When = static (ref v) => MxcsrInPatch(v.Given, v.Instruction, out int at)
                && (v.Given.Patch[at + 2] & (MisalignedMask >> 16)) != 0,
            Then = static (ref v) =>
            {
                MxcsrInPatch(v.Given, v.Instruction, out int at);
                v.ExpectMemory(v.Given.PatchAddress + (uint)at + 2, v.Given.Patch[at + 2], 1);
                if (v.Expected.Eip != v.Given.CodeAddress) v.ExpectedFx<uint>(Verdict.MxcsrAt) |= MisalignedMask;
            },
        },
        new("PUSH of a segment register, 32 bits", "the upper half of the place on the stack becomes zero, or faults",
            "vol. 2, PUSH", "vol. 3, PUSH",
            "writes the lower half only, as Intel's processors since the Pentium 4 do; the manual allows both")
        {
            Only = Vendor.Amd,
            Mnemonics = [Mnemonic.Push],
            When = static (ref v) => v.Instruction.Op0Kind == OpKind.Register && v.Instruction.Op0Register.IsSegmentRegister()
                && v.Instruction.Code.ToOpCode().OperandSize == 32 && v.Expected.Eip != v.Given.CodeAddress,
            Then = static (ref v) =>
            {
                uint top = v.Given.Gpr[Esp];
                if (SandboxAccess.Write(Sandbox.FlatSelector, top - 4, 4) is not { } fault)
                {
                    v.ExpectMemory(top - 2, 0, 2);
                    return;
                }

                v.ExpectMemory(top - 4, v.Original(top - 4), 2);
                v.Expected.Gpr[Esp] = top;
                Fault(ref v, fault.Trap, fault.Error, fault.Address);
            },
        },
        new("POP SS, RETF, IRET",
            "a selector is read with its whole place on the stack, and outer ESP and SS before one whose RPL is not CPL: #PF before #GP",
            "vol. 2, POP, RET, IRET; vol. 3, 6.9", "vol. 3, POP, RET (Far), IRET; vol. 2, 8.5",
            "reads what it needs and no more, as Intel's processors")
        {
            Only = Vendor.Amd,
            Mnemonics = [Mnemonic.Pop, Mnemonic.Retf, Mnemonic.Iret, Mnemonic.Iretd],
            When = static (ref v) => v.Expected.Trap == GeneralProtection && v.Expected.Eip == v.Given.CodeAddress,
            Then = static (ref v) =>
            {
                if (ReadStackWhole(ref v) is { } fault) (v.Expected.Trap, v.Expected.Error, v.Expected.Cr2) = fault;
            },
        },
    ];

    /// <summary>The rows for a vendor's processors and a mnemonic, in the table's order.</summary>
    public static IReadOnlyList<Difference> For(Vendor vendor, Mnemonic mnemonic) => _byVendor[(int)vendor][(int)mnemonic];

    private static readonly Difference[][][] _byVendor = [.. Enum.GetValues<Vendor>().Select(Arrange)];

    private static Difference[][] Arrange(Vendor vendor) =>
    [
        .. Enumerable.Range(0, (int)Enum.GetValues<Mnemonic>().Max() + 1).Select(mnemonic => Rows
            .Where(row => row.Only is null || row.Only == vendor)
            .Where(row => row.Mnemonics is null || row.Mnemonics.Contains((Mnemonic)mnemonic))
            .ToArray()),
    ];

    private static bool IsShift(Mnemonic mnemonic) => mnemonic is Mnemonic.Sal or Mnemonic.Shl or Mnemonic.Shr or Mnemonic.Sar
        or Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Rcl or Mnemonic.Rcr or Mnemonic.Shld or Mnemonic.Shrd;

    private static uint Count(in TestCase given, in Instruction i, int operand) =>
        (i.GetOpKind(operand) == OpKind.Register ? given.Gpr[1] : (uint)i.GetImmediate(operand)) & 0x1f;

    private static uint Width(in Instruction i) =>
        8 * (uint)(i.Op0Kind == OpKind.Register ? i.Op0Register.GetSize() : i.MemorySize.GetSize());

    private static bool IsPending(ref Verdict v) => (v.ExpectedFx<ushort>(Verdict.StatusAt) & ErrorSummary) != 0;

    /// <summary>Status flags of the comparison before the one that faulted.</summary>
    private static uint LastComparison(ref Verdict v)
    {
        int size = v.Instruction.Mnemonic is Mnemonic.Cmpsb or Mnemonic.Scasb
            ? 1 : v.Instruction.Mnemonic is Mnemonic.Cmpsw or Mnemonic.Scasw ? 2 : 4;
        uint back = (uint)((v.Given.Eflags & 0x400) != 0 ? size : -size);
        bool isScan = v.Instruction.Mnemonic is Mnemonic.Scasb or Mnemonic.Scasw or Mnemonic.Scasd;
        uint left = isScan ? v.Given.Gpr[0] : (uint)v.Original(v.Expected.Gpr[Esi] + back + AddressBook.BaseOf(SegmentOf(v.Given,
            v.Instruction.MemorySegment)));
        uint right = (uint)v.Original(v.Expected.Gpr[Edi] + back + AddressBook.BaseOf(v.Given.Es));
        return StatusFlags.OfSubtraction(left, right, size);
    }

    /// <summary>#O, #U, whether they are pending, and FOP that is kept if they are.</summary>
    private static void TakeFromHost(ref Verdict v)
    {
        const uint taken = OverflowAndUnderflow | ErrorSummary | 0x8000;
        ref ushort status = ref v.ExpectedFx<ushort>(Verdict.StatusAt);
        status = (ushort)((status & ~taken) | (BitConverter.ToUInt16(v.HostFx(Verdict.StatusAt, 2)) & taken));
        v.ExpectedFx<ushort>(Verdict.OpcodeAt) = BitConverter.ToUInt16(v.HostFx(Verdict.OpcodeAt, 2));
    }

    /// <summary>A fault of an operand, not of the fetch.</summary>
    private static bool IsOperandFault(ref Verdict v) => v.Expected.Eip == v.Given.CodeAddress
        && (v.Expected.Trap == GeneralProtection || (v.Expected.Trap == PageFault && (v.Expected.Error & 0x10) == 0));

    /// <summary>The instruction did nothing but fault.</summary>
    private static void Fault(ref Verdict v, int trap, uint error, uint address) =>
        (v.Expected.Trap, v.Expected.Error, v.Expected.Cr2, v.Expected.Eip) = (trap, error, address, v.Given.CodeAddress);

    /// <summary>Where in the patch the operand's MXCSR lies.</summary>
    private static bool MxcsrInPatch(in TestCase given, in Instruction i, out int at)
    {
        at = (int)(EffectiveAddress(given, i) - given.PatchAddress) + (i.Mnemonic == Mnemonic.Fxrstor ? Verdict.MxcsrAt : 0);
        return at >= 0 && at + 4 <= given.PatchLength;
    }

    /// <summary>The fault of a stack read that takes whole places, for an instruction that pops a selector; of outer ESP and SS, SS is
    /// read first.</summary>
    private static (int Trap, uint Error, uint Address)? ReadStackWhole(ref Verdict v)
    {
        var i = v.Instruction;
        uint word = i.Code.ToOpCode().OperandSize == 16 ? 2u : 4u;
        uint top = v.Given.Gpr[Esp];
        if (i.Mnemonic == Mnemonic.Pop) return SandboxAccess.Read(Sandbox.FlatSelector, top, word);
        if (SandboxAccess.Read(Sandbox.FlatSelector, top + word, word) is { } fault) return fault;
        if ((v.Original(top + word) & 3) == 3) return null;
        uint outer = i.Mnemonic == Mnemonic.Retf ? (2 * word) + (i.OpCount == 0 ? 0 : (uint)i.GetImmediate(0)) : 3 * word;
        return SandboxAccess.Read(Sandbox.FlatSelector, top + outer + word, word)
            ?? SandboxAccess.Read(Sandbox.FlatSelector, top + outer, word);
    }
}
