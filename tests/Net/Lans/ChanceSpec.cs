// Chance is a function of a seed and a name. The values here were computed by another program from the published algorithms (SplitMix64,
// FNV-1a), so a change of the generator, which would give a repeated run other frames, is seen.

using Lguest.Net.Lans;

namespace Lguest.Net.Tests.Lans;

public sealed class ChanceSpec
{
    [Fact]
    public void The_numbers_of_a_seed_and_a_name_are_these_on_every_machine_and_in_every_release()
    {
        Numbers(7, "link/loss", 3).ShouldBe([0xdc6a_270c_9386_15c3, 0xc850_820a_f6ea_e85d, 0xc902_2c38_82b0_7998]);
        Numbers(-1, "", 2).ShouldBe([0xcc0d_c891_0321_bcb5, 0xe6ef_6672_0bbc_005f]);

        Chance chance = new(7, "x");
        Enumerable.Range(0, 6).Select(_ => chance.Around(1000)).ShouldBe([-657, 135, 863, -52, 585, 741]);
        Enumerable.Range(0, 6).Select(_ => chance.Below(100)).ShouldBe([41, 56, 12, 83, 49, 88]);
    }

    [Fact]
    public void What_cannot_happen_and_what_does_not_vary_use_up_no_number()
    {
        Chance chance = new(7, "link/loss");
        chance.Happens(0).ShouldBeFalse();
        chance.Around(0).ShouldBe(0);
        chance.Next().ShouldBe(0xdc6a_270c_9386_15c3);
    }

    [Fact]
    public void What_is_certain_happens_each_time() => Draws(chance => chance.Happens(1)).ShouldAllBe(happened => happened);

    [Fact]
    public void Spreads_reach_both_ends_and_nothing_beyond()
    {
        Draws(chance => chance.Around(2)).Distinct().Order().ShouldBe([-2, -1, 0, 1, 2]);
        Draws(chance => (long)chance.Below(3)).Distinct().Order().ShouldBe([0, 1, 2]);
    }

    private static List<T> Draws<T>(Func<Box, T> draw)
    {
        Box box = new();
        return [.. Enumerable.Range(0, 1000).Select(_ => draw(box))];
    }

    private static List<ulong> Numbers(long seed, string name, int count)
    {
        Chance chance = new(seed, name);
        return [.. Enumerable.Range(0, count).Select(_ => chance.Next())];
    }

    /// <summary>One stream, drawn from by a lambda: a struct that changes must not be copied.</summary>
    private sealed class Box
    {
        private Chance _chance = new(3, "box");

        public bool Happens(double share) => _chance.Happens(share);

        public long Around(long spread) => _chance.Around(spread);

        public int Below(int bound) => _chance.Below(bound);
    }
}
