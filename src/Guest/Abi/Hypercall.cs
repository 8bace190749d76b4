// What a Guest can ask of its Host by number. The numbers are those of Linux's lguest headers and are shared with our own Guest kernel.
namespace Lguest.Guest.Abi;

/// <summary>Hypercall numbers in EAX (ABI sheet 3.2). Which of them a kernel may use depends on its <see cref="AbiFamily"/>.</summary>
public enum Hypercall : uint
{
    /// <summary>LHCALL_FLUSH_ASYNC: nothing by itself; the ring has been drained before it.</summary>
    FlushAsync = 0,

    /// <summary>LHCALL_LGUEST_INIT: physical address of lguest_data.</summary>
    LguestInit = 1,

    /// <summary>LHCALL_CRASH (to 2.6.24), LHCALL_SHUTDOWN (2.6.25 on): physical address of a text, reason.</summary>
    Shutdown = 2,

    /// <summary>LHCALL_LOAD_GDT (to 2.6.29): physical table, count.</summary>
    LoadGdt = 3,

    /// <summary>LHCALL_NEW_PGTABLE: physical root.</summary>
    NewPageTable = 4,

    /// <summary>LHCALL_FLUSH_TLB: 0 the user part, else everything.</summary>
    FlushTlb = 5,

    /// <summary>LHCALL_LOAD_IDT_ENTRY: vector, low word, high word.</summary>
    LoadIdtEntry = 6,

    /// <summary>LHCALL_SET_STACK: selector, stack pointer, pages.</summary>
    SetStack = 7,

    /// <summary>LHCALL_TS: the task-switched flag.</summary>
    TaskSwitched = 8,

    /// <summary>LHCALL_SET_CLOCKEVENT: nanoseconds, 0 cancels.</summary>
    SetClockEvent = 9,

    /// <summary>LHCALL_HALT.</summary>
    Halt = 10,

    /// <summary>LHCALL_BIND_DMA (2.6.23): key, physical address of an array of DMA descriptors, count and irq. The only call with a
    /// result.</summary>
    BindDma = 12,

    /// <summary>LHCALL_SEND_DMA (2.6.23): key, physical address of a DMA descriptor. The number was given out again later.</summary>
    SendDma = 13,

    /// <summary>LHCALL_SET_PMD of PAE Guests (2.6.31 on): physical page, index.</summary>
    SetPageMiddleDirectory = 13,

    /// <summary>LHCALL_SET_PTE: physical root, linear address, entry (PAE: low and high word).</summary>
    SetPageTableEntry = 14,

    /// <summary>LHCALL_SET_PMD (to 2.6.30), LHCALL_SET_PGD (2.6.31 on): physical root, index.</summary>
    SetPageDirectory = 15,

    /// <summary>LHCALL_LOAD_TLS: physical address of three descriptors.</summary>
    LoadTls = 16,

    /// <summary>LHCALL_NOTIFY: physical address.</summary>
    Notify = 17,

    /// <summary>LHCALL_LOAD_GDT_ENTRY (2.6.30 on): index, low word, high word.</summary>
    LoadGdtEntry = 18,

    /// <summary>LHCALL_SEND_INTERRUPTS (2.6.31 on): nothing by itself; the exit is the point.</summary>
    SendInterrupts = 19,
}
