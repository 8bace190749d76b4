// Where emitted code finds what it needs, as byte offsets, taken once from the structs themselves.
using Lguest.Guest.Cpu;
using Lguest.Guest.Execute;

namespace Lguest.Guest.Translator;

/// <summary>Byte offsets from a <see cref="CpuState"/>, some of them negative (see <see cref="EngineState"/>), and in
/// <see cref="Op"/>.</summary>
internal static unsafe class StateOffsets
{
    static StateOffsets()
    {
        var e = stackalloc EngineState[1];
        var c = &e->Cpu;
        Eip = Distance(c, &c->Eip);
        FlagResult = Distance(c, &c->FlagResult);
        Budget = Distance(c, &e->Budget);
        SupervisorTlb = Distance(c, &e->SupervisorTlb);
        UserTlb = Distance(c, &e->UserTlb);
        Jumps = Distance(c, &e->Jumps);
        JumpKey = Distance(c, &e->JumpKey);
        Poll = Distance(c, &e->Poll);
        Epoch = Distance(c, &e->Epoch);
        Temp = Distance(c, &e->Temp);
        FlagsOther = Distance(c, &c->FlagsOther);
        Segments = Distance(c, &c->Es);
        Memos = Distance(c, &e->Memos);
        FaultPlace = Distance(c, &e->FaultPlace);
        FaultAddress = Distance(c, &e->FaultAddress);
        FaultAccess = Distance(c, &e->FaultAccess);
        KernelWindow = Distance(c, &e->KernelWindow);
        NativeFault = Distance(c, &e->NativeFault);
        X87Away = Distance(c, &e->X87Away);
        XmmAway = Distance(c, &e->XmmAway);
        Fx = Distance(c, &c->Fx);
        var op = stackalloc Op[1];
        OpTarget = Distance(op, &op->Target);
        OpNative = Distance(op, &op->Native);
        OpImm = Distance(op, &op->Imm);
        OpIndex = Distance(op, &op->Index);
    }

    public static int Eip { get; }

    /// <summary>Eight bytes: <see cref="CpuState.FlagResult"/> and <see cref="CpuState.FlagCarries"/>.</summary>
    public static int FlagResult { get; }

    public static int FlagCarries => FlagResult + sizeof(uint);

    public static int FlagsOther { get; }

    public static int Budget { get; }

    public static int SupervisorTlb { get; }

    public static int UserTlb { get; }

    public static int Jumps { get; }

    public static int JumpKey { get; }

    public static int Poll { get; }

    public static int Epoch { get; }

    /// <summary>Sixteen bytes: <see cref="EngineState.Temp"/> and <see cref="EngineState.TempHigh"/>.</summary>
    public static int Temp { get; }

    public static int FaultPlace { get; }

    public static int FaultAddress { get; }

    public static int FaultAccess { get; }

    public static int NativeFault { get; }

    public static int KernelWindow { get; }

    public static int X87Away { get; }

    public static int XmmAway { get; }

    /// <summary>Control word of the x87.</summary>
    public static int X87Control => Fx;

    /// <summary>Instruction pointer of the x87.</summary>
    public static int X87Pointer => Fx + 8;

    public static int Mxcsr => Fx + 24;

    public static int Xmm => Fx + 160;

    public static int OpTarget { get; }

    public static int OpNative { get; }

    public static int OpImm { get; }

    public static int OpIndex { get; }

    private static int Fx { get; }

    private static int Segments { get; }

    private static int Memos { get; }

    /// <summary>In a <see cref="SegmentMemo"/>.</summary>
    public static int MemoSegment { get; } =
        (int)System.Runtime.InteropServices.Marshal.OffsetOf<SegmentMemo>(nameof(SegmentMemo.Segment));

    /// <summary>What a load of a segment register came to: <see cref="SegmentMemo.Negative"/>.</summary>
    public static int Memo(SegmentRegister segment, bool isPop) => Memos + (SegmentMemo.IndexOf(segment, isPop) * sizeof(SegmentMemo));

    /// <summary>Four bytes, the lower two of which are the selector.</summary>
    public static int SegmentSelector(SegmentRegister segment) =>
        SegmentBase(segment) + (int)System.Runtime.InteropServices.Marshal.OffsetOf<SegmentCache>(nameof(SegmentCache.Selector));

    /// <summary>Base of a segment cache.</summary>
    public static int SegmentBase(SegmentRegister segment) => Segments + ((int)segment * sizeof(SegmentCache));

    /// <summary><see cref="SegmentCache.Rights"/> of a segment cache.</summary>
    public static int SegmentRights(SegmentRegister segment) =>
        SegmentBase(segment) + (int)System.Runtime.InteropServices.Marshal.OffsetOf<SegmentCache>(nameof(SegmentCache.Rights));

    private static int Distance(void* from, void* to) => (int)((byte*)to - (byte*)from);
}
