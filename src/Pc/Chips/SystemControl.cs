// The ports by which a kernel ends its machine, each from another decade: the keyboard controller's reset line, port 92h, the PCI reset
// register and ACPI's power management block. There is no keyboard; what it answers must tell a driver so at once, and must not hold up a
// kernel that only wants to pull the reset line.

using Lguest.Machine;

namespace Lguest.Pc.Chips;

/// <summary>Reset, power-off and the diagnostic port.</summary>
public sealed class SystemControl : IPortDevice
{
    /// <summary>PM1a_EVT_BLK of ACPI: status and enable, two bytes each.</summary>
    public const ushort PowerEventPort = 0x600;

    /// <summary>PM1a_CNT_BLK of ACPI: two bytes.</summary>
    public const ushort PowerControlPort = 0x604;

    /// <summary>The PCI reset register, which ACPI's reset register names.</summary>
    public const ushort ResetPort = 0xCF9;

    /// <summary>What is written to <see cref="ResetPort"/> to reset.</summary>
    public const byte ResetValue = 0x06;

    /// <summary>The interrupt of ACPI (SCI).</summary>
    public const int PowerIrq = 9;

    /// <summary>SLP_TYP of "off" in PM1 control, as in the Intel 82371AB; the package \_S5 says the same.</summary>
    public const byte SleepTypeOff = 0;

    private const ushort PostPort = 0x80;
    private const ushort KeyboardPort = 0x64;
    private const ushort PortAPort = 0x92;

    /// <summary>Output buffer full, for ever, and input buffer empty. i8042_flush of Linux reads the first sixteen times and finds "No
    /// controller"; kb_wait before a reset waits for the second.</summary>
    private const byte NoKeyboard = 0x01;

    private const byte PulseReset = 0xFE;
    private const byte FastReset = 0x01;      // port 92h
    private const byte AddressLine20 = 0x02;  // port 92h
    private const byte ResetProcessor = 0x04; // port CF9h

    private const ushort PowerButton = 0x0100;  // PM1: PWRBTN
    private const ushort AllEvents = 0x0721;    // PM1: RTC, SLPBTN, PWRBTN, GBL, TMR
    private const ushort WakeStatus = 0x8000;   // PM1 status: WAK_STS
    private const ushort AcpiMode = 0x0001;     // PM1 control: SCI_EN
    private const ushort SleepEnable = 0x2000;  // PM1 control: SLP_EN

    private readonly IInterruptLine _line;
    private readonly Action<PowerAction> _act;
    private SystemControlState _state = new() { PortA = AddressLine20 };

    /// <param name="line">IRQ 9, for the power button.</param>
    /// <param name="act">Called once for each time that the Guest asks to end.</param>
    public SystemControl(IInterruptLine line, Action<PowerAction> act)
    {
        _line = line;
        _act = act;
    }

    /// <summary>All that a snapshot needs.</summary>
    public SystemControlState State
    {
        get => _state;
        set
        {
            _state = value;
            Drive();
        }
    }

    /// <summary>What was written to port 80h last: where firmware and bare programs say how far they have come.</summary>
    public byte PostCode => _state.PostCode;

    /// <summary>Puts the ports on the bus; <see cref="ResetPort"/> lies inside PCI's address register, so PCI comes first.</summary>
    public void Attach(PortBus bus)
    {
        bus.Add(KeyboardPort, KeyboardPort, this);
        bus.Add(PostPort, PostPort, this);
        bus.Add(PortAPort, PortAPort, this);
        bus.Add(ResetPort, ResetPort, this);
        bus.Add(PowerEventPort, PowerControlPort + 1, this);
    }

    /// <summary>Somebody outside presses the power button: a Guest with ACPI may shut down.</summary>
    public void PressPowerButton()
    {
        _state = _state with { PowerStatus = (ushort)(_state.PowerStatus | PowerButton) };
        Drive();
    }

    uint IPortDevice.Read(ushort port, int bytes, long now) => port switch
    {
        KeyboardPort => NoKeyboard,
        PostPort => _state.PostCode,
        PortAPort => _state.PortA,
        ResetPort => _state.ResetControl,
        _ => (uint)ReadPower(port & ~1) >> (8 * (port & 1)),
    };

    void IPortDevice.Write(ushort port, int bytes, uint value, long now)
    {
        switch (port)
        {
            case KeyboardPort:
                if (value == PulseReset)
                    _act(PowerAction.Reset);
                break;
            case PostPort:
                _state = _state with { PostCode = (byte)value };
                break;
            case PortAPort:
                Change(_state.PortA, value, FastReset, _state with { PortA = (byte)(value & (FastReset | AddressLine20)) });
                break;
            case ResetPort:
                Change(_state.ResetControl, value, ResetProcessor, _state with { ResetControl = (byte)(value & 0x0E) });
                break;
            default:
                WritePower(port, value);
                break;
        }
    }

    /// <summary>Resets where a bit rises, as these registers do.</summary>
    private void Change(byte old, uint value, byte bit, SystemControlState next)
    {
        bool isReset = (value & ~old & bit) != 0;
        _state = next;
        if (isReset)
            _act(PowerAction.Reset);
    }

    private ushort ReadPower(int port) => port switch
    {
        PowerEventPort => _state.PowerStatus,
        PowerEventPort + 2 => _state.PowerEnable,
        _ => (ushort)(_state.PowerControl | AcpiMode),
    };

    /// <summary>ACPI specification, "PM1 Event Registers" and "PM1 Control Registers". Words come as two bytes, which makes no difference:
    /// what must be written together is in one.</summary>
    private void WritePower(ushort port, uint value)
    {
        int shift = 8 * (port & 1);
        uint mask = 0xFFu << shift;
        uint written = value << shift;
        switch (port & ~1)
        {
            case PowerEventPort:
                _state = _state with { PowerStatus = (ushort)(_state.PowerStatus & ~(written & (AllEvents | WakeStatus))) };
                break;
            case PowerEventPort + 2:
                _state = _state with { PowerEnable = (ushort)((_state.PowerEnable & ~mask) | (written & AllEvents)) };
                break;
            default:
                // SLP_EN is write-only. Other sleeps than "off" are not in our tables, and nothing happens.
                uint control = (_state.PowerControl & ~mask) | (written & 0x1C06);
                _state = _state with { PowerControl = (ushort)control };
                if ((written & SleepEnable) != 0 && (control >> 10 & 7) == SleepTypeOff)
                    _act(PowerAction.PowerOff);
                break;
        }

        Drive();
    }

    private void Drive() => _line.Set((_state.PowerStatus & _state.PowerEnable) != 0);
}
