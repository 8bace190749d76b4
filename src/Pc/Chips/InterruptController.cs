// The two 8259A of a PC: IRQ 0-7 are the inputs of the master, IRQ 8-15 those of the slave, whose request goes to input 2 of the master.
// All interrupts of the board pass here on their way to the processor.

using Lguest.Machine;

namespace Lguest.Pc.Chips;

/// <summary>The interrupt controllers at 20h-21h and A0h-A1h and their level/edge registers at 4D0h-4D1h (Intel 8259A and 82371AB data
/// sheets).</summary>
public sealed class InterruptController : IPortDevice
{
    /// <summary>The master's input with the slave.</summary>
    public const int CascadeIrq = 2;

    private const ushort MasterPort = 0x20;
    private const ushort SlavePort = 0xA0;
    private const ushort LevelPort = 0x4D0;

    // IRQ 0, 1, 2, 8 and 13 are always edge triggered.
    private readonly InterruptChip _master = new(mayBeLevel: 0xF8, CascadeIrq);
    private readonly InterruptChip _slave = new(mayBeLevel: 0xDE, cascadeInput: -1);
    private readonly IInterruptLine? _processor;
    private readonly IInterruptLine[] _lines;

    /// <param name="processor">The processor's INTR pin, or null if <see cref="Pending"/> is asked instead.</param>
    public InterruptController(IInterruptLine? processor = null)
    {
        _processor = processor;
        _lines = [.. Enumerable.Range(0, 16).Select(irq => new Input(this, irq))];
    }

    /// <summary>Whether the processor is asked to take an interrupt.</summary>
    public bool Pending => _master.IsRequesting;

    /// <summary>The registers of the master and of the slave.</summary>
    public (InterruptChipState Master, InterruptChipState Slave) State
    {
        get => (_master.State, _slave.State);
        set
        {
            (_master.State, _slave.State) = value;
            Update();
        }
    }

    /// <summary>Puts the chips at their ports.</summary>
    public void Attach(PortBus bus)
    {
        bus.Add(MasterPort, MasterPort + 1, this);
        bus.Add(SlavePort, SlavePort + 1, this);
        bus.Add(LevelPort, LevelPort + 1, this);
    }

    /// <summary>The wire of an interrupt request. Devices that share one join theirs by <see cref="SharedLine"/>.</summary>
    /// <param name="irq">0, 1 or 3-15; 2 is the slave's.</param>
    public IInterruptLine Line(int irq) => irq == CascadeIrq
        ? throw new ArgumentOutOfRangeException(nameof(irq), irq, "IRQ 2 is the slave's")
        : _lines[irq];

    //J:Boards:220 Fifteen wires
    // A device drives a wire, and this chip turns the wire into a number. It remembers three things for each: that it asked, that it was
    // taken and not ended yet, and that it is not to be heard. An edge is remembered until it is taken; a level has to stay until then, and
    // if it does not, the processor has already been asked, and what it then gets is called a spurious interrupt: number 7. The second
    // chip hangs on one wire of the first. All of this is visible to a kernel, which reads the registers to tell the cases apart.

    /// <summary>The processor takes an interrupt.</summary>
    /// <returns>The vector. Without a request it is that of IRQ 7 ("spurious"), and no chip remembers anything of it. The slave is never
    /// asked without a request of its own: its wire to the master falls with its last one, and here nothing happens between the two
    /// pulses.</returns>
    public byte Acknowledge()
    {
        int input = _master.Acknowledge();
        byte vector = (byte)(_master.State.VectorBase + input);
        if (input == CascadeIrq && !_master.State.IsSingle)
        {
            _master.SetLine(CascadeIrq, false);
            vector = (byte)(_slave.State.VectorBase + _slave.Acknowledge());
        }

        Update();
        return vector;
    }

    uint IPortDevice.Read(ushort port, int bytes, long now)
    {
        bool isOdd = (port & 1) != 0;
        byte value = (port & ~1) switch
        {
            MasterPort => _master.Read(isOdd),
            SlavePort => _slave.Read(isOdd),
            _ => (isOdd ? _slave : _master).LevelTriggered,
        };
        Update(); // a poll acknowledges
        return value;
    }

    void IPortDevice.Write(ushort port, int bytes, uint value, long now)
    {
        bool isOdd = (port & 1) != 0;
        switch (port & ~1)
        {
            case MasterPort:
                _master.Write(isOdd, (byte)value);
                break;
            case SlavePort:
                _slave.Write(isOdd, (byte)value);
                break;
            default:
                (isOdd ? _slave : _master).LevelTriggered = (byte)value;
                break;
        }

        Update();
    }

    private void SetLine(int irq, bool level)
    {
        (irq < 8 ? _master : _slave).SetLine(irq & 7, level);
        Update();
    }

    private void Update()
    {
        _master.SetLine(CascadeIrq, _slave.IsRequesting);
        _processor?.Set(Pending);
    }

    private sealed class Input(InterruptController owner, int irq) : IInterruptLine
    {
        public void Set(bool level) => owner.SetLine(irq, level);
    }
}
