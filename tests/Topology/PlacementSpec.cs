// Where Guests go: evenly, to their node or role, and never beyond what a node may have.

namespace Lguest.Topology.Tests;

public sealed class PlacementSpec
{
    [Fact]
    public void Guests_are_spread_evenly_unless_they_say_otherwise() =>
        Plan("lguest { nodes { a { }, b { }, c { } }, guests.web.count = 20 }").Values.GroupBy(node => node).Select(group => group.Count())
            .ShouldBe([7, 7, 6]);

    [Fact]
    public void Packed_guests_fill_one_node_before_the_next() =>
        Plan("lguest { nodes { a { guests = 3 }, b { } }, guests.web { count = 5, placement = pack } }").Values.ShouldBe(
            ["a", "a", "a", "b", "b"]);

    [Fact]
    public void A_guest_goes_to_its_node_or_to_a_node_with_its_role()
    {
        var plan = Plan("lguest { nodes { a { }, b { roles = [db] } }, guests { one { node = a }, two { role = db }, three { role = db "
            + "} } }");

        plan.ShouldBe(new Dictionary<string, string> { ["one"] = "a", ["two"] = "b", ["three"] = "b" }, ignoreOrder: true);
    }

    [Fact]
    public void A_node_takes_no_more_memory_than_it_may()
    {
        var plan = Plan("lguest { nodes { a { memory = 100M }, b { memory = 40M } }, guests.web { count = 5, memory = 32M } }");

        plan.Values.Count(node => node == "a").ShouldBe(3);
        plan.Values.Count(node => node == "b").ShouldBe(1);
        plan.Keys.ShouldNotContain("web-5");
    }

    [Fact]
    public void Guests_with_little_choice_are_placed_before_those_with_much()
    {
        var plan = Plan("lguest { nodes { a { memory = 32M }, b { } }, guests { anywhere { memory = 32M }, here { memory = 32M, node = "
            + "a } } }");

        plan.ShouldBe(new Dictionary<string, string> { ["here"] = "a", ["anywhere"] = "b" }, ignoreOrder: true);
    }

    private static IReadOnlyDictionary<string, string> Plan(string text) => Placement.Plan(TopologyTexts.Read(text));
}
