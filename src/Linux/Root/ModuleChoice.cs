// A distribution's kernel has four thousand modules; a Guest has five kinds of devices. What is taken along is what drives them, the file
// systems that a Guest's disks have, and the networks that people build labs of, with all that these need.

using System.Collections.Immutable;
using System.Text;

namespace Lguest.Linux.Root;

/// <summary>Chooses modules, and writes the tables by which modprobe finds them.</summary>
internal static class ModuleChoice
{
    private static readonly ImmutableArray<string> _always =
    [
        "virtio_pci", "virtio_blk", "virtio_net", "virtio_rng", "virtio_console", "crc32c_generic", "ext4", "9p", "9pnet_virtio", "overlay",
        "loop", "veth", "dummy", "bridge", "8021q", "tun", "vrf", "sch_netem",
    ];

    private static readonly ImmutableArray<string> _filters =
    [
        "nf_tables", "nft_chain_nat", "nft_masq", "nft_nat", "nft_ct", "nft_reject_inet", "nft_log", "nft_limit", "nft_counter",
        "nft_compat", "xt_MASQUERADE", "xt_conntrack", "xt_tcpudp", "xt_addrtype", "xt_comment", "iptable_filter", "iptable_nat",
        "ip6table_filter",
    ];

    private static readonly ImmutableArray<string> _routing =
        ["mpls_router", "mpls_iptunnel", "ip_gre", "ipip", "vxlan", "tcp_bbr", "macvlan"];

    /// <summary>Modules to look for, whose names may be of other kernels.</summary>
    /// <param name="packages">What the user asked for.</param>
    public static IReadOnlySet<string> Wanted(IEnumerable<string> packages)
    {
        HashSet<string> wanted = [.. _always];
        foreach (string package in packages)
        {
            if (package is "nftables" or "iptables" or "firewalld" or "ufw" or "fail2ban")
                wanted.UnionWith(_filters);
            if (package is "frr" or "bird2" or "bird" or "quagga" or "babeld")
                wanted.UnionWith(_routing);
            if (package is "wireguard" or "wireguard-tools")
                wanted.Add("wireguard");
        }

        return wanted;
    }

    /// <summary>The wanted modules with all that they need, in an order in which they can be loaded.</summary>
    /// <param name="all">All modules of the kernel by name.</param>
    /// <param name="wanted">Names; those that the kernel does not have are left out.</param>
    public static IReadOnlyList<KernelModule> Choose(IReadOnlyDictionary<string, KernelModule> all, IEnumerable<string> wanted)
    {
        List<KernelModule> chosen = [];
        HashSet<string> seen = [];
        foreach (string name in wanted.Order(StringComparer.Ordinal))
            Take(name);
        return chosen;

        void Take(string name)
        {
            if (!seen.Add(name) || !all.TryGetValue(name, out var module))
                return;
            foreach (string need in module.Needs)
                Take(need);
            chosen.Add(module);
        }
    }

    /// <summary>modules.dep: each file, then what must be loaded before it, the last first.</summary>
    public static string Dependencies(IReadOnlyList<KernelModule> chosen)
    {
        var byName = chosen.ToDictionary(module => module.Name);
        var text = new StringBuilder();
        foreach (var module in chosen)
        {
            var before = Choose(byName, [module.Name]).SkipLast(1).Reverse().Select(need => " " + need.Path);
            text.Append(module.Path).Append(':').AppendJoin("", before).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>modules.alias: what the kernel asks for, and who answers.</summary>
    public static string Aliases(IReadOnlyList<KernelModule> chosen) =>
        string.Concat(chosen.SelectMany(module => module.Aliases.Select(alias => $"alias {alias} {module.Name}\n")));
}
