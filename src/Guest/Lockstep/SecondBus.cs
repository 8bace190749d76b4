// The same as SecondMachine, for a machine that has something outside of processor and RAM.
using Lguest.Guest.Cpu;

namespace Lguest.Guest.Lockstep;

/// <summary>Answers from a script, with a bus.</summary>
internal sealed class SecondBus(Processor first, IMachine machine, IBus bus, List<Answer> script)
    : SecondMachine(first, machine, script), IBus
{
    public uint ReadPort(ushort port, int bytes) => (uint)Replay(Question.ReadPort, port, bytes, 0).Value;

    public void WritePort(ushort port, int bytes, uint value) => Replay(Question.WritePort, port, bytes, value);

    public bool Answers(ulong address) => bus.Answers(address);

    public uint ReadDevice(ulong address, int bytes) => (uint)Replay(Question.ReadDevice, address, bytes, 0).Value;

    public void WriteDevice(ulong address, int bytes, uint value) => Replay(Question.WriteDevice, address, bytes, value);

    public bool TryReadRegister(uint number, out ulong value)
    {
        var told = Replay(Question.ReadRegister, number, 0, 0);
        value = told.Value;
        return told.Exists;
    }

    public bool TryWriteRegister(uint number, ulong value) => Replay(Question.WriteRegister, number, 0, value).Exists;

    public (uint Eax, uint Ebx, uint Ecx, uint Edx) Identify(uint leaf) => bus.Identify(leaf);
}
