// What the nodes of a process show, of themselves and of their Guests. The one that has the terminal says how.

namespace Lguest.Topology.Consoles;

/// <summary>Shows lines of the nodes and the consoles of their Guests. Any thread.</summary>
internal interface IConsoles
{
    /// <summary>A line about what happens.</summary>
    void Say(string text);

    /// <summary>What is waited for just now. Does not wait for the reader.</summary>
    /// <param name="text">A few words; null for nothing.</param>
    void Await(string? text);

    /// <summary>A Guest starts; one of the same name is replaced.</summary>
    void Add(GuestConsole console);

    /// <summary>It has ended.</summary>
    void Remove(GuestConsole console);

    /// <summary>What a Guest prints; may wait until it is written.</summary>
    void Print(string guest, ReadOnlySpan<byte> bytes);
}
