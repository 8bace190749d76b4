// A share of the processor, as an account and as a Switcher keeps it: fake clocks, so that a loaded machine changes nothing.
using Akka.Actor;
using Lguest.Guest.Memory;
using Lguest.Machine;
using Lguest.Machine.Actors;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using Lguest.Switcher.Time;
using static Lguest.Switcher.Actors.SwitcherProtocol;

namespace Lguest.Switcher.Tests.Time;

public sealed class CpuBudgetSpec
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(0.05, 2_000_000, 0)]
    [InlineData(0.25, 2_000_000, 1_000_000)]
    [InlineData(0.5, 300_000, 10_000_000)]
    [InlineData(0.9, 2_000_000, 3_000_000)]
    [InlineData(0.1, 2_000_000, 300_000_000)]
    public void A_busy_guest_gets_its_share_within_half_a_percent_if_it_is_woken_less_than_a_second_late(
        double share, long slice, long latest)
    {
        Random dice = new(3);
        long now = 1_000_000_000;
        long start = now;
        long used = 0;
        CpuBudget budget = new(share, now);
        for (int turn = 0; now < start + 5_000_000_000 || budget.MayRun(now); turn++)
        {
            turn.ShouldBeLessThan(100_000, "what is used up is never paid, or always");
            if (!budget.MayRun(now))
            {
                now = Math.Max(now, budget.RunsAt) + (long)(dice.NextDouble() * latest);
                continue;
            }

            // A slice takes longer on the wall than it costs: the host was busy elsewhere.
            used += slice;
            now += slice + (slice / 10);
            budget.Spend(slice, now);
        }

        double ceiling = Math.Min(share, 1 / 1.1);
        // All that was saved up is spent; measured when what was overdrawn is paid.
        now = Math.Max(now, budget.RunsAt);
        ((double)used / (now - start)).ShouldBeInRange(ceiling * 0.995, share * 1.005);
    }

    [Theory]
    [InlineData(0.05)]
    [InlineData(0.5)]
    [InlineData(1)]
    public void What_a_slice_cost_is_paid_to_the_nanosecond(double share)
    {
        CpuBudget budget = new(share, 1000);
        budget.MayRun(1000).ShouldBeTrue("an empty account is not overdrawn");
        budget.Spend(2_000_000, 1000);

        long paid = 1000 + (long)Math.Ceiling(2_000_000 / share);
        budget.RunsAt.ShouldBe(paid);
        budget.MayRun(paid - 1).ShouldBeFalse();
        budget.MayRun(paid).ShouldBeTrue();
        budget.RunsAt.ShouldBeLessThanOrEqualTo(paid);
    }

    [Fact]
    public void A_guest_that_had_to_rest_is_paid_a_second_of_lateness_and_no_more()
    {
        CpuBudget late = new(0.5, 0);
        late.Spend(10, 0);
        late.MayRun(3_000_000_000).ShouldBeTrue();
        late.Spend(600_000_000, 3_000_000_000);

        late.RunsAt.ShouldBe(3_000_000_000 + 200_000_000, "half a second was saved, six tenths are spent");
    }

    [Fact]
    public void One_that_has_to_rest_again_before_it_has_made_up_for_its_lateness_is_still_paid_a_second_of_it()
    {
        CpuBudget late = new(0.5, 0);
        late.Spend(10, 0);
        late.Spend(600_000_000, 3_000_000_000); // half a second was saved
        late.MayRun(9_000_000_000).ShouldBeTrue();
        late.Spend(600_000_000, 9_000_000_000);

        late.RunsAt.ShouldBe(9_000_000_000 + 200_000_000);
    }

    [Fact]
    public void A_guest_that_did_not_have_to_rest_saves_fifty_milliseconds_of_income()
    {
        CpuBudget idle = new(0.5, 0);
        idle.MayRun(3_000_000_000).ShouldBeTrue();
        idle.Spend(30_000_000, 3_000_000_000);

        idle.RunsAt.ShouldBe(3_000_000_000 + 10_000_000, "25 ms were saved, 30 are spent");
    }

    [Theory]
    [InlineData(475_000_000 - 10)] // what is left is what it may save
    [InlineData(490_000_000)]
    [InlineData(500_000_000 - 10)] // nothing is left
    public void A_guest_that_has_paid_what_it_was_late_saves_as_little_as_before(long paid)
    {
        CpuBudget budget = new(0.5, 0);
        budget.Spend(10, 0);
        budget.Spend(paid, 1_000_000_000);
        budget.MayRun(9_000_000_000).ShouldBeTrue();
        budget.Spend(30_000_000, 9_000_000_000);

        budget.RunsAt.ShouldBe(9_000_000_000 + 10_000_000);
    }

    [Fact]
    public void A_guest_that_slept_gets_no_treasure()
    {
        CpuBudget budget = new(0.1, 0);
        budget.MayRun(3_600_000_000_000).ShouldBeTrue();
        budget.Spend(10_000_000, 3_600_000_000_000);

        budget.RunsAt.ShouldBeGreaterThan(3_600_000_000_000 + 40_000_000);
    }

    [Fact]
    public async Task The_switcher_lets_a_guest_with_a_share_rest_between_its_slices()
    {
        WorkClock clock = new();

        // All time is what the clock says, and that moves with each look and by a push of the test: no load on the machine changes it.
        using var program = new TestGuest(TestGuest.LayoutOf(Guest.Abi.AbiFamily.Linux3)).Raw(a =>
        {
            var loop = a.CreateLabel();
            a.Label(ref loop);
            a.jmp(loop);
        });
        using var system = ActorSystem.Create("share-spec", HostClock.Setup(SwitcherSettings.Reference(2), clock));
        var switcher = system.ActorOf(SwitcherActor.Props(SwitcherSettings.From(SwitcherSettings.Reference(2))));
        GuestId id = new("tux");
        await switcher.Ask(new Open(id), _patience);
        await switcher.Ask(new Initialize(id, program.Memory, new GuestVirtual(TestGuest.CodeAt)) { CpuShare = 0.05 }, _patience);
        long start = clock.Monotonic;
        switcher.Tell(new Run(id));
        using CancellationTokenSource limit = new(_patience);
        var counters = await Counters();
        while (counters.SwitchesOut < 10)
        {
            limit.Token.ThrowIfCancellationRequested();
            clock.Advance(10_000_000);
            counters = await Counters();
        }

        // One in twenty of the time, and the slice that overdraws the account, whose looks at the clock cost time as well.
        counters.RunningNanoseconds.ShouldBeInRange(10 * 1_900_000, (long)((clock.Monotonic - start) * 0.05) + 4_000_000);
        await switcher.Ask(new Close(id), _patience);
        await system.Terminate();

        async Task<GuestStatistics> Counters() => (await switcher.Ask<Statistics>(new GetStatistics(id), _patience)).Counters;
    }

    [Fact]
    public async Task Without_a_lease_no_guest_is_entered_and_with_a_new_one_they_go_on()
    {
        using var program = new TestGuest(TestGuest.LayoutOf(Guest.Abi.AbiFamily.Linux3)).Raw(a =>
        {
            var loop = a.CreateLabel();
            a.Label(ref loop);
            a.jmp(loop);
        });
        using var system = ActorSystem.Create("lease-spec", SwitcherSettings.Reference(2));
        var switcher = system.ActorOf(SwitcherActor.Props(SwitcherSettings.From(SwitcherSettings.Reference(2))));
        GuestId id = new("tux");
        var clock = HostClock.Of(system);
        long end = clock.Monotonic + 50_000_000;
        switcher.Tell(new Lease(end));
        await switcher.Ask(new Open(id), _patience);
        await switcher.Ask(new Initialize(id, program.Memory, new GuestVirtual(TestGuest.CodeAt)), _patience);
        switcher.Tell(new Run(id));

        // The lease is over by the clock, and the slot is back: statistics wait for that. From then on nothing moves.
        using CancellationTokenSource limit = new(_patience);
        while (clock.Monotonic < end)
            limit.Token.ThrowIfCancellationRequested();
        ulong last = await Count();
        for (int i = 0; i < 20; i++)
            (await Count()).ShouldBe(last);

        switcher.Tell(new Lease(long.MaxValue));
        while (await Count() == last)
            limit.Token.ThrowIfCancellationRequested();
        await switcher.Ask(new Close(id), _patience);
        await system.Terminate();

        async Task<ulong> Count() => (await switcher.Ask<Statistics>(new GetStatistics(id), _patience)).Counters.Instructions;
    }

    /// <summary>Each look costs a tenth of a millisecond of the looking thread's processor time; on the wall, more may pass.</summary>
    private sealed class WorkClock : IHostClock
    {
        private const long Look = 100_000;
        private readonly ThreadLocal<long> _mine = new();
        private long _now = 5_000_000_000;

        public Nanoseconds Monotonic
        {
            get
            {
                _mine.Value += Look;
                return new(Interlocked.Add(ref _now, Look));
            }
        }

        public Nanoseconds Processor => new(_mine.Value);

        public Nanoseconds Wall => Monotonic;

        public void Advance(long nanoseconds) => Interlocked.Add(ref _now, nanoseconds);
    }
}
