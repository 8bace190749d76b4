// The slow half of every memory access: what the soft TLB did not know. It fills the TLB, raises the fault, splits accesses that cross a
// page, and keeps stores into decoded code honest. Also the door through which the machine reads and writes Guest memory by linear address.
using System.Runtime.InteropServices;
using Lguest.Guest.Execute;
using Lguest.Guest.Memory;
using Lguest.Guest.Mmu;

namespace Lguest.Guest.Cpu;

public sealed unsafe partial class Processor
{
    private const uint PageMask = ~0xfffu;
    private uint _windowBase;
    private uint _windowLength;
    private byte* _window;

    /// <summary>
    /// Gives the machine a piece of linear address space that only the processor itself reads (descriptor tables, TSS): the Switcher's
    /// pages. No instruction of the Guest reaches it, whatever its page tables say: accesses there raise #PF as not present.
    /// </summary>
    /// <param name="start">First linear address, page aligned. Everything from here up to 4 GiB is out of the Guest's reach.</param>
    /// <param name="native">Bytes after it; must stay valid while mapped.</param>
    /// <param name="length">Length in bytes.</param>
    public void MapWindow(GuestVirtual start, byte* native, uint length)
    {
        _windowBase = start.Value;
        _window = native;
        _windowLength = length;
        ForgetDescriptors();
        FlushTlb();
    }

    /// <summary>Translates for an access without raising anything; sets accessed and dirty bits as the access would.</summary>
    /// <returns>The physical address, or null if the access would fault or the machine refused an entry.</returns>
    public GuestPhysical? Translate(GuestVirtual address, AccessKind access)
    {
        var walk = Walk(address.Value, access);
        return walk.Result == WalkResult.Ok ? new GuestPhysical(walk.PageAddress | (address.Value & 0xfff)) : null;
    }

    /// <summary>Reads bytes at a linear address with the rights of <paramref name="access"/>. False if any page is not readable; nothing is
    /// raised.</summary>
    public bool TryReadLinear(GuestVirtual address, Span<byte> into, AccessKind access = AccessKind.Read)
    {
        for (int done = 0; done < into.Length;)
        {
            uint at = address.Value + (uint)done;
            int chunk = Math.Min(into.Length - done, (int)(GuestMemory.PageSize - (at & 0xfff)));
            if (Translate(new GuestVirtual(at), access) is not { } physical || !Memory.TryRead(physical, into.Slice(done, chunk)))
                return false;
            done += chunk;
        }

        return true;
    }

    /// <summary>Writes bytes at a linear address with the rights of <paramref name="access"/> (Write is added). False if any page is not
    /// writable;
    /// bytes of earlier pages may have been written then.</summary>
    public bool TryWriteLinear(GuestVirtual address, ReadOnlySpan<byte> from, AccessKind access = AccessKind.Write)
    {
        for (int done = 0; done < from.Length;)
        {
            uint at = address.Value + (uint)done;
            int chunk = Math.Min(from.Length - done, (int)(GuestMemory.PageSize - (at & 0xfff)));
            if (Translate(new GuestVirtual(at), access | AccessKind.Write) is not { } physical)
                return false;
            _blocks.Written(physical.Value, (uint)chunk);
            from.Slice(done, chunk).CopyTo(new Span<byte>(Memory.Base + physical.Value, chunk));
            done += chunk;
        }

        return true;
    }

    /// <summary>Reads for the processor itself (descriptor tables, TSS): supervisor rights whatever the CPL, and the machine's window is
    /// visible.
    /// On failure the exception to raise is set up as by <see cref="Raise"/>.</summary>
    internal bool SystemRead(uint linear, Span<byte> into)
    {
        if (WindowSpan(linear, (uint)into.Length) is { IsEmpty: false } window)
        {
            window.CopyTo(into);
            return true;
        }

        return SystemAccess(linear, into, AccessKind.Read);
    }

    /// <summary>Writes for the processor itself (accessed bits of descriptors, TSS).</summary>
    internal bool SystemWrite(uint linear, ReadOnlySpan<byte> from)
    {
        if (WindowSpan(linear, (uint)from.Length) is { IsEmpty: false } window)
        {
            from.CopyTo(window);
            return true;
        }

        Span<byte> copy = stackalloc byte[from.Length];
        from.CopyTo(copy);
        return SystemAccess(linear, copy, AccessKind.Write);
    }

    internal static bool LoadSlow(CpuState* c, Op* op, uint linear, uint size)
    {
        var p = Of(c);
        uint* value = (uint*)&EngineState.Of(c)->Temp;
        byte* bytes = (byte*)value;
        if ((linear & 0xfff) + size <= GuestMemory.PageSize)
        {
            byte* host = p.Fill(op, linear, AccessKind.Read);
            if (host == null)
                return false;
            p.Get(op, host, p._device, bytes, size);
            return true;
        }

        uint first = GuestMemory.PageSize - (linear & 0xfff);
        byte* low = p.Fill(op, linear, AccessKind.Read);
        ulong device = p._device;
        byte* high = low == null ? null : p.Fill(op, linear + first, AccessKind.Read);
        if (high == null)
            return false;
        p.Get(op, low, device, bytes, first);
        p.Get(op, high, p._device, bytes + first, size - first);
        return true;
    }

    internal static bool StoreSlow(CpuState* c, Op* op, uint linear, uint size)
    {
        var p = Of(c);
        byte* bytes = (byte*)&EngineState.Of(c)->Temp;
        if ((linear & 0xfff) + size <= GuestMemory.PageSize)
        {
            byte* host = p.Fill(op, linear, AccessKind.Write);
            if (host == null)
                return false;
            p.Put(op, host, p._device, bytes, size);
            return !p._isRefused || p.Withdraw(op);
        }

        uint first = GuestMemory.PageSize - (linear & 0xfff);
        byte* low = p.Fill(op, linear, AccessKind.Write);
        ulong device = p._device;
        byte* high = low == null ? null : p.Fill(op, linear + first, AccessKind.Write);
        if (high == null)
            return false;
        p.Put(op, low, device, bytes, first);
        p.Put(op, high, p._device, bytes + first, size - first);
        return !p._isRefused || p.Withdraw(op);
    }

    internal static bool ProbeWriteSlow(CpuState* c, Op* op, uint linear, uint size)
    {
        var p = Of(c);
        if (p.Fill(op, linear, AccessKind.Write) == null)
            return false;
        return (linear & 0xfff) + size <= GuestMemory.PageSize
            || p.Fill(op, (linear & PageMask) + GuestMemory.PageSize, AccessKind.Write) != null;
    }

    /// <summary>Walks for an instruction fetch. Page address, or null with the fault set up (EIP untouched).</summary>
    internal uint? FetchPage(uint linear)
    {
        var access = AccessKind.Fetch | (_c->Cpl == 3 ? AccessKind.User : 0);
        var walk = Walk(linear, access);
        if (walk.Result == WalkResult.Ok)
        {
            NoteFetch(walk, linear);
            return walk.PageAddress;
        }

        bool reportsFetch = (_c->Cr4 & ControlRegisters.Cr4PhysicalAddressExtension) != 0 && (_c->Efer & (1u << 11)) != 0;
        uint error = reportsFetch ? walk.ErrorCode : walk.ErrorCode & ~(uint)AccessKind.Fetch;
        RaiseWalk(walk with { ErrorCode = error }, linear, SegmentRegister.Cs);
        return null;
    }

    private Translation Walk(uint linear, AccessKind access)
    {
        if (linear > _c->SegmentCap)
            return new Translation(WalkResult.BeyondSegments, 0, 0, false);
        if (_windowLength != 0 && linear >= _windowBase)
            return new Translation(WalkResult.PageFault, 0, (uint)access, false);
        var walk = PageWalker.Walk(this, linear, access);
        return walk.Result == WalkResult.Device && !Bus!.Answers(walk.DevicePage | (linear & 0xfff))
            ? new Translation(WalkResult.PageFault, 0, (uint)(access | AccessKind.Present), false)
            : walk;
    }

    /// <summary>Walks, fills the TLB and returns the host address of <paramref name="linear"/>; null with the fault set up. Where there is
    /// no RAM it is <see cref="_onBus"/>, and nothing is cached: each access comes here again.</summary>
    private byte* Fill(Op* op, uint linear, AccessKind access)
    {
        if (_c->Cpl == 3)
            access |= AccessKind.User;
        var walk = Walk(linear, access);
        if (walk.Result is not (WalkResult.Ok or WalkResult.Device))
        {
            _c->Eip = op->Eip;
            _e->Budget -= op->Index;
            RaiseWalk(walk, linear, op->Seg);
            return null;
        }

        if (walk.Result == WalkResult.Device)
        {
            _device = walk.DevicePage | (linear & 0xfff);
            return _onBus;
        }

        var e = _e->Tlb + ((linear >> 12) & (TlbEntry.Count - 1));
        byte* page = Memory.Base + walk.PageAddress;
        uint tag = linear & PageMask;
        _fills.Add(e);
        NoteFill(e, walk, linear);
        e->Addend = (nint)page - (nint)tag;
        e->ReadTag = tag;
        e->WriteTag = walk.Writable && Memory.CodeFlags[walk.PageAddress >> GuestMemory.PageShift] == 0
            ? tag : TlbEntry.EmptyAt((int)((linear >> 12) & (TlbEntry.Count - 1)));
        if (e->WriteTag == tag)
            NoteWrite(page);
        return page + (linear & 0xfff);
    }

    private void RaiseWalk(Translation walk, uint linear, SegmentRegister segment)
    {
        switch (walk.Result)
        {
            case WalkResult.PageFault:
                _c->Cr2 = linear;
                Raise(Vectors.PageFault, walk.ErrorCode);
                break;
            case WalkResult.BeyondSegments:
                Raise(segment == SegmentRegister.Ss ? Vectors.StackFault : Vectors.GeneralProtection, 0);
                break;
            case WalkResult.Refused:
                _e->Exit = ExitKind.Stopped;
                break;
            case WalkResult.Device:
                // A fetch from a device: nothing that any program does on purpose, and no bus of ours has code on it.
                Raise(Vectors.GeneralProtection, 0);
                break;
        }
    }

    private void Put(Op* op, byte* host, ulong device, byte* from, uint size)
    {
        if (host == _onBus)
        {
            PutOnBus(op, device, new Span<byte>(from, (int)size));
            return;
        }

        _blocks.Written((uint)(host - Memory.Base), size);
        switch (size)
        {
            case 4:
                *(uint*)host = *(uint*)from;
                break;
            case 2:
                *(ushort*)host = *(ushort*)from;
                break;
            case 1:
                *host = *from;
                break;
            default:
                Buffer.MemoryCopy(from, host, size, size);
                break;
        }
    }

    private Span<byte> WindowSpan(uint linear, uint length) =>
        _windowLength != 0 && linear >= _windowBase && (ulong)(linear - _windowBase) + length <= _windowLength
            ? new Span<byte>(_window + (linear - _windowBase), (int)length)
            : default;

    /// <summary>An access of the processor on behalf of the Guest (stack frames): the window stays out of reach. Fault set up on
    /// failure.</summary>
    private bool GuestAccess(uint linear, Span<byte> bytes, AccessKind access)
    {
        uint last = linear + (uint)bytes.Length - 1;
        var entry = (TlbEntry*)((access & AccessKind.User) != 0 ? &_e->UserTlb : (void*)&_e->SupervisorTlb)
            + ((linear >> 12) & (TlbEntry.Count - 1));
        if ((last & PageMask) == ((access & AccessKind.Write) != 0 ? entry->WriteTag : entry->ReadTag))
        {
            Span<byte> known = new((void*)(entry->Addend + (nint)linear), bytes.Length);
            if ((access & AccessKind.Write) != 0)
                bytes.CopyTo(known);
            else
                known.CopyTo(bytes);
            return true;
        }

        foreach (uint at in (ReadOnlySpan<uint>)[linear, last])
        {
            var walk = Walk(at, access);
            if (walk.Result is WalkResult.Ok or WalkResult.Device)
                continue;
            RaiseWalk(walk, at == linear ? at : at & PageMask, SegmentRegister.Ss);
            return false;
        }

        return SystemAccess(linear, bytes, access);
    }

    private bool SystemAccess(uint linear, Span<byte> bytes, AccessKind access)
    {
        for (int done = 0; done < bytes.Length;)
        {
            uint at = linear + (uint)done;
            int chunk = Math.Min(bytes.Length - done, (int)(GuestMemory.PageSize - (at & 0xfff)));
            var walk = _windowLength != 0 && at >= _windowBase
                ? new Translation(WalkResult.PageFault, 0, (uint)access, false)
                : PageWalker.Walk(this, at, access);
            if (walk.Result == WalkResult.Device)
            {
                var piece = bytes.Slice(done, chunk);
                if ((access & AccessKind.Write) != 0)
                    PutOnBus(null, walk.DevicePage | (at & 0xfff), piece);
                else
                    GetFromBus(null, walk.DevicePage | (at & 0xfff), piece);
                done += chunk;
                continue;
            }

            if (walk.Result != WalkResult.Ok)
            {
                RaiseWalk(walk, at, SegmentRegister.Ds);
                return false;
            }

            uint physical = walk.PageAddress | (at & 0xfff);
            Span<byte> page = new(Memory.Base + physical, chunk);
            if ((access & AccessKind.Write) != 0)
            {
                _blocks.Written(physical, (uint)chunk);
                bytes.Slice(done, chunk).CopyTo(page);
            }
            else
            {
                page.CopyTo(bytes.Slice(done, chunk));
            }

            done += chunk;
        }

        return true;
    }
}
