// How a Guest ended, as the user is told and as the exit code says (0 in order, 1 died).

using Lguest.Switcher.Slots;

namespace Lguest.Launcher;

/// <summary>The end of a Guest: a closed set.</summary>
/// <param name="Statistics">What it had done until then, if it ever ran.</param>
internal abstract record GuestOutcome(GuestStatistics? Statistics)
{
    /// <summary>It powered off.</summary>
    internal sealed record PoweredOff(GuestStatistics? Statistics) : GuestOutcome(Statistics);

    /// <summary>It is a bare program that ended itself with this exit code.</summary>
    internal sealed record Exited(int ExitCode, GuestStatistics? Statistics) : GuestOutcome(Statistics);

    /// <summary>It crashed, was killed, or its devices could not go on with it.</summary>
    /// <param name="Reason">One line.</param>
    internal sealed record Died(string Reason, GuestStatistics? Statistics) : GuestOutcome(Statistics);

    /// <summary>Somebody outside ended it: three Ctrl-C, or a signal to the process.</summary>
    internal sealed record Ended(string By, int ExitCode, GuestStatistics? Statistics) : GuestOutcome(Statistics);
}
