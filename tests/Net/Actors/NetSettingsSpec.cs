// Each default stands in net.conf and nowhere else; here it is said what it is, so that none changes by accident.

using Akka.TestKit.Xunit2;
using Lguest.Net.Lans.Actors;

namespace Lguest.Net.Tests.Actors;

public sealed class NetSettingsSpec() : TestKit(NetSettings.Reference())
{
    [Fact]
    public void The_defaults_are_these() => NetSettings.From(Sys.Settings.Config).ShouldBe(new NetSettings(
        Dispatcher: "lguest.net.lan-dispatcher",
        Addresses: 4096,
        AddressesPerPort: 1024,
        AddressAge: TimeSpan.FromSeconds(300),
        TransmitWindow: 1_048_576,
        DeliverWindow: 4_194_304,
        PeerWindow: 8_388_608,
        PeerPatience: TimeSpan.FromSeconds(1),
        Held: 16_777_216));
}
