// One PCI function as its configuration space shows it: identity, command and status, memory windows (BARs), capabilities, interrupt. The
// device behind it is somebody else; it adds its windows and capabilities before the machine starts, and pulls the interrupt.

using System.Buffers.Binary;
using Lguest.Machine;

namespace Lguest.Pc.Pci;

/// <summary>A function with a type 0 header (PCI Local Bus Specification 3.0, chapter 6).</summary>
public class PciFunction
{
    /// <summary>Bytes of configuration space.</summary>
    public const int ConfigurationSize = 256;

    /// <summary>Memory windows of a function.</summary>
    public const int Windows = 6;

    private const int Command = 0x04;
    private const int Status = 0x06;
    private const int FirstWindow = 0x10;
    private const int CapabilityPointer = 0x34;
    private const int InterruptLineRegister = 0x3C;
    private const int InterruptPin = 0x3D;
    private const int FirstCapability = 0x40;

    /// <summary>I/O, memory and bus master enable, parity and SERR response, INTx disable.</summary>
    private const ushort WritableCommand = 0x0547;

    private const ushort MemoryEnable = 0x0002;
    private const ushort InterruptDisable = 0x0400;
    private const byte InterruptStatus = 0x08;
    private const byte HasCapabilities = 0x10;

    private readonly byte[] _configuration = new byte[ConfigurationSize];
    private readonly byte[] _writable = new byte[ConfigurationSize];
    private readonly Window?[] _windows = new Window?[Windows];
    private readonly IInterruptLine? _line;
    private int _lastCapability = CapabilityPointer - 1;
    private int _freeCapability = FirstCapability;
    private bool _isInterrupting;

    /// <param name="identity">Who it says it is.</param>
    /// <param name="line">The wire of its INTA, joined with others by <see cref="SharedLine"/>; null if it never interrupts.</param>
    /// <param name="irq">The interrupt of the board that the wire leads to. Without firmware's tables kernels believe this register, and
    /// without it no virtio driver starts.</param>
    public PciFunction(PciIdentity identity, IInterruptLine? line = null, byte irq = 0)
    {
        _line = line;
        Put16(0x00, identity.Vendor);
        Put16(0x02, identity.Device);
        Put32(0x08, (identity.ClassCode << 8) | identity.Revision);
        Put16(0x2C, identity.SubsystemVendor);
        Put16(0x2E, identity.Subsystem);
        BinaryPrimitives.WriteUInt16LittleEndian(_writable.AsSpan(Command), WritableCommand);
        _writable[0x0C] = _writable[0x0D] = byte.MaxValue; // cache line size, latency
        if (line is null)
            return;
        _configuration[InterruptLineRegister] = irq;
        _writable[InterruptLineRegister] = byte.MaxValue;
        _configuration[InterruptPin] = 1; // INTA
    }

    /// <summary>Called after the Guest moved a window, or turned memory on or off.</summary>
    public event Action? WindowsChanged;

    /// <summary>The device's end of the interrupt wire. Its level shows in the status register, and goes out unless the Guest has turned
    /// INTx off.</summary>
    public IInterruptLine Interrupt => new Pin(this);

    /// <summary>All that a snapshot needs.</summary>
    public PciFunctionState State
    {
        get => new([.. _configuration], _isInterrupting);
        set
        {
            value.Configuration.CopyTo(_configuration.AsSpan());
            _isInterrupting = value.IsInterrupting;
            Drive();
            WindowsChanged?.Invoke();
        }
    }

    /// <summary>The same, and with it what the device behind it remembers.</summary>
    public virtual IEnumerable<object> States => [State];

    /// <summary>The windows that answer now: where the Guest has put them, while it has memory turned on.</summary>
    public IEnumerable<MmioRegion> Regions
    {
        get
        {
            if ((Get16(Command) & MemoryEnable) == 0)
                yield break;
            for (int i = 0; i < Windows; i++)
                if (_windows[i] is { } window)
                    yield return new MmioRegion(Get32(FirstWindow + (4 * i)) & ~0xFu, window.Size, window.Device);
        }
    }

    /// <summary>Adds a window of 32-bit memory.</summary>
    /// <param name="index">Which of the six base address registers.</param>
    /// <param name="size">Bytes: a power of two, 16 or more. Linux wants pages of their own: 4096 is the least that is wise.</param>
    /// <param name="device">What answers there.</param>
    /// <param name="address">Where it is before the Guest moves it; 0 leaves that to the Guest.</param>
    public void AddWindow(int index, uint size, IMmioDevice device, uint address = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Windows, nameof(index));
        if (size < 16 || !uint.IsPow2(size))
            throw new ArgumentOutOfRangeException(nameof(size), size, "a window's size is a power of two, 16 or more");
        _windows[index] = new Window(size, device);
        int register = FirstWindow + (4 * index);
        BinaryPrimitives.WriteUInt32LittleEndian(_writable.AsSpan(register), ~(size - 1));
        Put32(register, address & ~(size - 1));
    }

    /// <summary>Appends a capability to the list.</summary>
    /// <param name="id">Its type: 09h is a vendor's own.</param>
    /// <param name="body">What follows the type and the pointer to the next.</param>
    /// <returns>Where in configuration space it begins.</returns>
    public int AddCapability(byte id, ReadOnlySpan<byte> body)
    {
        int at = _freeCapability;
        if (at + 2 + body.Length > ConfigurationSize)
            throw new ArgumentException("no room for another capability", nameof(body));
        _configuration[at] = id;
        body.CopyTo(_configuration.AsSpan(at + 2));
        _configuration[_lastCapability + 1] = (byte)at;
        _configuration[Status] |= HasCapabilities;
        _lastCapability = at;
        _freeCapability = (at + 2 + body.Length + 3) & ~3;
        return at;
    }

    /// <summary>Lets the Guest write bytes of a capability, as the access window of virtio needs.</summary>
    public void MakeWritable(int offset, int bytes) => _writable.AsSpan(offset, bytes).Fill(byte.MaxValue);

    /// <summary>A configuration read; the access lies inside one doubleword.</summary>
    public virtual uint Read(int offset, int bytes, long now)
    {
        uint value = 0;
        for (int i = 0; i < bytes; i++)
        {
            byte one = _configuration[offset + i];
            if (offset + i == Status && _isInterrupting)
                one |= InterruptStatus;
            value |= (uint)one << (8 * i);
        }

        return value;
    }

    /// <summary>A configuration write; the access lies inside one doubleword. What is not writable stays: so a window shows its size in the
    /// bits that stay 0 after all ones were written.</summary>
    public virtual void Write(int offset, int bytes, uint value, long now)
    {
        bool isChanged = false;
        for (int i = 0; i < bytes; i++, value >>= 8)
        {
            ref byte place = ref _configuration[offset + i];
            byte mask = _writable[offset + i];
            byte written = (byte)((place & ~mask) | ((byte)value & mask));
            isChanged |= written != place;
            place = written;
        }

        if (!isChanged)
            return;
        if (offset < Command + 2 && offset + bytes > Command)
        {
            Drive();
            WindowsChanged?.Invoke();
        }
        else if (offset is >= FirstWindow and < FirstWindow + (4 * Windows))
        {
            WindowsChanged?.Invoke();
        }
    }

    private void Drive() => _line?.Set(_isInterrupting && (Get16(Command) & InterruptDisable) == 0);

    private ushort Get16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(_configuration.AsSpan(offset));

    private uint Get32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_configuration.AsSpan(offset));

    private void Put16(int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(_configuration.AsSpan(offset), value);

    private void Put32(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_configuration.AsSpan(offset), value);

    private sealed record Window(uint Size, IMmioDevice Device);

    private sealed class Pin(PciFunction owner) : IInterruptLine
    {
        public void Set(bool level)
        {
            owner._isInterrupting = level;
            owner.Drive();
        }
    }
}
