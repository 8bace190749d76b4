// A share of the processor, as an account and as a Switcher keeps it: fake clocks, so that a loaded machine changes nothing.
using Akka.Actor;
using Lguest.Guest.Memory;
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
    public void A_busy_guest_gets_its_share_within_five_percent_however_late_it_is_woken(double share, long slice, long latest)
    {
        Random dice = new(3);
        long now = 1_000_000_000;
        long start = now;
        long used = 0;
        CpuBudget budget = new(share, now);
        while (now < start + 5_000_000_000)
        {
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
        ((double)used / (now - start)).ShouldBeInRange(ceiling * 0.95, share * 1.05);
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
        // Processor time is what the clock says; on the wall, a thousand times as much could pass. The Guest loops forever and is entered only as often as it can pay.
        using TestGuest program = new TestGuest(TestGuest.LayoutOf(Guest.Abi.AbiFamily.Linux3)).Raw(a =>
        {
            Iced.Intel.Label loop = a.CreateLabel();
            a.Label(ref loop);
            a.jmp(loop);
        });
        using ActorSystem system = ActorSystem.Create("share-spec", SwitcherSettings.Reference(2));
        IActorRef switcher = system.ActorOf(SwitcherActor.Props(SwitcherSettings.From(SwitcherSettings.Reference(2))));
        GuestId id = new("tux");
        await switcher.Ask(new Open(id), _patience);
        await switcher.Ask(new Initialize(id, program.Memory, new GuestVirtual(TestGuest.CodeAt)) { CpuShare = 0.05 }, _patience);
        SystemClock clock = new();
        long start = clock.Monotonic;
        switcher.Tell(new Run(id));
        GuestStatistics counters;
        do
            counters = (await switcher.Ask<Statistics>(new GetStatistics(id), _patience)).Counters;
        while (clock.Monotonic - start < 1_000_000_000);

        // An upper bound holds on a machine under any load: entries of 2 ms, one in twenty of the time, and a slice of grace.
        counters.SwitchesOut.ShouldBeInRange(1, (long)((clock.Monotonic - start) * 0.05 / 2_000_000) + 60);
        await switcher.Ask(new Close(id), _patience);
        await system.Terminate();
    }

    [Fact]
    public async Task Without_a_lease_no_guest_is_entered_and_with_a_new_one_they_go_on()
    {
        using TestGuest program = new TestGuest(TestGuest.LayoutOf(Guest.Abi.AbiFamily.Linux3)).Raw(a =>
        {
            Iced.Intel.Label loop = a.CreateLabel();
            a.Label(ref loop);
            a.jmp(loop);
        });
        using ActorSystem system = ActorSystem.Create("lease-spec", SwitcherSettings.Reference(2));
        IActorRef switcher = system.ActorOf(SwitcherActor.Props(SwitcherSettings.From(SwitcherSettings.Reference(2))));
        GuestId id = new("tux");
        SystemClock clock = new();
        switcher.Tell(new Lease(clock.Monotonic + 50_000_000));
        await switcher.Ask(new Open(id), _patience);
        await switcher.Ask(new Initialize(id, program.Memory, new GuestVirtual(TestGuest.CodeAt)), _patience);
        switcher.Tell(new Run(id));

        ulong last;
        ulong now = await Count();
        do
        {
            last = now;
            await Task.Delay(100);
            now = await Count();
        }
        while (now != last);

        switcher.Tell(new Lease(long.MaxValue));
        while (await Count() == last)
            await Task.Delay(20);
        await switcher.Ask(new Close(id), _patience);
        await system.Terminate();

        async Task<ulong> Count() => (await switcher.Ask<Statistics>(new GetStatistics(id), _patience)).Counters.Instructions;
    }
}
