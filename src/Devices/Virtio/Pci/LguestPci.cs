// PCI as lguest's launcher had it from Linux 4.x on: the two registers of configuration mechanism 1, byte by byte if a kernel likes, a host
// bridge and up to 31 devices, and their windows side by side behind RAM (ABI sheet 11.2 to 11.5).

using System.Collections.Concurrent;
using Lguest.Machine;

namespace Lguest.Devices.Virtio.Pci;

/// <summary>The devices of one Guest of Linux 4.x. For the owner of its processor, but <see cref="Post"/>.</summary>
/// <param name="ramBytes">RAM of the machine; the windows begin a megabyte later.</param>
internal sealed class LguestPci(uint ramBytes) : IGuestDevices
{
    /// <summary>Most devices, the host bridge not counted.</summary>
    public const int MostDevices = 31;

    /// <summary>Room that there must be behind RAM.</summary>
    public const uint Room = Gap + 0x10000;

    private const uint Gap = 0x100000;
    private const uint PageBytes = 4096;
    private const ushort KeyboardStatus = 0x64;
    private const ushort AddressPort = 0xcf8;
    private const ushort DataPort = 0xcfc;
    private const uint Enable = 0x8000_0000;
    private const uint BusAndFunction = 0x00ff_0700;

    private readonly List<LguestFunction> _functions = [new()];
    private readonly ConcurrentQueue<Action> _posted = new();
    private uint _address;
    private uint _next = ramBytes + Gap;

    /// <inheritdoc/>
    public ulong End => (_next + PageBytes - 1) & ~(PageBytes - 1);

    /// <inheritdoc/>
    public string? Fault
    {
        get
        {
            for (int i = 1; i < _functions.Count; i++)
                if (_functions[i].Fault is { } fault)
                    return $"bad driver of device {i}: {fault}";
            return _functions[0].Fault;
        }
    }

    /// <inheritdoc/>
    public uint? Waiting
    {
        get
        {
            foreach (var function in _functions)
                if (function.Registers?.IsResetting == true)
                    return function.Address;
            return null;
        }
    }

    /// <inheritdoc/>
    public IEnumerable<object> State => [_address, .. _functions.Skip(1).SelectMany(function => function.States)];

    /// <inheritdoc/>
    public Action? Attention { get; set; }

    /// <inheritdoc/>
    public Action<int>? Interrupt { get; set; }

    /// <summary>The bus's address register.</summary>
    public uint Address => _address;

    /// <summary>Plugs a device in, at the next place. Before the Guest runs.</summary>
    /// <param name="description">What it says about itself.</param>
    /// <param name="backend">What serves its queues.</param>
    public LguestFunction Plug(DeviceDescription description, IVirtioBackend backend)
    {
        if (_functions.Count > MostDevices)
            throw new InvalidOperationException($"a bus has at most {MostDevices} devices");
        byte irq = (byte)_functions.Count;
        VirtioRegisters registers = new(
            description, LguestFunction.QueueSize, ramBytes, Strictness.Lguest, backend, new Line(this, irq), irq);
        LguestFunction function = new(description, registers, irq, _next);
        _next += LguestFunction.WindowBytes(function.Bytes);
        _functions.Add(function);
        return function;
    }

    /// <summary>Has the owner do something before the Guest goes on. Any thread.</summary>
    public void Post(Action action)
    {
        _posted.Enqueue(action);
        Attention?.Invoke();
    }

    /// <inheritdoc/>
    public void Attend()
    {
        while (_posted.TryDequeue(out var action))
            action();
    }

    /// <inheritdoc/>
    public bool Signal(int number)
    {
        if (number <= 0 || number >= _functions.Count)
            return false;
        _functions[number].Registers!.InterruptForUsed();
        return true;
    }

    /// <inheritdoc/>
    public uint ReadPort(ushort port, int bytes, long now) => port switch
    {
        KeyboardStatus => 1, // ready: a kernel that reboots by the keyboard controller need not wait for one
        >= AddressPort and < AddressPort + 4 => _address >> (8 * (port - AddressPort)),
        >= DataPort and < DataPort + 4 when Selected is { } function => function.Read(Register, port - DataPort, bytes, now),
        _ => uint.MaxValue,
    };

    /// <inheritdoc/>
    public bool TryWritePort(ushort port, int bytes, uint value, long now)
    {
        switch (port)
        {
            case >= AddressPort and < AddressPort + 4:
                int shift = 8 * (port - AddressPort);
                uint mask = uint.MaxValue >> (32 - (8 * bytes)) << shift;
                _address = (_address & ~mask) | ((value << shift) & mask);
                return true;
            case >= DataPort and < DataPort + 4:
                return Selected?.TryWrite(Register, port - DataPort, bytes, value, now) == true;
            default:
                return true;
        }
    }

    /// <inheritdoc/>
    public bool Answers(ulong address) => At(address) is not null;

    /// <inheritdoc/>
    public uint Read(ulong address, int bytes, long now) =>
        At(address) is { } function ? function.Registers!.Read(address - function.Address, bytes, now) : uint.MaxValue;

    /// <inheritdoc/>
    public void Write(ulong address, int bytes, uint value, long now)
    {
        if (At(address) is { } function)
            function.Registers!.Write(address - function.Address, bytes, value, now);
    }

    private int Register => (int)(_address & 0xfc);

    private LguestFunction? Selected
    {
        get
        {
            int device = (int)(_address >> 11) & 31;
            return (_address & Enable) != 0 && (_address & BusAndFunction) == 0 && Register < LguestFunction.ConfigurationBytes
                && device < _functions.Count ? _functions[device] : null;
        }
    }

    private LguestFunction? At(ulong address)
    {
        foreach (var function in _functions)
            if (address >= function.Address && address - function.Address < function.Bytes)
                return function;
        return null;
    }

    /// <summary>The other end of a device's wire: an lguest irq is a bit that is set, and taken away by delivery alone.</summary>
    private sealed class Line(LguestPci owner, int irq) : IInterruptLine
    {
        public void Set(bool level)
        {
            if (level)
                owner.Interrupt?.Invoke(irq);
        }
    }
}
