// The serial port of a PC, a 16550A: the console of a kernel from its first word on, and where its user types. The line has no speed here:
// what is written is sent at once, so the transmitter is empty unless the other end takes nothing, and a Guest is never slowed down by a
// baud rate that means nothing.
// Only the receiver's time-out, which drivers rely on, is counted in character times.

using Lguest.Machine;

namespace Lguest.Pc.Chips;

/// <summary>A 16550A (National Semiconductor PC16550D data sheet) at eight ports.</summary>
public sealed class Uart16550 : IPortDevice, ITimedDevice
{
    /// <summary>Where the first serial port of a PC is, and its interrupt.</summary>
    public const ushort FirstPortOfCom1 = 0x3F8;

    /// <summary>The interrupt of the first serial port.</summary>
    public const int IrqOfCom1 = 4;

    private const byte EnableReceived = 0x01;
    private const byte EnableTransmitter = 0x02;
    private const byte EnableLineStatus = 0x04;
    private const byte EnableModemStatus = 0x08;

    private const byte LineDivisorAccess = 0x80;

    private const byte StatusOverrun = 0x02;
    private const byte StatusBreak = 0x10;
    private const byte StatusTransmitterEmpty = 0x60;
    private const byte StatusErrorInFifo = 0x80;

    private const byte ModemOut2 = 0x08;
    private const byte ModemLoop = 0x10;

    /// <summary>CTS, DSR and DCD: somebody is at the other end and ready.</summary>
    private const byte Connected = 0xB0;

    /// <summary>How long a driver has, from enabling the receiver's interrupt, to set up the FIFO, which empties it. Linux does it in that
    /// order; one that wants no FIFO waits so long for its first character.</summary>
    private const long Settling = 10_000_000;

    /// <summary>Who looks for a character so often, and at nothing else, waits for one.</summary>
    private const int MostIdlePolls = 32;

    private const long DivisorClock = 115_200;

    private readonly ushort _port;
    private readonly IInterruptLine _line;
    private readonly Action<byte> _output;
    private readonly Action? _roomMade;
    private readonly Func<bool>? _canSend;
    private UartState _state = new() { Divisor = 12, ModemStatus = Connected, ListensFrom = long.MaxValue };

    /// <param name="port">The first of its eight ports.</param>
    /// <param name="line">Its interrupt.</param>
    /// <param name="output">Takes each character that the Guest sends.</param>
    /// <param name="roomMade">Called when the Guest has taken a character, so that <see cref="Receive"/> may take more; or null.</param>
    /// <param name="canSend">Whether the other end takes more; while it does not, the transmitter is busy. Null: it always does.</param>
    public Uart16550(ushort port, IInterruptLine line, Action<byte> output, Action? roomMade = null, Func<bool>? canSend = null)
    {
        _port = port;
        _line = line;
        _output = output;
        _roomMade = roomMade;
        _canSend = canSend;
    }

    /// <summary>All that a snapshot needs.</summary>
    public UartState State
    {
        get => _state;
        set
        {
            _state = value;
            Update();
        }
    }

    //J:Boards:240 A line without a speed
    // A serial port is the console that needs the least of a machine: a kernel writes a byte to a port, and it is out. So the first words
    // of a boot come through here. The chip is older than the kernel and has many versions, and the driver finds out which by writing and
    // reading back, by the loop from its output to its input, and by whether an interrupt comes when it should. After that it hands over
    // characters sixteen at a time, and the interrupt asks for the next ones.

    /// <summary>How many characters <see cref="Receive"/> would take now: none while the Guest tests the chip by its loop.</summary>
    public int Room => IsLooped ? 0 : Depth - Math.Min(Depth, _state.Received.Count);

    /// <summary>Whether somebody takes what arrives. A driver that starts throws away what came before, which somebody may have typed for
    /// it; so it is better kept until then.</summary>
    public bool IsListening(long now) => _state.Polls >= MostIdlePolls
        || (_state.ListensFrom != long.MaxValue && (HasFifo || now >= _state.ListensFrom + Settling));

    /// <summary>What was written cannot leave.</summary>
    private bool IsHeld => !IsLooped && _canSend?.Invoke() == false;

    private bool HasFifo => (_state.FifoControl & 1) != 0;

    private bool IsLooped => (_state.ModemControl & ModemLoop) != 0;

    private int Depth => HasFifo ? ReceiveFifo.Capacity : 1;

    /// <summary>With how many characters the receiver asks for an interrupt.</summary>
    private int Trigger => !HasFifo ? 1 : (_state.FifoControl >> 6) switch { 0 => 1, 1 => 4, 2 => 8, _ => 14 };

    /// <summary>Puts the chip at its ports.</summary>
    public void Attach(PortBus bus) => bus.Add(_port, (ushort)(_port + 7), this);

    /// <summary>Characters arrive from outside.</summary>
    /// <returns>How many there was room for; the others are the caller's to keep.</returns>
    public int Receive(ReadOnlySpan<byte> characters, long now)
    {
        Advance(now);
        int taken = Math.Min(characters.Length, Room);
        foreach (byte character in characters[..taken])
            _state.Received.Add(character, 0);
        if (taken > 0)
            Moved(now);
        return taken;
    }

    /// <summary>A break arrives: the line is low for longer than a character. Linux takes the next character as a SysRq.</summary>
    /// <returns>Whether there was room for it.</returns>
    public bool ReceiveBreak(long now)
    {
        Advance(now);
        if (Room == 0)
            return false;
        _state.Received.Add(0, StatusBreak);
        Moved(now);
        return true;
    }

    /// <summary>The other end takes more again: the transmitter becomes empty.</summary>
    public void GoOnSending()
    {
        _state.TransmitterWaits = true;
        Update();
    }

    public long NextEvent(long now)
    {
        long settled = _state.ListensFrom == long.MaxValue || HasFifo || now >= _state.ListensFrom + Settling ? long.MaxValue
            : _state.ListensFrom + Settling;
        return IsTimeOutDue ? Math.Max(now, Math.Min(settled, _state.LastMoved + TimeOut)) : settled;
    }

    public void Advance(long now)
    {
        if (_state.ListensFrom != long.MaxValue && !HasFifo && now >= _state.ListensFrom + Settling)
            _roomMade?.Invoke();
        if (!IsTimeOutDue || now < _state.LastMoved + TimeOut)
            return;
        _state.TimedOut = true;
        Update();
    }

    uint IPortDevice.Read(ushort port, int bytes, long now)
    {
        Advance(now);
        byte value = Read((port - _port) & 7, now);
        Update();
        return value;
    }

    void IPortDevice.Write(ushort port, int bytes, uint value, long now)
    {
        Advance(now);
        Write((port - _port) & 7, (byte)value, now);
        Update();
    }

    private bool IsTimeOutDue => HasFifo && !_state.TimedOut && _state.Received.Count > 0;

    /// <summary>Four character times, in nanoseconds ("FIFO timeout interrupts").</summary>
    private long TimeOut
    {
        get
        {
            int data = 5 + (_state.LineControl & 3);
            int stop = (_state.LineControl & 4) != 0 ? 2 : 1;
            int parity = (_state.LineControl & 8) != 0 ? 1 : 0;
            long divisor = _state.Divisor == 0 ? 0x1_0000 : _state.Divisor;
            return 4 * (1 + data + parity + stop) * divisor * Nanoseconds.PerSecond / DivisorClock;
        }
    }

    private byte Read(int register, long now)
    {
        CountPoll(register == 5 && _state.Received.Count == 0 && !IsHeld);
        bool isDivisor = (_state.LineControl & LineDivisorAccess) != 0;
        switch (register)
        {
            case 0:
                return isDivisor ? (byte)_state.Divisor : TakeReceived(now);
            case 1:
                return isDivisor ? (byte)(_state.Divisor >> 8) : _state.InterruptEnable;
            case 2:
                byte identification = Identification();
                if (identification == 0x02)
                    _state.TransmitterWaits = false; // "reading the IIR (if source of interrupt)" resets it
                return (byte)(identification | (HasFifo ? 0xC0 : 0));
            case 3:
                return _state.LineControl;
            case 4:
                return _state.ModemControl;
            case 5:
                byte status = LineStatus();
                _state.IsOverrun = false;
                _state.Received.ForgiveFirst();
                return status;
            case 6:
                byte modem = _state.ModemStatus;
                _state.ModemStatus &= 0xF0;
                return modem;
            default:
                return _state.Scratch;
        }
    }

    private void Write(int register, byte value, long now)
    {
        CountPoll(false);
        bool isDivisor = (_state.LineControl & LineDivisorAccess) != 0;
        switch (register)
        {
            case 0 when isDivisor:
                _state.Divisor = (ushort)((_state.Divisor & 0xFF00) | value);
                break;
            case 0:
                Send(value, now);
                break;
            case 1 when isDivisor:
                _state.Divisor = (ushort)((_state.Divisor & 0x00FF) | (value << 8));
                break;
            case 1:
                WriteInterruptEnable((byte)(value & 0x0F), now);
                break;
            case 2:
                WriteFifoControl(value);
                break;
            case 3:
                _state.LineControl = value;
                break;
            case 4:
                _state.ModemControl = (byte)(value & 0x1F);
                UpdateModemStatus();
                break;
            case 7:
                _state.Scratch = value;
                break;
        }
    }

    /// <summary>Enabling the interrupt of an empty transmitter raises it; serial8250_startup looks for that.</summary>
    private void WriteInterruptEnable(byte value, long now)
    {
        _state.ListensFrom = (value & EnableReceived) == 0 ? long.MaxValue : Math.Min(_state.ListensFrom, now);
        bool isTurnedOn = (value & ~_state.InterruptEnable & EnableTransmitter) != 0;
        _state.TransmitterWaits = (value & EnableTransmitter) != 0 && ((isTurnedOn && !IsHeld) || _state.TransmitterWaits);
        _state.InterruptEnable = value;
    }

    private void CountPoll(bool isPoll)
    {
        _state.Polls = isPoll ? Math.Min(_state.Polls + 1, MostIdlePolls) : 0;
        if (_state.Polls == MostIdlePolls)
            _roomMade?.Invoke();
    }

    private void WriteFifoControl(byte value)
    {
        bool isChanged = ((value ^ _state.FifoControl) & 1) != 0;
        if (isChanged || (value & 3) == 3)
        {
            _state.Received = default;
            _state.TimedOut = false;
            _roomMade?.Invoke();
        }

        // "Bit 0 must be a 1 when other FCR bits are written to or they will not be programmed."
        _state.FifoControl = (byte)((value & 1) != 0 ? value & 0xC9 : 0);
    }

    private byte TakeReceived(long now)
    {
        bool hadSome = _state.Received.Count > 0;
        byte character = _state.Received.Take();
        _state.TimedOut = false;
        _state.LastMoved = now;
        if (hadSome && !IsLooped)
            _roomMade?.Invoke();
        return character;
    }

    private void Send(byte character, long now)
    {
        if (!IsLooped)
        {
            _output(character);
            _state.TransmitterWaits = !IsHeld; // sent already: the holding register became empty
            return;
        }

        _state.TransmitterWaits = true;

        if (_state.Received.Count >= Depth)
        {
            // A full FIFO keeps what it has; the one register of a chip without FIFO is overwritten.
            _state.IsOverrun = true;
            if (HasFifo)
                return;
            _state.Received.Take();
        }

        _state.Received.Add(character, 0);
        Moved(now);
    }

    private void Moved(long now)
    {
        _state.LastMoved = now;
        _state.TimedOut = false;
        Update();
    }

    private byte LineStatus() => (byte)((_state.Received.Count > 0 ? 1 : 0)
        | (_state.IsOverrun ? StatusOverrun : 0)
        | _state.Received.FirstErrors
        | (IsHeld ? 0 : StatusTransmitterEmpty)
        | (HasFifo && _state.Received.HasErrors ? StatusErrorInFifo : 0));

    /// <summary>IIR bits 3-0: the interrupt with the highest priority, or 1.</summary>
    private byte Identification()
    {
        byte enabled = _state.InterruptEnable;
        if ((enabled & EnableLineStatus) != 0 && (_state.IsOverrun || _state.Received.FirstErrors != 0))
            return 0x06;
        if ((enabled & EnableReceived) != 0 && _state.Received.Count >= Trigger)
            return 0x04;
        if ((enabled & EnableReceived) != 0 && _state.TimedOut)
            return 0x0C;
        if ((enabled & EnableTransmitter) != 0 && _state.TransmitterWaits)
            return 0x02;
        return (enabled & EnableModemStatus) != 0 && (_state.ModemStatus & 0x0F) != 0 ? (byte)0x00 : (byte)0x01;
    }

    /// <summary>In the loop RTS, DTR, OUT1 and OUT2 come back as CTS, DSR, RI and DCD; Linux's autoconfig looks for that.</summary>
    private void UpdateModemStatus()
    {
        int control = _state.ModemControl;
        int now = IsLooped
            ? ((control & 2) << 3) | ((control & 1) << 5) | ((control & 4) << 4) | ((control & 8) << 4)
            : Connected;
        int changed = (now ^ _state.ModemStatus) & 0xF0;
        // RI tells of its end only ("trailing edge of ring indicator").
        int told = ((changed & 0xB0) >> 4) | ((changed & ~now & 0x40) >> 4);
        _state.ModemStatus = (byte)(now | (_state.ModemStatus & 0x0F) | told);
    }

    /// <summary>On a PC the interrupt passes a gate that OUT2 opens, and the loop holds the OUT2 pin closed.</summary>
    private void Update() =>
        _line.Set(Identification() != 0x01 && (_state.ModemControl & (ModemOut2 | ModemLoop)) == ModemOut2);
}
