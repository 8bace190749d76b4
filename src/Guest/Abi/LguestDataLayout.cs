// struct lguest_data is the one page of memory that a Guest kernel and its Host share by agreement: interrupt flag, pending hypercalls,
// time. Its fields moved over the years; this is the map for each family.
namespace Lguest.Guest.Abi;

/// <summary>Byte offsets inside lguest_data, and the shape of its asynchronous ring (ABI sheet 3.5 and 4). A field that a family lacks is
/// <see cref="Absent"/>.</summary>
public sealed record LguestDataLayout
{
    /// <summary>The offset of a field that does not exist.</summary>
    public const int Absent = -1;

    /// <summary>Slots of the asynchronous ring (LHCALL_RING_SIZE).</summary>
    public const int RingSlots = 64;

    /// <summary>hcall_status of a slot that the Guest may fill.</summary>
    public const byte SlotFree = 0xff;

    private LguestDataLayout()
    {
    }

    public required AbiFamily Family { get; init; }

    /// <summary>Size of the structure in bytes.</summary>
    public required int Size { get; init; }

    /// <summary>u32: 0 or 0x200, or an EFLAGS image after an iret. Written by the Guest with plain stores.</summary>
    public int IrqEnabled => 0;

    /// <summary>u32 bitmap: bit n masks irq n.</summary>
    public int BlockedInterrupts => 4;

    /// <summary>u32: the address of the last reflected page fault.</summary>
    public int Cr2 => 8;

    /// <summary>u32 seconds, u32 nanoseconds, UTC.</summary>
    public int Time => 12;

    /// <summary>u32: 0x200 while an unblocked irq waits for irq_enabled.</summary>
    public required int IrqPending { get; init; }

    /// <summary>64 bytes, one for each ring slot.</summary>
    public required int HcallStatus { get; init; }

    /// <summary>64 ring entries.</summary>
    public required int Hcalls { get; init; }

    /// <summary>Bytes of one ring entry; the call number is its first word.</summary>
    public required int EntrySize { get; init; }

    /// <summary>Offsets of arguments 1, 2 and 3 inside a ring entry; argument 4, where there is one, lies at 16.</summary>
    public required (int First, int Second, int Third) EntryArguments { get; init; }

    /// <summary>u32: bytes at the top of the address space that the Guest must leave to the Host.</summary>
    public required int ReserveMem { get; init; }

    /// <summary>u16: number of the Guest, from which generation 1 makes its network address.</summary>
    public int GuestId { get; init; } = Absent;

    /// <summary>u32: rate of the time-stamp counter in kHz, 0 if it is of no use as a clock.</summary>
    public required int TscKhz { get; init; }

    /// <summary>u32: physical root of the page tables that the Guest starts with.</summary>
    public required int PageDirectory { get; init; }

    /// <summary>u32: first code address where no interrupt may be delivered.</summary>
    public required int NoIrqStart { get; init; }

    /// <summary>u32: the IRET that ends the kernel's return path; an interrupt there finds its frame on the stack already.</summary>
    public int NoIrqIret { get; init; } = Absent;

    /// <summary>u32: first code address after that range.</summary>
    public required int NoIrqEnd { get; init; }

    /// <summary>u32: PAGE_OFFSET, where the kernel half of the address space begins.</summary>
    public required int KernelAddress { get; init; }

    /// <summary>u32: the system call vector.</summary>
    public required int SyscallVector { get; init; }

    /// <summary>Whether arguments 1 to 3 are in EDX, EBX, ECX (to 2.6.29) and not in EBX, ECX, EDX.</summary>
    public bool ArgumentsStartInEdx => Family is AbiFamily.Linux2623 or AbiFamily.Linux2624;

    /// <summary>2.6.23: it does not say where its kernel begins; the Launcher does.</summary>
    public static LguestDataLayout Linux2623 { get; } = new()
    {
        Family = AbiFamily.Linux2623,
        Size = 1128,
        IrqPending = Absent,
        HcallStatus = 20,
        Hcalls = 84,
        EntrySize = 16,
        EntryArguments = (4, 8, 12),
        ReserveMem = 1108,
        GuestId = 1112,
        TscKhz = 1116,
        PageDirectory = Absent,
        NoIrqStart = 1120,
        NoIrqEnd = 1124,
        KernelAddress = Absent,
        SyscallVector = Absent,
    };

    /// <summary>2.6.24 to 2.6.29.</summary>
    public static LguestDataLayout Linux2624 { get; } = new()
    {
        Family = AbiFamily.Linux2624,
        Size = 1136,
        IrqPending = Absent,
        HcallStatus = 20,
        Hcalls = 84,
        EntrySize = 16,
        EntryArguments = (12, 4, 8),
        ReserveMem = 1108,
        TscKhz = 1112,
        PageDirectory = 1116,
        NoIrqStart = 1120,
        NoIrqEnd = 1124,
        KernelAddress = 1128,
        SyscallVector = 1132,
    };

    /// <summary>2.6.30: the same structure, ring entries in the new argument order.</summary>
    public static LguestDataLayout Linux2630 { get; } = Linux2624 with { Family = AbiFamily.Linux2630, EntryArguments = (4, 8, 12) };

    /// <summary>2.6.31 to 2.6.35.</summary>
    public static LguestDataLayout Linux2631 { get; } = new()
    {
        Family = AbiFamily.Linux2631,
        Size = 1396,
        IrqPending = 20,
        HcallStatus = 24,
        Hcalls = 88,
        EntrySize = 20,
        EntryArguments = (4, 8, 12),
        ReserveMem = 1368,
        TscKhz = 1372,
        PageDirectory = 1376,
        NoIrqStart = 1380,
        NoIrqEnd = 1384,
        KernelAddress = 1388,
        SyscallVector = 1392,
    };

    /// <summary>3.x.</summary>
    public static LguestDataLayout Linux3 { get; } = Linux2631 with
    {
        Family = AbiFamily.Linux3,
        Size = 1392,
        PageDirectory = Absent,
        NoIrqStart = 1376,
        NoIrqEnd = 1380,
        KernelAddress = 1384,
        SyscallVector = 1388,
    };

    /// <summary>4.x.</summary>
    public static LguestDataLayout Linux4 { get; } = Linux3 with
    {
        Family = AbiFamily.Linux4,
        Size = 1388,
        NoIrqStart = Absent,
        NoIrqEnd = Absent,
        NoIrqIret = 1376,
        KernelAddress = 1380,
        SyscallVector = 1384,
    };
}
