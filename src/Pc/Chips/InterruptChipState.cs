// What one 8259A remembers: all that a snapshot needs of it.

namespace Lguest.Pc.Chips;

/// <summary>The registers of one 8259A, and the level/edge register of later chip sets. Bit n of a byte stands for input n.</summary>
public struct InterruptChipState
{
    /// <summary>IRR: inputs that wait for an acknowledgement.</summary>
    public byte Requests;

    /// <summary>ISR: inputs whose interrupt is being served.</summary>
    public byte InService;

    /// <summary>IMR: inputs that are masked off.</summary>
    public byte Mask;

    /// <summary>The level of each input.</summary>
    public byte Lines;

    /// <summary>ELCR: inputs that are level triggered.</summary>
    public byte LevelTriggered;

    /// <summary>Bits 7-3 of ICW2: the vector of input 0.</summary>
    public byte VectorBase;

    /// <summary>ICW3: which inputs have a slave, or which input of the master this slave is at. Not used: the wiring is fixed.</summary>
    public byte Cascade;

    /// <summary>Which initialisation word the odd port waits for: 2, 3, 4, or 0 for none.</summary>
    public byte NextInitialisationWord;

    /// <summary>Bit 0 of ICW1: an ICW4 will come.</summary>
    public bool WantsWordFour;

    /// <summary>Bit 1 of ICW1: there is no other chip.</summary>
    public bool IsSingle;

    /// <summary>Bit 1 of ICW4: an acknowledgement ends the interrupt.</summary>
    public bool AutoEndOfInterrupt;

    /// <summary>Bit 4 of ICW4: a slave may interrupt its own service.</summary>
    public bool SpecialFullyNested;

    /// <summary>OCW2 100: an automatic end of interrupt rotates priorities.</summary>
    public bool RotatesOnAutoEnd;

    /// <summary>OCW3: masked inputs in service hold back nobody.</summary>
    public bool SpecialMask;

    /// <summary>OCW3: the even port reads ISR instead of IRR.</summary>
    public bool ReadsInService;

    /// <summary>OCW3: the next read acknowledges.</summary>
    public bool Polls;

    /// <summary>The input with the lowest priority, 0-7; the next one has the highest.</summary>
    public byte LowestPriority;
}
