// The device side of a virtqueue, shared by all devices. The driver may be broken or hostile and runs at the same time, so every number is
// read from the ring once, checked, and only the copy is used.

using System.Runtime.CompilerServices;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;

namespace Lguest.Devices.Virtio;

/// <summary>Device side of one split virtqueue (virtio 1.0, section 2.4; ABI sheet 10.2 and 10.6; what breaks it, 13.3).</summary>
internal sealed class SplitQueue : IDisposable
{
    private const ushort NextFlag = 1; // VRING_DESC_F_NEXT
    private const ushort WriteFlag = 2; // VRING_DESC_F_WRITE
    private const ushort IndirectFlag = 4; // VRING_DESC_F_INDIRECT
    private const ushort NoInterruptFlag = 1; // VRING_AVAIL_F_NO_INTERRUPT
    private const ushort NoNotifyFlag = 1; // VRING_USED_F_NO_NOTIFY

    private readonly GuestMemory _memory;
    private readonly MemoryHold _hold;
    private readonly SuppressionRule _suppression;
    private readonly BufferChain _chain;
    private ushort _taken;
    private ushort _used;
    private ushort _published;
    private ushort _announced;
    private bool _wantsNotifications = true;
    private bool _isPlaced = true;

    /// <summary>A queue that its driver has yet to place.</summary>
    /// <param name="memory">The Guest's memory; held until the queue is disposed.</param>
    public SplitQueue(GuestMemory memory)
        : this(memory, SuppressionRule.Flag) => _isPlaced = false;

    /// <param name="memory">The Guest's memory; held until the queue is disposed.</param>
    /// <param name="layout">Where the ring lies.</param>
    /// <param name="suppression">When an interrupt may be left out.</param>
    /// <param name="indirect">Whether the driver may use indirect tables: only if feature 28 was offered.</param>
    /// <exception cref="ArgumentOutOfRangeException">The ring does not lie inside the memory: an error of the Launcher, not of the
    /// Guest.</exception>
    public SplitQueue(GuestMemory memory, RingLayout layout, SuppressionRule suppression, bool indirect = false)
        : this(Checked(memory, layout), suppression) => (Layout, Indirect) = (layout, indirect);

    private SplitQueue(GuestMemory memory, SuppressionRule suppression)
    {
        _memory = memory;
        _hold = memory.Hold();
        _suppression = suppression;
        _chain = new BufferChain(memory);
    }

    public RingLayout Layout { get; private set; } = RingLayout.Nowhere;

    public bool Indirect { get; private set; }

    /// <summary>What the driver did wrong, or null. A broken queue gives nothing any more until it is reset.</summary>
    public string? Fault { get; private set; }

    public void Dispose() => _hold.Dispose();

    /// <summary>The driver has placed the queue, and it is served from now on. It starts empty.</summary>
    /// <param name="layout">Where the driver has put it; checked already, against the memory that is checked again here.</param>
    /// <param name="indirect">Whether the driver may use indirect tables.</param>
    public void Place(RingLayout layout, bool indirect)
    {
        Checked(_memory, layout);
        (Layout, Indirect, _isPlaced) = (layout, indirect, true);
        Forget();
    }

    //J:Drivers:100 A ring, from the far side
    // A virtqueue has three parts. The driver writes what it has into a table of descriptors: an address, a length, which way the bytes go,
    // and which descriptor belongs to the same request. It then puts the number of the first one into the available ring and counts the
    // ring's index up. The device takes it from there, does what was asked, puts the number into the used ring with the count of bytes that
    // it wrote, and counts that index up. Each side writes only its own ring, so no lock is needed, only order: first the content, then the
    // index. The numbers come from a Guest. An index that ran ahead by more than the ring holds, a descriptor that names one beyond the
    // table, a chain that bites its own tail, an address outside of memory: each of these breaks the queue, once, with a sentence that says
    // what was wrong.

    /// <summary>Takes the next chain that the driver made available.</summary>
    /// <returns>The chain; null if there is no such one, or the queue is broken (<see cref="Fault"/>).</returns>
    public BufferChain? TryTake()
    {
        if (Fault is not null || !_isPlaced)
            return null;
        ushort available = LoadIndex(Layout.Available);
        if (available == _taken)
            return null;
        if ((ushort)(available - _taken) > Layout.Size)
            return Break($"the available index jumped from {_taken} to {available}, with {Layout.Size} descriptors");
        uint slot = (uint)(_taken & (Layout.Size - 1));
        ushort head = Load<ushort>(Layout.Available + 4 + (slot * 2));
        if (head >= Layout.Size)
            return Break($"a chain begins at descriptor {head} of {Layout.Size}");
        _chain.Start(head);
        if (!Walk(Layout.Base, Layout.Size, head, Indirect))
            return null;
        _taken++;
        return _chain;
    }

    /// <summary>Whether the driver has made a chain available that was not taken yet.</summary>
    public bool HasMore => Fault is null && _isPlaced && LoadIndex(Layout.Available) != _taken;

    /// <summary>Gives a chain back to the driver.</summary>
    /// <param name="head">The chain's first descriptor.</param>
    /// <param name="written">Bytes that the device wrote into it.</param>
    public void Return(ushort head, uint written)
    {
        Stage(head, written);
        Publish();
    }

    /// <summary>As <see cref="Return"/>, but the driver sees it only with the next <see cref="Publish"/>: for chains that belong
    /// together.</summary>
    public void Stage(ushort head, uint written)
    {
        var entry = Layout.Used + 4 + ((uint)(_used & (Layout.Size - 1)) * 8);
        Store(entry, (uint)head);
        Store(entry + 4, written);
        _used++;
    }

    /// <summary>Shows the driver all that was staged.</summary>
    public void Publish()
    {
        if (_published == _used)
            return;
        _published = _used;
        StoreIndex(Layout.Used, _used);
    }

    /// <summary>Leaves the chains that were taken last in the ring, as if they had never been taken. They must not have been
    /// returned.</summary>
    public void PutBack(int chains) => _taken -= (ushort)chains;

    /// <summary>Whether the driver is to say so when it makes chains available. It is a wish: a driver may notify all the same.</summary>
    /// <returns>True if notifications are wanted and there is something already, of which the driver may not have told us.</returns>
    public bool WantNotifications(bool wanted)
    {
        if (_wantsNotifications != wanted && _isPlaced)
        {
            _wantsNotifications = wanted;
            Store(Layout.Used, wanted ? (ushort)0 : NoNotifyFlag);

            // The driver adds a chain and then looks at our flag; we store the flag and then look for chains. One of us must see the other.
            Thread.MemoryBarrier();
        }

        return wanted && HasMore;
    }

    /// <summary>Whether the driver is to be interrupted for what was returned since the last such question.</summary>
    public bool ShouldInterrupt()
    {
        if (_announced == _published)
            return false;
        _announced = _published;

        // The driver clears its flag and then looks for used entries; we added entries and now look at its flag. One of us must see the
        // other.
        Thread.MemoryBarrier();
        bool suppressed = (Load<ushort>(Layout.Available) & NoInterruptFlag) != 0;
        return !suppressed || (_suppression == SuppressionRule.FlagUnlessEmpty && LoadIndex(Layout.Available) == _taken);
    }

    /// <summary>Back to an empty ring, as the reset of a device does (ABI sheet 10.4). One that the driver had placed is not even looked at
    /// until it is placed again.</summary>
    public void Reset()
    {
        if (_isPlaced && !Layout.IsModern)
        {
            uint length = (uint)Layout.Pages * GuestMemory.PageSize;
            using var scope = _memory.Writing(Layout.Base, length);
            _memory.Span(Layout.Base, length).Clear();
        }

        _isPlaced = !Layout.IsModern && _isPlaced;
        Forget();
    }

    private void Forget()
    {
        _taken = _used = _published = _announced = 0;
        _wantsNotifications = true;
        Fault = null;
    }

    /// <summary>Breaks the queue on behalf of a device that found the chain to be wrong in its own terms.</summary>
    /// <returns>Always null.</returns>
    public BufferChain? Break(string what)
    {
        Fault ??= what;
        return null;
    }

    private static GuestMemory Checked(GuestMemory memory, RingLayout layout)
    {
        ArgumentOutOfRangeException.ThrowIfEqual(layout.LiesBelow(memory.Length), false);
        ArgumentOutOfRangeException.ThrowIfEqual(ushort.IsPow2(layout.Size), false);
        return memory;
    }

    private bool Walk(GuestPhysical table, uint size, uint first, bool indirect)
    {
        uint at = first;
        for (uint seen = 0; ; seen++)
        {
            if (seen == size)
                return Break($"a descriptor chain loops: it is longer than the {size} descriptors of its table") is not null;
            var descriptor = table + (at * RingLayout.DescriptorBytes);
            ulong address = Load<ulong>(descriptor);
            uint length = Load<uint>(descriptor + 8);
            ushort flags = Load<ushort>(descriptor + 12);
            ushort next = Load<ushort>(descriptor + 14);
            if (!_memory.TryLocate(address, length, out var place))
                return Break($"a descriptor points outside of memory: 0x{address:x}, {length} bytes") is not null;
            var buffer = new GuestBuffer(place, length);
            if ((flags & IndirectFlag) != 0)
                return WalkIndirect(buffer, flags, indirect);
            bool deviceWrites = (flags & WriteFlag) != 0;
            if (!deviceWrites && _chain.Writable.Count > 0)
                return Break("a device-readable descriptor follows a device-writable one") is not null;
            _chain.Add(buffer, deviceWrites);
            if ((flags & NextFlag) == 0)
                return true;
            if (next >= size)
                return Break($"a chain leads to descriptor {next} of {size}") is not null;
            at = next;
        }
    }

    private bool WalkIndirect(GuestBuffer table, ushort flags, bool allowed)
    {
        if (!allowed)
            return Break("an indirect descriptor is not allowed here") is not null;
        if ((flags & NextFlag) != 0)
            return Break("an indirect descriptor is not the last of its chain") is not null;
        if (table.Length == 0 || table.Length % RingLayout.DescriptorBytes != 0)
            return Break($"an indirect table has an invalid length of {table.Length} bytes") is not null;

        // A table in the Guest's memory may be as long as that memory; what next can name ends at 65536.
        return Walk(table.Address, Math.Min(table.Length / RingLayout.DescriptorBytes, ushort.MaxValue + 1), 0, indirect: false);
    }

    private unsafe ushort LoadIndex(GuestPhysical ring) => Volatile.Read(ref Unsafe.AsRef<ushort>(_memory.Base + ring.Value + 2));

    private unsafe void StoreIndex(GuestPhysical ring, ushort index)
    {
        using var scope = _memory.Writing(ring + 2, sizeof(ushort));
        Volatile.Write(ref Unsafe.AsRef<ushort>(_memory.Base + ring.Value + 2), index);
    }

    private T Load<T>(GuestPhysical address)
        where T : unmanaged
    {
        // Checked already: the ring by the constructor, an indirect table with its descriptor.
        _memory.TryRead(address, out T value);
        return value;
    }

    private void Store<T>(GuestPhysical address, T value)
        where T : unmanaged => _memory.TryWrite(address, value);
}
