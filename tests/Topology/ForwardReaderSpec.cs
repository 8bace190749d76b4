// Ports that lead into Guests: what comes of forward = ..., and what is told about one that cannot be had.

namespace Lguest.Topology.Tests;

public sealed class ForwardReaderSpec
{
    private const string Two = "lguest { nodes { a { port = 4051 }, b { host = 127.0.0.2, trunk-port = 4052 } }\n"
        + "lans { in { }, out { nat = on, subnet = 10.9.0.0/24 } }\n";

    [Fact]
    public void Each_leads_to_the_address_that_the_guest_has_on_its_first_lan_with_a_router()
    {
        var topology = TopologyTexts.Read(Two + """
            guests { a { lans = [in, out] }
                     web { lans = [in, out], count = 2, forward = ["tcp:808%index%:80", "udp:0.0.0.0:535%index%:53"] } } }
            """);

        topology.Guests[0].Forwards.ShouldBeEmpty();
        topology.Guests.SelectMany(guest => guest.Forwards).ShouldAllBe(forward => forward.Lan == "out");
        topology.Guests.SelectMany(guest => guest.Forwards).Select(forward => forward.Port.ToString()).ShouldBe(
        [
            "http://127.0.0.1:8081 -> web-1:80", "udp 0.0.0.0:5351 -> web-1:53",
            "http://127.0.0.1:8082 -> web-2:80", "udp 0.0.0.0:5352 -> web-2:53",
        ]);
        topology.Guests.SelectMany(guest => guest.Forwards).Select(forward => forward.Port.Guest)
            .ShouldBe([0x0A090002u, 0x0A090002u, 0x0A090003u, 0x0A090003u]);
    }

    [Theory]
    [InlineData("w { lans = [out], forward = \"tcp:8080\" }", "test.conf:3:38: guest 'w': 'tcp:8080' is no forward; write tcp:8080:80, ")]
    [InlineData("w { lans = [in], forward = \"tcp:8080:80\" }",
        "test.conf:3:37: guest 'w': a forward goes by the router of a lan, and the Guest is on none that has one; write nat = on")]
    [InlineData("w { lans = [out], count = 2\nforward = \"tcp:8080:80\" }",
        "test.conf:4:11: guest 'w-2': port 8080 leads to 'w-1' already; choose another port, or, with count, one with %index% in it")]
    [InlineData("w { lans = [out], forward = [\"tcp:0.0.0.0:8080:80\", \"udp:8080:80\", \"tcp:8080:81\"] }",
        "test.conf:3:77: guest 'w': port 8080 leads to 'w' already; choose another port")]
    [InlineData("w { lans = [out], forward = \"tcp:4051:80\" }", "guest 'w': node 'a' listens at 4051 itself; choose another port")]
    [InlineData("w { lans = [out], forward = \"tcp:127.0.0.2:4052:80\" }", "guest 'w': node 'b' listens at 4052 itself; choose")]
    public void What_cannot_be_had_is_told_with_its_place(string guest, string complaint) =>
        TopologyTexts.Complaint($"{Two}guests {{ {guest} }} }}").ShouldContain(complaint);

    [Fact]
    public void A_port_that_a_node_has_at_another_address_can_be_had() =>
        TopologyTexts.Read(Two + "guests { w { lans = [out], forward = [\"tcp:4052:80\", \"udp:4051:80\"] } } }")
            .Guests[0].Forwards.Length.ShouldBe(2);
}
