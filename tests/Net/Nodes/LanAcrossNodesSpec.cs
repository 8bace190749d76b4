// A lan over real connections: what one node's Guests send is heard on the others, once, in order, whole, whatever comes and goes.

using Lguest.Net.Lans;

namespace Lguest.Net.Tests.Nodes;

public sealed class LanAcrossNodesSpec
{
    private const int Frames = 20_000;
    private static readonly LanSettings _green = new("green");

    [Fact]
    public void Guests_on_three_nodes_hear_a_broadcast_once_and_answers_only_where_they_belong()
    {
        using var nodes = new JoinedNodes(_green, "left", "middle", "right");
        var (left, middle, right) = (nodes["left"].Guest("left", 1), nodes["middle"].Guest("middle", 2), nodes["right"].Guest("right", 3));

        left.Sends(to: null, 1);
        middle.Hears(1);
        right.Hears(1);
        right.Sends(to: left, 2);
        left.Hears(2);
        left.Sends(to: right, 3);
        right.Hears(3);
        middle.HeardNothing();
    }

    [Fact]
    public void Ten_thousand_frames_to_another_node_arrive_in_order()
    {
        using var nodes = new JoinedNodes(_green, "left", "right");
        var (left, right) = (nodes["left"].Guest("left", 1), nodes["right"].Guest("right", 2));

        for (int round = 0; round < 100; round++)
        {
            left.Sends(to: right, Enumerable.Range(round * 100, 100));
            right.Hears(Enumerable.Range(round * 100, 100));
        }

        nodes["left"].Statistics().Peers.Single().DroppedFrames.ShouldBe(0);
    }

    [Fact]
    public void Jumbo_frames_to_another_node_arrive_in_order()
    {
        using var nodes = new JoinedNodes(_green with { Mtu = 9000 }, "left", "right");
        var (left, right) = (nodes["left"].Guest("left", 1), nodes["right"].Guest("right", 2));

        for (int round = 0; round < 20; round++)
        {
            left.SendsLong(9018, to: right, Enumerable.Range(round * 20, 20));
            right.Hears(Enumerable.Range(round * 20, 20));
        }

        nodes["left"].Statistics().Peers.Single().DroppedFrames.ShouldBe(0);
    }

    [Fact]
    public void A_node_that_is_lost_is_no_loss_to_the_others()
    {
        using var nodes = new JoinedNodes(_green, "left", "middle", "right");
        var (left, lost, right) = (nodes["left"].Guest("left", 1), nodes["middle"].Guest("lost", 2), nodes["right"].Guest("right", 3));
        lost.Sends(to: null, 1);
        left.Hears(1);
        right.Hears(1);

        nodes.Loses("middle");
        // The Guest has been started again on another node, with the address it had.
        var again = nodes["right"].Guest("lost", 2);
        left.Sends(to: again, 2);

        again.Hears(2);
    }

    [Fact]
    public void A_Guest_that_moves_to_another_node_is_found_as_soon_as_it_speaks()
    {
        using var nodes = new JoinedNodes(_green, "left", "middle", "right");
        var (left, guest, right) = (nodes["left"].Guest("left", 1), nodes["middle"].Guest("guest", 2), nodes["right"].Guest("right", 3));
        guest.Sends(to: null, 1);
        left.Hears(1);
        right.Hears(1);
        guest.Stops();

        var moved = nodes["right"].Guest("guest", 2);
        moved.Sends(to: null, 2);
        left.Hears(2);
        left.Sends(to: moved, 3);

        moved.Hears(3);
    }

    [Fact]
    public void Five_percent_loss_is_five_percent_on_the_way_to_another_node_and_the_same_frames_each_time()
    {
        var lossy = new LanSettings("lossy") { Link = new LinkSettings { Loss = 0.05, Seed = 3 } };
        var runs = new List<List<int>>();
        for (int time = 0; time < 2; time++)
        {
            using var nodes = new JoinedNodes(lossy, "left", "right");
            var (left, right) = (nodes["left"].Guest("left", 1), nodes["right"].Guest("right", 2));
            for (int sent = 0; sent < Frames; sent += 100)
            {
                left.Sends(to: right, Enumerable.Range(sent, 100));
                Until(() => nodes["left"].Statistics().Ports[0].FramesIn == sent + 100);
            }

            long arrived = Frames - nodes["left"].Statistics().Ports[0].Dropped[DropReason.Loss];
            Until(() => nodes["right"].Statistics().Ports[0].FramesOut == arrived);
            var heard = new List<int>();
            Until(() =>
            {
                heard.AddRange(right.HeardSoFar());
                return heard.Count == arrived;
            });
            runs.Add(heard);
        }

        (1 - runs[0].Count / (double)Frames).ShouldBeInRange(0.045, 0.055);
        runs[1].ShouldBe(runs[0]);
    }

    private static void Until(Func<bool> happened) => SpinWait.SpinUntil(happened, TimeSpan.FromSeconds(30)).ShouldBeTrue();
}
