// The table against a model: a plain list of what was seen when, of which only the promises are asked. Whatever happens in whatever order,
// an address is found where it was last seen, or not at all; and the table never grows beyond its bounds.

using FsCheck;
using FsCheck.Fluent;
using Lguest.Net.Lans;
using Lguest.Net.Tests.Frames;

namespace Lguest.Net.Tests.Lans;

public sealed class AddressTableSpec
{
    private const int Capacity = 8;
    private const int PerStation = 5;
    private const long Age = 100;

    [Fact]
    public void An_address_is_found_where_it_was_last_seen_or_nowhere() => Prop.ForAll(Steps, steps =>
    {
        var table = new AddressTable(Capacity, PerStation, Age);
        var stations = Enumerable.Range(0, 4).Select(i => new Station($"s{i}", isPeer: false)).ToArray();
        var seen = new Dictionary<int, (Station Station, long At)>();
        var kept = new HashSet<int>();
        long now = 0;
        foreach (var (kind, mac, station) in steps)
        {
            now += kind % 7;
            if (kind < 80)
            {
                // Nobody is pushed out where a station and the table have room, or where nothing is new.
                bool isKnown = table.TryFind(Ether.Mac(mac), now, out var before);
                int own = stations[station].Addresses.Count;
                bool hasRoom = isKnown ? before == stations[station] : own < PerStation && table.Count < Capacity;
                table.Learn(Ether.Mac(mac), stations[station], now);
                seen[mac] = (stations[station], now);
                table.TryFind(Ether.Mac(mac), now, out var there).ShouldBeTrue("who has just been seen is known");
                there.ShouldBe(stations[station]);
                if (!hasRoom)
                    kept.Clear();
                kept.Add(mac);
            }
            else if (kind < 95)
            {
                bool isThere = table.TryFind(Ether.Mac(mac), now, out var found);
                if (kept.Contains(mac) && now - seen[mac].At <= Age)
                    isThere.ShouldBeTrue("nothing has pushed it out since, and its time is not over");
                if (isThere)
                {
                    found.ShouldBe(seen[mac].Station);
                    (now - seen[mac].At).ShouldBeLessThanOrEqualTo(Age);
                }
            }
            else
            {
                table.Forget(stations[station]);
                foreach (int gone in seen.Where(one => one.Value.Station == stations[station]).Select(one => one.Key).ToList())
                {
                    seen.Remove(gone);
                    kept.Remove(gone);
                }
            }

            table.Count.ShouldBeLessThanOrEqualTo(Capacity);
            stations.Sum(one => one.Addresses.Count).ShouldBe(table.Count);
            stations.All(one => one.Addresses.Count <= PerStation).ShouldBeTrue();
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void As_long_as_nothing_is_pushed_out_nothing_is_forgotten_before_its_time()
    {
        var table = new AddressTable(Capacity, PerStation, Age);
        var (a, b) = (new Station("a", isPeer: false), new Station("b", isPeer: true));
        for (int i = 0; i < 4; i++)
        {
            table.Learn(Ether.Mac(i), a, 0);
            table.Learn(Ether.Mac(10 + i), b, i);
        }

        table.TryFind(Ether.Mac(3), Age, out var at).ShouldBeTrue();
        at.ShouldBe(a);
        table.TryFind(Ether.Mac(3), Age + 1, out _).ShouldBeFalse();
        table.TryFind(Ether.Mac(13), Age + 1, out at).ShouldBeTrue();
        at.ShouldBe(b);
    }

    [Fact]
    public void A_newcomer_finds_room_in_a_full_table_at_the_cost_of_the_greediest()
    {
        var table = new AddressTable(Capacity, PerStation, Age);
        var stations = Enumerable.Range(0, 3).Select(i => new Station($"s{i}", isPeer: false)).ToArray();
        for (int i = 0; i < 5; i++)
            table.Learn(Ether.Mac(i), stations[0], i);
        for (int i = 10; i < 13; i++)
            table.Learn(Ether.Mac(i), stations[1], i);

        table.Learn(Ether.Mac(20), stations[2], 20);

        table.TryFind(Ether.Mac(20), 20, out _).ShouldBeTrue();
        table.TryFind(Ether.Mac(0), 20, out _).ShouldBeFalse();
        table.Count.ShouldBe(Capacity);
    }

    [Fact]
    public void What_is_seen_again_or_moves_where_there_is_room_pushes_nothing_out()
    {
        var table = new AddressTable(Capacity, PerStation, Age);
        Station full = new("full", isPeer: false), other = new("other", isPeer: false);
        for (int mac = 1; mac <= PerStation; mac++)
            table.Learn(Ether.Mac(mac), full, 0);
        table.Learn(Ether.Mac(PerStation), full, 1);
        table.Learn(Ether.Mac(10), other, 1);
        table.Learn(Ether.Mac(11), other, 1);
        table.Count.ShouldBe(PerStation + 2);

        table.Learn(Ether.Mac(1), other, 2);
        table.Count.ShouldBe(PerStation + 2);
        for (int mac = 1; mac <= PerStation; mac++)
            Owner(mac).ShouldBe(mac == 1 ? other : full);
        (Owner(10), Owner(11)).ShouldBe((other, other));

        Station? Owner(int mac) => table.TryFind(Ether.Mac(mac), 2, out var station) ? station : null;
    }

    [Fact]
    public void An_address_that_is_given_to_a_port_is_taken_from_who_was_seen_with_it()
    {
        var table = new AddressTable(Capacity, PerStation, Age);
        Station thief = new("thief", isPeer: false), owner = new("owner", isPeer: false);
        table.Learn(Ether.Mac(1), thief, 0);
        table.Fix(Ether.Mac(1), owner);

        table.TryFind(Ether.Mac(1), 0, out var found).ShouldBeTrue();
        found.ShouldBe(owner);
        (table.Count, thief.Addresses.Count).ShouldBe((1, 0));
    }

    [Fact]
    public void A_table_without_room_remembers_nothing()
    {
        AddressTable none = new(capacity: 0, PerStation, Age);
        none.Learn(Ether.Mac(1), new Station("a", isPeer: false), 0);
        none.Count.ShouldBe(0);
    }

    [Fact]
    public void A_fixed_address_neither_ages_nor_moves_nor_is_pushed_out()
    {
        var table = new AddressTable(Capacity, PerStation, Age);
        var (owner, thief) = (new Station("owner", isPeer: false), new Station("thief", isPeer: false));
        table.Fix(Ether.Mac(1), owner);
        table.Learn(Ether.Mac(1), thief, 0);
        for (int i = 0; i < 50; i++)
            table.Learn(Ether.Mac(100 + i), owner, i);

        table.TryFind(Ether.Mac(1), 1_000_000, out var at).ShouldBeTrue();
        at.ShouldBe(owner);
        table.Forget(owner);
        table.Count.ShouldBe(0);
    }

    [Fact]
    public void A_station_that_makes_up_addresses_pushes_out_only_its_own()
    {
        var table = new AddressTable(Capacity, PerStation, Age);
        var (quiet, flood) = (new Station("quiet", isPeer: false), new Station("flood", isPeer: false));
        for (int i = 0; i < 3; i++)
            table.Learn(Ether.Mac(i), quiet, 0);

        // At the station's own limit.
        for (int i = 0; i < 1000; i++)
            table.Learn(Ether.Mac(100 + i), flood, 1);
        Found(table, 0, 3).ShouldAllBe(station => station == quiet);
        Found(table, 1095, 5).ShouldAllBe(station => station == flood);
        table.Count.ShouldBe(Capacity);

        // At the table's limit, below the station's.
        for (int i = 0; i < 1000; i++)
            table.Learn(Ether.Mac(5000 + i), quiet, 2);
        Found(table, 1095, 5).ShouldAllBe(station => station == flood);
        Found(table, 5997, 3).ShouldAllBe(station => station == quiet);
        table.Count.ShouldBe(Capacity);
    }

    [Fact]
    public void A_station_at_its_limit_that_takes_over_an_address_gives_up_its_own_oldest()
    {
        var table = new AddressTable(20, PerStation, Age);
        var (taker, giver) = (new Station("taker", isPeer: false), new Station("giver", isPeer: false));
        for (int i = 0; i < PerStation; i++)
            table.Learn(Ether.Mac(i), taker, i);
        table.Learn(Ether.Mac(50), giver, 10);
        table.Learn(Ether.Mac(51), giver, 10);

        table.Learn(Ether.Mac(50), taker, 20);

        table.TryFind(Ether.Mac(0), 20, out _).ShouldBeFalse("the oldest");
        Found(table, 1, PerStation - 1).ShouldAllBe(station => station == taker);
        Found(table, 50, 1).ShouldBe([taker]);
        Found(table, 51, 1).ShouldBe([giver]);
    }

    [Fact]
    public void An_address_that_is_seen_again_is_young_again_and_not_the_oldest()
    {
        var table = new AddressTable(20, PerStation, Age);
        var station = new Station("a", isPeer: false);
        for (int i = 0; i < PerStation; i++)
            table.Learn(Ether.Mac(i), station, i);
        table.Learn(Ether.Mac(0), station, 90);
        table.Learn(Ether.Mac(77), station, 91);

        table.TryFind(Ether.Mac(1), 91, out _).ShouldBeFalse("it is the oldest now");
        table.TryFind(Ether.Mac(0), 90 + Age, out _).ShouldBeTrue();
    }

    /// <summary>Where addresses in a row are, at a time when none is too old.</summary>
    private static List<Station?> Found(AddressTable table, int first, int count) =>
        [.. Enumerable.Range(first, count).Select(mac => table.TryFind(Ether.Mac(mac), 10, out var station) ? station : null)];

    private static Arbitrary<List<(int Kind, int Mac, int Station)>> Steps =>
        (from kind in Gen.Choose(0, 99)
         from mac in Gen.Choose(0, 15)
         from station in Gen.Choose(0, 3)
         select (kind, mac, station)).ListOf(200).ToArbitrary();
}
