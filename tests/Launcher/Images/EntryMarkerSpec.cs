// The way into a kernel of generation 1: thirteen letters in its code, and the top byte of its absolute loads (ABI sheet 1.2, 1.3).

using System.Text;
using Lguest.Devices;
using Lguest.Guest.Memory;
using Lguest.Launcher.Images;

namespace Lguest.Launcher.Tests.Images;

public sealed class EntryMarkerSpec
{
    [Fact]
    public void The_entry_is_behind_the_letters_whichever_segment_they_are_in()
    {
        KernelSegment[] segments = [Segment(0x100000, "code and nothing else"), Segment(0x200000, "xyzGenuineLguestENTRY")];

        EntryMarker.Find(segments, "vmlinux").Value.ShouldBe(0x200000u + 3 + 13);
    }

    [Fact]
    public void The_first_of_several_counts()
    {
        EntryMarker.Find([Segment(0x100000, "GenuineLguest GenuineLguest")], "vmlinux").Value.ShouldBe(0x10000du);
    }

    [Fact]
    public void A_kernel_without_them_is_told_what_it_lacks()
    {
        Should.Throw<RefusedException>(() => EntryMarker.Find([Segment(0x100000, "GenuineLgues")], "vmlinux")).Message.ShouldContain(
            "CONFIG_LGUEST");
    }

    [Fact]
    public void A_kernel_that_is_not_linux_and_has_them_is_of_the_first_generation()
    {
        var image = KernelImage.Read(Files.Elf(Encoding.ASCII.GetBytes("GenuineLguestENTRY")), "small");

        image.Generation.IsGeneration1.ShouldBeTrue();
        image.Entry.Value.ShouldBe(0x10000du);
        image.PageOffset!.Value.Value.ShouldBe(0xc0000000u);
        image.Start.Value.ShouldBe(0xc010000du);
        KernelImage.Read(Files.Elf("GenuineLgues"u8.ToArray()), "small").Generation.IsGeneration1.ShouldBeFalse();
    }

    [Fact]
    public void The_top_byte_that_is_loaded_from_for_the_fourth_time_is_where_addresses_begin()
    {
        byte[] load = [0xa1, 0x10, 0x20, 0x30, 0xc0], stranger = [0xa1, 0, 0, 0, 0x12];
        byte[] image = [.. stranger, .. load, .. stranger, .. load, .. stranger, .. load, .. load, .. stranger];

        EntryMarker.GuessPageOffset(image, "bzImage").ShouldBe(new GuestVirtual(0xc0000000));
        Should.Throw<RefusedException>(() => EntryMarker.GuessPageOffset([.. load, .. load, .. load], "bzImage")).Message.ShouldContain(
            "vmlinux");
        Should.Throw<RefusedException>(() => EntryMarker.GuessPageOffset([0xa1, 0xa1, 0xa1], "bzImage"));
    }

    private static KernelSegment Segment(uint address, string content) =>
        new(new GuestPhysical(address), Encoding.ASCII.GetBytes(content), (uint)content.Length);
}
