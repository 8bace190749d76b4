// LGUEST_INIT carries an address and nothing else. Which kernel is it? Its register tells the convention, and the fields that the kernel's
// author filled in at compile time tell the layout.
//
//J:Switcher:200 Who are you?
// A fresh ring is 64 bytes of 0xFF, at offset 20 or 24. After the ring, the last two words are the kernel's own address and its system call
// vector, and that vector is 0x80: so the place where 0x80 is found tells which fields the structure has before it. Where the ring is right
// but the vector is nowhere, the Guest is one that a Host would have refused, and it is told so.
//
// Generation 1 has neither of the two fields; what lies after its structure is some other variable. But a Guest of that generation cannot
// start without page tables, so its loader knew what it is and said where its kernel begins. A Guest of generation 3 has devices that no
// other can drive, and got them, or is no use.
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Switcher.Slots;

namespace Lguest.Switcher.Hypercalls;

/// <summary>Recognises the family of a Guest by its lguest_data (ABI sheet 4).</summary>
internal static class FamilyRecognition
{
    private const int EarlyRing = 20;
    private const int LateRing = 24;
    private const uint DirectorySpan = 1 << 22;

    /// <summary>What a look at the two candidate registers found.</summary>
    /// <param name="Layout">The layout; null if the Guest has to die.</param>
    /// <param name="Address">Where its lguest_data is.</param>
    /// <param name="Reason">Why it has to die.</param>
    /// <param name="Detail">The same in words.</param>
    public readonly record struct Result(LguestDataLayout? Layout, GuestPhysical Address, KillReason Reason, string Detail);

    /// <param name="memory">The Guest's memory.</param>
    /// <param name="edx">Where kernels up to 2.6.29 have the address.</param>
    /// <param name="ebx">Where later kernels have it.</param>
    /// <param name="switcherBase">First address of the Switcher's area.</param>
    /// <param name="pageOffset">Where the kernel begins, if the Launcher said so: it does for generation 1 and for no other.</param>
    /// <param name="hasPci">Whether it has PCI: generation 3 does, and no other.</param>
    public static Result Recognise(
        GuestMemory memory, GuestPhysical edx, GuestPhysical ebx, uint switcherBase, GuestVirtual? pageOffset, bool hasPci = false)
    {
        if (hasPci)
        {
            return HasRing(memory, ebx, LateRing)
                ? Check(memory, ebx, LguestDataLayout.Linux4, switcherBase)
                : Dead(KillReason.BadGuestPage, $"bad guest page {ebx.Value:x}");
        }

        if (pageOffset is not null)
        {
            return HasRing(memory, edx, EarlyRing) && memory.Contains(edx, (uint)LguestDataLayout.Linux2623.Size)
                ? new Result(LguestDataLayout.Linux2623, edx, default, "")
                : Dead(KillReason.BadGuestPage, $"bad guest page {edx.Value:x}");
        }

        if (HasRing(memory, edx, EarlyRing))
        {
            if (Field(memory, edx, LguestDataLayout.Linux2624.SyscallVector) == GuestVectors.Syscall
                || IsKernelAddress(memory, edx, LguestDataLayout.Linux2624))
                return Check(memory, edx, LguestDataLayout.Linux2624, switcherBase);
            return Dead(KillReason.UnsupportedGeneration, "this is a generation 1 Guest (Linux 2.6.23), but it was not started as one");
        }

        if (HasRing(memory, ebx, EarlyRing))
            return Check(memory, ebx, LguestDataLayout.Linux2630, switcherBase);
        if (HasRing(memory, ebx, LateRing))
            return Late(memory, ebx, switcherBase);
        return memory.Contains(edx, 1) || memory.Contains(ebx, 1)
            ? Dead(KillReason.BadGuestPage, $"bad guest page: no known lguest_data at {edx.Value:x} (EDX) or {ebx.Value:x} (EBX)")
            : Dead(KillReason.BadGuestPage, $"bad guest page {ebx.Value:x}");
    }

    private static Result Late(GuestMemory memory, GuestPhysical at, uint switcherBase)
    {
        foreach (var layout in (ReadOnlySpan<LguestDataLayout>)[LguestDataLayout.Linux2631, LguestDataLayout.Linux3])
        {
            if (Field(memory, at, layout.SyscallVector) == GuestVectors.Syscall)
                return Check(memory, at, layout, switcherBase);
        }

        if (Field(memory, at, LguestDataLayout.Linux4.SyscallVector) == GuestVectors.Syscall)
            return Dead(KillReason.UnsupportedGeneration, "this is a generation 3 Guest (Linux 4.x), but it was not started as one");
        var likely = IsKernelAddress(memory, at, LguestDataLayout.Linux2631) ? LguestDataLayout.Linux2631
            : LguestDataLayout.Linux3;
        return Check(memory, at, likely, switcherBase);
    }

    private static Result Check(GuestMemory memory, GuestPhysical at, LguestDataLayout layout, uint switcherBase)
    {
        if (!memory.Contains(at, (uint)layout.Size))
            return Dead(KillReason.BadGuestPage, $"bad guest page {at.Value:x}");
        uint vector = Field(memory, at, layout.SyscallVector);
        if (vector != GuestVectors.Syscall)
            return Dead(KillReason.BadSyscallVector, $"bad syscall vector 0x{vector:x}");
        uint kernel = Field(memory, at, layout.KernelAddress);
        return kernel < switcherBase
            ? new Result(layout, at, default, "")
            : Dead(KillReason.BadKernelAddress, $"bad kernel address {kernel:x}");
    }

    private static Result Dead(KillReason reason, string detail) => new(null, default, reason, detail);

    private static bool HasRing(GuestMemory memory, GuestPhysical at, int offset) =>
        memory.Contains(at, (uint)(offset + LguestDataLayout.RingSlots)) &&
        !memory.Span(at + (uint)offset, LguestDataLayout.RingSlots).ContainsAnyExcept(LguestDataLayout.SlotFree);

    private static bool IsKernelAddress(GuestMemory memory, GuestPhysical at, LguestDataLayout layout)
    {
        uint address = Field(memory, at, layout.KernelAddress);
        return address != 0 && address % DirectorySpan == 0;
    }

    private static uint Field(GuestMemory memory, GuestPhysical at, int offset) =>
        memory.TryRead(at + (uint)offset, out uint value) ? value : 0;
}
