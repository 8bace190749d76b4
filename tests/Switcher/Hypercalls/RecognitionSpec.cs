// How a Guest is told from its lguest_data alone (ABI sheet 4): where each family's fields lie, to the byte at the end of memory.
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Switcher.Hypercalls;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;

namespace Lguest.Switcher.Tests.Hypercalls;

public sealed class RecognitionSpec : IDisposable
{
    private const uint Switcher = 0xffc00000;
    private const uint At = 0x200000;
    private const uint Nowhere = 0xf0000000;
    private const uint LastByte = (8 * TestGuest.Megabyte) - 1;
    private readonly GuestMemory _memory = new(8 * TestGuest.Megabyte);

    public void Dispose() => _memory.Dispose();

    [Theory]
    [MemberData(nameof(TestGuest.Generation2Families), MemberType = typeof(TestGuest))]
    public void Each_family_is_found_by_its_ring_and_its_system_call_vector(AbiFamily family)
    {
        Write(At, TestGuest.LayoutOf(family));
        Found(family, At).ShouldBe((family, new GuestPhysical(At)));
    }

    [Theory]
    [MemberData(nameof(TestGuest.Families), MemberType = typeof(TestGuest))]
    public void Lguest_data_may_end_with_the_last_byte_of_memory_and_no_later(AbiFamily family)
    {
        uint last = _memory.RamBytes - (uint)TestGuest.LayoutOf(family).Size;
        Write(last, TestGuest.LayoutOf(family));
        Found(family, last).Family.ShouldBe(family);

        // Four bytes more, where the families differ by less.
        Write(last + 4, TestGuest.LayoutOf(family));
        Recognise(family, last + 4).Layout.ShouldNotBe(TestGuest.LayoutOf(family));
    }

    [Theory]
    [InlineData(AbiFamily.Linux2624, Switcher - 1, true)]
    [InlineData(AbiFamily.Linux2624, Switcher, false)]
    [InlineData(AbiFamily.Linux2631, Switcher - 1, true)]
    [InlineData(AbiFamily.Linux2631, Switcher, false)]
    [InlineData(AbiFamily.Linux3, Switcher - 1, true)]
    [InlineData(AbiFamily.Linux3, Switcher, false)]
    public void A_kernel_lies_below_the_switcher(AbiFamily family, uint kernel, bool isGood)
    {
        Write(At, TestGuest.LayoutOf(family), kernel);
        Recognise(family, At).ShouldBe(isGood
            ? new FamilyRecognition.Result(TestGuest.LayoutOf(family), new GuestPhysical(At), default, "")
            : new FamilyRecognition.Result(null, default, KillReason.BadKernelAddress, $"bad kernel address {kernel:x}"));
    }

    [Theory]
    [InlineData(AbiFamily.Linux2623, 0)]
    [InlineData(AbiFamily.Linux2624, 0)]
    [InlineData(AbiFamily.Linux2624, 63)]
    [InlineData(AbiFamily.Linux2631, 0)]
    [InlineData(AbiFamily.Linux3, 63)]
    [InlineData(AbiFamily.Linux4, 0)]
    [InlineData(AbiFamily.Linux4, 63)]
    public void A_ring_with_one_slot_that_is_not_free_is_none(AbiFamily family, int slot)
    {
        var layout = TestGuest.LayoutOf(family);
        Write(At, layout);
        _memory.TryWrite(new GuestPhysical((uint)(At + layout.HcallStatus + slot)), (byte)0xfe);
        var found = Recognise(family, At);
        (found.Layout, found.Reason).ShouldBe((null, KillReason.BadGuestPage));
        found.Detail.ShouldContain("bad guest page");
        found.Detail.ShouldContain($"{At:x}");
    }

    [Theory]
    [InlineData(20)]
    [InlineData(24)]
    public void A_ring_that_ends_with_memory_is_one_whose_lguest_data_is_cut_off(int offset)
    {
        uint at = _memory.RamBytes - (uint)(offset + LguestDataLayout.RingSlots);
        _memory.Span(new GuestPhysical((uint)(at + offset)), LguestDataLayout.RingSlots).Fill(LguestDataLayout.SlotFree);
        Recognise(AbiFamily.Linux3, at).Detail.ShouldBe($"bad guest page {at:x}");
        Recognise(AbiFamily.Linux3, at + 1).Detail.ShouldStartWith("bad guest page: no known lguest_data");
    }

    [Fact]
    public void Where_neither_register_points_into_memory_the_later_one_is_named()
    {
        FamilyRecognition.Recognise(_memory, new GuestPhysical(Nowhere), new GuestPhysical(Nowhere + 0x123), Switcher, null)
            .ShouldBe(new FamilyRecognition.Result(null, default, KillReason.BadGuestPage, "bad guest page f0000123"));
    }

    [Theory]
    [InlineData(At, Nowhere, "bad guest page: no known lguest_data at 200000 (EDX) or f0000000 (EBX)")]
    [InlineData(Nowhere, At, "bad guest page: no known lguest_data at f0000000 (EDX) or 200000 (EBX)")]
    [InlineData(LastByte, Nowhere, "bad guest page: no known lguest_data at 7fffff (EDX) or f0000000 (EBX)")]
    [InlineData(Nowhere, LastByte, "bad guest page: no known lguest_data at f0000000 (EDX) or 7fffff (EBX)")]
    public void Where_one_points_into_memory_both_are_named(uint edx, uint ebx, string detail)
    {
        FamilyRecognition.Recognise(_memory, new GuestPhysical(edx), new GuestPhysical(ebx), Switcher, null)
            .ShouldBe(new FamilyRecognition.Result(null, default, KillReason.BadGuestPage, detail));
    }

    [Fact]
    public void A_kernel_of_2_6_24_with_another_system_call_vector_is_known_by_its_address()
    {
        Write(At, LguestDataLayout.Linux2624, 0xc0000000, 0x81);
        Recognise(AbiFamily.Linux2624, At).Detail.ShouldBe("bad syscall vector 0x81");
        Write(At, LguestDataLayout.Linux2624, 0xc0001000, 0x81);
        Recognise(AbiFamily.Linux2624, At).Reason.ShouldBe(KillReason.UnsupportedGeneration, "no kernel begins at such an address");
        Write(At, LguestDataLayout.Linux2624, 0, 0x81);
        Recognise(AbiFamily.Linux2624, At).Reason.ShouldBe(KillReason.UnsupportedGeneration);
    }

    [Theory]
    [InlineData(AbiFamily.Linux2631)]
    [InlineData(AbiFamily.Linux3)]
    public void A_late_kernel_with_another_system_call_vector_is_told_which_it_has(AbiFamily family)
    {
        Write(At, TestGuest.LayoutOf(family), 0xc0000000, 0x82);
        Recognise(family, At).ShouldBe(new FamilyRecognition.Result(null, default, KillReason.BadSyscallVector, "bad syscall vector 0x82"));
    }

    [Fact]
    public void A_generation_1_kernel_is_taken_for_nothing_else_when_it_was_announced()
    {
        Write(At, LguestDataLayout.Linux2623);
        FamilyRecognition.Recognise(_memory, new GuestPhysical(At), new GuestPhysical(0), Switcher, new GuestVirtual(0xc0000000))
            .ShouldBe(new FamilyRecognition.Result(LguestDataLayout.Linux2623, new GuestPhysical(At), default, ""));
        FamilyRecognition.Recognise(_memory, new GuestPhysical(At + 4), new GuestPhysical(At), Switcher, new GuestVirtual(0xc0000000))
            .ShouldBe(new FamilyRecognition.Result(null, default, KillReason.BadGuestPage, "bad guest page 200004"));
    }

    private (AbiFamily Family, GuestPhysical Address) Found(AbiFamily family, uint at)
    {
        var found = Recognise(family, at);
        return (found.Layout.ShouldNotBeNull(found.Detail).Family, found.Address);
    }

    /// <summary>As a kernel of this family calls: with the address in its own register, and something else in the other.</summary>
    private FamilyRecognition.Result Recognise(AbiFamily family, uint at)
    {
        GuestPhysical here = new(at), elsewhere = new(0x1000);
        bool isEarly = TestGuest.LayoutOf(family).ArgumentsStartInEdx;
        return FamilyRecognition.Recognise(_memory, isEarly ? here : elsewhere, isEarly ? elsewhere : here, Switcher,
            family == AbiFamily.Linux2623 ? new GuestVirtual(0xc0000000) : null, hasPci: family == AbiFamily.Linux4);
    }

    private void Write(uint at, LguestDataLayout layout, uint kernel = 0xc0000000, uint vector = GuestVectors.Syscall)
    {
        _memory.Span(new GuestPhysical(At), 0x1000).Clear();
        _memory.Span(new GuestPhysical(_memory.RamBytes - 0x1000), 0x1000).Clear();
        uint room = Math.Min((uint)layout.Size, _memory.RamBytes - at);
        var data = _memory.Span(new GuestPhysical(at), room);
        data.Slice(layout.HcallStatus, LguestDataLayout.RingSlots).Fill(LguestDataLayout.SlotFree);
        if (layout.KernelAddress == LguestDataLayout.Absent)
            return;
        Word(data, layout.KernelAddress, kernel);
        Word(data, layout.SyscallVector, vector);
    }

    private static void Word(Span<byte> data, int offset, uint value)
    {
        if (offset + 4 <= data.Length)
            BitConverter.TryWriteBytes(data[offset..], value);
    }
}
