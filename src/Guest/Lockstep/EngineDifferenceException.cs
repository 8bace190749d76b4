// An engine that does not do what the other one does is a fault of ours, found while looking for it; the Guest cannot go on, since nobody
// knows which of its two states is right.
namespace Lguest.Guest.Lockstep;

/// <summary>Translator and interpreter have come to different states. The message tells where, in several lines.</summary>
public sealed class EngineDifferenceException(string message) : Exception(message);
