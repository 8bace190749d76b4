// The descriptor page of generation 1: sixteen lines of twelve bytes, and where the pages are that they name (ABI sheet 9.1).

using Lguest.Devices.Generation1;
using Lguest.Guest.Memory;

namespace Lguest.Devices.Tests.Generation1;

public sealed class DmaBusSpec
{
    [Fact]
    public void Each_device_has_a_line_with_its_type_features_and_page()
    {
        DmaBus bus = new([DmaDescription.Block, DmaDescription.Net(1, DmaDescription.Randomness), DmaDescription.Console], DmaMemory.Ram);
        using GuestMemory memory = new(DmaMemory.Ram, bus.Pages);

        bus.WriteInto(memory);

        bus.Pages.ShouldBe(3);
        var page = memory.Span(new GuestPhysical(DmaMemory.Ram), 3 * 12);
        page[..12].ToArray().ShouldBe([3, 0, 0x00, 0x80, 0, 0, 1, 0, 0x01, 0x01, 0, 0]);
        page[12..24].ToArray().ShouldBe([2, 0, 0x01, 0x80, 0, 0, 1, 0, 0x02, 0x01, 0, 0]);
        page[24..].ToArray().ShouldBe([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        DmaMemory.Word(memory, DmaMemory.Ram + 36).ShouldBe(0u, "the line after the last device ends the list");
    }

    [Fact]
    public void A_device_without_a_page_leaves_no_gap()
    {
        DmaBus bus = new([DmaDescription.Console, DmaDescription.Block, DmaDescription.Block], DmaMemory.Ram);

        bus.PageOf(1).Value.ShouldBe(DmaMemory.Ram + 0x1000);
        bus.PageOf(2).Value.ShouldBe(DmaMemory.Ram + 0x2000);
        (DmaBus.IrqOf(0), DmaBus.IrqOf(2)).ShouldBe((1, 3));
    }

    [Fact]
    public void A_card_has_its_slot_in_the_low_bits_of_its_features()
    {
        DmaDescription.Net(681, DmaDescription.NoChecksum).Features.ShouldBe((ushort)(0x4000 | 681));
    }

    [Fact]
    public void Sixteen_devices_fit_and_the_seventeenth_is_refused()
    {
        var sixteen = Enumerable.Repeat(DmaDescription.Block, 15).Append(DmaDescription.Console).ToList();

        new DmaBus(sixteen, DmaMemory.Ram).Pages.ShouldBe(16);
        Should.Throw<RefusedException>(() => new DmaBus([DmaDescription.Block, .. sixteen], DmaMemory.Ram)).Message.ShouldContain(
            "17 devices");
    }
}
