// The messages between a node and a Guest's Launcher.

using Akka.Actor;
using Lguest.Devices.Net;
using Lguest.Switcher.Slots;

namespace Lguest.Launcher.Actors;

/// <summary>Messages between a node and its Launchers. None leaves the process.</summary>
internal static class LauncherProtocol
{
    /// <summary>The dispatcher on which devices may block.</summary>
    public const string DeviceDispatcher = "lguest.device-dispatcher";

    /// <summary>Ends the Guest from outside.</summary>
    /// <param name="By">Who or what wants that.</param>
    /// <param name="ExitCode">What the process is to answer because of it.</param>
    public sealed record Stop(string By, int ExitCode) : INoSerializationVerificationNeeded;

    /// <summary>The Guest is gone, with everything that belonged to it.</summary>
    public sealed record GuestEnded(GuestId Guest, GuestOutcome Outcome) : INoSerializationVerificationNeeded
    {
        /// <summary>What went through its network cards in its last life.</summary>
        public NetMetrics Traffic { get; init; }
    }
}
