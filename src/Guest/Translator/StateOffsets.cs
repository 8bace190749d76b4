// Where emitted code finds what it needs, as byte offsets, taken once from the structs themselves.
using Lguest.Guest.Cpu;
using Lguest.Guest.Execute;

namespace Lguest.Guest.Translator;

/// <summary>Byte offsets in <see cref="CpuState"/> and <see cref="Op"/>.</summary>
internal static unsafe class StateOffsets
{
    static StateOffsets()
    {
        var c = stackalloc CpuState[1];
        Eip = Distance(c, &c->Eip);
        FlagResult = Distance(c, &c->FlagResult);
        Budget = Distance(c, &c->Budget);
        SupervisorTlb = Distance(c, &c->SupervisorTlb);
        UserTlb = Distance(c, &c->UserTlb);
        Jumps = Distance(c, &c->Jumps);
        JumpKey = Distance(c, &c->JumpKey);
        Poll = Distance(c, &c->Poll);
        Epoch = Distance(c, &c->Epoch);
        Temp = Distance(c, &c->Temp);
        FlagsOther = Distance(c, &c->FlagsOther);
        Segments = Distance(c, &c->Es);
        FaultPlace = Distance(c, &c->FaultPlace);
        FaultAddress = Distance(c, &c->FaultAddress);
        FaultAccess = Distance(c, &c->FaultAccess);
        NativeFault = Distance(c, &c->NativeFault);
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

    /// <summary>Sixteen bytes: <see cref="CpuState.Temp"/> and <see cref="CpuState.TempHigh"/>.</summary>
    public static int Temp { get; }

    public static int FaultPlace { get; }

    public static int FaultAddress { get; }

    public static int FaultAccess { get; }

    public static int NativeFault { get; }

    public static int OpTarget { get; }

    public static int OpNative { get; }

    public static int OpImm { get; }

    public static int OpIndex { get; }

    private static int Segments { get; }

    /// <summary>Base of a segment cache.</summary>
    public static int SegmentBase(SegmentRegister segment) => Segments + ((int)segment * sizeof(SegmentCache));

    /// <summary><see cref="SegmentCache.Rights"/> of a segment cache.</summary>
    public static int SegmentRights(SegmentRegister segment) =>
        SegmentBase(segment) + (int)System.Runtime.InteropServices.Marshal.OffsetOf<SegmentCache>(nameof(SegmentCache.Rights));

    private static int Distance(void* from, void* to) => (int)((byte*)to - (byte*)from);
}
