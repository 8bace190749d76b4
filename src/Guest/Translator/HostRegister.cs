// Which host register holds what while emitted code runs. The Guest's registers keep their numbers, so that its instructions can be encoded
// again almost as they are; ESP alone moves, since RSP stays the host's.
namespace Lguest.Guest.Translator;

/// <summary>x86-64 registers by their number in an encoding.</summary>
internal enum HostRegister
{
    /// <summary>EAX of the Guest; ECX, EDX, EBX, EBP, ESI and EDI keep their numbers too.</summary>
    Rax = 0,
    Rcx = 1,
    Rdx = 2,
    Rbx = 3,

    /// <summary>The host's stack.</summary>
    Rsp = 4,
    Rbp = 5,
    Rsi = 6,
    Rdi = 7,

    /// <summary>Scratch: the index into the soft TLB, then the distance to host memory.</summary>
    R8 = 8,

    /// <summary>The constant <see cref="EntryStubs.IndexShift"/>.</summary>
    R9 = 9,

    /// <summary>Scratch: a linear address; on the way out the operation to go on with.</summary>
    R10 = 10,

    /// <summary>Scratch.</summary>
    R11 = 11,

    /// <summary>The budget (<see cref="Cpu.EngineState.Budget"/>).</summary>
    R12 = 12,

    /// <summary>The constant <see cref="EntryStubs.ShiftCount"/>, for shifts that leave the flags alone.</summary>
    R13 = 13,

    /// <summary>The <see cref="Cpu.CpuState"/>.</summary>
    R14 = 14,

    /// <summary>ESP of the Guest.</summary>
    R15 = 15,
}
