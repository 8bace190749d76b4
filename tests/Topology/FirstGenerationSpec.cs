// What a topology may ask for Guests of the first generation and for shared pages, and that whatever cannot be had is refused where it is
// asked for, not left out.

using Lguest.Devices;
using Lguest.Launcher;
using Lguest.Launcher.Boards;
using Lguest.Launcher.Images;
using Lguest.Net.Frames;
using Lguest.Topology.Actors;
using Lguest.Topology.Hocon;

namespace Lguest.Topology.Tests;

public sealed class FirstGenerationSpec
{
    private const string Rest = "\nlguest.nodes { left { }, right { } }\nlguest.lans { wire { subnet = \"10.1.0.0/24\" }, wire2 { }, "
        + "yard { kind = dma, subnet = \"10.9.0.0/16\" } }";

    [Theory]
    [InlineData("lguest.guests.a { kernel = \"builtin:puppy1\", rng = on }",
        "1:52: guest 'a': Linux 2.6.23 has no driver for an entropy source; leave --rng out (in a topology: rng = auto)")]
    [InlineData("lguest.guests.a { kernel = old, rng = yes }",
        "1:39: guest 'a': Linux 2.6.23 has no driver for an entropy source; leave --rng out (in a topology: rng = auto)")]
    [InlineData("lguest.guests.a { kernel = unseen, lans = [yard], rng = on }",
        "1:57: guest 'a': Linux 2.6.23 has no driver for an entropy source; leave --rng out (in a topology: rng = auto)")]
    [InlineData("lguest.defaults.guest.rng = on\nlguest.guests.a.kernel = old",
        "1:29: guest 'a': Linux 2.6.23 has no driver for an entropy source; leave --rng out (in a topology: rng = auto)")]
    [InlineData(
        "lguest.guests.a { kernel = old, lans = [{ lan = wire, mac = \"52:54:00:00:00:01\" }] }",
        "1:61: port 0 of 'a': Linux 2.6.23 chooses its own hardware address, and cannot have 52:54:00:00:00:01; "
        + "ask for one like 02:00:12:34:00:00 (12:34 is free), or for none")]
    [InlineData(
        "lguest.guests.a { kernel = unseen, lans = [{ lan = yard, mac = \"02:00:00:00:00:01\" }] }",
        "1:64: port 0 of 'a': Linux 2.6.23 chooses its own hardware address, and cannot have 02:00:00:00:00:01; "
        + "ask for one like 02:00:12:34:00:00 (12:34 is free), or for none")]
    [InlineData(
        "lguest.guests.a { kernel = old, lans = [{ lan = wire, mac = \"02:00:01:00:00:00\" }, { lan = wire2, mac = "
            + "\"02:00:02:00:00:00\" }] }",
        "1:105: port 1 of 'a': Linux 2.6.23 has one hardware address for all its cards, not 02:00:01:00:00:00 and "
            + "02:00:02:00:00:00; ask for one of them")]
    [InlineData(
        "lguest.guests.a.lans = [yard]",
        "1:25: guest 'a': a shared page (--sharenet, or a lan of kind dma) needs Linux 2.6.23, and this kernel is another; use a network "
            + "of another kind")]
    [InlineData(
        "lguest.guests.a { kernel = young, lans = [wire, { lan = yard }] }",
        "1:57: guest 'a': a shared page (--sharenet, or a lan of kind dma) needs Linux 2.6.23, and this kernel is another; use a network "
            + "of another kind")]
    [InlineData("lguest.guests.a { kernel = linux, lans = [yard] }",
        "1:43: guest 'a': a shared page (--sharenet, or a lan of kind dma) needs Linux 2.6.23, and this kernel is another; use a network "
            + "of another kind")]
    [InlineData("lguest.guests.a { kernel = pc, board = lguest }",
        "1:40: guest 'a': kernel 'pc' has no lguest support; leave --board=lguest out (in a topology: board = auto), or build it with "
            + "CONFIG_LGUEST_GUEST=y")]
    [InlineData("lguest.guests.a.board = pc",
        "1:25: guest 'a': kernel 'builtin:puppy' was built for lguest and is not started as a PC's; leave --board=pc out (in a topology: "
            + "board = auto)")]
    [InlineData("lguest.guests.a { kernel = young, memory = 3073M }",
        "1:44: guest 'a': 3073 MB of memory is too much for lguest's Linux; give it at most 3072 MB")]
    [InlineData("lguest.guests.a { kernel = young, boot = pvh }",
        "1:42: guest 'a': there is one way to start lguest's Linux; leave --boot out (in a topology: boot)")]
    [InlineData("lguest.guests.a { kernel = old, kvm = off }",
        "1:39: guest 'a': Linux 2.6.23 does not look for KVM; leave --kvm out (in a topology: kvm)")]
    [InlineData("lguest.guests.a.boot = bios", "1:24: guest 'a': boot = 'bios' is not one of its values; choose from bzimage, linux, pvh")]
    [InlineData(
        "lguest.guests.a { kernel = old, lans = [yard], net-rate = 1Mbit }",
        "1:59: guest 'a': lan 'yard' is of kind dma, which cannot limit a rate; write net-rate = off, or choose kind = ethernet")]
    [InlineData(
        "lguest.guests.a { kernel = old, lans = [{ lan = yard, address = \"10.9.2.171\" }] }",
        "1:65: port 0 of 'a': 10.9.2.171 is beyond the 682 Guests that lan 'yard' of kind dma can have; choose up to 10.9.2.170")]
    [InlineData(
        "lguest.guests { a { kernel = old, lans = [{ lan = wire, mac = \"02:00:ab:00:00:00\" }] }, b.lans = [{ lan = wire, mac = "
            + "\"02:00:AB:00:00:00\" }] }",
        "1:119: port 0 of 'b': 'a' has the hardware address 02:00:ab:00:00:00 on lan 'wire' already; choose another, or auto")]
    [InlineData(
        "lguest.guests.a { kernel = old, lans = [wire2, { lan = wire }] }\nlguest.lans.wire.mtu = 1501",
        "1:56: guest 'a': Linux 2.6.23 has cards for packets of 1500 bytes at most, and lan 'wire' has mtu = 1501; choose another lan")]
    [InlineData("lguest.guests.a.kernel = old\nlguest.lans.yard.mtu = 9000",
        "2:24: lan 'yard': a lan of kind dma is shared memory and has no mtu; remove it, or choose kind = ethernet")]
    [InlineData("lguest.guests.a { kernel = old, lans = [{ lan = yard, delay = 1ms }] }",
        "1:63: port 0 of 'a': lan 'yard' is of kind dma, which is shared memory and has no delay; remove it, or choose kind = ethernet")]
    [InlineData("lguest.guests.a.kernel = old\nlguest.lans.yard.loss = 1%",
        "2:25: lan 'yard': a lan of kind dma is shared memory and has no loss; remove it, or choose kind = ethernet")]
    public void What_cannot_be_had_is_refused_with_its_place(string text, string complaint) =>
        Should.Throw<MisconfiguredException>(() => Read(text + Rest)).Message.ShouldBe($"t.conf:{complaint}");

    [Fact]
    public void What_can_be_had_is_read()
    {
        var topology = Read("""
            lguest.guests {
              a { kernel = old, net-rate = 8Mbit, lans = [{ lan = wire, mac = "02:00:34:12:00:00", pcap = a.pcap }] }
              b { kernel = old, lans = [yard, { lan = wire, mac = "02:00:02:00:00:00" }] }
              c { kernel = old, rng = off, lans = [{ lan = yard, address = "10.9.2.170", pcap = c.pcap }] }
              d { kernel = young, rng = on, lans = [{ lan = wire, mac = "52:54:00:00:00:01" }] }
              e { kernel = old, lans = [{ lan = short }] }
              f { kernel = pc, board = pc, boot = pvh, kvm = off, rng = on, lans = [{ lan = wire, mac = "52:54:00:00:00:02" }] }
            }
            lguest.lans { yard.pcap = yard.pcap, short.mtu = 576 }
            """ + Rest);

        var options = topology.Guests.Select(guest => GuestBuilding.Options(topology, guest, "left")).ToList();

        options.Select(guest => guest.Number).ShouldBe([(ushort)0x1234, (ushort)2, (ushort)1, (ushort)3, (ushort)4, (ushort)5]);
        var wired = options[0].Devices.OfType<DeviceOption.Net>().ShouldHaveSingleItem();
        (wired.Mac, wired.IsMacMade, wired.Port!.Pcap, wired.Port.Link.Rate)
            .ShouldBe((MacAddress.OfGuest(0x1234), false, "a.pcap", 8_000_000));
        options[1].Devices[0].ShouldBe(new DeviceOption.SharedNet("yard", 0) { PagePcap = "yard.left.pcap" });
        options[2].Devices.ShouldBe([new DeviceOption.SharedNet("yard", 681) { Pcap = "c.pcap", PagePcap = "yard.left.pcap" }]);
        options[3].Devices[^1].ShouldBe(new DeviceOption.Rng());
        options[4].Devices.OfType<DeviceOption.Net>().ShouldHaveSingleItem().Mtu.ShouldBe(576);
        options[4].Devices[^1].ShouldBe(new DeviceOption.Rng { IsOptional = true });
        (options[4].Board, options[4].Boot, options[4].IsKvm).ShouldBe((null, PcEntry.Unpacked, true));
        (options[5].Board, options[5].Boot, options[5].IsKvm).ShouldBe(("pc", PcEntry.Pvh, false));
    }

    [Fact]
    public void A_guest_of_the_first_generation_has_no_entropy_device_unless_it_is_asked_for_and_then_it_is_refused()
    {
        GuestPlan.Read(Puppy1(new DeviceOption.Rng { IsOptional = true })).Kind.ShouldBe("generation 2.6.23");

        Should.Throw<RefusedException>(() => GuestPlan.Read(Puppy1(new DeviceOption.Rng())))
            .Message.ShouldBe("Linux 2.6.23 has no driver for an entropy source; leave --rng out (in a topology: rng = auto)");
    }

    [Theory]
    [InlineData("02:00:34:12:00:00", null, 0x1234)]
    [InlineData("02:00:34:12:00:00", "02:00:34:12:00:00", 0x1234)]
    [InlineData(null, null, 9)]
    public void A_card_that_asks_for_an_address_makes_the_guests_number(string? one, string? other, int number)
    {
        var guest = GuestPlan.Read(Puppy1(Card("wire", one), Card("wire2", other)) with { Number = 9 }).Build(Stream.Null);
        using var memory = guest.Memory;
        ((DmaParts)guest.Parts).Board.Number.ShouldBe((ushort)number);
    }

    [Theory]
    [InlineData("52:54:00:00:00:01", null, "cannot have 52:54:00:00:00:01")]
    [InlineData("02:00:01:00:00:00", "02:00:02:00:00:00",
        "one hardware address for all its cards, not 02:00:01:00:00:00 and 02:00:02:00:00:00")]
    public void An_address_that_the_guest_cannot_have_is_refused(string one, string? other, string why) =>
        Should.Throw<RefusedException>(() => GuestPlan.Read(Puppy1(Card("wire", one), Card("wire2", other)))).Message.ShouldContain(why);

    [Fact]
    public void An_address_that_was_only_made_for_a_card_asks_for_nothing() =>
        GuestPlan.Read(Puppy1(new DeviceOption.Net("wire",
            MacAddress.Parse("52:54:00:00:00:01"))
        { IsMacMade = true })).Kind.ShouldBe("generation 2.6.23");

    private static LauncherOptions Puppy1(params DeviceOption[] devices) => new(16, EmbeddedKernel.FirstPuppy, [], [.. devices]);

    private static DeviceOption.Net Card(string lan, string? mac) => new(lan, mac is null ? null : MacAddress.Parse(mac));

    /// <summary>On a machine with a kernel of the first generation, "old", one of the second, "young", and one that is on another
    /// machine.</summary>
    private static TopologyDefinition Read(string text) =>
        TopologyFile.Parse("t.conf", text, _ => null, _ => true, null, kernel =>
            kernel switch
            {
                "old" => new SeenKernel(BoardFamily.Dma, 0),
                "young" => new SeenKernel(BoardFamily.Virtio, 0),
                "pc" => new SeenKernel(BoardFamily.PlainPc, 0),
                _ => null,
            }).Topology;
}
