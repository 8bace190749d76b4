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
    public void A_frame_whose_sender_became_a_group_on_its_way_goes_nowhere_and_is_counted()
    {
        var lan = new TestLan();
        var (a, b) = (lan.Port("a", new LinkSettings { Corrupt = 1 }), lan.Port("b"));
        for (int i = 0; i < 5000; i++)
            lan.Send(a, Ether.Bytes(1, 0, i));

        var arrived = lan.Take(b);
        arrived.Exists(bytes => (bytes[6] & 1) != 0).ShouldBeFalse("no such frame comes out");
        a.Drops.ByReason.ShouldContainKey(DropReason.BadSource);
        (arrived.Count + a.Drops.ByReason[DropReason.BadSource]).ShouldBe(5000);
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
        a.Statistics().DroppedFrames.ShouldBe(900);
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

    [Fact]
    public void What_makes_just_sense_has_no_problem()
    {
        foreach (var settings in (LinkSettings[])
        [
            new(),
            new() { Delay = TimeSpan.FromHours(1), Jitter = TimeSpan.FromHours(1), Reorder = 1, Loss = 1, Duplicate = 1, Corrupt = 1 },
            new() { Queue = 1514, Burst = 0, Rate = 0 },
            new() { Rate = 1 },
        ])
            settings.Problem().ShouldBeNull(settings.ToString());
        new LinkSettings { Queue = 1513 }.Problem().ShouldBe("queue must be at least 1514 bytes, one frame");
        var none = TimeSpan.FromTicks(-1);
        new LinkSettings { Delay = none }.Problem().ShouldBe("delay must be between 0 and 1 hour");
        new LinkSettings { Delay = -none, Jitter = none }.Problem().ShouldBe("jitter must be between 0 and the delay");
        new LinkSettings { Duplicate = -0.1 }.Problem().ShouldBe("duplicate must be between 0 and 1 (0 % and 100 %)");
        new LinkSettings { Delay = -none, Reorder = 1.1 }.Problem().ShouldBe("reorder must be between 0 and 1 (0 % and 100 %)");
    }

    [Fact]
    public void A_cable_is_perfect_as_long_as_nothing_happens_on_it()
    {
        foreach (var settings in (LinkSettings[])
            [new() { Delay = TimeSpan.FromTicks(1) }, new() { Jitter = TimeSpan.FromTicks(1) }, new() { Loss = 0.1 }, new() { Rate = 1 },
             new() { Duplicate = 0.1 }, new() { Reorder = 0.1 }, new() { Corrupt = 0.1 }])
        {
            settings.IsPerfect.ShouldBeFalse(settings.ToString());
            Link.Of(settings, "link").ShouldNotBeNull();
        }

        new LinkSettings { Burst = 1, Queue = 2000, Seed = 3 }.IsPerfect.ShouldBeTrue("they say nothing without a rate, or a chance");
        Link.Of(LinkSettings.Perfect, "link").ShouldBeNull();
        (LinkSettings.Perfect.Queue, new LanSettings("lan").Mtu).ShouldBe((262_144, 1500));
    }

    [Fact]
    public void A_burst_takes_no_room_in_the_queue()
    {
        // A byte each microsecond.
        var link = new Link(new LinkSettings { Rate = 8_000_000, Burst = 10_000, Queue = 1514 }, "link");

        var fates = Enumerable.Range(0, 8).Select(_ => link.Pass(1514, 0)).ToList();

        fates.Take(6).ShouldAllBe(fate => fate.Due == 0);
        fates[6].Due.ShouldBe((7 * 1514 - 10_000) * 1000L);
        fates[7].ShouldBe(new LinkFate(DropReason.QueueFull, 0, 0, null));
    }

    [Fact]
    public void A_frame_longer_than_the_queue_passes_where_none_waits()
    {
        var link = new Link(new LinkSettings { Rate = 8_000_000, Queue = 1514 }, "link");

        link.Pass(9000, 0).Due.ShouldBe(9_000_000);
        link.Pass(9000, 8_999_000).Drop.ShouldBe(DropReason.QueueFull);
        link.Pass(9000, 9_000_000).Due.ShouldBe(18_000_000);
    }

    [Fact]
    public void A_bit_per_second_is_a_rate_too() =>
        new Link(new LinkSettings { Rate = 1 }, "link").Pass(60, 0).Due.ShouldBe(480 * TestLan.Second);

    [Fact]
    public void Any_bit_of_a_frame_may_turn_over_and_a_frame_without_bytes_has_none()
    {
        var link = new Link(new LinkSettings { Corrupt = 1 }, "link");

        Enumerable.Range(0, 5000).Select(_ => link.Pass(60, 0).CorruptBit ?? -1).Distinct().Order().ShouldBe(Enumerable.Range(0, 480));
        Enumerable.Range(0, 100).Select(_ => link.Pass(1, 0).CorruptBit ?? -1).Distinct().Order().ShouldBe(Enumerable.Range(0, 8));
        link.Pass(0, 0).CorruptBit.ShouldBeNull();
        new Link(new LinkSettings { Loss = 1 }, "link").Pass(60, 7).ShouldBe(new LinkFate(DropReason.Loss, 0, 0, null));
    }

    [Fact]
    public void The_bit_that_turns_over_is_the_one_that_was_drawn()
    {
        var lan = new TestLan();
        var (a, b) = (lan.Port("a"), lan.Port("b", new LinkSettings { Corrupt = 1 }));
        var bits = new HashSet<int>();
        for (int i = 0; i < 5000; i++)
        {
            byte[] sent = Ether.Bytes(1, 0, i);
            lan.Send(a, sent);
            byte[] got = lan.Take(b).ShouldHaveSingleItem();
            int at = Enumerable.Range(0, 60).Single(one => sent[one] != got[one]);
            bits.Add((at * 8) + System.Numerics.BitOperations.Log2((uint)(sent[at] ^ got[at])));
            System.Numerics.BitOperations.PopCount((uint)(sent[at] ^ got[at])).ShouldBe(1);
        }

        bits.Order().ShouldBe(Enumerable.Range(0, 480));
    }

    private static string Told(LinkFate fate) =>
        fate.Drop is { } drop ? drop.ToString() : $"{fate.Due} {fate.Copies} {fate.CorruptBit}".Trim();

    private static List<LinkFate> Fates(LinkSettings settings, string name = "link")
    {
        var link = new Link(settings, name);
        return [.. Enumerable.Range(0, Frames).Select(i => link.Pass(1000, i * 10_000L))];
    }
}
