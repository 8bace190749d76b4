// Strangers can connect: how many places they can take, and how many lines of the log.

using System.Net;
using Lguest.Net.Trunks;

namespace Lguest.Net.Tests.Trunks;

public sealed class TrunkCallersSpec
{
    private readonly TrunkCallers _callers = new(most: 5, mostOfOne: 2);
    private readonly RareLine _line = new(TimeSpan.FromSeconds(10));

    [Fact]
    public void One_address_gets_some_of_the_places_and_the_others_the_rest()
    {
        Enter("10.0.0.1").ShouldBeNull();
        Enter("10.0.0.1").ShouldBeNull();
        Enter("10.0.0.1").ShouldBe("2 from there are waiting already");
        Enter("::ffff:10.0.0.1").ShouldBe("2 from there are waiting already");
        Enter("10.0.0.2").ShouldBeNull();
        Enter("2001:db8::1").ShouldBeNull();
        Enter("2001:db8::2").ShouldBeNull("the second of its network");
        Enter("10.0.0.3").ShouldBe("5 are waiting already");
        _callers.Count.ShouldBe(5);
    }

    [Fact]
    public void One_network_of_IPv6_counts_as_one_address()
    {
        Enter("2001:db8::1").ShouldBeNull();
        Enter("2001:db8::2:1").ShouldBeNull();
        Enter("2001:db8::3:0:0:1").ShouldBe("2 from there are waiting already");
        Enter("2001:db8:0:1::1").ShouldBeNull();
    }

    [Theory]
    [InlineData("2001:db8::8000:0:0:1", false)]
    [InlineData("2001:db8:0:1::1", true)]
    public void The_first_eight_bytes_name_the_network(string address, bool isAnother)
    {
        Enter("2001:db8::1");
        Enter("2001:db8::1");
        (Enter(address) is null).ShouldBe(isAnother);
    }

    [Fact]
    public void When_all_have_left_all_places_are_free_and_nobody_leaves_twice()
    {
        var address = IPAddress.Parse("10.0.0.1");
        for (int round = 0; round < 3; round++)
        {
            Enter("10.0.0.1").ShouldBeNull();
            Enter("10.0.0.1").ShouldBeNull();
            Enter("10.0.0.1").ShouldNotBeNull();
            for (int i = 0; i < 4; i++)
                _callers.Leave(address);
            _callers.Count.ShouldBe(0);
        }
    }

    [Fact]
    public void Who_leaves_makes_room_once()
    {
        Enter("10.0.0.1");
        Enter("10.0.0.1");
        _callers.Leave(IPAddress.Parse("10.0.0.1"));
        Enter("10.0.0.1").ShouldBeNull();

        _callers.Leave(IPAddress.Parse("10.0.0.9"));
        _callers.Count.ShouldBe(2);
    }

    [Fact]
    public void What_happens_again_and_again_is_said_once_in_a_period_and_counted()
    {
        _line.Happened("a", Seconds(100)).ShouldBe("a");
        _line.Due(Seconds(101)).ShouldBeNull();
        for (int i = 0; i < 1000; i++)
            _line.Happened("b", Seconds(102)).ShouldBeNull();
        _line.Due(Seconds(109)).ShouldBeNull();
        _line.Due(Seconds(110)).ShouldBe("b (and 999 more in 10 s)");
        _line.Due(Seconds(120)).ShouldBeNull("nothing has happened since");
        _line.Happened("c", Seconds(121)).ShouldBe("c");
    }

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);

    private string? Enter(string address) => _callers.Enter(IPAddress.Parse(address));
}
