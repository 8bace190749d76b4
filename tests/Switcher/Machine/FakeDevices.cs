// Devices of a Guest of generation 3 without any device: a register that remembers, one that nobody may write to, one that has to be waited
// for.
using Lguest.Machine;

namespace Lguest.Switcher.Tests.Machine;

internal sealed class FakeDevices : IGuestDevices
{
    /// <summary>Behind the 8 MB that a test's Guest has, and a megabyte of nothing.</summary>
    public const uint Window = 0x900000;

    public const uint WindowBytes = 0x40;

    /// <summary>A store here makes the Guest wait for its Launcher.</summary>
    public const uint ResetAt = Window + 0x20;

    /// <summary>An access here is not forgiven.</summary>
    public const uint FatalAt = Window + 0x30;

    /// <summary>OUT to this port is refused.</summary>
    public const ushort RefusedPort = 0xcfc;

    /// <summary>OUT to this port is not forgiven.</summary>
    public const ushort FatalPort = 0x92;

    public IEnumerable<object> State => [];

    public ulong End => Window + 0x1000;

    public string? Fault { get; private set; }

    public uint? Waiting { get; set; }

    /// <summary>Whether somebody has seen to it: the next store there is done.</summary>
    public bool IsReset { get; set; }

    public Action? Attention { get; set; }

    public Action<int>? Interrupt { get; set; }

    public List<string> Asked { get; } = [];

    public uint Value { get; set; } = 0x87654321;

    public bool Signal(int number)
    {
        Asked.Add($"signal {number}");
        if (number != 9)
            return false;
        Interrupt!(7);
        return true;
    }

    public void Attend()
    {
        Asked.Add("attend");
        Waiting = null;
    }

    public uint ReadPort(ushort port, int bytes, long now)
    {
        Asked.Add($"in {port:x} {bytes}");
        return Value;
    }

    public bool TryWritePort(ushort port, int bytes, uint value, long now)
    {
        Asked.Add($"out {port:x} {bytes} {value:x}");
        if (port == FatalPort)
            Fault = "an output that is not forgiven";
        return port != RefusedPort;
    }

    public bool Answers(ulong address) => address is >= Window and < Window + WindowBytes;

    public uint Read(ulong address, int bytes, long now)
    {
        Asked.Add($"read {address:x} {bytes}");
        if (address == FatalAt)
            Fault = "a load that is not forgiven";
        return Value;
    }

    public void Write(ulong address, int bytes, uint value, long now)
    {
        Asked.Add($"write {address:x} {bytes} {value:x}");
        if (address == ResetAt && !IsReset)
            Waiting = ResetAt;
        IsReset = false;
        if (address == FatalAt)
            Fault = "a store that is not forgiven";
    }
}
