// The lguest interface changed with nearly every Linux release, and parts of it (descriptor page, rings) must be laid out before the kernel
// runs. The Launcher reads the version from the image, and this table turns it into a layout (ABI sheet 10.1, 10.2, 10.6, 10.8). The
// Switcher detects the rest at run time.

namespace Lguest.Guest.Abi;

/// <summary>How the descriptor page names a device (ABI sheet 10.1).</summary>
public enum DescriptorFormat
{
    /// <summary>2.6.23: sixteen entries of a fixed form, no virtio (ABI sheet 9.1).</summary>
    Generation1,

    /// <summary>2.6.24: type, length, status, then tagged fields.</summary>
    Tagged,

    /// <summary>2.6.25 on: a fixed head, then queues, features, acknowledged features and configuration space.</summary>
    Records,
}

/// <summary>When a used buffer need not interrupt the Guest (ABI sheet 10.6).</summary>
public enum SuppressionRule
{
    /// <summary>Whenever the Guest set its no-interrupt flag.</summary>
    Flag,

    /// <summary>2.6.26 - 2.6.35: the flag is set, and the Guest still has buffers waiting: an emptied queue always interrupts.</summary>
    FlagUnlessEmpty,
}

/// <summary>What the Launcher must know of a kernel's release before it boots.</summary>
/// <param name="Name">The releases it stands for.</param>
/// <param name="Descriptors">Form of the descriptor page.</param>
/// <param name="RingSize">Descriptors per virtqueue, a power of two.</param>
/// <param name="RingPages">Pages that such a ring takes.</param>
/// <param name="StartsOnTables">Whether first page tables lie in the Guest's RAM, below the initrd: made by the Launcher for 2.6.23, by the
/// Switcher for
/// 2.6.24 - 2.6.35.</param>
/// <param name="Suppression">Interrupt rule of its virtqueues.</param>
public sealed record GuestGeneration(
    string Name,
    DescriptorFormat Descriptors,
    ushort RingSize,
    int RingPages,
    bool StartsOnTables,
    SuppressionRule Suppression)
{
    /// <summary>Bytes of a block request's header: 2.6.24 had one field more (ABI sheet 10.8).</summary>
    public int BlockHeaderBytes => Descriptors == DescriptorFormat.Tagged ? 24 : 16;

    /// <summary>Whether a flush orders disk writes (3.x); older kernels mark a request as a barrier instead (ABI sheet 10.8).</summary>
    public bool FlushesDisks => !StartsOnTables;

    /// <summary>Bytes of a disk's configuration space. 2.6.27 to 2.6.30 were shown more of the structure (ABI sheet 10.8).</summary>
    public int BlockConfigBytes { get; private init; } = 16;

    /// <summary>Whether its devices speak DMA and not virtio, and it starts at a marker, on tables made by the Launcher (2.6.23).</summary>
    public bool IsGeneration1 => Descriptors == DescriptorFormat.Generation1;

    public static readonly GuestGeneration Linux2623 = new(
        "2.6.23", DescriptorFormat.Generation1, 0, 0, StartsOnTables: true, SuppressionRule.Flag);

    public static readonly GuestGeneration Linux2624 = new(
        "2.6.24", DescriptorFormat.Tagged, 128, 2, StartsOnTables: true, SuppressionRule.Flag);

    public static readonly GuestGeneration Linux2625 = new(
        "2.6.25", DescriptorFormat.Records, 128, 2, StartsOnTables: true, SuppressionRule.Flag);

    public static readonly GuestGeneration Linux2626 = Linux2625 with { Name = "2.6.26", Suppression = SuppressionRule.FlagUnlessEmpty };

    public static readonly GuestGeneration Linux2627 = Linux2626 with
    {
        Name = "2.6.27 - 2.6.30",
        RingSize = 256,
        RingPages = 3,
        BlockConfigBytes = 24
    };

    public static readonly GuestGeneration Linux2631 = Linux2627 with { Name = "2.6.31 - 2.6.35", BlockConfigBytes = 16 };

    /// <summary>The latest form, also taken for kernels that are not Linux or do not say which Linux they are.</summary>
    public static readonly GuestGeneration Linux3 = Linux2631 with
    {
        Name = "3.x",
        StartsOnTables = false,
        Suppression = SuppressionRule.Flag
    };

    /// <summary>Whether its devices are those of virtio 1: on PCI, where the driver places the rings. What lguest's bus needs means nothing
    /// then.</summary>
    public bool IsVirtio1 { get; private init; }

    /// <summary>Whether a kernel prints through a register of its console as long as it has no driver for that.</summary>
    public bool PrintsByRegister { get; private init; }

    /// <summary>Generation 3: lguest's own PCI.</summary>
    public static readonly GuestGeneration Linux4 = Linux3 with { Name = "4.x", IsVirtio1 = true, PrintsByRegister = true };

    /// <summary>What a PC kernel's devices are made for.</summary>
    public static readonly GuestGeneration Pc = Linux3 with { Name = "PC", IsVirtio1 = true };

    /// <summary>The generation of a Linux release; null for one that has no lguest: up to 2.6.22, and 4.14 on.</summary>
    public static GuestGeneration? Of(LinuxRelease release) => release switch
    {
        { Major: < 2 } or { Major: 2, Minor: < 6 } or { Major: 2, Minor: 6, Patch: < 23 } or { Major: > 4 }
            or { Major: 4, Minor: > 13 } => null,
        { Major: 2, Patch: 23 } => Linux2623,
        { Major: 2, Patch: 24 } => Linux2624,
        { Major: 2, Patch: 25 } => Linux2625,
        { Major: 2, Patch: 26 } => Linux2626,
        { Major: 2, Patch: <= 30 } => Linux2627,
        { Major: 2, Patch: <= 35 } => Linux2631,
        { Major: 4 } => Linux4,
        _ => Linux3,
    };
}
