// Guests are spoken of by name: in messages, in logs, in topologies. A bare string would be mistaken for any other. It is a class, since
// tables with a struct of ours as their key are compiled anew at each start of the program.
namespace Lguest.Switcher.Slots;

/// <summary>The name of a Guest, unique on its node.</summary>
public sealed record GuestId(string Value)
{
    public override string ToString() => Value;
}
