// Which bytes of the processor's state emitted code may see and change. The list is the sandbox's own: an offset that is wrong in the
// translator is not wrong here as well.
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using Lguest.Guest.Execute;
using Lguest.Guest.Mmu;

namespace Lguest.Guest.Translator;

/// <summary>Fields within reach of emitted code, by offset and size.</summary>
internal static unsafe class SandboxFields
{
    /// <summary>Where FXSAVE has the x87's instruction pointer (Intel SDM vol. 1, table 10-2).</summary>
    private const int PointerAt = 8;

    private static readonly List<(long Offset, int Size)> _readable = [];
    private static readonly List<(long Offset, int Size)> _writable = [];
    private static readonly Dictionary<long, int> _memos = [];
    private const int SegmentHalves = 2;

    static SandboxFields()
    {
        var state = default(EngineState);
        var e = &state;
        var c = &e->Cpu;
        for (int i = 0; i < 8; i++)
            Add(_writable, c, &c->Gpr[i], sizeof(uint));
        Add(_writable, c, &c->Eip, sizeof(uint));
        Add(_writable, c, &c->FlagResult, sizeof(uint));
        Add(_writable, c, &c->FlagCarries, sizeof(uint));
        Add(_writable, c, &e->Temp, sizeof(ulong));
        Add(_writable, c, &e->TempHigh, sizeof(ulong));
        Add(_writable, c, (byte*)&c->Fx + PointerAt, sizeof(uint));
        _readable.AddRange(_writable);
        var memos = (SegmentMemo*)&e->Memos;
        for (int i = 0; i < SegmentMemo.Count; i++)
        {
            Add(_readable, c, &memos[i].Negative, sizeof(uint));
            int segment = i / 2;
            for (int half = 0; half < SegmentHalves; half++)
                _memos.Add((byte*)&memos[i].Segment + (half * sizeof(ulong)) - (byte*)c, (segment * SegmentHalves) + half);
        }

        Add(_readable, c, &c->Zero, sizeof(uint));
        Add(_readable, c, &c->FlagsOther, sizeof(uint));
        Add(_readable, c, &e->Mode, sizeof(uint));
        Add(_readable, c, &e->FpuTrap, sizeof(uint));
        Add(_readable, c, &e->Epoch, sizeof(uint));
        for (var segment = &c->Es; segment <= &c->Gs; segment++)
        {
            Add(_readable, c, segment, sizeof(SegmentCache));
        }

        Segments = (byte*)&c->Es - (byte*)c;
        X87Control = (byte*)&c->Fx - (byte*)c;
        X87Away = (byte*)&e->X87Away - (byte*)c;
        XmmAway = (byte*)&e->XmmAway - (byte*)c;
        Poll = (byte*)&e->Poll - (byte*)c;
        JumpKey = (byte*)&e->JumpKey - (byte*)c;
        Jumps = (byte*)&e->Jumps - (byte*)c;
        KernelWindow = (byte*)&e->KernelWindow - (byte*)c;
        UserTlb = (byte*)&e->UserTlb - (byte*)c;
        SupervisorTlb = (byte*)&e->SupervisorTlb - (byte*)c;

        TlbEntry entry;
        ReadTag = (byte*)&entry.ReadTag - (byte*)&entry;
        WriteTag = (byte*)&entry.WriteTag - (byte*)&entry;
        Addend = (byte*)&entry.Addend - (byte*)&entry;
        JumpEntry jump;
        EntryEip = (byte*)&jump.Eip - (byte*)&jump;
        EntryKey = (byte*)&jump.Key - (byte*)&jump;
        EntryHead = (byte*)&jump.Head - (byte*)&jump;
        Op op;
        OpTarget = (byte*)&op.Target - (byte*)&op;
        OpNative = (byte*)&op.Native - (byte*)&op;
        OpImm = (byte*)&op.Imm - (byte*)&op;
        OpIndex = (byte*)&op.Index - (byte*)&op;
    }

    private static long Segments { get; }

    /// <summary>Two bytes, for what has every exception masked.</summary>
    public static long X87Control { get; }

    public static long X87Away { get; }

    public static long XmmAway { get; }

    public static long Poll { get; }

    public static long JumpKey { get; }

    public static long Jumps { get; }

    public static long KernelWindow { get; }

    public static long UserTlb { get; }

    public static long SupervisorTlb { get; }

    public static long ReadTag { get; }

    public static long WriteTag { get; }

    public static long Addend { get; }

    public static long EntryEip { get; }

    public static long EntryKey { get; }

    public static long EntryHead { get; }

    public static long OpTarget { get; }

    public static long OpNative { get; }

    public static long OpImm { get; }

    public static long OpIndex { get; }

    /// <summary>Which half of which segment register lies, as it was noted, at an offset; null for none.</summary>
    public static int? NotedSegment(long offset) => _memos.TryGetValue(offset, out int half) ? half : null;

    /// <summary>Where a half of a data segment register lies.</summary>
    public static bool IsSegment(long offset, int half) => half / SegmentHalves is not ((int)SegmentRegister.Cs or (int)SegmentRegister.Ss)
        && offset == Segments + (half * sizeof(ulong));

    /// <summary>Whether the Guest's code may read, or write, these bytes of the state as mere numbers.</summary>
    public static bool MayAccess(long offset, int size, bool write)
    {
        foreach (var (start, length) in write ? _writable : _readable)
        {
            if (offset >= start && offset + size <= start + length)
                return true;
        }

        return false;
    }

    private static void Add(List<(long Offset, int Size)> list, CpuState* c, void* field, int size) =>
        list.Add(((byte*)field - (byte*)c, size));
}
