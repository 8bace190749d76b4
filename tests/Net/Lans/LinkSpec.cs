// A link is asked about many frames: what it promises must be exact where it is about time, and within statistics where it is about chance,
// and the same every time.

using Lguest.Net.Lans;
using Lguest.Net.Tests.Frames;

namespace Lguest.Net.Tests.Lans;

public sealed class LinkSpec
{
    private const int Frames = 20_000;

    [Fact]
    public void A_delay_is_exact()
    {
        var lan = new TestLan();
        var (a, b) = (lan.Port("a", new LinkSettings { Delay = TimeSpan.FromMilliseconds(20) }),
            lan.Port("b", new LinkSettings { Delay = TimeSpan.FromMilliseconds(3) }));
        long start = lan.Now;

        for (int i = 0; i < 10; i++)
        {
            lan.Send(a, Ether.Bytes(1, 0, i));
            lan.Wait(1_234_567);
        }

        lan.Wait(TestLan.Second);
        lan.TakeTimed(b).Select(frame => frame.At).ShouldBe(
            Enumerable.Range(0, 10).Select(i => start + i * 1_234_567L + 23 * TestLan.Millisecond));
    }

    [Fact]
    public void Three_cables_in_a_row_add_up_exactly_even_if_nobody_looks_in_between()
    {
        var lan = new TestLan(new LinkSettings { Delay = TimeSpan.FromMilliseconds(5), Rate = 8_000_000 });
        var (a, b) = (lan.Port("a", new LinkSettings { Delay = TimeSpan.FromMilliseconds(7) }),
            lan.Port("b", new LinkSettings { Delay = TimeSpan.FromMilliseconds(9) }));
        lan.Send(a, Ether.Bytes(1, 0, 0, length: 1000), Ether.Bytes(1, 0, 1, length: 1000));

        // One millisecond per frame on the lan's cable: the second is due a millisecond after the first, wherever the clock was looked at.
        lan.Switch.NextDue.ShouldBe(lan.Now + 7 * TestLan.Millisecond);
        lan.Switch.Advance(lan.Now + 20 * TestLan.Millisecond);
        lan.Switch.NextDue.ShouldBe(lan.Now + 22 * TestLan.Millisecond);
        lan.Switch.Advance(lan.Now + 22 * TestLan.Millisecond);
        lan.Switch.NextDue.ShouldBe(lan.Now + 23 * TestLan.Millisecond);
        b.FramesOut.ShouldBe(0);
    }

    [Fact]
    public void Five_percent_loss_is_five_percent()
    {
        var lan = new TestLan(new LinkSettings { Loss = 0.05, Seed = 1 });
        var (a, b) = (lan.Port("a"), lan.Port("b"));

        for (int i = 0; i < Frames; i++)
            lan.Send(a, Ether.Bytes(1, 0, i));

        int lost = Frames - lan.Numbers(b).Count;
        (lost / (double)Frames).ShouldBeInRange(0.045, 0.055);
        a.Statistics().Dropped.ShouldBe(new Dictionary<DropReason, long> { [DropReason.Loss] = lost });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-77)]
    [InlineData(long.MaxValue)]
    public void Loss_keeps_its_share_whatever_the_seed(long seed) =>
        (Fates(new LinkSettings { Loss = 0.05, Seed = seed }).Count(fate => fate.Drop is not null) / (double)Frames)
            .ShouldBeInRange(0.045, 0.055);

    [Fact]
    public void The_same_seed_gives_the_same_fates()
    {
        var all = new LinkSettings
        {
            Loss = 0.1,
            Duplicate = 0.1,
            Reorder = 0.1,
            Corrupt = 0.1,
            Rate = 1_000_000_000,
            Seed = 7,
            Delay = TimeSpan.FromMilliseconds(2),
            Jitter = TimeSpan.FromMilliseconds(1),
        };

        Fates(all).ShouldBe(Fates(all));

        // Computed by another program: a seed means the same frames on every machine and in every release.
        Fates(all).Take(14).Select(Told).ShouldBe(
        [
            "2036201 1", "2108914 1", "2108914 1", "2301624 2 113", "Loss", "3051062 1 5498", "3051062 2 3052",
            "3051062 1 6502", "3051062 1", "3051062 1", "3051062 1", "3051062 1", "128000 1 2858", "Loss",
        ]);
        Fates(all).ShouldNotBe(Fates(all with { Seed = 8 }));
        Fates(all).ShouldNotBe(Fates(all, "other"));
    }

    [Fact]
    public void Another_misfortune_does_not_change_which_frames_are_lost()
    {
        var plain = new LinkSettings { Loss = 0.1, Delay = TimeSpan.FromMilliseconds(2) };
        var more = plain with { Jitter = TimeSpan.FromMilliseconds(1), Duplicate = 0.3, Corrupt = 0.3, Reorder = 0.3 };

        Fates(more).Select(fate => fate.Drop).ShouldBe(Fates(plain).Select(fate => fate.Drop));
    }

    [Fact]
    public void Jitter_stays_within_its_bounds_spreads_evenly_and_keeps_the_order()
    {
        var link = new Link(new LinkSettings { Delay = TimeSpan.FromMilliseconds(20), Jitter = TimeSpan.FromMilliseconds(5) }, "link");
        long gap = 20 * TestLan.Millisecond;

        var delays = Enumerable.Range(0, Frames).Select(i => link.Pass(60, i * gap).Due - i * gap).ToList();

        delays.ShouldAllBe(delay => delay >= 15 * TestLan.Millisecond && delay <= 25 * TestLan.Millisecond);
        delays.Average().ShouldBeInRange(19.9 * TestLan.Millisecond, 20.1 * TestLan.Millisecond);
        delays.Count(delay => delay < 16 * TestLan.Millisecond).ShouldBeInRange(Frames * 9 / 100, Frames * 11 / 100);

        var close = Enumerable.Range(0, Frames).Select(i => link.Pass(60, (Frames + i) * gap / 100)).Select(fate => fate.Due).ToList();
        close.ShouldBeInOrder();
    }

    [Fact]
    public void A_rate_lets_frames_through_one_after_the_other_and_drops_at_the_tail()
    {
        // 12 Mbit/s: a frame of 1500 bytes takes a millisecond.
        var link = new Link(new LinkSettings { Rate = 12_000_000, Queue = 15_000 }, "link");

        var fates = Enumerable.Range(0, 20).Select(_ => link.Pass(1500, 0)).ToList();

        fates.Where(fate => fate.Drop is null).Select(fate => fate.Due)
            .ShouldBe(Enumerable.Range(1, 10).Select(i => i * TestLan.Millisecond));
        fates.Skip(10).ShouldAllBe(fate => fate.Drop == DropReason.QueueFull);
        link.Pass(1500, 100 * TestLan.Millisecond).Due.ShouldBe(101 * TestLan.Millisecond);
    }

    [Fact]
    public void A_burst_passes_at_once_and_the_rate_holds_over_time()
    {
        var link = new Link(new LinkSettings { Rate = 12_000_000, Burst = 15_000, Queue = 1 << 20 }, "link");

        var due = Enumerable.Range(0, 100).Select(_ => link.Pass(1500, 0).Due).ToList();

        due.Take(10).ShouldAllBe(at => at == 0);
        due.Skip(10).ShouldBe(Enumerable.Range(1, 90).Select(i => i * TestLan.Millisecond));
    }

    [Fact]
    public void Duplicates_come_twice_and_corrupt_frames_differ_in_one_bit()
    {
        var lan = new TestLan();
        var (a, b) = (lan.Port("a", new LinkSettings { Duplicate = 0.25, Corrupt = 0.25 }), lan.Port("b"));
        // Only what does not bend an address arrives for certain, so the payload is long.
        byte[] sent = Ether.Bytes(1, 0, length: 1500);

        for (int i = 0; i < 4000; i++)
            lan.Send(a, sent);

        var arrived = lan.Take(b);
        arrived.Count.ShouldBeInRange(4700, 5300);
        var different = arrived.Select(frame => frame.Zip(sent).Sum(pair => int.PopCount(pair.First ^ pair.Second))).ToList();
        different.Max().ShouldBe(1);
        different.Count(bits => bits == 1).ShouldBeInRange(arrived.Count * 22 / 100, arrived.Count * 28 / 100);
    }

    [Fact]
    public void A_frame_that_is_reordered_overtakes_those_that_wait()
    {
        var lan = new TestLan(new LinkSettings { Delay = TimeSpan.FromMilliseconds(10), Reorder = 0.1 });
        var (a, b) = (lan.Port("a"), lan.Port("b"));

        for (int i = 0; i < 1000; i++)
        {
            lan.Send(a, Ether.Bytes(1, 0, i));
            lan.Wait(TestLan.Millisecond);
        }

        lan.Wait(TestLan.Second);
        var arrived = lan.Numbers(b);
        arrived.Order().ShouldBe(Enumerable.Range(0, 1000));
        arrived.Where((number, place) => number > place).Count().ShouldBeInRange(60, 140);
    }

    [Fact]
    public void What_a_slow_link_holds_is_bounded()
    {
        var lan = new TestLan(new LinkSettings { Delay = TimeSpan.FromMinutes(1) }, held: 100_000);
        var (a, b) = (lan.Port("a"), lan.Port("b"));

        for (int i = 0; i < 1000; i++)
            lan.Send(a, Ether.Bytes(1, 0, i, length: 872));

        lan.Wait(61 * TestLan.Second);
        lan.Numbers(b).ShouldBe(Enumerable.Range(0, 100));
        a.Statistics().Dropped[DropReason.TooManyHeld].ShouldBe(900);
    }

    [Theory]
    [InlineData("delay must be between 0 and 1 hour", "delay")]
    [InlineData("jitter must be between 0 and the delay", "jitter")]
    [InlineData("rate must be 0 (no limit) or bits per second", "rate")]
    [InlineData("burst must not be negative", "burst")]
    [InlineData("queue must be at least 1514 bytes, one frame", "queue")]
    [InlineData("reorder needs a delay: a frame overtakes by skipping it", "reorder")]
    [InlineData("loss must be between 0 and 1 (0 % and 100 %)", "loss")]
    [InlineData("corrupt must be between 0 and 1 (0 % and 100 %)", "corrupt")]
    public void Settings_that_make_no_sense_are_named(string problem, string setting) => (setting switch
    {
        "delay" => new LinkSettings { Delay = TimeSpan.FromHours(2) },
        "jitter" => new LinkSettings { Jitter = TimeSpan.FromMilliseconds(1) },
        "rate" => new LinkSettings { Rate = -1 },
        "burst" => new LinkSettings { Burst = -1 },
        "queue" => new LinkSettings { Queue = 100 },
        "reorder" => new LinkSettings { Reorder = 0.1 },
        "loss" => new LinkSettings { Loss = 1.1 },
        _ => new LinkSettings { Corrupt = double.NaN },
    }).Problem().ShouldBe(problem);

    private static string Told(LinkFate fate) =>
        fate.Drop is { } drop ? drop.ToString() : $"{fate.Due} {fate.Copies} {fate.CorruptBit}".Trim();

    private static List<LinkFate> Fates(LinkSettings settings, string name = "link")
    {
        var link = new Link(settings, name);
        return [.. Enumerable.Range(0, Frames).Select(i => link.Pass(1000, i * 10_000L))];
    }
}
