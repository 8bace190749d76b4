// The same as FirstMachine, for a machine that has something outside of processor and RAM.
using Lguest.Guest.Cpu;

namespace Lguest.Guest.Lockstep;

/// <summary>Around a machine with a bus.</summary>
internal sealed class FirstBus(LockstepPair pair, IMachine machine, IBus bus) : FirstMachine(pair, machine), IBus
{
    public uint ReadPort(ushort port, int bytes) =>
        (uint)Pair.Ask(Question.ReadPort, port, bytes, 0, answer => answer.Value = bus.ReadPort(port, bytes)).Value;

    public void WritePort(ushort port, int bytes, uint value) =>
        Pair.Ask(Question.WritePort, port, bytes, value, _ => bus.WritePort(port, bytes, value));

    public bool Answers(ulong address) => bus.Answers(address);

    public uint ReadDevice(ulong address, int bytes) =>
        (uint)Pair.Ask(Question.ReadDevice, address, bytes, 0, answer => answer.Value = bus.ReadDevice(address, bytes)).Value;

    public void WriteDevice(ulong address, int bytes, uint value) =>
        Pair.Ask(Question.WriteDevice, address, bytes, value, _ => bus.WriteDevice(address, bytes, value));

    public bool TryReadRegister(uint number, out ulong value)
    {
        var told = Pair.Ask(Question.ReadRegister, number, 0, 0, answer =>
        {
            answer.Exists = bus.TryReadRegister(number, out ulong read);
            answer.Value = read;
        });
        value = told.Value;
        return told.Exists;
    }

    public bool TryWriteRegister(uint number, ulong value) =>
        Pair.Ask(Question.WriteRegister, number, 0, value, answer => answer.Exists = bus.TryWriteRegister(number, value)).Exists;

    public (uint Eax, uint Ebx, uint Ecx, uint Edx) Identify(uint leaf) => bus.Identify(leaf);
}
