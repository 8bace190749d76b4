// A virtio device as lguest's third generation shows it on PCI: a configuration header that ends after the capabilities, every write to
// which is either expected or refused, and a window of memory that stays where the Launcher has put it, whatever the Guest writes into the
// address register (ABI sheet 11.3, 11.4).

using System.Buffers.Binary;

namespace Lguest.Devices.Virtio.Pci;

/// <summary>One device of an lguest Guest of Linux 4.x; or, without registers, the host bridge.</summary>
internal sealed class LguestFunction
{
    /// <summary>Bytes of configuration space.</summary>
    public const int ConfigurationBytes = 0x98;

    /// <summary>Most descriptors of a queue (VIRTQUEUE_NUM).</summary>
    public const ushort QueueSize = 256;

    private const ushort Vendor = 0x1af4;
    private const ushort FirstDevice = 0x1040;
    private const ushort Subsystem = 0x40;
    private const byte HasCapabilities = 0x10;
    private const byte VendorCapability = 0x09;
    private const uint HostBridgeClass = 0x060000;

    private const int Command = 0x04;
    private const int CacheLine = 0x0c;
    private const int FirstBar = 0x10;
    private const int LastBar = 0x28; // the launcher's check goes one too far, and so does this
    private const int ExpansionRom = 0x30;
    private const int CommonCapability = 0x40;
    private const int NotifyCapability = 0x50;
    private const int IsrCapability = 0x64;
    private const int ConfigCapability = 0x74;
    private const int WindowCapability = 0x84;
    private const int WindowBar = WindowCapability + 4;
    private const int WindowOffset = WindowCapability + 8;
    private const int WindowLength = WindowCapability + 12;
    private const int WindowData = WindowCapability + 16;

    private readonly byte[] _configuration = new byte[ConfigurationBytes];

    /// <summary>The host bridge, in which Linux finds no fault.</summary>
    public LguestFunction() => Put(8, HostBridgeClass << 8);

    /// <param name="description">What the device says about itself.</param>
    /// <param name="registers">What answers in its window.</param>
    /// <param name="irq">Its interrupt; also where its driver looks for it.</param>
    /// <param name="address">Where its window is.</param>
    public LguestFunction(DeviceDescription description, VirtioRegisters registers, byte irq, uint address)
    {
        Registers = registers;
        Address = address;
        Put(0, ((uint)(FirstDevice + (int)description.Type) << 16) | Vendor);
        Put(Command, HasCapabilities << 16);
        Put(8, (ClassOf(description.Type) << 8) | 1);
        Put(FirstBar, address);
        Put(0x2c, (uint)Subsystem << 16);
        _configuration[0x34] = CommonCapability;
        _configuration[0x3c] = irq;
        bool hasConfig = !description.Config.IsEmpty;
        Offer(CommonCapability, 16, 1, NotifyCapability, 0, VirtioRegisters.CommonBytes);
        Offer(NotifyCapability, 20, 2, IsrCapability, VirtioRegisters.NotifyAt, 2);
        Offer(IsrCapability, 16, 3, WindowCapability, VirtioRegisters.IsrAt, 1);
        Offer(WindowCapability, 20, 5, hasConfig ? (byte)ConfigCapability : (byte)0, 0, 0);
        Offer(ConfigCapability, 16, 4, 0, VirtioRegisters.ConfigAt, description.Config.Length);
    }

    /// <summary>What answers in its window; null for the host bridge.</summary>
    public VirtioRegisters? Registers { get; }

    /// <summary>All that it and its registers remember.</summary>
    public IEnumerable<object> States => [_configuration, Registers!.State];

    /// <summary>The first physical address of its window.</summary>
    public uint Address { get; }

    /// <summary>Bytes of its window that are registers.</summary>
    public uint Bytes => (uint)(Registers?.Bytes ?? 0);

    /// <summary>What its driver did wrong; it answers nothing any more. Null otherwise.</summary>
    public string? Fault => _fault ??= Registers?.Fault;

    private string? _fault;

    /// <summary>A read of 1, 2 or 4 bytes.</summary>
    /// <param name="register">A multiple of 4 below <see cref="ConfigurationBytes"/>.</param>
    /// <param name="at">0-3, the first byte in that doubleword; what lies beyond it reads as 0.</param>
    /// <param name="bytes">1, 2 or 4.</param>
    /// <param name="now">Guest time.</param>
    public uint Read(int register, int at, int bytes, long now)
    {
        if (register == WindowData)
        {
            if (Target is { } target)
                Put(WindowData, Registers!.Read(target.Offset, target.Bytes, now));
            else
                _fault ??= "the configuration window was read while it showed nothing";
        }

        return (Get(register) >> (8 * at)) & Mask(bytes);
    }

    /// <summary>A write of 1, 2 or 4 bytes, as <see cref="Read"/>.</summary>
    /// <returns>False if there is nothing to be written, and nothing was.</returns>
    public bool TryWrite(int register, int at, int bytes, uint value, long now)
    {
        switch (register)
        {
            case FirstBar:
                // Linux writes ones and looks which stay, to learn the size.
                Merge(register, at, Mask(bytes), value);
                Put(register, Get(register) & ~(WindowBytes(Bytes) - 1));
                return true;
            case > FirstBar and <= LastBar or ExpansionRom or WindowBar or WindowOffset or WindowLength:
                Merge(register, at, Mask(bytes), value);
                return true;
            case CacheLine:
                // The class and the kind of header behind it are not the driver's.
                Merge(register, at, bytes == 4 ? 0xffff : Mask(bytes), value);
                return true;
            case Command:
                return bytes == 2;
            case WindowData when Target is { } target:
                Merge(register, at, Mask(bytes), value);
                Registers!.Write(target.Offset, target.Bytes, Get(register) & Mask(target.Bytes), now);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Bytes that a window takes: a power of two.</summary>
    public static uint WindowBytes(uint bytes) => bytes == 0 ? 1 : System.Numerics.BitOperations.RoundUpToPowerOf2(bytes);

    /// <summary>What the window in configuration space shows, if that is inside of the registers.</summary>
    private (uint Offset, int Bytes)? Target
    {
        get
        {
            uint offset = Get(WindowOffset), bytes = Get(WindowLength);
            return (byte)Get(WindowBar) == 0 && bytes is 1 or 2 or 4 && offset % bytes == 0 && (ulong)offset + bytes <= Bytes
                ? (offset, (int)bytes) : null;
        }
    }

    private static uint ClassOf(DeviceType type) => type switch
    {
        DeviceType.Console => 0x070000,
        DeviceType.Net => 0x020000,
        DeviceType.Block => 0x018000,
        _ => 0xff0000,
    };

    private void Offer(int at, byte length, byte type, byte next, int offset, int bytes)
    {
        Put(at, VendorCapability | ((uint)next << 8) | ((uint)length << 16) | ((uint)type << 24));
        Put(at + 8, (uint)offset);
        Put(at + 12, (uint)bytes);
    }

    private void Merge(int register, int at, uint mask, uint value)
    {
        int shift = 8 * at;
        Put(register, (Get(register) & ~(mask << shift)) | ((value & mask) << shift));
    }

    private static uint Mask(int bytes) => uint.MaxValue >> (32 - (8 * bytes));

    private uint Get(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_configuration.AsSpan(at));

    private void Put(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(_configuration.AsSpan(at), value);
}
