// Addresses are read from frames, written in topologies and derived from names; all three must agree on which bit is which.

using Lguest.Net.Frames;

namespace Lguest.Net.Tests.Frames;

public sealed class MacAddressSpec
{
    [Theory]
    [InlineData("02:00:00:00:00:01", false)]
    [InlineData("01:00:5e:00:00:fb", true)]
    [InlineData("ff:ff:ff:ff:ff:ff", true)]
    public void An_address_survives_text_and_bytes(string text, bool group)
    {
        var address = MacAddress.Parse(text);
        byte[] bytes = new byte[MacAddress.Length];
        address.Write(bytes);

        Convert.ToHexString(bytes).ToLowerInvariant().ShouldBe(text.Replace(":", ""));
        MacAddress.Read(bytes).ShouldBe(address);
        address.ToString().ShouldBe(text);
        address.IsGroup.ShouldBe(group);
    }

    [Theory]
    [InlineData("")]
    [InlineData("02:00:00:00:00")]
    [InlineData("02:00:00:00:00:0g")]
    [InlineData("02:00:00:00-00:01")]
    [InlineData("02.00.00.00.00.01")]
    [InlineData("02:00:00:00:00:01:02")]
    [InlineData(" 2:00:00:00:00:01")]
    [InlineData("+2:00:00:00:00:01")]
    public void What_is_no_address_is_refused(string text) => MacAddress.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("02:00:00:00:00:00", 0)]
    [InlineData("02:00:07:00:00:00", 7)]
    [InlineData("02:00:34:12:00:00", 0x1234)]
    [InlineData("02:00:ff:ff:00:00", 0xffff)]
    public void A_guest_of_the_first_generation_and_its_number_are_known_by_its_address(string text, int number)
    {
        MacAddress.OfGuest((ushort)number).ToString().ShouldBe(text);
        MacAddress.Parse(text).GuestNumber.ShouldBe((ushort)number);
    }

    [Theory]
    [InlineData("52:54:07:00:00:00")]
    [InlineData("02:01:07:00:00:00")]
    [InlineData("02:00:07:00:01:00")]
    [InlineData("02:00:07:00:00:01")]
    [InlineData("00:00:07:00:00:00")]
    public void Any_other_address_has_no_number(string text) => MacAddress.Parse(text).GuestNumber.ShouldBeNull();

    [Theory]
    [InlineData("02:00:00:00:00:01", true, false)]
    [InlineData("00:00:00:00:00:01", true, false)]
    [InlineData("00:00:00:00:00:00", false, false)]
    [InlineData("01:00:5e:00:00:fb", false, false)]
    [InlineData("ff:ff:ff:ff:ff:fe", false, false)]
    [InlineData("ff:ff:ff:ff:ff:ff", false, true)]
    public void One_station_has_an_address_that_is_neither_a_groups_nor_zero(string text, bool isStation, bool isBroadcast)
    {
        MacAddress.Parse(text).IsStation.ShouldBe(isStation);
        MacAddress.Parse(text).IsBroadcast.ShouldBe(isBroadcast);
        (MacAddress.Parse(text) == MacAddress.Broadcast).ShouldBe(isBroadcast);
    }

    [Fact]
    public void An_address_made_of_a_name_is_local_single_and_always_the_same()
    {
        var addresses = Enumerable.Range(0, 1000).Select(i => MacAddress.ForName($"guest-{i}/eth0")).ToList();

        addresses.ShouldAllBe(address => !address.IsGroup && (address.Value & 0x0200_0000_0000) != 0);
        addresses.Distinct().Count().ShouldBe(1000);
        foreach (ulong bit in Enumerable.Range(0, 48).Select(at => 1ul << at).Except([0x0100_0000_0000ul, 0x0200_0000_0000ul]))
            addresses.Count(address => (address.Value & bit) != 0).ShouldBeInRange(400, 600, $"bit {bit:x} is anything");
        byte[] bytes = new byte[MacAddress.Length];
        addresses[0].Write(bytes);
        MacAddress.Read(bytes).ShouldBe(addresses[0], "six bytes are all there is of it");
        MacAddress.ForName("left/eth0").ToString().ShouldBe("ca:70:13:08:5b:ad");
    }
}
