// A message on its way down a selection, with the steps still to go.

namespace Akka.Actor;

public sealed class ActorSelectionMessage : IAutoReceivedMessage, IPossiblyHarmful, IWrappedMessage
{
    public ActorSelectionMessage(object message, IReadOnlyList<SelectionPathElement> elements, bool wildCardFanOut = false)
    {
        Message = message;
        Elements = elements;
        WildCardFanOut = wildCardFanOut;
    }

    public object Message { get; }
    public IReadOnlyList<SelectionPathElement> Elements { get; }

    /// <summary>True once a pattern has been passed: then nobody is told of branches that lead nowhere.</summary>
    public bool WildCardFanOut { get; }

    public override string ToString() => $"ActorSelectionMessage - Message: {Message} - WildCartFanOut: {WildCardFanOut} - Elements: {string.Join("/", Elements)}";
}
