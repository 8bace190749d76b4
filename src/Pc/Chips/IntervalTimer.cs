// The 8254 of a PC with port 61h: counter 0 is the tick of every kernel that has no better timer, counter 2 the ruler by which kernels
// measure their processor. Time comes in with every call; TimerClock turns it into ticks.

using Lguest.Machine;

namespace Lguest.Pc.Chips;

/// <summary>The interval timer at 40h-43h and the system control port B at 61h (Intel 8254 and 82371AB data sheets).</summary>
public sealed class IntervalTimer : IPortDevice, ITimedDevice
{
    private const ushort FirstPort = 0x40;
    private const ushort CommandPort = 0x43;
    private const ushort ControlPort = 0x61;

    /// <summary>Bit 4 of port 61h turns over each time memory would be refreshed; some kernels count that.</summary>
    private const long RefreshTicks = 18;

    private readonly TimerChannel[] _channels;
    private byte _control;

    /// <param name="output">IRQ 0: OUT of counter 0.</param>
    public IntervalTimer(IInterruptLine output)
    {
        _channels = [new(output), new(null), new(null)];
        _channels[2].State.Gate = false;
    }

    /// <summary>All that a snapshot needs.</summary>
    public IntervalTimerState State
    {
        get => new(_channels[0].State, _channels[1].State, _channels[2].State, _control);
        set => (_channels[0].State, _channels[1].State, _channels[2].State, _control) = value;
    }

    /// <summary>Puts the chip at its ports.</summary>
    public void Attach(PortBus bus)
    {
        bus.Add(FirstPort, CommandPort, this);
        bus.Add(ControlPort, ControlPort, this);
    }

    //J:Boards:230 Time comes in
    // No chip here has a clock or a thread. Each call brings the Guest's time along, and the chip works out what it would have done since
    // the last one; asked when its next wire moves, it answers with a time. So the owner of the board sleeps until then and no longer, a
    // boot in virtual time is the same each time, and a test can wait for a year. A counter is compared with the number of ticks, in whole
    // numbers: one that fired a nanosecond early would be read by its own interrupt as not yet run out.

    /// <summary>When IRQ 0 rises next. Its falls are made up for at the next call: they bring no interrupt.</summary>
    public long NextEvent(long now)
    {
        // One that lies before now is due: it was not advanced over yet.
        long rise = _channels[0].NextRise(Math.Min(_channels[0].State.Seen, TimerClock.TicksAt(now)));
        return rise == long.MaxValue ? rise : Math.Max(TimerClock.TimeOf(rise), now);
    }

    public void Advance(long now)
    {
        long tick = TimerClock.TicksAt(now);
        foreach (var channel in _channels)
            channel.Advance(tick);
    }

    uint IPortDevice.Read(ushort port, int bytes, long now)
    {
        Advance(now);
        return port switch
        {
            ControlPort => ReadControl(now),
            CommandPort => byte.MaxValue, // "no-operation (3-state)"
            _ => _channels[port - FirstPort].Read(),
        };
    }

    void IPortDevice.Write(ushort port, int bytes, uint value, long now)
    {
        Advance(now);
        switch (port)
        {
            case ControlPort:
                _control = (byte)(value & 0x0F);
                _channels[2].SetGate((value & 1) != 0);
                break;
            case CommandPort:
                Command((byte)value);
                break;
            default:
                _channels[port - FirstPort].Write((byte)value);
                break;
        }
    }

    private void Command(byte value)
    {
        int select = value >> 6;
        if (select == 3)
        {
            // The read-back command: bits 5 and 4 are active low.
            foreach (var (channel, bit) in _channels.Zip([2, 4, 8]))
            {
                if ((value & bit) == 0)
                    continue;
                if ((value & 0x20) == 0)
                    channel.LatchCount();
                if ((value & 0x10) == 0)
                    channel.LatchStatus();
            }
        }
        else if ((value & 0x30) == 0)
        {
            _channels[select].LatchCount();
        }
        else
        {
            _channels[select].Program(value);
        }
    }

    /// <summary>Linux measures its processor by bit 5, OUT of counter 2 (pit_hpet_ptimer_calibrate_cpu).</summary>
    private uint ReadControl(long now)
    {
        long tick = TimerClock.TicksAt(now);
        bool isRefreshed = (tick / RefreshTicks & 1) != 0;
        return _control | (isRefreshed ? 0x10u : 0) | (_channels[2].OutputAt(tick) ? 0x20u : 0);
    }
}
