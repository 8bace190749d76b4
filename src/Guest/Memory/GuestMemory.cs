// The memory of one Guest: RAM from physical address 0 and, after it, the device pages of the lguest bus. The CPU works on it through raw
// pointers; everybody else (Launcher, Switcher, devices) through the checked accessors here. What a device writes may be code that the CPU
// has decoded, so each write tells the CPU which pages it touched; the CPU forgets its decoded copies before it runs another block.
//
// On a PC devices lie between the RAM and the end of 32 bits, and RAM that has no room below that hole goes on at 4 GiB. Here all of it is
// one run of bytes, and a GuestPhysical is a place in it: who has an address of more than 32 bits from the Guest (a paging entry, a
// descriptor of virtio) asks where that is.
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Lguest.Guest.Memory;

/// <summary>Guest-physical memory, [0, Length). Shared between the Guest's CPU and its devices, as RAM is between a processor and
/// DMA.</summary>
public sealed unsafe class GuestMemory : IDisposable
{
    public const int PageShift = 12;
    public const int PageSize = 1 << PageShift;

    /// <summary>Where RAM goes on that has no room below the hole.</summary>
    public const ulong AboveHole = 1UL << 32;

    private readonly NativePages _ram;
    private readonly NativePages _flags;
    private readonly ConcurrentQueue<(uint Frame, uint Count)> _written = new();
    private readonly MemoryHold _own;
    private readonly uint _highFrom = uint.MaxValue; // where the RAM at 4 GiB begins in the run of bytes
    private int _holds = 1;

    /// <param name="ramBytes">RAM in bytes, a multiple of 4096.</param>
    /// <param name="devicePages">Pages after RAM for device descriptors and rings (ABI sheet 1.1: at most 256).</param>
    /// <param name="lowBytes">RAM below the hole; what is left is at 4 GiB. Null for RAM without a hole.</param>
    /// <exception cref="ArgumentOutOfRangeException">Sizes not page-multiples, or 4 GiB and more in all; a hole before device
    /// pages.</exception>
    public GuestMemory(long ramBytes, int devicePages = 0, uint? lowBytes = null)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(ramBytes % PageSize, 0);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(ramBytes);
        ArgumentOutOfRangeException.ThrowIfNegative(devicePages);
        long total = ramBytes + ((long)devicePages * PageSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(total, 1L << 32);
        RamBytes = (uint)ramBytes;
        Length = (uint)total;
        _ram = new NativePages(total, again: true);
        if (lowBytes is { } low && low < ramBytes)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(low % PageSize, 0u);
            ArgumentOutOfRangeException.ThrowIfNotEqual(devicePages, 0);
            _highFrom = low;
        }

        _flags = new NativePages(total >> PageShift);
        _own = new MemoryHold(this);
    }

    /// <summary>RAM in bytes, without device pages. Also the physical address of the first device page.</summary>
    public uint RamBytes { get; }

    /// <summary>Bytes up to the hole, or all of them.</summary>
    public uint LowBytes => Math.Min(_highFrom, Length);

    /// <summary>RAM and device pages in bytes; 0 once the memory is unmapped.</summary>
    public uint Length { get; private set; }

    /// <summary>The first frame number that is not there: lguest's pfn_limit.</summary>
    public uint FrameLimit => Length >> PageShift;

    /// <summary>Where physical address 0 is in this process; null once the memory is unmapped.</summary>
    public byte* Base => _ram.Base;

    /// <summary>The file in memory that all of this is in, from its first byte; negative where the host has no such files.</summary>
    internal int File => _ram.File;

    /// <summary>One byte per frame; non-zero while the CPU holds decoded code of that frame. Written by the CPU's thread only.</summary>
    internal byte* CodeFlags => _flags.Base;

    /// <summary>Called, on the writer's thread, after a device wrote to a frame that holds decoded code.</summary>
    internal Action? CodeWritten { get; set; }

    /// <summary>Where writers from outside wait while the CPU runs; null where they need not.</summary>
    internal MemoryGate? Gate { get; set; }

    /// <summary>True if [address, address + length) lies inside this memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Contains(GuestPhysical address, uint length) => (ulong)address.Value + length <= Length;

    /// <summary>Where [physical, physical + length) of the Guest's address space is; false if any of it is not in RAM.</summary>
    public bool TryLocate(ulong physical, uint length, out GuestPhysical place)
    {
        ulong at = physical, end = LowBytes;
        if (physical >= AboveHole)
            (at, end) = (physical - AboveHole + _highFrom, Length);
        place = new GuestPhysical((uint)at);
        return at <= end && length <= end - at;
    }

    /// <summary>A view of [address, address + length), or an empty span when any of it lies outside. A writer calls
    /// <see cref="Written"/> afterwards, or asks for a scope of <see cref="Writing"/> before.</summary>
    public Span<byte> Span(GuestPhysical address, uint length) =>
        Contains(address, length) && length <= int.MaxValue ? new Span<byte>(Base + address.Value, (int)length) : default;

    /// <summary>Copies bytes out. False, and nothing copied, if any byte lies outside.</summary>
    public bool TryRead(GuestPhysical address, Span<byte> into)
    {
        if (!Contains(address, (uint)into.Length))
            return false;
        new ReadOnlySpan<byte>(Base + address.Value, into.Length).CopyTo(into);
        return true;
    }

    /// <summary>Copies bytes in. False, and nothing copied, if any byte lies outside.</summary>
    public bool TryWrite(GuestPhysical address, ReadOnlySpan<byte> from)
    {
        if (!Contains(address, (uint)from.Length))
            return false;
        using (Writing(address, (uint)from.Length))
            from.CopyTo(new Span<byte>(Base + address.Value, from.Length));
        return true;
    }

    /// <summary>Reads one unmanaged value, little-endian as the Guest sees it. False if any byte lies outside.</summary>
    public bool TryRead<T>(GuestPhysical address, out T value)
        where T : unmanaged
    {
        value = default;
        if (!Contains(address, (uint)sizeof(T)))
            return false;
        value = Unsafe.ReadUnaligned<T>(Base + address.Value);
        return true;
    }

    /// <summary>Writes one unmanaged value, little-endian as the Guest sees it. False, and nothing written, if any byte lies
    /// outside.</summary>
    public bool TryWrite<T>(GuestPhysical address, T value)
        where T : unmanaged
    {
        if (!Contains(address, (uint)sizeof(T)))
            return false;
        using (Writing(address, (uint)sizeof(T)))
            Unsafe.WriteUnaligned(Base + address.Value, value);
        return true;
    }

    /// <summary>The scope of a write in place, from outside the CPU.</summary>
    public WriteScope Writing(GuestPhysical address, uint length) => new(this, address, length, Gate);

    /// <summary>Says that bytes were written from outside the CPU. Must come before anything by which the Guest learns of them (a used-ring
    /// index, an interrupt), so that no stale decoded code can run afterwards. Any thread.</summary>
    public void Written(GuestPhysical address, uint length)
    {
        // We store bytes and then look at the flag; the decoder stores the flag and then looks at the bytes. One of us must see the other.
        Thread.MemoryBarrier();
        WrittenByOwner(address, length);
    }

    /// <summary>As <see cref="Written"/>, for what the thread that runs the CPU has written itself, between two instructions.</summary>
    public void WrittenByOwner(GuestPhysical address, uint length)
    {
        if (length == 0 || Length == 0)
            return;
        Gate?.Note(address.Value, length);
        uint first = address.Value >> PageShift;
        uint last = Math.Min(address.Value + length - 1, Length - 1) >> PageShift;
        for (uint frame = first; frame <= last; frame++)
        {
            if (CodeFlags[frame] == 0)
                continue;
            _written.Enqueue((frame, last - frame + 1));
            CodeWritten?.Invoke();
            return;
        }
    }

    /// <summary>Keeps the memory mapped until the hold is disposed, whatever its maker does. For all that keep a reference to it.</summary>
    /// <exception cref="ObjectDisposedException">The memory is unmapped already.</exception>
    public MemoryHold Hold() => TryHold() ?? throw new ObjectDisposedException(nameof(GuestMemory));

    /// <summary>As <see cref="Hold"/>; null if the memory is unmapped already.</summary>
    public MemoryHold? TryHold()
    {
        int holds = Volatile.Read(ref _holds);
        while (holds > 0)
        {
            int before = Interlocked.CompareExchange(ref _holds, holds + 1, holds);
            if (before == holds)
                return new MemoryHold(this);
            holds = before;
        }

        return null;
    }

    /// <summary>The maker lets go. The memory is unmapped at once, or when the last <see cref="Hold"/> is disposed.</summary>
    public void Dispose() => _own.Dispose();

    /// <summary>One holder less.</summary>
    internal void LetGo()
    {
        if (Interlocked.Decrement(ref _holds) > 0)
            return;
        Length = 0;
        _ram.Dispose();
        _flags.Dispose();
    }

    /// <summary>Next run of frames that a device wrote to while they held decoded code. CPU thread only.</summary>
    internal bool TryTakeWritten(out uint frame, out uint count)
    {
        bool any = _written.TryDequeue(out var run);
        (frame, count) = run;
        return any;
    }
}
