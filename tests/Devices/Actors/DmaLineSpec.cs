// Between Switcher and Dma: each is told in its own words, and only sends to shared pages are the Dma's.

using Akka.TestKit;
using Lguest.Devices.Generation1.Actors;
using Lguest.Guest.Memory;
using Lguest.Net.Dma;
using Lguest.Net.Dma.Actors;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Devices.Tests.Actors;

public sealed class DmaLineSpec : DeviceTestKit
{
    private static readonly GuestPhysical _page = new(RamBytes + 0x1000);
    private readonly TestProbe _dma;
    private readonly DmaLine _line;

    public DmaLineSpec()
    {
        _dma = CreateTestProbe("dma");
        _line = new DmaLine(Guest, [new SharedWindow("yard", _page, 3)], Switcher, _dma);
    }

    [Fact]
    public void A_bind_goes_to_the_Dma_whatever_its_key()
    {
        _line.Bind(new GuestPhysical(12), new GuestPhysical(0x1000), 8, 5);

        _dma.ExpectMsg<DmaProtocol.Bind>().ShouldBe(new DmaProtocol.Bind("guest", new GuestPhysical(12), new GuestPhysical(0x1000), 8, 5));
    }

    [Theory]
    [InlineData(RamBytes + 0x1000, true)]
    [InlineData(RamBytes + 0x1ffc, true)]
    [InlineData(RamBytes + 0xffc, false)]
    [InlineData(RamBytes + 0x2000, false)]
    [InlineData(0u, false)]
    [InlineData(uint.MaxValue, false)]
    public void A_send_is_the_Dmas_if_its_key_lies_in_a_shared_page_and_else_the_launchers(uint key, bool isShared)
    {
        _line.TrySend(new GuestPhysical(key), new GuestPhysical(0x2000)).ShouldBe(isShared);

        if (isShared)
            _dma.ExpectMsg<DmaProtocol.Send>().ShouldBe(new DmaProtocol.Send("guest", new GuestPhysical(key), new GuestPhysical(0x2000)));
        else
            _dma.ExpectNoMsg(Silence);
    }

    [Fact]
    public void A_search_for_a_buffer_goes_to_the_Dma()
    {
        _line.Find(new GuestPhysical(4));

        _dma.ExpectMsg<DmaProtocol.Find>().ShouldBe(new DmaProtocol.Find("guest", new GuestPhysical(4)));
    }

    [Fact]
    public void What_the_Dma_answers_is_told_to_the_Switcher()
    {
        _line.Raise(7);
        _line.Bound(true);
        _line.Bound(false);
        _line.Sent();
        _line.Found(new GuestPhysical(0x3000));
        _line.Found(null);

        Switcher.ExpectMsg<SwitcherProtocol.Interrupt>().ShouldBe(new SwitcherProtocol.Interrupt(Guest, 7));
        Switcher.ExpectMsg<SwitcherProtocol.DmaBound>().ShouldBe(new SwitcherProtocol.DmaBound(Guest, true));
        Switcher.ExpectMsg<SwitcherProtocol.DmaBound>().ShouldBe(new SwitcherProtocol.DmaBound(Guest, false));
        Switcher.ExpectMsg<SwitcherProtocol.DmaSent>().ShouldBe(new SwitcherProtocol.DmaSent(Guest));
        Switcher.ExpectMsg<SwitcherProtocol.DmaFound>().ShouldBe(new SwitcherProtocol.DmaFound(Guest, new GuestPhysical(0x3000)));
        Switcher.ExpectMsg<SwitcherProtocol.DmaFound>().ShouldBe(new SwitcherProtocol.DmaFound(Guest, null));
    }

    [Theory]
    [InlineData(DmaOffence.BadEntry, KillReason.BadDmaEntry)]
    [InlineData(DmaOffence.BadAddress, KillReason.BadDmaAddress)]
    public void An_offence_has_the_Switchers_name_for_it(DmaOffence offence, KillReason reason)
    {
        _line.Kill(offence, "what it did");

        Switcher.ExpectMsg<SwitcherProtocol.DmaOffence>().ShouldBe(new SwitcherProtocol.DmaOffence(Guest, reason, "what it did"));
    }

    [Fact]
    public void A_guest_that_shares_nothing_sends_to_its_launcher_only()
    {
        new DmaLine(Guest, [], Switcher, _dma).TrySend(_page, new GuestPhysical(0x2000)).ShouldBeFalse();

        _dma.ExpectNoMsg(Silence);
    }
}
