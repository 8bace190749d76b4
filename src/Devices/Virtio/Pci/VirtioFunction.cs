// A virtio device as a PCI function: who it is, where its registers are, and the capabilities by which a driver finds them (virtio 1.1,
// section 4.1.4; PC board sheet 6).

using System.Buffers.Binary;
using Lguest.Machine;
using Lguest.Pc.Pci;

namespace Lguest.Devices.Virtio.Pci;

/// <summary>One virtio device on the PCI bus of a PC.</summary>
internal sealed class VirtioFunction : PciFunction
{
    /// <summary>Most descriptors of a queue.</summary>
    public const ushort QueueSize = 256;

    private const ushort Vendor = 0x1af4;
    private const ushort FirstDevice = 0x1040;
    private const byte Modern = 1; // revision
    private const uint WindowBytes = 4096;
    private const byte VendorCapability = 0x09;
    private const int WindowDataAt = 16; // pci_cfg_data, in the access capability

    private readonly int _access;

    /// <param name="description">What the device says about itself.</param>
    /// <param name="ramBytes">RAM of the machine below the hole, where rings must lie.</param>
    /// <param name="backend">What serves its queues.</param>
    /// <param name="line">The wire of its interrupt.</param>
    /// <param name="irq">Where that leads.</param>
    /// <param name="number">What the backend calls its interrupt by.</param>
    public VirtioFunction(DeviceDescription description, uint ramBytes, IVirtioBackend backend, IInterruptLine line, byte irq, byte number)
        : base(IdentityOf(description.Type), line, irq)
    {
        Registers = new VirtioRegisters(description, QueueSize, ramBytes, Strictness.Forgiving, backend, Interrupt, number);
        AddWindow(0, WindowBytes, Registers);
        Offer(1, 0, VirtioRegisters.CommonBytes);
        Offer(2, VirtioRegisters.NotifyAt, 2, extra: 4); // all queues are notified at the same place: the multiplier is 0
        Offer(3, VirtioRegisters.IsrAt, 1);
        if (!description.Config.IsEmpty)
            Offer(4, VirtioRegisters.ConfigAt, description.Config.Length);
        _access = Offer(5, 0, 0, extra: 4);
        MakeWritable(_access + 4, 1); // the window
        MakeWritable(_access + 8, 12); // offset, length, data
    }

    public VirtioRegisters Registers { get; }

    /// <inheritdoc/>
    public override IEnumerable<object> States => [State, Registers.State];

    /// <inheritdoc/>
    public override uint Read(int offset, int bytes, long now)
    {
        if (offset == _access + WindowDataAt && Target is { } target)
            base.Write(offset, sizeof(uint), Registers.Read(target.Offset, target.Bytes, now), now);

        return base.Read(offset, bytes, now);
    }

    /// <inheritdoc/>
    public override void Write(int offset, int bytes, uint value, long now)
    {
        base.Write(offset, bytes, value, now);
        if (offset == _access + WindowDataAt && Target is { } target)
            Registers.Write(target.Offset, target.Bytes, base.Read(offset, target.Bytes, now), now);
    }

    /// <summary>What the access capability points at, if that is a register's place: for drivers that cannot reach memory yet.</summary>
    private (uint Offset, int Bytes)? Target
    {
        get
        {
            uint offset = base.Read(_access + 8, 4, 0), bytes = base.Read(_access + 12, 4, 0);
            return base.Read(_access + 4, 1, 0) == 0 && bytes is 1 or 2 or 4 && offset % bytes == 0 && offset < WindowBytes
                ? (offset, (int)bytes) : null;
        }
    }

    /// <summary>Adds a capability that says: registers of this type are there.</summary>
    private int Offer(byte type, int offset, int length, int extra = 0)
    {
        byte[] body = new byte[14 + extra];
        body[0] = (byte)(body.Length + 2);
        body[1] = type;
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(6), offset);
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(10), length);
        return AddCapability(VendorCapability, body);
    }

    private static PciIdentity IdentityOf(DeviceType type) => new(
        Vendor, (ushort)(FirstDevice + (int)type), ClassOf(type), Modern, Vendor, (ushort)(FirstDevice + (int)type));

    private static uint ClassOf(DeviceType type) => type switch
    {
        DeviceType.Net => 0x020000,
        DeviceType.Block => 0x010000,
        DeviceType.Console => 0x078000,
        _ => 0x00ff00,
    };
}
