// The unit of comparison is an instruction form, Iced's Code: one opcode with one set of operand kinds. Which forms there are is asked of
// Iced, not written down, so that none can be forgotten.
using Iced.Intel;
using Lguest.Guest.Decode;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>The part of the processor that a form exercises; each is one test.</summary>
internal enum Family
{
    Integer,
    Strings,
    Branches,
    Stack,
    Segments,
    Privileged,
    X87,
    Mmx,
    Sse,
    Sse2,
}

/// <summary>One instruction form of the instruction set that the core announces by CPUID.</summary>
internal sealed record InstructionForm(Code Code, OpCodeInfo Info, Family Family)
{
    private static readonly HashSet<CpuidFeature> _announced =
    [
        CpuidFeature.INTEL8086, CpuidFeature.INTEL186, CpuidFeature.INTEL286, CpuidFeature.INTEL386, CpuidFeature.INTEL486,
            CpuidFeature.CMOV,
        CpuidFeature.CX8, CpuidFeature.FPU, CpuidFeature.FPU287, CpuidFeature.FPU387, CpuidFeature.MMX, CpuidFeature.SSE, CpuidFeature.SSE2,
        CpuidFeature.FXSR, CpuidFeature.MULTIBYTENOP, CpuidFeature.PAUSE, CpuidFeature.CLFSH, CpuidFeature.SEP, CpuidFeature.MSR,
    ];

    /// <summary>Younger hints in opcodes that were no-operations on every processor since the Pentium Pro, and must stay so here.</summary>
    private static readonly HashSet<Code> _hints = [Code.Endbr32, Code.Endbr64, Code.Rdsspd_r32];

    /// <summary>What a host answers for itself: its own tables and identity, or its own kernel's entry points.</summary>
    private static readonly HashSet<Mnemonic> _hostsOwn =
    [
        Mnemonic.Cpuid, Mnemonic.Rdtsc, Mnemonic.Rdpmc, Mnemonic.Sysenter, Mnemonic.Syscall, Mnemonic.Sysret, Mnemonic.Sgdt, Mnemonic.Sidt,
        Mnemonic.Sldt, Mnemonic.Str, Mnemonic.Smsw,
    ];

    /// <summary>All forms that can be compared, in Iced's order.</summary>
    public static IReadOnlyList<InstructionForm> All { get; } = [.. Enum.GetValues<Code>()
        .Where(IsCompared)
        .Select(code => new InstructionForm(code, code.ToOpCode(), FamilyOf(code)))];

    /// <summary>Whether the core has a row for this form (it decodes the younger hints as what they were). One test demands that all have;
    /// the comparisons need not each repeat it.</summary>
    public bool IsImplemented => OpTable.Rows[(int)Code] is not null || _hints.Contains(Code);

    private static bool IsCompared(Code code)
    {
        var info = code.ToOpCode();
        return info.IsInstruction && !info.Fwait && code != Code.Ud0 && info.Mode32 && info.Encoding == EncodingKind.Legacy
            && (code.CpuidFeatures().All(_announced.Contains) || _hints.Contains(code)) && !_hostsOwn.Contains(code.Mnemonic());
    }

    private static Family FamilyOf(Code code)
    {
        var features = code.CpuidFeatures();
        if (features.Contains(CpuidFeature.SSE2)) return Family.Sse2;
        if (features.Contains(CpuidFeature.SSE) || features.Contains(CpuidFeature.FXSR)) return Family.Sse;
        if (features.Contains(CpuidFeature.MMX)) return Family.Mmx;
        if (features.Any(feature => feature is CpuidFeature.FPU or CpuidFeature.FPU287 or CpuidFeature.FPU387)) return Family.X87;
        var info = code.ToOpCode();
        if (code.IsPrivileged() || code.Mnemonic() is Mnemonic.In or Mnemonic.Out or Mnemonic.Cli or Mnemonic.Sti
            || IsPortString(code)) return Family.Privileged;
        if (code.IsStringInstruction()) return Family.Strings;
        if (IsSegment(code, info)) return Family.Segments;
        if (code.FlowControl() != FlowControl.Next) return Family.Branches;
        return code.IsStackInstruction() ? Family.Stack : Family.Integer;
    }

    private static bool IsPortString(Code code) =>
        code.Mnemonic() is Mnemonic.Insb or Mnemonic.Insw or Mnemonic.Insd or Mnemonic.Outsb or Mnemonic.Outsw or Mnemonic.Outsd;

    private static bool IsSegment(Code code, OpCodeInfo info)
    {
        for (int i = 0; i < info.OpCount; i++)
        {
            if (info.GetOpKind(i) is OpCodeOperandKind.seg_reg or OpCodeOperandKind.es or OpCodeOperandKind.cs or OpCodeOperandKind.ss
                or OpCodeOperandKind.ds or OpCodeOperandKind.fs or OpCodeOperandKind.gs or OpCodeOperandKind.farbr2_2
                    or OpCodeOperandKind.farbr4_2)
                return true;
        }
        return code.IsJmpFarIndirect() || code.IsCallFarIndirect() || code.Mnemonic() is Mnemonic.Lds or Mnemonic.Les or Mnemonic.Lfs
            or Mnemonic.Lgs
            or Mnemonic.Lss or Mnemonic.Retf or Mnemonic.Iret or Mnemonic.Iretd or Mnemonic.Arpl or Mnemonic.Lar or Mnemonic.Lsl
                or Mnemonic.Verr
            or Mnemonic.Verw;
    }
}
