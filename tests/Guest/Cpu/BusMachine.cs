// A bare machine with a bus: ring 0 runs inside, ports and devices answer with what the test says and write down who asked.
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Translator;

namespace Lguest.Guest.Tests.Cpu;

/// <summary>A <see cref="TestMachine"/> that is also an <see cref="IBus"/>.</summary>
internal sealed class BusMachine : TestMachine, IBus
{
    /// <summary>Where the RAM of the machine ends and its devices begin.</summary>
    public const uint Devices = 1 << 20;

    public BusMachine(EngineKind engine = EngineKind.Interpreter)
        : base(Devices, engine, new TranslatorSettings(HotAfter: 1, Verify: true))
    {
    }

    /// <summary>Every access in order: "in 60/1", "out 60/1=5", "read 100000/4", "write 100000/4=5".</summary>
    public List<string> Asked { get; } = [];

    /// <summary>What devices and ports answer; the lowest bytes of it.</summary>
    public uint Answer { get; set; } = 0x44332211;

    /// <summary>Called at each access.</summary>
    public Action? OnAccess { get; set; }

    public override bool AcceptEntry(Processor processor, PagingLevel level, ulong entry, GuestVirtual address) => true;

    public uint ReadPort(ushort port, int bytes) => Read($"in {port:x}/{bytes}", bytes);

    public void WritePort(ushort port, int bytes, uint value) => Write($"out {port:x}/{bytes}={value:x}");

    public uint ReadDevice(ulong address, int bytes) => Read($"read {address:x}/{bytes}", bytes);

    public void WriteDevice(ulong address, int bytes, uint value) => Write($"write {address:x}/{bytes}={value:x}");

    public bool TryReadRegister(uint number, out ulong value)
    {
        value = 0x1_0000_0002;
        return number == 0x4b564d01;
    }

    public bool TryWriteRegister(uint number, ulong value)
    {
        Write($"msr {number:x}={value:x}");
        return number == 0x4b564d01;
    }

    public (uint Eax, uint Ebx, uint Ecx, uint Edx) Identify(uint leaf) => (leaf, 1, 2, 3);

    private uint Read(string what, int bytes)
    {
        Write(what);
        return bytes == 4 ? Answer : Answer & ((1u << (8 * bytes)) - 1);
    }

    private void Write(string what)
    {
        Asked.Add(what);
        OnAccess?.Invoke();
    }
}
