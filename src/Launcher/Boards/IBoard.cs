// A kind of machine, as far as the Launcher is concerned: what a Guest of it is built of. GuestPlan reads and checks files and has one of
// these; the Launcher's actor wires up what comes out of it. Neither knows which kinds there are.

using Lguest.Devices;
using Lguest.Guest.Abi;

namespace Lguest.Launcher.Boards;

/// <summary>What a kind of machine has, for one kernel with all that it boots with and one list of devices.</summary>
//J:Boards:100 What a kernel stands on
// A kernel is written for a machine. Those that speak lguest were written for one that does not exist: it has no ports and no chips, its
// privileged instructions are calls, and its devices are records in a page of memory. Those of a distribution were written for the PC, as
// it was in 1984 and all that grew on it since. Which one a kernel wants is seen from its file, so a user does not have to say. The rest of
// this program meets a board only here: it is asked for a Guest, and gives memory, an entry, and devices with what connects them.
internal interface IBoard
{
    /// <summary>Its kind in a few words, for the log.</summary>
    string Kind { get; }

    /// <summary>Which Linux its kernel says it is, or null.</summary>
    LinuxRelease? Release { get; }

    /// <summary>Makes memory, fills it, makes devices.</summary>
    /// <param name="files">The disks and folders of the options; owned by what is built from now on.</param>
    /// <param name="terminal">Takes what the Guest prints.</param>
    /// <exception cref="RefusedException">There is no memory for the Guest. The files stay the caller's.</exception>
    BuiltGuest Build(GuestFiles files, Stream terminal);
}
