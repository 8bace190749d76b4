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
    private static readonly List<(long Offset, int Size)> _readable = [];
    private static readonly List<(long Offset, int Size)> _writable = [];

    static SandboxFields()
    {
        var state = default(CpuState);
        var c = &state;
        for (int i = 0; i < 8; i++)
            Add(_writable, c, &c->Gpr[i], sizeof(uint));
        Add(_writable, c, &c->Eip, sizeof(uint));
        Add(_writable, c, &c->FlagResult, sizeof(uint));
        Add(_writable, c, &c->FlagCarries, sizeof(uint));
        Add(_writable, c, &c->Temp, sizeof(ulong));
        Add(_writable, c, &c->TempHigh, sizeof(ulong));
        _readable.AddRange(_writable);
        Add(_readable, c, &c->Zero, sizeof(uint));
        Add(_readable, c, &c->FlagsOther, sizeof(uint));
        Add(_readable, c, &c->Mode, sizeof(uint));
        Add(_readable, c, &c->FpuTrap, sizeof(uint));
        Add(_readable, c, &c->Epoch, sizeof(uint));
        for (var segment = &c->Es; segment <= &c->Gs; segment++)
        {
            Add(_readable, c, &segment->Base, sizeof(uint));
            Add(_readable, c, &segment->Rights, sizeof(uint));
        }

        Poll = (byte*)&c->Poll - (byte*)c;
        JumpKey = (byte*)&c->JumpKey - (byte*)c;
        Jumps = (byte*)&c->Jumps - (byte*)c;
        UserTlb = (byte*)&c->UserTlb - (byte*)c;
        SupervisorTlb = (byte*)&c->SupervisorTlb - (byte*)c;

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

    public static long Poll { get; }

    public static long JumpKey { get; }

    public static long Jumps { get; }

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
