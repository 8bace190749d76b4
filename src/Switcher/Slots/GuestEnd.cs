// A Guest ends once, in one of these ways. The one that started it decides what each means (an exit code, a fresh start, a line on stderr).
namespace Lguest.Switcher.Slots;

/// <summary>How a Guest came to its end: a closed set.</summary>
public abstract record GuestEnd
{
    private GuestEnd()
    {
    }

    /// <summary>What a read of /dev/lguest would return as the reason.</summary>
    public abstract string Text { get; }

    /// <summary>The Guest powered itself off (SHUTDOWN or CRASH with the text "Power down").</summary>
    public sealed record PowerOff : GuestEnd
    {
        /// <summary>What Linux says when it powers off, the only difference between that and a panic (ABI sheet 3.3).</summary>
        public const string Message = "Power down";

        public override string Text => "CRASH: " + Message;
    }

    /// <summary>The Guest asked to be started again (SHUTDOWN reason 2).</summary>
    public sealed record Restart : GuestEnd
    {
        public override string Text => "restart";
    }

    /// <summary>A bare program is done.</summary>
    /// <param name="Code">What it says how it went.</param>
    public sealed record Exit(byte Code) : GuestEnd
    {
        public override string Text => $"exit {Code}";
    }

    /// <summary>The Guest kernel gave up, with these last words (at most 127 characters).</summary>
    public sealed record Crash(string Message) : GuestEnd
    {
        public override string Text => "CRASH: " + Message;
    }

    /// <summary>The Host killed the Guest for what it did.</summary>
    /// <param name="Reason">Which rule it broke.</param>
    /// <param name="Detail">One line that names what it did, with the numbers.</param>
    public sealed record Killed(KillReason Reason, string Detail) : GuestEnd
    {
        public override string Text => Detail;
    }
}
