// The registers of a virtio 1.x device in its PCI memory window: common configuration, notification, interrupt status and the device's own
// configuration (virtio 1.1, section 4.1.4; ABI sheet 11.5). A PC and lguest's third generation have the same registers at the same places,
// and differ in what becomes of a driver that breaks the rules, and in where an interrupt goes.

using System.Buffers.Binary;
using Lguest.Guest.Memory;
using Lguest.Machine;

namespace Lguest.Devices.Virtio.Pci;

/// <summary>Registers of one device. All on the thread that has the Guest's CPU.</summary>
internal sealed class VirtioRegisters : IMmioDevice
{
    /// <summary>Bytes of the common configuration.</summary>
    public const int CommonBytes = 56;

    /// <summary>Where the number of a queue is written to make the device look at it.</summary>
    public const int NotifyAt = 56;

    /// <summary>Where the interrupt status is read, and cleared by that.</summary>
    public const int IsrAt = 58;

    /// <summary>Where the device's own configuration begins.</summary>
    public const int ConfigAt = 60;

    /// <summary>The feature that all these devices offer: that they are of version 1 of virtio.</summary>
    public const ulong Version1 = 1UL << 32;

    private const byte UsedBit = 1;
    private const byte ConfigBit = 2;
    private const ushort NoVector = 0xffff; // VIRTIO_MSI_NO_VECTOR
    private const DeviceStatus DriverBits =
        DeviceStatus.Acknowledge | DeviceStatus.Driver | DeviceStatus.DriverOk | DeviceStatus.FeaturesOk | DeviceStatus.Failed;

    private readonly IVirtioBackend _backend;
    private readonly IInterruptLine _line;
    private readonly uint _ramBytes;
    private readonly byte _irq;
    private readonly bool _isStrict;
    private readonly ushort _queueSize;
    private readonly byte[] _config;
    private readonly QueueState[] _queues;
    private VirtioState _state;
    private bool _isResetting;

    /// <param name="description">What the device says about itself.</param>
    /// <param name="queueSize">Most descriptors of a queue, a power of two.</param>
    /// <param name="ramBytes">Where rings must lie below.</param>
    /// <param name="strictness">What becomes of a driver that breaks a rule.</param>
    /// <param name="backend">What serves the queues.</param>
    /// <param name="line">Driven up for each interrupt, and down when the driver has read the status.</param>
    /// <param name="irq">What the device calls its interrupt towards the machine; passed on with the rings.</param>
    public VirtioRegisters(
        DeviceDescription description, ushort queueSize, uint ramBytes, Strictness strictness, IVirtioBackend backend, IInterruptLine line,
        byte irq)
    {
        _backend = backend;
        _line = line;
        _ramBytes = ramBytes;
        _irq = irq;
        _isStrict = strictness == Strictness.Lguest;
        _queueSize = queueSize;
        _config = [.. description.Config];
        Offered = description.Features | Version1;
        _queues = new QueueState[description.Queues];
        _state = Fresh(0);
    }

    /// <summary>Features offered.</summary>
    public ulong Offered { get; }

    /// <summary>What a driver did wrong that a strict device does not forgive; it answers nothing any more. Null otherwise.</summary>
    public string? Fault { get; private set; }

    /// <summary>Whether a reset takes longer: until <see cref="FinishReset"/> a driver that asks is told that it is not done.</summary>
    public bool IsResetting => _isResetting;

    /// <summary>Bytes from the first register to the end of the device's configuration.</summary>
    public int Bytes => ConfigAt + _config.Length;

    /// <summary>All that a snapshot needs; taken and given back while no reset is under way and the device has nothing in hand.</summary>
    public VirtioState State
    {
        get => _state with { Queues = [.. _queues] };
        set
        {
            _state = value;
            value.Queues.CopyTo(_queues);
            _line.Set(value.Isr != 0);
        }
    }

    /// <summary>The device has used buffers, and its driver wants to know. One that was reset meanwhile does not: nobody would read the
    /// status and so take the level away.</summary>
    public void InterruptForUsed() => Interrupt(UsedBit);

    /// <summary>The device's own configuration has changed.</summary>
    public void ChangeConfig(int offset, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_config.AsSpan(offset));
        _state = _state with { ConfigGeneration = (byte)(_state.ConfigGeneration + 1) };
        Interrupt(ConfigBit);
    }

    /// <summary>The device cannot go on: a queue is broken. The driver is told to start anew.</summary>
    public void GiveUp()
    {
        _state = _state with { Status = _state.Status | DeviceStatus.NeedsReset };
        Interrupt(ConfigBit);
    }

    /// <summary>A reset that took longer is done.</summary>
    public void FinishReset()
    {
        if (!_isResetting)
            return;
        _isResetting = false;
        Renew();
    }

    //J:Drivers:110 The same device on another bus
    // On lguest's bus a device was a record in a page of memory, and its rings lay where the Launcher had put them. On PCI the driver is in
    // charge: it reads what the device offers, answers what it takes, puts the rings where it likes, and says with a bit in the status
    // register when the device may begin. Every step is a load or a store of a few bytes at a fixed place, of exactly the width of the
    // register. What the device does with buffers is the same code on either bus.

    /// <inheritdoc/>
    public uint Read(ulong offset, int bytes, long now)
    {
        if (Fault is not null)
            return 0;
        return offset switch
        {
            < CommonBytes => ReadCommon((int)offset, bytes),
            IsrAt when bytes == 1 => TakeIsr(),
            >= ConfigAt => ReadConfig(offset - ConfigAt, bytes),
            _ => Violation($"a read of {bytes} bytes at {offset}"),
        };
    }

    /// <inheritdoc/>
    public void Write(ulong offset, int bytes, uint value, long now)
    {
        if (Fault is not null || _isResetting)
            return;
        if (offset < CommonBytes)
            WriteCommon((int)offset, bytes, value);
        else if (offset == NotifyAt && bytes == 2)
            Notify((ushort)value);
        else if (offset < ConfigAt || offset - ConfigAt >= (uint)_config.Length
            || !_backend.WriteConfig((int)(offset - ConfigAt), bytes, value))
            Violation($"a write of {bytes} bytes at {offset}");
    }

    private uint ReadCommon(int at, int bytes) => (at, bytes) switch
    {
        ( < 16 or > 21, _) when !Keeps(Has(DeviceStatus.Driver), $"{at} was read before DRIVER was set") => 0,
        (0, 4) => _state.DeviceFeatureSelect,
        (4, 4) => ReadFeature(),
        (8, 4) => _state.DriverFeatureSelect,
        (12, 4) => _state.DriverFeatureSelect > 1 ? 0 : (uint)(_state.DriverFeatures >> (int)(32 * _state.DriverFeatureSelect)),
        (16, 2) or (26, 2) when !_isStrict => NoVector,
        (18, 2) => (uint)_queues.Length,
        (20, 1) => ReadStatus(),
        (21, 1) => _state.ConfigGeneration,
        (22, 2) => _state.QueueSelect,
        (24, 2) => Selected.Size,
        (28, 2) => Selected.IsEnabled ? 1u : 0,
        (30, 2) => 0, // one place for all
        (32, 4) => (uint)Selected.Descriptors,
        (36, 4) => (uint)(Selected.Descriptors >> 32),
        (40, 4) => (uint)Selected.Available,
        (44, 4) => (uint)(Selected.Available >> 32),
        (48, 4) => (uint)Selected.Used,
        (52, 4) => (uint)(Selected.Used >> 32),
        _ => Violation($"a read of {bytes} bytes at {at}"),
    };

    private void WriteCommon(int at, int bytes, uint value)
    {
        switch (at, bytes)
        {
            case (8, 4) when !Keeps(value <= 1, $"feature word {value} was selected"):
            case (0 or 8 or 12, 4) when !Keeps(
                (_state.Status & (DeviceStatus.Driver | DeviceStatus.FeaturesOk)) == DeviceStatus.Driver,
                "features were written before DRIVER was set or after FEATURES_OK"):
                break;
            case (0, 4):
                _state = _state with
                {
                    DeviceFeatureSelect = value,
                    DeviceFeature = value > 1 ? 0 : (uint)(Offered >> (int)(32 * value)),
                };
                break;
            case (8, 4):
                _state = _state with { DriverFeatureSelect = value };
                break;
            case (12, 4):
                WriteFeature(value);
                break;
            case (20, 1):
                WriteStatus((DeviceStatus)value);
                break;
            case (22, 2):
                _state = _state with { QueueSelect = (ushort)value };
                break;
            case (24, 2) when Must(MayConfigure && ushort.IsPow2((ushort)value) && value <= _queueSize, $"a queue size of {value}"):
                Selected = Selected with { Size = (ushort)value };
                break;
            case (28, 2) when Must(MayConfigure && value == 1 && !Has(DeviceStatus.DriverOk), $"{value} in queue_enable"):
                Enable();
                break;
            case (32 or 36 or 40 or 44 or 48 or 52, 4):
                WriteAddress(at, value);
                break;
            case (16 or 26, 2) when !_isStrict:
            case (24 or 28, 2):
                break;
            default:
                Violation($"a write of {bytes} bytes at {at}");
                break;
        }
    }

    private bool MayConfigure => _state.QueueSelect < _queues.Length && !Selected.IsEnabled;

    private QueueState Selected
    {
        get => _state.QueueSelect < _queues.Length ? _queues[_state.QueueSelect] : default;
        set => _queues[_state.QueueSelect] = value;
    }

    /// <summary>lguest's register is filled by the select register, and so empty before; a PC's shows the word selected at any
    /// time.</summary>
    private uint ReadFeature() => _isStrict ? _state.DeviceFeature
        : _state.DeviceFeatureSelect > 1 ? 0 : (uint)(Offered >> (int)(32 * _state.DeviceFeatureSelect));

    private void WriteFeature(uint value)
    {
        if (Has(DeviceStatus.FeaturesOk) || _state.DriverFeatureSelect > 1)
            return;
        int shift = (int)(32 * _state.DriverFeatureSelect);
        _state = _state with { DriverFeatures = (_state.DriverFeatures & ~((ulong)uint.MaxValue << shift)) | ((ulong)value << shift) };
    }

    private uint ReadStatus()
    {
        if (Has(DeviceStatus.FeaturesOk) && !_state.SawFeaturesOk)
            _state = _state with { SawFeaturesOk = true };
        return (uint)_state.Status;
    }

    private void WriteStatus(DeviceStatus value)
    {
        if (value == DeviceStatus.Reset)
        {
            Reset();
            return;
        }

        var before = _state.Status;
        var added = value & ~before & DriverBits;
        if (_isStrict && !IsNextStep(before, value))
        {
            Violation($"status {(byte)value} after {(byte)before}");
            return;
        }

        ulong accepted = _state.DriverFeatures;
        if ((added & DeviceStatus.FeaturesOk) != 0
            && (!Must((accepted & ~Offered) == 0, $"features {accepted:x} of {Offered:x}") || (!_isStrict && (accepted & Version1) == 0)))
            added &= ~DeviceStatus.FeaturesOk;
        if (((before | added) & DeviceStatus.FeaturesOk) == 0)
            added &= ~DeviceStatus.DriverOk;
        if (Fault is not null)
            return;
        _state = _state with { Status = before | added };
        if ((added & DeviceStatus.DriverOk) != 0)
            _backend.Start(accepted, [.. _queues.Select(RingOf)]);
    }

    /// <summary>One bit more, and none before its turn; and a driver may go on only when it has looked whether its features were
    /// accepted.</summary>
    private bool IsNextStep(DeviceStatus before, DeviceStatus value) => (value & ~before) switch
    {
        DeviceStatus.Acknowledge => value == DeviceStatus.Acknowledge,
        DeviceStatus.Driver => value == (DeviceStatus.Acknowledge | DeviceStatus.Driver),
        DeviceStatus.FeaturesOk => value == (DeviceStatus.Acknowledge | DeviceStatus.Driver | DeviceStatus.FeaturesOk),
        DeviceStatus.DriverOk => value == (DriverBits & ~DeviceStatus.Failed) && _state.SawFeaturesOk,
        _ => false,
    };

    private void WriteAddress(int at, uint value)
    {
        bool isHigh = (at & 4) != 0;
        if (!Must(MayConfigure, "a queue's address was written while it was enabled, or it does not exist")
            || !Keeps(_state.SawFeaturesOk, "a queue's address was written before FEATURES_OK was read back")
            || !Keeps(!isHigh || value == 0, "a queue's address is above 4 GB"))
            return;
        var queue = Selected;
        Selected = (at & ~4) switch
        {
            32 => queue with { Descriptors = Half(queue.Descriptors, isHigh, value) },
            40 => queue with { Available = Half(queue.Available, isHigh, value) },
            _ => queue with { Used = Half(queue.Used, isHigh, value) },
        };
    }

    private static ulong Half(ulong before, bool isHigh, uint value) =>
        isHigh ? (before & uint.MaxValue) | ((ulong)value << 32) : (before & ~(ulong)uint.MaxValue) | value;

    private void Enable()
    {
        var queue = Selected with { IsEnabled = true };
        if (Must(RingOf(queue) is { } ring && ring.LiesBelow(_ramBytes), "a queue was enabled that is not aligned, or not in memory"))
            Selected = queue;
    }

    /// <summary>Null for a queue that is not in use, or nowhere near memory.</summary>
    private RingLayout? RingOf(QueueState queue)
    {
        if (!queue.IsEnabled || queue.Descriptors % 16 != 0 || queue.Available % 2 != 0 || queue.Used % 4 != 0
            || Math.Max(Math.Max(queue.Descriptors, queue.Available), queue.Used) > uint.MaxValue)
            return null;
        return RingLayout.Modern(
            new GuestPhysical((uint)queue.Descriptors), new GuestPhysical((uint)queue.Available), new GuestPhysical((uint)queue.Used),
            queue.Size, _irq);
    }

    private void Notify(ushort queue)
    {
        if (queue >= _queues.Length)
            Violation($"queue {queue} was notified");
        else if (_queues[queue].IsEnabled && Has(DeviceStatus.DriverOk))
            _backend.Kick(queue);
    }

    private uint ReadConfig(ulong at, int bytes)
    {
        if (!Keeps(Has(DeviceStatus.Driver), "the configuration was read before DRIVER was set"))
            return 0;
        if (at + (uint)bytes > (uint)_config.Length && (_isStrict || at >= (uint)_config.Length))
            return Violation($"a read of {bytes} bytes at {at} of the configuration");
        Span<byte> value = stackalloc byte[sizeof(uint)];
        value.Clear();
        _config.AsSpan((int)at, Math.Min(bytes, _config.Length - (int)at)).CopyTo(value);
        return BinaryPrimitives.ReadUInt32LittleEndian(value);
    }

    private byte TakeIsr()
    {
        byte isr = _state.Isr;
        _state = _state with { Isr = 0 };
        _line.Set(false);
        return isr;
    }

    private void Interrupt(byte bit)
    {
        if (_isResetting || Fault is not null || !Has(DeviceStatus.DriverOk))
            return;
        _state = _state with { Isr = (byte)(_state.Isr | bit) };
        _line.Set(true);
    }

    private void Reset()
    {
        if (_backend.Reset())
            Renew();
        else
            _isResetting = true;
    }

    private void Renew()
    {
        _state = Fresh(_state.ConfigGeneration);
        _line.Set(false);
    }

    private VirtioState Fresh(byte generation)
    {
        Array.Fill(_queues, new QueueState(_queueSize, false, 0, 0, 0));
        return new VirtioState([]) { ConfigGeneration = generation };
    }

    private bool Has(DeviceStatus bit) => (_state.Status & bit) != 0;

    /// <summary>A rule that only a strict device enforces.</summary>
    private bool Keeps(bool isKept, string what) => !_isStrict || isKept || Violation(what) != 0;

    /// <summary>A rule that every device enforces.</summary>
    private bool Must(bool isKept, string what) => isKept || Violation(what) != 0;

    private byte Violation(string what)
    {
        if (_isStrict)
            Fault ??= what;
        return 0;
    }
}
