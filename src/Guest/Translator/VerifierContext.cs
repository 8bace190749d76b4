// What surrounds a block of emitted code, as the verifier has to know it: the ways out, the ways in, and what an address in the code may be
// the address of.
using Lguest.Guest.Execute;

namespace Lguest.Guest.Translator;

/// <summary>What emitted code may do with an operation to which it knows a constant pointer.</summary>
[Flags]
internal enum OpRights
{
    /// <summary>It is no operation, or not one of this block.</summary>
    None,

    /// <summary>Leave with it for the interpreter.</summary>
    Leave = 1,

    /// <summary>Follow its target: it is a branch, so the target is set, and is a link or the head of a block.</summary>
    Follow = 2,

    /// <summary>Go on through it: its code is one of the stubs and stays so, and the stub settles the budget.</summary>
    GoOn = 4,
}

/// <summary>The neighbourhood of a block.</summary>
internal sealed record VerifierContext
{
    /// <summary>Addresses of the stubs that leave with the operation in R10.</summary>
    public required IReadOnlyCollection<ulong> WaysOut { get; init; }

    /// <summary>Addresses at which the interpreter may enter this code, <see cref="Head"/> left out.</summary>
    public required IReadOnlyCollection<ulong> Entries { get; init; }

    /// <summary>The units that hold the Guest's registers whenever the code is entered at one of these.</summary>
    public Func<ulong, HostUnits> UnitsAt { get; init; } = _ => HostUnits.None;

    /// <summary>Address at which other blocks enter it too; 0 if none does.</summary>
    public required ulong Head { get; init; }

    /// <summary>Whether the block is executed in ring 3, with the soft TLB that goes with it.</summary>
    public required bool IsUser { get; init; }

    /// <summary>The block's code that lies apart, at higher addresses: nothing goes on from the one to the other but by jumps.</summary>
    public IReadOnlyList<byte> Cold { get; init; } = [];

    /// <summary>Where that will be executed.</summary>
    public ulong ColdAddress { get; init; }

    /// <summary>Whether GS points at a window while the block is executed.</summary>
    public required bool HasWindow { get; init; }

    /// <summary>Whether a block that was accepted, and is executed in the same ring and with the same window, begins at an
    /// address.</summary>
    public Func<ulong, bool> IsHead { get; init; } = _ => false;

    /// <summary>What a constant pointer is good for.</summary>
    public required Func<ulong, OpRights> RightsOf { get; init; }
}
