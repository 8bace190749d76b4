// What a topology file means, and what is said about one that means nothing.

using Lguest.Launcher;
using Lguest.Net.Lans;
using Lguest.Switcher.Time;

namespace Lguest.Topology.Tests;

public sealed class TopologyReaderSpec
{
    private const string Nodes = "lguest.nodes { left { }, right { roles = [web] } }\n";

    [Fact]
    public void A_rack_may_live_in_virtual_time()
    {
        var topology = TopologyTexts.Read(Nodes + """
            lguest.defaults.guest { clock = virtual, seed = 7 }
            lguest.guests { a { }, b { clock = real, seed = off } }
            """);
        topology.Guests.Select(guest => (guest.Clock, guest.Seed)).ShouldBe([(ClockKind.Virtual, 7), (ClockKind.Real, null)]);
        var options = GuestBuilding.Options(topology, topology.Guests[0], "left");
        (options.Clock, options.Seed).ShouldBe((ClockKind.Virtual, 7ul));
    }

    [Fact]
    public void A_file_gives_nodes_lans_and_guests_in_its_order()
    {
        var topology = TopologyTexts.Read(Nodes + """
            lguest {
              name = "rack"
              lans.green { delay = 20ms, jitter = 5ms, loss = 5%, rate = 10Mbit, seed = 7 }
              guests {
                a { memory = 64M, kernel = "kernels/vmlinux", initrd = initrd.gz, disks = [root.img], lans = [green]
                    node = left, cpu-share = 25%, disk-rate = 5MB }
                b { count = 2, lans = [{ lan = green, mac = "52:00:00:00:00:09" }], on-node-loss = down, on-death = restart
                    log = "%name%.log" }
              }
            }
            """.Replace(", mac = \"52:00:00:00:00:09\"", "", StringComparison.Ordinal));

        topology.Name.ShouldBe("rack");
        topology.Nodes.Select(node => node.Name).ShouldBe(["left", "right"]);
        topology.Lans.ShouldHaveSingleItem().Link.ShouldBe(
            new LinkModel(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(5), 0.05, 0, 0, 0, 1_250_000, 7));
        topology.Guests.Select(guest => guest.Name).ShouldBe(["a", "b-1", "b-2"]);
        var a = topology.Guests[0];
        (a.MemoryMegabytes, a.Kernel, a.Initrd, a.Disks[0].File, a.Home.Node)
            .ShouldBe((64, "kernels/vmlinux", "initrd.gz", "root.img", "left"));
        (a.Limits.CpuPercent, a.Limits.DiskBytesPerSecond).ShouldBe((25.0, 5_000_000L));
        topology.Guests[1].Fate.ShouldBe(new GuestFate(LossPolicy.Down, EndPolicy.Restart, EndPolicy.StayDown, 5, TimeSpan.FromSeconds(1)));
        topology.Guests.Select(guest => guest.Ports[0].Address).ShouldBe(["10.0.0.1", "10.0.0.2", "10.0.0.3"]);
        topology.Guests.Select(guest => guest.Ports[0].Mac).Distinct().Count().ShouldBe(3);
        topology.Guests[2].Log.ShouldBe("b-2.log");
    }

    [Fact]
    public void A_lan_has_an_mtu_and_a_port_a_cable_of_its_own()
    {
        var topology = TopologyTexts.Read(Nodes + """
            lguest {
              lans.green { mtu = 9000, delay = 1ms }
              guests.a { lans = [{ lan = green, delay = 20ms, jitter = 2ms, loss = 1%, rate = 8Mbit, seed = 5 }], net-rate = 4Mbit }
              guests.b { lans = [{ lan = green, rate = 1Mbit }], net-rate = 4Mbit }
              guests.c { lans = [green] }
            }
            """);
        var cards = topology.Guests.Select(guest => (DeviceOption.Net)GuestBuilding.Options(topology, guest, "left").Devices[0]).ToList();

        GuestBuilding.Lan(topology, topology.Lans[0], "left").ShouldBe(new LanSettings("green")
        {
            Mtu = 9000,
            Link = new LinkSettings { Delay = TimeSpan.FromMilliseconds(1), Seed = 1 },
        });
        cards.ShouldAllBe(card => card.Mtu == 9000);
        cards[0].Port!.Link.ShouldBe(new LinkSettings
        {
            Delay = TimeSpan.FromMilliseconds(20),
            Jitter = TimeSpan.FromMilliseconds(2),
            Loss = 0.01,
            Rate = 4_000_000,
            Seed = 5,
        });
        cards[1].Port!.Link.Rate.ShouldBe(1_000_000);
        cards[2].Port.ShouldBeNull();
    }

    [Fact]
    public void A_topology_can_change_the_defaults_for_all_of_its_own()
    {
        var topology = TopologyTexts.Read(
            Nodes + "lguest { defaults.guest { memory = 32, rng = off }, guests { a { }, b { memory = 1G } } }");

        topology.Guests.Select(guest => guest.MemoryMegabytes).ShouldBe([32, 1024]);
        topology.Guests.ShouldAllBe(guest => guest.Rng == false);
    }

    [Fact]
    public void Words_between_percent_signs_are_put_into_the_arguments()
    {
        var topology = TopologyTexts.Read(Nodes + """
            lguest.lans.green { subnet = "10.7.0.0/16" }
            lguest.guests {
              a { count = 2, lans = [green], arguments = "ip=%address% mask=%mask% me=%name% i=%index% to=%peers% gw=%gateway% on=%node%" }
              b { lans = [{ lan = green, address = "10.7.1.1" }] }
            }
            """);

        topology.Guests[1].Arguments.ShouldBe("ip=10.7.0.2 mask=255.255.0.0 me=a-2 i=2 to=10.7.0.1,10.7.1.1 gw=10.7.255.254 on=%node%");
    }

    [Fact]
    public void An_address_that_somebody_asked_for_is_given_to_nobody_else() =>
        TopologyTexts.Read(Nodes + """
            lguest { lans.green { }, guests {
                a { lans = [green] }, b { lans = [{ lan = green, address = "10.0.0.1" }] }, c { lans = [green] } } }
            """)
            .Guests.Select(guest => guest.Ports[0].Address).ShouldBe(["10.0.0.2", "10.0.0.1", "10.0.0.3"]);

    [Fact]
    public void Includes_and_substitutions_work_and_keep_their_places()
    {
        var base1 = ("base.conf", "lguest.nodes { left { }, right { } }\nvars.small = 8M\nlguest.guests.a { memory = ${vars.small} }");
        var topology = TopologyTexts.Read("include \"base.conf\"\nlguest.guests.b = ${lguest.guests.a}\nlguest.guests.a.memory = 24M",
            base1);

        topology.Guests.Select(guest => (guest.Name, guest.MemoryMegabytes, guest.Rng)).ShouldBe([("a", 24, (bool?)null), ("b", 24, null)]);
        TopologyTexts.Complaint("include \"bad.conf\"\nlguest.guests.a { }", ("bad.conf", "lguest {\n  nodes.left { prot = 1 }\n}"))
            .ShouldStartWith("bad.conf:2:16: ");
        TopologyTexts.Complaint(Nodes + "vars.m = much\nlguest.guests.a {\n  memory = ${vars.m}\n}").ShouldStartWith("test.conf:4:12: ");
    }

    [Theory]
    [InlineData("lguest.guests.b = ${lguest.guests.a} { rng = off }")]
    [InlineData("lguest.guests.b = ${lguest.guests.a}\nlguest.guests.b { rng = off }")]
    [InlineData("lguest.guests.b = ${lguest.guests.a}\nlguest.guests.b.rng = off")]
    public void A_section_can_be_like_another_with_changes(string b) =>
        TopologyTexts.Read(Nodes + "lguest.guests.a { memory = 24M }\n" + b).Guests
            .Select(guest => (guest.Name, guest.MemoryMegabytes, guest.Rng))
            .ShouldBe([("a", 24, (bool?)null), ("b", 24, false)]);

    [Theory]
    [InlineData("lguest.guest.a { }", "1:8: lguest has no setting 'guest'; did you mean 'guests'?")]
    [InlineData("lgeust.nodes { }", "1:1: there is no 'lgeust'; did you mean 'lguest'? (vars is for values of your own)")]
    [InlineData("lguest {\n  guests.a {\n    memroy = 64M\n  }\n}", "3:5: guest 'a' has no setting 'memroy'; did you mean 'memory'?")]
    [InlineData("lguest.guests.a.memory = lots",
        "1:26: guest 'a': memory = 'lots' is not a size; write megabytes, or for example 64M or 1G")]
    [InlineData("lguest.guests.a.memory = [1]", "1:26: guest 'a': memory must be one value, not a list")]
    [InlineData("lguest.guests.a.memory = 9G", "1:26: guest 'a': memory must be whole megabytes, 1M to 4095M")]
    [InlineData("lguest.guests.a.rng = maybe", "1:23: guest 'a': rng = 'maybe' is not a switch; write on, off or auto")]
    [InlineData("lguest.guests.a.count = 0", "1:25: guest 'a': count = '0' is not allowed; write a whole number from 1 to 1000")]
    [InlineData("lguest.guests.a.on-node-loss = reboot",
        "1:32: guest 'a': on-node-loss = 'reboot' is not one of its values; choose from down, restart")]
    [InlineData("lguest.guests.a.node = middle", "1:24: guest 'a': there is no node 'middle'; choose from left, right")]
    [InlineData("lguest.guests.a.role = wbe", "1:24: guest 'a': no node has the role 'wbe'; did you mean 'web'?")]
    [InlineData("lguest.guests.a { node = left, role = web }",
        "1:39: guest 'a': node 'left' does not have the role 'web'; remove one of the two")]
    [InlineData("lguest.guests.a.lans = [blue]", "1:25: guest 'a': there is no lan 'blue'")]
    [InlineData("lguest.guests.a.cpu-share = 200%",
        "1:29: guest 'a': cpu-share = '200%' is not allowed; write percent of a core, above 0 and up to 100, or off")]
    [InlineData("lguest.guests.a.disk-rate = fast",
        "1:29: guest 'a': disk-rate = 'fast' is not a rate; write for example 10Mbit (bits in a second) or 5MB (bytes in a second), "
        + "or off")]
    [InlineData("lguest.guests.a.clock = slow",
        "1:25: guest 'a': clock = 'slow' is not one of its values; choose from real, virtual")]
    [InlineData("lguest.guests.a.seed = -1",
        "1:24: guest 'a': seed = '-1' is not allowed; write a whole number from 0 to 2147483647")]
    [InlineData("lguest.guests.a { clock = virtual, disk-rate = 5MB }",
        "1:27: guest 'a': a disk in virtual time takes no time, and disk-rate has no meaning; remove one of the two")]
    [InlineData("lguest.guests.a.kernel = missing/vmlinux", "1:26: kernel: there is no file 'missing/vmlinux'; check the path")]
    [InlineData("lguest.guests.a.kernel = \"builtin:pupy\"",
        "1:26: guest 'a': there is no kernel 'builtin:pupy' in the program; did you mean 'builtin:puppy'?")]
    [InlineData("lguest.guests.a.disks = [missing.img]", "1:26: disk: there is no file 'missing.img'; check the path")]
    [InlineData("lguest.guests.a { count = 2, disks = [root.img] }",
        "1:39: disk 1 of 'a-2': 'a-1' and 'a-2' would both use 'root.img', and one of them writes it; add overlay = on, or name another "
        + "file")]
    [InlineData("lguest.guests.a.arguments = \"x=%adress%\"", "1:29: guest 'a': there is no word %adress%; did you mean 'address'?")]
    [InlineData("lguest.guests.a.arguments = \"x=%address%\"",
        "1:29: guest 'a': %address% needs a lan, and the Guest has none; add lans = [...]")]
    [InlineData("lguest.guests.\"a/b\" { }", "1:15: 'a/b' is not a name for a Guest; write letters, digits, '-' and '_', at most 40")]
    [InlineData("lguest.guests { a { count = 2 }, a-1 { } }", "1:34: there are two Guests 'a-1'; rename one")]
    [InlineData("lguest.lans = 3", "1:15: lguest.lans is a section; write lguest.lans { NAME { ... } }")]
    [InlineData("lguest.lans.green { delay = 1ms, jitter = 2ms }",
        "1:43: lan 'green': jitter is more than the delay; raise delay or lower jitter")]
    [InlineData("lguest.lans.green { kind = dma, nat = on }",
        "1:39: lan 'green': a lan of kind dma is shared memory and has no nat; remove it, or choose kind = ethernet")]
    [InlineData("lguest.lans.green.loss = 105%", "1:26: lan 'green': loss = '105%' is not a fraction; write for example 5% or 0.05")]
    [InlineData("lguest.lans.green.subnet = \"10.0.0.0/33\"",
        "1:28: lan 'green': subnet = '10.0.0.0/33' is not a subnet; write for example 10.0.0.0/24 (prefixes of 8 to 29 bits)")]
    [InlineData("lguest.nodes { a.port = 4051, b.port = 4051 }",
        "1:40: node 'b': node 'a' listens at 127.0.0.1:4051 already; choose another port")]
    [InlineData("lguest.cluster.lease = 1m",
        "1:24: lguest.cluster: lease is longer than stable-after, so that a Guest could be restarted while its lost node still runs it; "
        + "shorten lease or lengthen stable-after")]
    [InlineData("lguest.cluster.renew-every = 3s",
        "1:30: lguest.cluster: renew-every must be more than nothing and at most a third of lease, so that a message may be late; "
        + "shorten it or lengthen lease")]
    [InlineData("lguest.switcher.code-cache = 1023K", "1:30: lguest.switcher: code-cache must be 1M to 256M")]
    [InlineData("lguest.switcher.code-cache = 257M", "1:30: lguest.switcher: code-cache must be 1M to 256M")]
    [InlineData("lguest.switcher.verify = perhaps",
        "1:26: lguest.switcher: verify = 'perhaps' is not a switch; write on or off")]
    [InlineData("lguest.switcher.windows = open",
        "1:27: lguest.switcher: windows = 'open' is not a switch; write on or off")]
    [InlineData("lguest.switcher.engine = jit",
        "1:26: lguest.switcher: engine = 'jit' is not one of its values; choose from auto, interpreter, lockstep, translator")]
    [InlineData("lguest.switcher.engine = translater",
        "1:26: lguest.switcher: engine = 'translater' is not one of its values; did you mean 'translator'?")]
    [InlineData("lguest.switcher.slices = 1ms", "1:17: lguest.switcher has no setting 'slices'; did you mean 'slice'?")]
    [InlineData("lguest.defaults.gest { }", "1:17: defaults has no setting 'gest'; did you mean 'guest'?")]
    [InlineData("lguest.guests.a.memory = ${vars.big}", "1:26: ${vars.big} is neither a setting in the file nor an "
        + "environment variable; write it, or ${?...} if it may be missing")]
    [InlineData("lguest { guests { a { memory = 8M }", "1:17: this '{' is never closed; add a '}'")]
    [InlineData("lguest { } }", "1:12: this '}' closes nothing; remove it")]
    [InlineData("lguest.name =", "1:14: 'name' has no value; write one after the '=', \"\" for an empty one")]
    [InlineData("lguest.name = \"open", "1:15: a quoted text has no end; close it with \" on the same line")]
    [InlineData("lguest.guests.a.disks = [x", "1:25: this '[' is never closed; add a ']'")]
    [InlineData("lguest.name", "2:1: after 'name' there must be '=' and a value, or '{' and settings")]
    [InlineData("include \"nowhere.conf\"", "1:1: there is no file 'nowhere.conf' to include; check the path")]
    [InlineData("lguest { \"\"\"two\nlines\u001b[2J\"\"\" }",
        @"2:14: after 'two\nlines\u001b[2J' there must be '=' and a value, or '{' and settings")]
    public void What_is_wrong_is_told_on_one_line_with_its_place_and_what_would_be_right(string text, string complaint)
    {
        // The wrong line comes first, so that its place is easy to tell; what it needs to be otherwise right comes after it.
        string rest = text.Contains("nodes {", StringComparison.Ordinal) ? "\nlguest.guests.z { }" : "\n" + Nodes + "lguest.guests.z { }";
        string whole = text.Contains("never closed", StringComparison.Ordinal)
            || complaint.Contains("never closed", StringComparison.Ordinal)
            ? text : text + rest;

        TopologyTexts.Complaint(whole).ShouldBe($"test.conf:{complaint}");
    }

    [Theory]
    [InlineData("loss = 1", "loss = '1' can mean percent or parts of one; write 1%, or 100% for all")]
    [InlineData("corrupt = 1.0", "corrupt = '1.0' can mean percent or parts of one; write 1%, or 100% for all")]
    [InlineData("duplicate = 5", "duplicate = '5' can mean percent or parts of one; write 5%, or 100% for all")]
    [InlineData("loss = 101", "loss = '101' is not a fraction; write for example 5% or 0.05")]
    [InlineData("loss = 100.1%", "loss = '100.1%' is not a fraction; write for example 5% or 0.05")]
    [InlineData("loss = 5%%", "loss = '5%%' is not a fraction; write for example 5% or 0.05")]
    [InlineData("loss = -1%", "loss = '-1%' is not a fraction; write for example 5% or 0.05")]
    public void A_part_that_could_mean_two_things_is_refused(string setting, string complaint) =>
        TopologyTexts.Complaint(Nodes + $"lguest {{ guests.a {{ }}, lans.green.{setting} }}").ShouldEndWith($"lan 'green': {complaint}");

    [Theory]
    [InlineData("0", 0)]
    [InlineData("0.05", 0.05)]
    [InlineData("0.999", 0.999)]
    [InlineData("1%", 0.01)]
    [InlineData("100 %", 1)]
    public void A_part_is_percent_or_less_than_one(string loss, double part) =>
        TopologyTexts.Read(Nodes + $"lguest {{ guests.a {{ }}, lans.green.loss = {loss} }}").Lans[0].Link.Loss.ShouldBe(part);

    [Theory]
    [InlineData("50", 50)]
    [InlineData("50%", 50)]
    [InlineData("0.5%", 0.5)]
    [InlineData("1", 1)]
    public void A_share_is_percent(string share, double percent) =>
        TopologyTexts.Read(Nodes + $"lguest.guests.a.cpu-share = {share}").Guests[0].Limits.CpuPercent.ShouldBe(percent);

    [Theory]
    [InlineData("0.5", "cpu-share = '0.5' can mean percent or parts of one; write 0.5% or 50%")]
    [InlineData("0", "cpu-share = '0' is not allowed; write percent of a core, above 0 and up to 100, or off")]
    [InlineData("5%%", "cpu-share = '5%%' is not allowed; write percent of a core, above 0 and up to 100, or off")]
    public void A_share_that_could_mean_two_things_is_refused(string share, string complaint) =>
        TopologyTexts.Complaint(Nodes + $"lguest.guests.a.cpu-share = {share}").ShouldEndWith(complaint);

    [Theory]
    [InlineData("00:00:00:00:00:00")]
    [InlineData("ff:ff:ff:ff:ff:ff")]
    [InlineData("01:00:5e:00:00:01")]
    [InlineData("52:54:00:12:34")]
    [InlineData("52:54:00:12:34:5g")]
    public void A_hardware_address_is_that_of_one_station(string mac) =>
        TopologyTexts.Complaint(Nodes + $"lguest {{ lans.green {{ }}, guests.a.lans = [{{ lan = green, mac = \"{mac}\" }}] }}")
            .ShouldEndWith($"'{mac}' is not the hardware address of one card; write for example 52:54:00:12:34:56, or auto");

    [Fact]
    public void A_file_without_nodes_or_guests_is_none()
    {
        TopologyTexts.Complaint("").ShouldContain("has no nodes; write for example lguest.nodes.left");
        TopologyTexts.Complaint(Nodes).ShouldContain("has no Guests; write for example lguest.guests.a");
    }

    [Fact]
    public void Many_readers_may_share_an_image_but_not_with_a_writer()
    {
        var overlay = TopologyTexts.Read(
            Nodes + "lguest.guests.a { count = 20, disks = [{ file = root.img, overlay = on, at-end = keep }] }");

        overlay.Guests.Select(guest => guest.Disks[0].Layer).Distinct().Count().ShouldBe(20);
        overlay.Guests[3].Disks[0].ShouldBe(new DiskDefinition("root.img", true, true, "root.img.a-4.0.layer"));
        TopologyTexts.Complaint(Nodes + "lguest.guests { a.disks = [{ file = root.img, overlay = on }], b.disks = [root.img] }")
            .ShouldContain("'a' and 'b' would both use 'root.img'");
    }

    [Fact]
    public void A_file_that_would_cost_its_reader_the_stack_or_all_memory_is_refused()
    {
        TopologyTexts.Complaint("a = " + new string('[', 100_000)).ShouldContain("deeper than");
        TopologyTexts.Complaint(string.Concat(Enumerable.Repeat("a { ", 100_000))).ShouldContain("deeper than");
        TopologyTexts.Complaint("vars.x0 = " + new string('y', 100) + "\n"
            + string.Concat(Enumerable.Range(1, 60).Select(i => $"vars.x{i} = ${{vars.x{i - 1}}}${{vars.x{i - 1}}}\n")))
            .ShouldContain("more text than a configuration may have");
        TopologyTexts.Complaint("vars.x = y\n" + string.Concat(Enumerable.Repeat("vars.x = ${vars.x}${vars.x}${vars.x}\n", 60)))
            .ShouldContain("more text than a configuration may have");
        TopologyTexts.Complaint("include \"self.conf\"", ("self.conf", "include \"self.conf\""))
            .ShouldBe("self.conf:1:1: 'self.conf' includes itself: test.conf -> self.conf -> self.conf; remove the include");
        TopologyTexts.Complaint(new string(' ', 2_000_000)).ShouldContain("make it shorter");
    }
}
