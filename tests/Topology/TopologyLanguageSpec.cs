// What the language of topology files does for a topology: what is written twice, elsewhere, in another file or in the environment, and
// what looks like a setting and is not.

using Lguest.Topology.Actors;

namespace Lguest.Topology.Tests;

public sealed class TopologyLanguageSpec
{
    private const string Nodes = "lguest.nodes { left { }, right { roles = [web] } }\n";

    [Fact]
    public void What_is_wrong_with_a_setting_that_came_from_elsewhere_is_told_where_it_is_written()
    {
        TopologyTexts.Complaint(Nodes + "vars.a { memory = much }\nlguest.guests.b = ${vars.a} { rng = off }")
            .ShouldStartWith("test.conf:2:19: guest 'b': memory = 'much'");
        TopologyTexts.Complaint(Nodes + "include \"base.conf\"\nlguest.guests.b = ${vars.a} { }", ("base.conf", "vars.a { prot = 1 }"))
            .ShouldStartWith("base.conf:1:10: guest 'b' has no setting 'prot'");
    }

    [Fact]
    public void A_path_starts_at_the_folder_of_the_file_that_it_is_written_in()
    {
        var topology = TopologyTexts.Read(
            Nodes + """
                include "sub/d.conf"
                lguest.guests.b { kernel = ${vars.kernel}, initrd = outer.gz, disks = [${vars.disk}, own.img] }
                lguest.guests.c = ${lguest.guests.a} { initrd = outer.gz, disks = [] }
                lguest.guests.d = ${lguest.guests.a} { disks = ["/abs.img"], log = "d.log" }
                """,
            ("sub/d.conf", """
                include "deeper/e.conf"
                vars.kernel = vmlinux
                lguest.lans.green.pcap = green.pcap
                lguest.guests.a {
                  kernel = vmlinux, initrd = ../initrd.gz, log = "%name%.log"
                  disks = [{ file = a.img, overlay = on, layer = a.layer }]
                  lans = [{ lan = green, pcap = a.pcap }]
                }
                """),
            ("sub/deeper/e.conf", "vars.disk = disk.img\n"));

        var a = topology.FindGuest("a")!;
        (a.Kernel, a.Initrd, a.Log).ShouldBe(("sub/vmlinux", "sub/../initrd.gz", "sub/a.log"));
        a.Disks.ShouldBe([new DiskDefinition("sub/a.img", true, false, "sub/a.layer")]);
        a.Ports[0].Pcap.ShouldBe("sub/a.pcap");
        topology.FindLan("green")!.Pcap.ShouldBe("sub/green.pcap");
        var b = topology.FindGuest("b")!;
        (b.Kernel, b.Initrd).ShouldBe(("sub/vmlinux", "outer.gz"));
        b.Disks.Select(disk => disk.File).ShouldBe(["sub/deeper/disk.img", "own.img"]);
        (topology.FindGuest("c")!.Kernel, topology.FindGuest("c")!.Initrd).ShouldBe(("sub/vmlinux", "outer.gz"));
        topology.FindGuest("d")!.Disks.Select(disk => disk.File).ShouldBe(["/abs.img"]);
        topology.FindGuest("d")!.Log.ShouldBe("d.log");
    }

    [Theory]
    [InlineData("guests { a { memory = 20M } b { memory = 30M } }",
        "3:32: a comma or a new line is missing before 'b'; or, if it is part of the value, quotes around that")]
    [InlineData("guests { a { memory = 20M } \"b\" { memory = 30M } }",
        "3:32: a text cannot follow a section in one value; a comma or a new line is missing before it")]
    [InlineData("guests { a.memory = 20M b.memory = 30M }",
        "3:28: a comma or a new line is missing before 'b.memory'; or, if it is part of the value, quotes around that")]
    [InlineData("nodes { c { } d { } }",
        "3:18: a comma or a new line is missing before 'd'; or, if it is part of the value, quotes around that")]
    [InlineData("lans { c { } d.loss = 3% }",
        "3:17: a comma or a new line is missing before 'd.loss'; or, if it is part of the value, quotes around that")]
    [InlineData("guests.a.disks = [{ file = a.img } { file = b.img }]",
        "3:39: a comma or a new line is missing before a section, which would be merged with the one before it")]
    public void Settings_on_one_line_without_a_comma_are_refused_and_none_is_lost(string text, string complaint) =>
        TopologyTexts.Complaint($"{Nodes}lguest.guests.z {{ }}\nl {{{text}}}").ShouldBe($"test.conf:{complaint}");

    [Theory]
    [InlineData(null, 20)]
    [InlineData("40M", 40)]
    public void A_variable_of_the_environment_counts_where_it_is_set(string? variable, int megabytes)
    {
        var file = TopologyFile.Parse(
            "test.conf", Nodes + "lguest.guests.a { memory = 20M, memory = ${?MYMEM} }", _ => null, _ => true, environment: name =>
                name == "MYMEM" ? variable : null);

        file.Topology.Guests[0].MemoryMegabytes.ShouldBe(megabytes);
        file.Config.GetString("lguest.guests.a.memory").ShouldBe($"{megabytes}M");
    }

    [Fact]
    public void Nodes_with_different_environments_have_read_different_topologies()
    {
        string Digest(string? variable) =>
            TopologyFile.Parse("test.conf", Nodes + "lguest.guests.a { }\nvars.memory = ${?MYMEM}", _ => null, _ => true,
                environment: _ => variable).Digest;

        Digest("40M").ShouldBe(Digest("40M"));
        Digest("40M").ShouldNotBe(Digest("41M"));
        Digest(null).ShouldNotBe(Digest(""));
    }

    [Fact]
    public void What_is_appended_is_added_to_what_was_there()
    {
        var topology = TopologyTexts.Read(Nodes + "lguest.nodes.right.roles += db\nlguest.nodes.left.roles += db\nlguest.guests.a { "
            + "role = web, disks += a.img, disks += b.img }");

        topology.Nodes.Select(node => string.Join(' ', node.Roles)).ShouldBe(["db", "web db"]);
        topology.Guests[0].Disks.Select(disk => disk.File).ShouldBe(["a.img", "b.img"]);
    }
}
