// The machine as the first processor, which is the Guest's, sees it: the machine itself, with ears. At a trap and at a poll, between two
// instructions, the second processor is brought to the same place before the machine hears of it; what is asked in the middle of an
// instruction is written down for the second.
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;

namespace Lguest.Guest.Lockstep;

/// <summary>Around a machine without a bus.</summary>
internal class FirstMachine(LockstepPair pair, IMachine machine) : IMachine
{
    /// <summary>Who keeps both together.</summary>
    protected LockstepPair Pair => pair;

    public void Trap(Processor processor, byte vector, uint errorCode, TrapCause cause, GuestVirtual address)
    {
        pair.Trapped(new TrapTold(vector, errorCode, cause, address.Value));
        pair.Open();
        machine.Trap(processor, vector, errorCode, cause, address);
        pair.Begin();
    }

    public void Poll(Processor processor)
    {
        pair.Polled();
        pair.Open();
        machine.Poll(processor);
        pair.Begin();
    }

    public bool AcceptEntry(Processor processor, PagingLevel level, ulong entry, GuestVirtual address) =>
        machine.AcceptEntry(processor, level, entry, address);

    public ulong ReadTimeStamp(Processor processor) =>
        pair.Ask(Question.TimeStamp, 0, 0, 0, answer => answer.Value = machine.ReadTimeStamp(processor)).Value;
}
