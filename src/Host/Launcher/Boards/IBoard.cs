// A kind of machine, as far as the Launcher is concerned: what a Guest of it is built of. GuestPlan reads and checks files and has one of
// these; the Launcher's actor wires up what comes out of it. Neither knows which kinds there are.

using Lguest.Host.Devices.Block;
using Lguest.Host.Images;

namespace Lguest.Host.Launcher.Boards;

/// <summary>What a kind of machine has, for one kernel with all that it boots with and one list of devices.</summary>
internal interface IBoard
{
    /// <summary>Its kind in a few words, for the log.</summary>
    string Kind { get; }

    /// <summary>Which Linux its kernel says it is, or null.</summary>
    LinuxRelease? Release { get; }

    /// <summary>Makes memory, fills it, makes devices.</summary>
    /// <param name="disks">The disk behind each block option; owned by what is built from now on.</param>
    /// <param name="terminal">Takes what the Guest prints.</param>
    /// <exception cref="RefusedException">There is no memory for the Guest. The disks stay the caller's.</exception>
    BuiltGuest Build(IReadOnlyDictionary<DeviceOption, IDisk> disks, Stream terminal);
}
