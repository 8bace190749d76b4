// One 8259A: eight inputs, their priorities, and what the two ports do. How two of them work together is InterruptController's matter.
// Written after the Intel 8259A data sheet; section names below are its own.

using System.Numerics;

namespace Lguest.Pc.Chips;

/// <summary>One 8259A in 8086 mode.</summary>
internal sealed class InterruptChip
{
    /// <summary>What a chip answers where it has nothing to answer: a spurious interrupt comes as input 7.</summary>
    public const int Spurious = 7;

    private const byte IsInitialisationWord = 0x10;
    private const byte IsOperationWordThree = 0x08;

    private readonly byte _mayBeLevel;
    private readonly int _cascadeInput;

    /// <summary>The registers.</summary>
    public InterruptChipState State;

    /// <param name="mayBeLevel">Inputs that ELCR can make level triggered (Intel 82371AB data sheet, ELCR1 and ELCR2).</param>
    /// <param name="cascadeInput">The input at which a slave is, or -1.</param>
    public InterruptChip(byte mayBeLevel, int cascadeInput)
    {
        _mayBeLevel = mayBeLevel;
        _cascadeInput = cascadeInput;
        // What a chip does before its first ICW1 is not defined. Ours asks for nothing until it is told its vectors.
        State = new InterruptChipState { Mask = byte.MaxValue, LowestPriority = 7 };
    }

    /// <summary>The INT pin.</summary>
    public bool IsRequesting => Highest() >= 0;

    /// <summary>ELCR.</summary>
    public byte LevelTriggered
    {
        get => State.LevelTriggered;
        set
        {
            State.LevelTriggered = (byte)(value & _mayBeLevel);
            State.Requests |= (byte)(State.Lines & State.LevelTriggered);
        }
    }

    /// <summary>Drives an input. A request that is taken back before it is acknowledged is gone in both trigger modes ("IR inputs must
    /// remain high until after the falling edge of the first INTA").</summary>
    public void SetLine(int input, bool level)
    {
        byte bit = (byte)(1 << input);
        if (!level)
        {
            State.Lines &= (byte)~bit;
            State.Requests &= (byte)~bit;
            return;
        }

        if ((State.Lines & bit) == 0 || (State.LevelTriggered & bit) != 0)
            State.Requests |= bit;
        State.Lines |= bit;
    }

    /// <summary>The pulses on INTA.</summary>
    /// <returns>The input with the highest priority, or <see cref="Spurious"/> without a trace if there is no request.</returns>
    public int Acknowledge()
    {
        int input = Highest();
        if (input < 0)
            return Spurious;

        byte bit = (byte)(1 << input);
        if ((State.LevelTriggered & bit) == 0)
            State.Requests &= (byte)~bit;
        if (!State.AutoEndOfInterrupt)
            State.InService |= bit;
        else if (State.RotatesOnAutoEnd)
            State.LowestPriority = (byte)input;
        return input;
    }

    public byte Read(bool isOdd)
    {
        if (State.Polls)
        {
            // "Poll command": bit 7 says that there was a request, bits 2-0 which.
            State.Polls = false;
            return IsRequesting ? (byte)(0x80 | Acknowledge()) : (byte)0;
        }

        return isOdd ? State.Mask : State.ReadsInService ? State.InService : State.Requests;
    }

    public void Write(bool isOdd, byte value)
    {
        if (isOdd)
            WriteOdd(value);
        else if ((value & IsInitialisationWord) != 0)
            Initialise(value);
        else if ((value & IsOperationWordThree) != 0)
            WriteOperationWordThree(value);
        else
            WriteOperationWordTwo(value);
    }

    /// <summary>ICW1. Bit 3, level triggering of all inputs, does nothing on a board with ELCR.</summary>
    private void Initialise(byte value)
    {
        State = new InterruptChipState
        {
            Lines = State.Lines,
            LevelTriggered = State.LevelTriggered,
            Requests = (byte)(State.Lines & State.LevelTriggered),
            VectorBase = State.VectorBase,
            Cascade = State.Cascade,
            LowestPriority = 7,
            NextInitialisationWord = 2,
            WantsWordFour = (value & 0x01) != 0,
            IsSingle = (value & 0x02) != 0,
        };
    }

    private void WriteOdd(byte value)
    {
        switch (State.NextInitialisationWord)
        {
            case 2:
                State.VectorBase = (byte)(value & 0xF8);
                State.NextInitialisationWord = (byte)(!State.IsSingle ? 3 : State.WantsWordFour ? 4 : 0);
                break;
            case 3:
                State.Cascade = value;
                State.NextInitialisationWord = (byte)(State.WantsWordFour ? 4 : 0);
                break;
            case 4:
                State.AutoEndOfInterrupt = (value & 0x02) != 0;
                State.SpecialFullyNested = (value & 0x10) != 0;
                State.NextInitialisationWord = 0;
                break;
            default:
                // OCW1. Linux finds out here whether there is a chip at all: probe_8259A writes FBh and wants to read it.
                State.Mask = value;
                break;
        }
    }

    /// <summary>OCW2: ends of interrupt and rotation. Bits 7-5 are R, SL and EOI.</summary>
    private void WriteOperationWordTwo(byte value)
    {
        int input = value & 7;
        switch (value >> 5)
        {
            case 0b000:
                State.RotatesOnAutoEnd = false;
                break;
            case 0b100:
                State.RotatesOnAutoEnd = true;
                break;
            case 0b001:
                EndHighest(rotates: false);
                break;
            case 0b101:
                EndHighest(rotates: true);
                break;
            case 0b011:
                State.InService &= (byte)~(1 << input);
                break;
            case 0b111:
                State.InService &= (byte)~(1 << input);
                State.LowestPriority = (byte)input;
                break;
            case 0b110:
                State.LowestPriority = (byte)input;
                break;
        }
    }

    private void WriteOperationWordThree(byte value)
    {
        if ((value & 0x40) != 0)
            State.SpecialMask = (value & 0x20) != 0;
        if ((value & 0x02) != 0)
            State.ReadsInService = (value & 0x01) != 0;
        State.Polls = (value & 0x04) != 0;
    }

    /// <summary>The non-specific end of interrupt. "An IS bit that is masked by an IMR bit will not be cleared by a non-specific EOI if the
    /// 8259A is in the Special Mask Mode."</summary>
    private void EndHighest(bool rotates)
    {
        int rank = BestRank(State.SpecialMask ? State.InService & ~State.Mask : State.InService);
        if (rank == 8)
            return;
        int input = InputOf(rank);
        State.InService &= (byte)~(1 << input);
        if (rotates)
            State.LowestPriority = (byte)input;
    }

    /// <summary>The request that would be acknowledged now, or -1.</summary>
    private int Highest()
    {
        if (State.NextInitialisationWord != 0)
            return -1;
        int inService = State.SpecialMask ? State.InService & ~State.Mask : State.InService;
        if (State.SpecialFullyNested && _cascadeInput >= 0)
            inService &= ~(1 << _cascadeInput);
        int rank = BestRank(State.Requests & ~State.Mask);
        return rank < BestRank(inService) ? InputOf(rank) : -1;
    }

    /// <summary>The best priority among some inputs: 0 is the highest, 8 means no input at all.</summary>
    private int BestRank(int inputs)
    {
        int turned = (inputs & 0xFF) * 0x101 >> (State.LowestPriority + 1);
        return Math.Min(8, BitOperations.TrailingZeroCount(turned & 0xFF));
    }

    private int InputOf(int rank) => (rank + State.LowestPriority + 1) & 7;
}
