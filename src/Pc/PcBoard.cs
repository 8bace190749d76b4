// A plain PC without firmware: the chips that a 32-bit kernel cannot do without, wired as they have been since 1984, and a few that came
// later. What there is not, is not there at all: an empty port reads as ones, and so does memory that is not RAM.
//
//J:Preparation:700 The board of a PC
// A kernel that knows nothing of us finds a machine by asking at ports. Here are the answers, each a chip of its own: two interrupt
// controllers, a timer, a clock with a battery, a serial port, the ways to reset and to switch off. The board only connects them: wires to
// the interrupt controllers, ports to the bus, the next edge of any of them to whoever asks when to come back.

using Lguest.Guest.Memory;
using Lguest.Machine;
using Lguest.Pc.Chips;
using Lguest.Pc.Pci;

namespace Lguest.Pc;

/// <summary>The board. Only for the owner of its processor, but <see cref="Attention"/> and the other end of the serial line.</summary>
public sealed class PcBoard : IMainboard
{
    private readonly PortBus _ports = new();
    private readonly InterruptController _interrupts = new();
    private readonly IntervalTimer _timer;
    private readonly RealTimeClock _clock;
    private readonly Uart16550 _uart;
    private readonly SystemControl _control;
    private readonly ParavirtualClock? _paravirtual;
    private readonly ProcessorIdentity _identity;
    private readonly SerialLine _serial;
    private readonly ITimedDevice[] _timed;

    /// <param name="memory">The RAM beside it.</param>
    /// <param name="serial">What is at the other end of its first serial port.</param>
    /// <param name="isParavirtual">Whether it tells its kernel that it is a virtual one, in KVM's words, and offers KVM's clock.</param>
    public PcBoard(GuestMemory memory, SerialLine serial, bool isParavirtual = true)
    {
        _serial = serial;
        _timer = new IntervalTimer(_interrupts.Line(0));
        _clock = new RealTimeClock(_interrupts.Line(RealTimeClock.Irq), DateTime.UnixEpoch);
        _uart = new Uart16550(Uart16550.FirstPortOfCom1, _interrupts.Line(Uart16550.IrqOfCom1), serial.Send, () => _isRoomMade = true);
        _control = new SystemControl(_interrupts.Line(SystemControl.PowerIrq), Act);
        _identity = new ProcessorIdentity(isParavirtual);
        _paravirtual = isParavirtual ? new ParavirtualClock(memory) : null;
        _timed = [_timer, _clock, _uart];
        _interrupts.Attach(_ports);
        _timer.Attach(_ports);
        _clock.Attach(_ports);
        _uart.Attach(_ports);
        Pci.Attach(_ports);
        _control.Attach(_ports); // behind it, for the reset port lies in the middle of a register of PCI
    }

    private bool _isRoomMade;

    /// <summary>What can be plugged in.</summary>
    public PciBus Pci { get; } = new();

    /// <inheritdoc/>
    public MainboardEnd End { get; private set; }

    /// <inheritdoc/>
    public bool HasInterrupt => _interrupts.Pending;

    /// <inheritdoc/>
    public Action? Attention
    {
        get => _serial.Attention;
        set => _serial.Attention = value;
    }

    /// <inheritdoc/>
    public void Start(MachineTime time) =>
        _clock.Set(DateTime.UnixEpoch.AddSeconds(time.WallSeconds).AddTicks(time.WallNanoseconds / TimeSpan.NanosecondsPerTick), time.Now);

    /// <inheritdoc/>
    public byte Acknowledge(long now) => _interrupts.Acknowledge();

    /// <inheritdoc/>
    public void Attend(long now) => TakeTyped(now);

    /// <inheritdoc/>
    public void Rest(long now) => _serial.Flush();

    /// <inheritdoc/>
    public uint ReadPort(ushort port, int bytes, long now)
    {
        uint value = _ports.Read(port, bytes, now);
        if (_isRoomMade)
        {
            _isRoomMade = false;
            TakeTyped(now);
        }

        return value;
    }

    /// <inheritdoc/>
    public void WritePort(ushort port, int bytes, uint value, long now) => _ports.Write(port, bytes, value, now);

    /// <inheritdoc/>
    public uint ReadDevice(ulong address, int bytes, long now) =>
        Pci.Find(address, bytes) is { } region ? region.Device.Read(address - region.Start, bytes, now) : uint.MaxValue;

    /// <inheritdoc/>
    public void WriteDevice(ulong address, int bytes, uint value, long now)
    {
        if (Pci.Find(address, bytes) is { } region)
            region.Device.Write(address - region.Start, bytes, value, now);
    }

    /// <inheritdoc/>
    public bool TryReadRegister(uint number, out ulong value)
    {
        value = 0;
        return _paravirtual?.TryRead(number, out value) == true;
    }

    /// <inheritdoc/>
    public bool TryWriteRegister(uint number, ulong value, MachineTime time) => _paravirtual?.TryWrite(number, value, time) == true;

    /// <inheritdoc/>
    public (uint Eax, uint Ebx, uint Ecx, uint Edx) Identify(uint leaf) => _identity.Leaf(leaf);

    /// <inheritdoc/>
    public long NextEvent(long now)
    {
        long next = long.MaxValue;
        foreach (var device in _timed)
            next = Math.Min(next, device.NextEvent(now));
        return next;
    }

    /// <inheritdoc/>
    public void Advance(long now)
    {
        foreach (var device in _timed)
            device.Advance(now);
    }

    private void Act(PowerAction action) => End = action == PowerAction.Reset ? MainboardEnd.Reset : MainboardEnd.PowerOff;

    private void TakeTyped(long now)
    {
        while (_uart.Room > 0 && _serial.Typed is { IsEmpty: false } typed)
        {
            int taken = _uart.Receive(typed.Span, now);
            _serial.Taken(taken);
            if (taken == 0)
                return;
        }
    }
}
