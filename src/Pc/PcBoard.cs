// A plain PC without firmware: the chips that a 32-bit kernel cannot do without, wired as they have been since 1984, and a few that came
// later. What there is not, is not there at all: an empty port reads as ones, and so does memory that is not RAM.
//
//J:Boards:200 The board of a PC
// A kernel that knows nothing of us finds a machine by asking at ports. Here are the answers, each a chip of its own: two interrupt
// controllers, a timer, a clock with a battery, a serial port, the ways to reset and to switch off. The board only connects them: wires to
// the interrupt controllers, ports to the bus, the next edge of any of them to the owner, who asks when to come back.

using System.Collections.Concurrent;
using Lguest.Guest.Memory;
using Lguest.Machine;
using Lguest.Pc.Acpi;
using Lguest.Pc.Chips;
using Lguest.Pc.Pci;

namespace Lguest.Pc;

/// <summary>The board. Only for the owner of its processor, but <see cref="Attention"/> and the other end of the serial line.</summary>
public sealed class PcBoard : IMainboard
{
    /// <summary>Most functions that can be plugged in: places on the bus, but for the host bridge.</summary>
    public const int MostFunctions = PciBus.Devices - 1;

    /// <summary>A number for <see cref="Signal"/> that no function has: the owner is to look at what was posted or typed.</summary>
    public const int WakeUp = 31;

    /// <summary>From here on there is no RAM.</summary>
    public const uint FirstWindow = 0xE000_0000;

    private const uint LastWindow = 0xFEBF_FFFF;

    // Free on any PC without the devices that they were meant for: two sound cards, the second printer, a mouse.
    private static readonly int[] _pciIrqs = [11, 10, 5, 12];

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
    private readonly GuestMemory _memory;
    private readonly Dictionary<int, SharedLine> _lines = [];
    private readonly List<(int Device, int Irq)> _plugged = [];
    private readonly List<Action> _signals = [];
    private readonly ConcurrentQueue<Action> _posted = new();

    /// <param name="memory">The RAM beside it.</param>
    /// <param name="serial">What is at the other end of its first serial port.</param>
    /// <param name="isParavirtual">Whether it tells its kernel that it is a virtual one, in KVM's words, and offers KVM's clock.</param>
    public PcBoard(GuestMemory memory, SerialLine serial, bool isParavirtual = true)
    {
        _serial = serial;
        _memory = memory;
        _timer = new IntervalTimer(_interrupts.Line(0));
        _clock = new RealTimeClock(_interrupts.Line(RealTimeClock.Irq), DateTime.UnixEpoch);
        _uart = new Uart16550(Uart16550.FirstPortOfCom1, _interrupts.Line(Uart16550.IrqOfCom1), serial.Send, () => _isRoomMade = true,
            () => serial.HasRoom);
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

    /// <summary>What is plugged in.</summary>
    public PciBus Pci { get; } = new();

    /// <summary>Plugs a function in, at the next place. Before the Guest runs.</summary>
    /// <param name="make">Makes it, with its wire, the irq to which that leads, and the number for <see cref="Signal"/>.</param>
    /// <param name="signal">What its signal means. Owner only.</param>
    public void Plug(Func<IInterruptLine, byte, byte, PciFunction> make, Action signal)
    {
        int device = _plugged.Count + 1;
        int irq = _pciIrqs[_plugged.Count % _pciIrqs.Length];
        if (!_lines.TryGetValue(irq, out var line))
            _lines.Add(irq, line = new SharedLine(_interrupts.Line(irq)));
        Pci.Add(device, make(line.NewInput(), (byte)irq, (byte)_signals.Count));
        _plugged.Add((device, irq));
        _signals.Add(signal);
    }

    /// <summary>Adds the ports of bare programs, before the Guest runs.</summary>
    public void AddDebugPorts() => new DebugPorts(_serial.Send, code =>
    {
        ExitCode = code;
        End = MainboardEnd.Exit;
    }).Attach(_ports);

    /// <summary>Writes the tables by which a kernel finds the power switch, once all is plugged in.</summary>
    public void WriteTables() =>
        _memory.TryWrite(new GuestPhysical(AcpiTables.Address), AcpiTables.Build(new AcpiPlan(FirstWindow, LastWindow, _plugged)));

    /// <summary>Has the board's owner do something as soon as it has time. Any thread.</summary>
    public void Post(Action action)
    {
        _posted.Enqueue(action);
        Attention?.Invoke();
    }

    /// <inheritdoc/>
    public IEnumerable<object> State =>
    [
        _interrupts.State, _timer.State, _clock.State, _uart.State, _control.State, Pci.Address,
        .. Pci.Functions.SelectMany(function => function.States), .. _paravirtual?.Registers ?? [],
    ];

    /// <inheritdoc/>
    public MainboardEnd End { get; private set; }

    /// <inheritdoc/>
    public byte ExitCode { get; private set; }

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
        _clock.Set(DateTime.UnixEpoch.AddSeconds(time.WallSeconds).Add(new Nanoseconds(time.WallNanoseconds).Span), time.Now);

    /// <inheritdoc/>
    public byte Acknowledge(long now) => _interrupts.Acknowledge();

    /// <inheritdoc/>
    public void Signal(int number, long now)
    {
        if (number < _signals.Count)
            _signals[number]();
    }

    /// <inheritdoc/>
    public void Attend(long now)
    {
        while (_posted.TryDequeue(out var action))
            action();
        GoOnSending();
        TakeTyped(now);
    }

    /// <summary>If the other end of the serial line took nothing any more, perhaps it does now.</summary>
    private void GoOnSending()
    {
        if (_serial.HasRoom)
            return;
        _serial.Flush();
        if (_serial.HasRoom)
            _uart.GoOnSending();
    }

    /// <inheritdoc/>
    public void Rest(long now) => _serial.Flush();

    /// <inheritdoc/>
    public uint ReadPort(ushort port, int bytes, long now)
    {
        uint value = _ports.Read(port, bytes, now);
        TakeIfRoom(now);
        return value;
    }

    /// <inheritdoc/>
    public void WritePort(ushort port, int bytes, uint value, long now)
    {
        _ports.Write(port, bytes, value, now);
        if (port is >= Uart16550.FirstPortOfCom1 and <= Uart16550.FirstPortOfCom1 + 4)
            TakeTyped(now);
    }

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
        TakeIfRoom(now);
    }

    private void TakeIfRoom(long now)
    {
        if (!_isRoomMade)
            return;
        _isRoomMade = false;
        TakeTyped(now);
    }

    private void Act(PowerAction action) => End = action == PowerAction.Reset ? MainboardEnd.Reset : MainboardEnd.PowerOff;

    private void TakeTyped(long now)
    {
        while (_uart.IsListening(now) && _uart.Room > 0 && _serial.Typed is { IsEmpty: false } typed)
        {
            int taken = _uart.Receive(typed.Span, now);
            _serial.Taken(taken);
            if (taken == 0)
                return;
        }
    }
}
