// What a NOTIFY comes to, for the Guest that made it.

namespace Lguest.Launcher.Actors;

/// <summary>A closed set.</summary>
internal abstract record NotifyOutcome
{
    private NotifyOutcome()
    {
    }

    /// <summary>It runs on at once.</summary>
    public static NotifyOutcome GoOn { get; } = new Run();

    /// <summary>It runs on when a device has said that it is done, or reset.</summary>
    public static NotifyOutcome Wait { get; } = new Reset();

    public sealed record Run : NotifyOutcome;

    public sealed record Reset : NotifyOutcome;

    /// <summary>It did what none may do.</summary>
    public sealed record Kill(string Reason) : NotifyOutcome;
}
