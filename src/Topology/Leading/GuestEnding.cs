// How a Guest's run on a node ended, as it is sent between nodes.

namespace Lguest.Topology.Leading;

/// <summary>The kinds of ends.</summary>
internal enum EndingKind
{
    /// <summary>It powered off.</summary>
    PoweredOff,

    /// <summary>It crashed or was killed for what it did.</summary>
    Died,

    /// <summary>It was stopped from outside.</summary>
    Stopped,

    /// <summary>It could not be started: a file is missing, there is no memory.</summary>
    Refused,

    /// <summary>Its node failed and came back without it.</summary>
    Lost,
}

/// <summary>The end of one incarnation of a Guest.</summary>
/// <param name="Guest">Its name.</param>
/// <param name="Incarnation">Which of its starts.</param>
/// <param name="Kind">How it ended.</param>
/// <param name="Text">One line.</param>
/// <param name="Figures">What it did.</param>
internal sealed record GuestEnding(string Guest, int Incarnation, EndingKind Kind, string Text, GuestFigures Figures);
