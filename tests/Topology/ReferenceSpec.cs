// The reference is where all defaults are, and the list of what a file may say. Here each default is read once, so that a changed one is a
// decision and not an accident, and none is added without being told.

using Lguest.Topology.Actors;
using Lguest.Topology.Hocon;
using Lguest.Topology.Nodes.Actors;

namespace Lguest.Topology.Tests;

public sealed class ReferenceSpec
{
    private static readonly Dictionary<string, string> _defaults = new()
    {
        ["lguest.name"] = "lguest",
        ["lguest.defaults.node.host"] = "127.0.0.1",
        ["lguest.defaults.node.port"] = "0",
        ["lguest.defaults.node.listen-host"] = "",
        ["lguest.defaults.node.listen-port"] = "0",
        ["lguest.defaults.node.trunk-port"] = "0",
        ["lguest.defaults.node.listen-trunk-port"] = "0",
        ["lguest.defaults.node.roles"] = "[]",
        ["lguest.defaults.node.memory"] = "off",
        ["lguest.defaults.node.guests"] = "off",
        ["lguest.defaults.guest.kernel"] = "builtin:puppy",
        ["lguest.defaults.guest.memory"] = "16M",
        ["lguest.defaults.guest.arguments"] = "",
        ["lguest.defaults.guest.packages"] = "[]",
        ["lguest.defaults.guest.run"] = "",
        ["lguest.defaults.guest.board"] = "auto",
        ["lguest.defaults.guest.boot"] = "linux",
        ["lguest.defaults.guest.kvm"] = "on",
        ["lguest.defaults.guest.initrd"] = "",
        ["lguest.defaults.guest.disks"] = "[]",
        ["lguest.defaults.guest.shares"] = "[]",
        ["lguest.defaults.guest.lans"] = "[]",
        ["lguest.defaults.guest.forward"] = "[]",
        ["lguest.defaults.guest.rng"] = "auto",
        ["lguest.defaults.guest.count"] = "1",
        ["lguest.defaults.guest.node"] = "",
        ["lguest.defaults.guest.role"] = "",
        ["lguest.defaults.guest.placement"] = "spread",
        ["lguest.defaults.guest.cpu-share"] = "off",
        ["lguest.defaults.guest.disk-rate"] = "off",
        ["lguest.defaults.guest.clock"] = "real",
        ["lguest.defaults.guest.seed"] = "off",
        ["lguest.defaults.guest.net-rate"] = "off",
        ["lguest.defaults.guest.log"] = "",
        ["lguest.defaults.guest.service"] = "off",
        ["lguest.defaults.guest.on-node-loss"] = "restart",
        ["lguest.defaults.guest.on-death"] = "down",
        ["lguest.defaults.guest.on-power-off"] = "off",
        ["lguest.defaults.guest.most-restarts"] = "5",
        ["lguest.defaults.guest.restart-delay"] = "1s",
        ["lguest.defaults.disk.file"] = "",
        ["lguest.defaults.disk.overlay"] = "off",
        ["lguest.defaults.disk.at-end"] = "discard",
        ["lguest.defaults.disk.layer"] = "",
        ["lguest.defaults.share.folder"] = "",
        ["lguest.defaults.share.read-only"] = "off",
        ["lguest.defaults.share.tag"] = "",
        ["lguest.defaults.port.lan"] = "",
        ["lguest.defaults.port.address"] = "auto",
        ["lguest.defaults.port.mac"] = "auto",
        ["lguest.defaults.port.delay"] = "0ms",
        ["lguest.defaults.port.jitter"] = "0ms",
        ["lguest.defaults.port.loss"] = "0%",
        ["lguest.defaults.port.duplicate"] = "0%",
        ["lguest.defaults.port.reorder"] = "0%",
        ["lguest.defaults.port.corrupt"] = "0%",
        ["lguest.defaults.port.rate"] = "off",
        ["lguest.defaults.port.seed"] = "1",
        ["lguest.defaults.port.pcap"] = "",
        ["lguest.defaults.lan.kind"] = "ethernet",
        ["lguest.defaults.lan.subnet"] = "10.0.0.0/24",
        ["lguest.defaults.lan.mtu"] = "1500",
        ["lguest.defaults.lan.delay"] = "0ms",
        ["lguest.defaults.lan.jitter"] = "0ms",
        ["lguest.defaults.lan.loss"] = "0%",
        ["lguest.defaults.lan.duplicate"] = "0%",
        ["lguest.defaults.lan.reorder"] = "0%",
        ["lguest.defaults.lan.corrupt"] = "0%",
        ["lguest.defaults.lan.rate"] = "off",
        ["lguest.defaults.lan.seed"] = "1",
        ["lguest.defaults.lan.pcap"] = "",
        ["lguest.defaults.lan.nat"] = "off",
        ["lguest.defaults.lan.tap"] = "",
        ["lguest.cluster.nodes-to-start"] = "all",
        ["lguest.cluster.lease"] = "4s",
        ["lguest.cluster.renew-every"] = "500ms",
        ["lguest.cluster.stable-after"] = "5s",
        ["lguest.cluster.stop-timeout"] = "3s",
        ["lguest.cluster.rejoin"] = "on",
        ["lguest.cluster.tls.certificate"] = "",
        ["lguest.cluster.tls.key"] = "",
        ["lguest.cluster.tls.authority"] = "",
        ["lguest.cluster.insecure"] = "off",
        ["lguest.switcher.engine"] = "auto",
        ["lguest.switcher.code-cache"] = "16M",
        ["lguest.switcher.verify"] = "off",
        ["lguest.switcher.windows"] = "on",
        ["lguest.switcher.slice"] = "2ms",
        ["lguest.switcher.chunk-instructions"] = "20000",
        ["lguest.switcher.most-guests"] = "4096",
        ["lguest.switcher.dispatcher"] = "lguest.guest-cpu-dispatcher",
        ["lguest.net.trunk.enabled"] = "on",
        ["lguest.net.trunk.hostname"] = "",
        ["lguest.net.trunk.port"] = "0",
        ["lguest.net.trunk.public-hostname"] = "",
        ["lguest.net.trunk.public-port"] = "0",
        ["lguest.net.trunk.queue"] = "8388608",
        ["lguest.net.trunk.inbox"] = "16777216",
        ["lguest.net.trunk.inbox-patience"] = "1s",
        ["lguest.net.trunk.most-callers"] = "64",
        ["lguest.net.trunk.most-callers-of-one"] = "16",
        ["lguest.net.trunk.handshake"] = "5s",
        ["lguest.net.trunk.retry-first"] = "50ms",
        ["lguest.net.trunk.retry-longest"] = "5s",
        ["lguest.net.trunk.pulse"] = "1s",
        ["lguest.net.trunk.silence"] = "5s",
        ["lguest.net.dma.restock"] = "1ms",
        ["lguest.net.dma.look"] = "100ms",
        ["lguest.net.dma.peer-patience"] = "2s",
        ["lguest.net.dma.most-waiting"] = "4096",
        ["lguest.guest-cpu-dispatcher.type"] = "Lguest.Switcher.Actors.CpuDispatcherConfigurator, Lguest.Switcher",
        ["lguest.switcher.own-dispatcher"] = "lguest.switcher-dispatcher",
        ["lguest.switcher-dispatcher.type"] = "Lguest.Switcher.Actors.TrapDispatcherConfigurator, Lguest.Switcher",
        ["lguest.switcher-dispatcher.threads"] = Math.Max(2, Environment.ProcessorCount).ToString(),
        ["lguest.guest-cpu-dispatcher.throughput"] = "1",
        ["lguest.guest-cpu-dispatcher.throughput-deadline-time"] = "2ms",
        ["lguest.guest-cpu-dispatcher.threads"] = Math.Max(1, Environment.ProcessorCount - 1).ToString(),
        ["lguest.net.dispatcher"] = "lguest.switcher-dispatcher",
        ["lguest.net.lan-dispatcher.type"] = "Dispatcher",
        ["lguest.net.lan-dispatcher.throughput"] = "16",
        ["lguest.net.addresses"] = "4096",
        ["lguest.net.addresses-per-port"] = "1024",
        ["lguest.net.address-age"] = "300s",
        ["lguest.net.transmit-window"] = "1048576",
        ["lguest.net.deliver-window"] = "4194304",
        ["lguest.net.peer-window"] = "8388608",
        ["lguest.net.peer-patience"] = "1s",
        ["lguest.net.held"] = "16777216",
        ["lguest.cluster-dispatcher.type"] = "ForkJoinDispatcher",
        ["lguest.cluster-dispatcher.throughput"] = "16",
        ["lguest.cluster-dispatcher.dedicated-thread-pool.thread-count"] = "2",
        ["lguest.cluster-dispatcher.dedicated-thread-pool.threadtype"] = "background",
        ["lguest.device-dispatcher.type"] = "ForkJoinDispatcher",
        ["lguest.device-dispatcher.throughput"] = "8",
        ["lguest.device-dispatcher.dedicated-thread-pool.thread-count"] = "2",
        ["lguest.device-dispatcher.dedicated-thread-pool.threadtype"] = "background",
    };

    public static TheoryData<string, string> Defaults
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (path, value) in _defaults)
                data.Add(path, value);
            return data;
        }
    }

    [Theory, MemberData(nameof(Defaults))]
    public void A_default_is_what_it_is_said_to_be(string path, string value)
    {
        var config = OneNode.Reference();

        config.HasPath(path).ShouldBeTrue();
        (value == "[]" ? (config.GetStringList(path).Count == 0 ? "[]" : "some") : config.GetString(path)).ShouldBe(value);
    }

    [Fact]
    public void No_setting_is_left_out_here()
    {
        var file = TopologyFile.Parse("x.conf", "lguest { nodes.a { }, guests.b { } }", _ => null, _ => true);

        Leaves("lguest", SettingTree.FromAkka(OneNode.Reference()).Child("lguest"))
            .Except(["lguest.nodes", "lguest.lans", "lguest.guests"])
            .ShouldBe(_defaults.Keys, ignoreOrder: true);
        file.Config.GetString("lguest.defaults.guest.memory").ShouldBe("16M");
    }

    [Fact]
    public void The_reference_means_to_this_reader_what_it_means_to_Akka()
    {
        string text = File.ReadAllText(Path.Combine(ShippedTopologiesSpec.Folder(), "lguest.conf"));
        var own = SettingTree.ToAkka(HoconFile.Read("lguest.conf", text, (_, _) => throw new InvalidOperationException(), _ => null));
        var akka = Akka.Configuration.ConfigurationFactory.ParseString(text);

        Show(SettingTree.FromAkka(own)).ShouldBe(Show(SettingTree.FromAkka(akka)));
        Show(SettingTree.FromAkka(own)).Length.ShouldBeGreaterThan(1000);
    }

    private static string Show(Setting setting) => Hocon.HoconTexts.Show(setting);

    private static IEnumerable<string> Leaves(string path, Setting.Section section) =>
        section.Fields.SelectMany(field => field.Value is Setting.Section { Fields.Length: > 0 } inner
            ? Leaves($"{path}.{field.Name}", inner)
            : [$"{path}.{field.Name}"]);
}
