// A wire between a device that asks for an interrupt and a chip that takes it. What an edge or a level means is for the chip to say.

namespace Lguest.Machine;

/// <summary>A wire.</summary>
public interface IInterruptLine
{
    /// <summary>Drives the wire; driving it to the level that it has changes nothing.</summary>
    void Set(bool level);
}
