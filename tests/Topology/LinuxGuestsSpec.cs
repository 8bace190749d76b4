// Guests of a topology that boot the distribution's Linux: what the file says of them, and what is each one's own.

using Lguest.Linux.Root;
using Lguest.Topology.Actors;
using Lguest.Topology.Hocon;

namespace Lguest.Topology.Tests;

public sealed class LinuxGuestsSpec : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".conf");

    [Fact]
    public void A_Guest_has_its_name_its_script_and_the_names_of_the_others()
    {
        var topology = Read("""
            lans { green { subnet = "10.0.0.0/24" }, out { subnet = "10.1.0.0/24", nat = true } }
            guests {
              server { kernel = linux, packages = [iperf3, frr], lans = [green, out], run = "iperf3 -s" }
              client { kernel = linux-pae, lans = [green], run = "ping %peers%\nhostname %name% on %node%\n" }
            }
            """);
        var (server, client) = (topology.Guests[0], topology.Guests[1]);

        server.Packages.ShouldBe(["frr", "iperf3"]);
        client.Script.ShouldBe("ping 10.0.0.1\nhostname client on %node%\n");
        server.Ports.Select((port, index) => LinuxGuests.Address(topology.FindLan(port.Lan)!, port, index)).ShouldBe(
        [
            "ip=10.0.0.1:::255.255.255.0::eth0:off", "ip=10.1.0.1::10.1.0.254:255.255.255.0::eth1:off",
        ]);

        var files = LinuxGuests.OwnFiles(topology, client);
        files.Find("etc/hostname")!.Text.ShouldBe("client\n");
        files.Find("etc/hosts")!.Text.ShouldBe("127.0.0.1 localhost\n10.0.0.1 server\n10.0.0.2 client\n");
        files.Find("etc/lguest/run")!.Text.ShouldEndWith("%node%\n");
        LinuxGuests.OwnFiles(topology, client with { Script = null }).Find("etc/lguest/run").ShouldBeNull();
    }

    [Theory]
    [InlineData("guests.a { packages = [frr] }", "add kernel = linux")]
    [InlineData("guests.a { run = reboot }", "add kernel = linux")]
    [InlineData("guests.a { kernel = linux, packages = [\"../x\"] }", "no name of a package")]
    [InlineData("guests.a { kernel = linux, packages = [{ }] }", "must be a list of words")]
    [InlineData("guests.a { kernel = linux, run = \"ping %adress%\" }", "%adress%")]
    [InlineData("guests.a { kernel = linux, run = \"ping %peers%\" }", "needs a lan")]
    public void What_cannot_be_had_is_refused_with_its_place(string text, string cause) =>
        Should.Throw<MisconfiguredException>(() => Read(text)).Message.ShouldContain(cause);

    [Fact]
    public void What_is_its_own_follows_what_is_shared_in_one_initial_RAM_disk()
    {
        using var archive = new MemoryStream();
        CpioWriter.Write(LinuxGuests.OwnFiles(Read("guests.a { kernel = linux, run = x }"), Read("guests.a { kernel = linux }").Guests[0]),
            archive);

        (archive.Length % 4).ShouldBe(0, "the kernel looks for the next archive at a multiple of four");
    }

    public void Dispose() => File.Delete(_file);

    private TopologyDefinition Read(string text)
    {
        File.WriteAllText(_file, $"lguest {{\n nodes.one {{ }}\n defaults.guest.memory = 192M\n {text}\n}}\n");
        return TopologyFile.Read(_file, filesAreHere: false).Topology;
    }
}
