// A board with one wire and one event: what a slot asks of a board, without any chip.
using Lguest.Machine;

namespace Lguest.Switcher.Tests.Machine;

internal sealed class FakeBoard : IMainboard
{
    public const byte Vector = 0x40;

    /// <summary>OUT to this port sets an event, its value nanoseconds away.</summary>
    public const ushort EventPort = 0x40;

    /// <summary>OUT to this port ends the board, and IN from it resets it.</summary>
    public const ushort EndPort = 0x64;

    public MainboardEnd End { get; private set; }

    public byte ExitCode => 33;

    public bool HasInterrupt
    {
        get
        {
            Looks++;
            return _hasInterrupt;
        }

        private set => _hasInterrupt = value;
    }

    /// <summary>How often somebody looked at its interrupt pin.</summary>
    public int Looks { get; private set; }

    /// <summary>How many events bring no interrupt.</summary>
    public int Silent { get; set; }

    /// <summary>How many interrupts wait after the one that is acknowledged next.</summary>
    public int More { get; set; }

    /// <summary>What it was told when it was switched on.</summary>
    public MachineTime? Started { get; private set; }

    public Action? Attention { get; set; }

    /// <summary>When each event was told.</summary>
    public List<long> Events { get; } = [];

    public List<string> Asked { get; } = [];

    public int Rests { get; private set; }

    /// <summary>The time-stamp counter when a register was written last.</summary>
    public ulong TimeStamp { get; private set; }

    public bool Called { get; set; }

    /// <summary>After an event comes another, so many nanoseconds later; 0: none.</summary>
    public long Period { get; set; }

    /// <summary>What its chips remember.</summary>
    public IEnumerable<object> State { get; set; } = [];

    private long _event = long.MaxValue;
    private bool _hasInterrupt;

    public void Start(MachineTime time) => Started = time;

    public byte Acknowledge(long now)
    {
        HasInterrupt = More-- > 0;
        return Vector;
    }

    public void Signal(int number, long now) => Asked.Add($"signal {number}");

    public void Attend(long now) => _hasInterrupt |= Called;

    public void Rest(long now) => Rests++;

    public uint ReadPort(ushort port, int bytes, long now)
    {
        if (port == EndPort)
            End = MainboardEnd.Reset;
        return 0;
    }

    public void WritePort(ushort port, int bytes, uint value, long now)
    {
        Asked.Add($"{port:x}={value:x}@{now}");
        if (port == EventPort)
            _event = now + value;
        if (port == EndPort)
            End = (MainboardEnd)value;
    }

    public uint ReadDevice(ulong address, int bytes, long now)
    {
        HasInterrupt = true;
        return 0;
    }

    public void WriteDevice(ulong address, int bytes, uint value, long now) => HasInterrupt = true;

    public bool TryReadRegister(uint number, out ulong value)
    {
        value = 7;
        return number == 1;
    }

    public bool TryWriteRegister(uint number, ulong value, MachineTime time)
    {
        TimeStamp = time.TimeStamp;
        return false;
    }

    public (uint Eax, uint Ebx, uint Ecx, uint Edx) Identify(uint leaf) => (leaf, 1, 2, 3);

    public long NextEvent(long now) => _event;

    public void Advance(long now)
    {
        if (now < _event)
            return;
        Events.Add(now);
        _event = Period == 0 ? long.MaxValue : _event + ((((now - _event) / Period) + 1) * Period);
        _hasInterrupt |= Silent-- <= 0;
    }
}
