// Guests are spoken of by name: in messages, in logs, in topologies. A bare string would be mistaken for any other.
namespace Lguest.Switcher.Slots;

/// <summary>The name of a Guest, unique on its node.</summary>
public readonly record struct GuestId(string Value)
{
    public override string ToString() => Value;
}
