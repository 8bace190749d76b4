// Reads the Guests of a topology file. One section may stand for twenty Guests, each with its own name, addresses and files. All are
// derived here, so every node that reads the file gets the same result.

using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Lguest.Devices;
using Lguest.Launcher;
using Lguest.Launcher.Boards;
using Lguest.Launcher.Images;
using Lguest.Linux;
using Lguest.Net.Frames;
using Lguest.Switcher.Time;
using Lguest.Topology.Hocon;

namespace Lguest.Topology;

/// <summary>Reads the section <c>lguest.guests</c>.</summary>
internal sealed partial class GuestReader(
    IReadOnlyList<(string Name, Setting.Section Section, string Path)> sections,
    Func<string, string, string, Setting.Section, SectionReader> layers,
    PlaceMap places,
    ImmutableArray<NodeDefinition> nodes,
    ImmutableArray<LanDefinition> lans,
    Func<string, bool> exists,
    BoardCheck boards)
{
    private const int MostOfOne = 1000;
    private static readonly TimeSpan _longestDelay = TimeSpan.FromHours(1);

    private readonly Dictionary<(string Lan, uint Address), string> _addresses = [];
    private readonly Dictionary<(string Lan, string Mac), string> _macs = [];
    private readonly Dictionary<string, int> _next = [];
    private readonly Dictionary<string, string> _writers = [];
    private readonly Dictionary<string, string> _readers = [];
    private readonly HashSet<string> _logs = [];
    private readonly ForwardReader _forwards = new(places, nodes, lans);

    /// <exception cref="MisconfiguredException">Something is wrong.</exception>
    public ImmutableArray<GuestDefinition> Read()
    {
        if (sections.Count == 0)
            throw new MisconfiguredException(places.Key("lguest/guests"),
                "the topology has no Guests; write for example lguest.guests.a { }");
        TakeFixedAddresses();
        var guests = ImmutableArray.CreateBuilder<GuestDefinition>();
        var arguments = new List<(SectionReader Reader, int Index)>();
        var names = new HashSet<string>();
        foreach (var (group, section, path) in sections)
        {
            TopologyReader.CheckedName("a Guest", group, places.Key(path));
            var reader = layers($"guest '{group}'", "guest", path, section);
            int count = reader.Whole("count", 1, MostOfOne);
            for (int index = 1; index <= count; index++)
            {
                string name = count == 1 ? group : string.Create(CultureInfo.InvariantCulture, $"{group}-{index}");
                if (!names.Add(name))
                    throw new MisconfiguredException(places.Key(path), $"there are two Guests '{name}'; rename one");
                guests.Add(One(reader, name, index, count));
                arguments.Add((reader, index));
            }
        }

        // Only now is it known who has which address.
        return [.. guests.Select((guest, at) => guest with
        {
            Arguments = PutIn(guest, arguments[at].Reader, "arguments", arguments[at].Index, guests).ReplaceLineEndings(" "),
            Script = PutIn(guest, arguments[at].Reader, "run", arguments[at].Index, guests) is { Length: > 0 } script ? script : null,
        })];
    }

    private GuestDefinition One(SectionReader reader, string name, int index, int count)
    {
        long memory = reader.Size("memory");
        if (memory % (1 << 20) != 0 || memory is < 1 << 20 or > (long)LauncherOptions.LargestMemoryMegabytes << 20)
            throw reader.Wrong("memory", $"memory must be whole megabytes, 1M to {LauncherOptions.LargestMemoryMegabytes}M");
        string? log = reader.TextOrNull("log")?.Replace(GuestDefinition.NameWord, name, StringComparison.Ordinal);
        if (log is not null && !_logs.Add(log))
            throw reader.Wrong("log", $"two Guests cannot write the same log file {SectionReader.Short(log)}; write for example log = "
                + "\"%name%.log\"");
        string kernel = Kernel(reader);
        var disks = Disks(reader, name, count);
        var ports = Ports(reader, name, count);
        var guest = new GuestDefinition(
            name,
            kernel,
            (int)(memory >> 20),
            "",
            reader.TextOrNull("initrd") is { } initrd ? Existing(reader, "initrd", initrd) : null,
            disks,
            [.. ports.Select(port => port.Port)],
            reader.SwitchOr("rng", "auto"),
            Home(reader),
            new GuestLimits(reader.PercentOrOff("cpu-share", 100), reader.RateOrOff("disk-rate"), reader.RateOrOff("net-rate")),
            log is null ? null : reader.Beside("log", log),
            new GuestFate(
                reader.Choice("on-node-loss", ("restart", LossPolicy.Restart), ("down", LossPolicy.Down)),
                reader.Choice("on-death", ("down", EndPolicy.StayDown), ("restart", EndPolicy.Restart)),
                reader.Choice("on-power-off", ("off", EndPolicy.StayDown), ("restart", EndPolicy.Restart)),
                reader.Whole("most-restarts", 0, 1_000_000),
                reader.Time("restart-delay", _longestDelay))
            {
                IsService = reader.Switch("service"),
            })
        {
            Packages = Packages(reader, kernel),
            Clock = Clock(reader),
            Seed = reader.WholeOr("seed", "off", 0, int.MaxValue),
            Forwards = _forwards.Read(reader, name, index, ports.Select(port => port.Port)),
            Shares = new ShareReader(layers, places, exists).Read(reader, name),
            Board = reader.Choice<string?>("board", [("auto", null), .. BoardFamily.Words.Select(word => (word, (string?)word))]),
            Boot = reader.Choice("boot", PcEntries.Words),
            IsKvm = reader.Switch("kvm"),
        };
        boards.Check(reader, guest, ports);
        return guest;
    }

    private static ClockKind Clock(SectionReader reader)
    {
        var clock = reader.Choice("clock", ClockKinds.Words);
        return clock == ClockKind.Real || reader.RateOrOff("disk-rate") is null ? clock : throw reader.Wrong("clock",
            "a disk in virtual time takes no time, and disk-rate has no meaning; remove one of the two");
    }

    /// <summary>What only a stock Linux can have.</summary>
    private static ImmutableArray<string> Packages(SectionReader reader, string kernel)
    {
        var packages = reader.Words("packages");
        if (!LinuxGuests.Is(kernel) && !packages.IsEmpty)
            throw reader.Wrong("packages", "packages are for a Guest with the distribution's kernel; add kernel = linux");
        if (!LinuxGuests.Is(kernel) && reader.TextOrNull("run") is not null)
            throw reader.Wrong("run", "a script is for a Guest with the distribution's kernel; add kernel = linux");
        try
        {
            return LinuxRequest.Of(pae: false, packages).Packages;
        }
        catch (RefusedException refused)
        {
            throw reader.Wrong("packages", refused.Message.Replace("--with=", "", StringComparison.Ordinal));
        }
    }

    private string Kernel(SectionReader reader)
    {
        string kernel = reader.Text("kernel");
        if (kernel.Length == 0)
            throw reader.Wrong("kernel", $"no kernel is named; write {GuestDefinition.Builtin}{EmbeddedKernel.Puppy} or a file");
        if (LinuxGuests.Is(kernel))
            return kernel;
        string[] known = [.. EmbeddedKernel.Names.Select(name => GuestDefinition.Builtin + name)];
        if (!kernel.StartsWith(GuestDefinition.Builtin, StringComparison.Ordinal))
        {
            // As it is called on the classic command line.
            string more = EmbeddedKernel.Names.Contains(kernel) ? $", or write \"{GuestDefinition.Builtin}{kernel}\"" : "";
            return Existing("kernel", reader.Beside("kernel", kernel), reader.At("kernel"), more);
        }

        return known.Contains(kernel)
            ? kernel
            : throw reader.Wrong("kernel",
                $"there is no kernel {SectionReader.Short(kernel)} in the program{Suggestion.For(kernel, known)}");
    }

    private string Existing(SectionReader reader, string name, string path) =>
        Existing(name, reader.Beside(name, path), reader.At(name), reader.Says(name) ? "" : ", which is a default");

    private string Existing(string what, string path, Place place, string more = "") =>
        exists(path) ? path
        : throw new MisconfiguredException(place, exists(path + '/')
            ? $"{what}: {SectionReader.Short(path)} is a directory; name a file{more}"
            : $"{what}: there is no file {SectionReader.Short(path)}; check the path{more}");

    private GuestHome Home(SectionReader reader)
    {
        var home = new GuestHome(
            reader.TextOrNull("node"),
            reader.TextOrNull("role"),
            reader.Choice("placement", ("spread", PlacementRule.Spread), ("pack", PlacementRule.Pack)));
        if (home.Node is { } node && nodes.All(known => known.Name != node))
            throw reader.Wrong("node", "there is no node "
                + $"{SectionReader.Short(node)}{Suggestion.For(node, [.. nodes.Select(known => known.Name)])}");
        var roles = nodes.SelectMany(known => known.Roles).Distinct().ToList();
        if (home.Role is { } role && !roles.Contains(role))
            throw reader.Wrong("role", $"no node has the role {SectionReader.Short(role)}{Suggestion.For(role, roles)}");
        return nodes.Any(home.Allows) ? home : throw reader.Wrong("role",
            $"node '{home.Node}' does not have the role '{home.Role}'; remove one of the two");
    }

    private ImmutableArray<DiskDefinition> Disks(SectionReader guest, string name, int count)
    {
        var disks = ImmutableArray.CreateBuilder<DiskDefinition>();
        foreach (var (value, path) in guest.Items("disks"))
        {
            var section = value switch
            {
                Setting.Section whole => whole,
                Setting.Text text => new Setting.Section([new("file", text)]),
                _ => throw new MisconfiguredException(places.Value(path),
                    "a disk must be a file name, or a section such as { file = root.img, overlay = on }"),
            };
            var reader = layers($"disk {disks.Count + 1} of '{name}'", "disk", path, section);
            string named = reader.Text("file").Replace(GuestDefinition.NameWord, name, StringComparison.Ordinal);
            if (named.Length == 0)
                throw new MisconfiguredException(places.Value(path), "the disk names no file; write file = ...");
            string full = Existing("disk", reader.Beside("file", named), value is Setting.Text ? places.Value(path) : reader.At("file"));
            bool overlay = reader.Switch("overlay");
            bool keep = reader.Choice("at-end", ("discard", false), ("keep", true));
            if (!overlay && reader.Says("at-end") && reader.At("at-end") != guest.Place)
                if (section.Find("at-end") is not null)
                    throw reader.Wrong("at-end", "at-end needs a layer, and this disk has none; add overlay = on or remove at-end");
            string? layer = !overlay ? null
                : reader.TextOrNull("layer") is { } chosen
                    ? reader.Beside("layer", chosen.Replace(GuestDefinition.NameWord, name, StringComparison.Ordinal))
                : $"{full}.{name}.{disks.Count}.layer";
            Claim(reader, name, full, layer, count);
            disks.Add(new DiskDefinition(full, overlay, keep, layer));
        }

        return disks.ToImmutable();
    }

    /// <summary>A file has one writer and no readers beside it, or any number of readers.</summary>
    private void Claim(SectionReader reader, string name, string full, string? layer, int count)
    {
        string written = layer ?? full;
        if (_writers.TryGetValue(written, out string? other) || _readers.TryGetValue(written, out other))
            throw reader.Wrong("file", $"'{other}' and '{name}' would both use {SectionReader.Short(written)}, and one of them writes "
                + $"it; add overlay = on{(count > 1 ? "" : " to both")}, or name another file");
        if (layer is not null && _writers.TryGetValue(full, out other))
            throw reader.Wrong("file", $"'{other}' writes {SectionReader.Short(full)}, so '{name}' cannot have a layer over it; add "
                + "overlay = on to both");
        _writers.Add(written, name);
        if (layer is not null)
            _readers[full] = name;
    }

    /// <summary>A port that asks for an address gets it, however late in the file it stands.</summary>
    private void TakeFixedAddresses()
    {
        foreach (var (group, section, path) in sections)
        {
            foreach (var (value, at) in layers($"guest '{group}'", "guest", path, section).Items("lans"))
            {
                if (value is not Setting.Section port || port.Find("address") is not Setting.Text { Value: not "auto" }
                    || port.Find("lan") is not Setting.Text lan)
                    continue;
                uint address = Fixed(layers($"port of '{group}'", "port", at, port), lan.Value);
                if (!_addresses.TryAdd((lan.Value, address), group))
                    throw new MisconfiguredException(places.Value(PlaceMap.Join(at, "address")),
                        $"'{_addresses[(lan.Value, address)]}' has the address {Subnet.Show(address)} already; choose another, or auto");
            }
        }
    }

    private uint Fixed(SectionReader reader, string lanName)
    {
        string text = reader.Text("address");
        var lan = lans.FirstOrDefault(lan => lan.Name == lanName) ?? throw NoLan(reader, lanName);
        return Subnet.Number(text) is { } number && number > lan.Subnet.Base && number <= lan.Subnet.Base + (uint)lan.Room
            ? number
            : throw reader.Wrong("address",
                $"{SectionReader.Short(text)} is not an address of lan '{lanName}'; "
                + $"choose {lan.Subnet.Address(1)} to {lan.Subnet.Address(lan.Room)}, or auto");
    }

    private MisconfiguredException NoLan(SectionReader reader, string name) =>
        reader.Wrong("lan", name.Length == 0
            ? "the port names no lan; write lan = ..."
            : $"there is no lan {SectionReader.Short(name)}{Suggestion.For(name, [.. lans.Select(lan => lan.Name)])}");

    private ImmutableArray<BoardCheck.Written> Ports(SectionReader guest, string name, int count)
    {
        var ports = ImmutableArray.CreateBuilder<BoardCheck.Written>();
        foreach (var (value, path) in guest.Items("lans"))
        {
            var section = value switch
            {
                Setting.Section whole => whole,
                Setting.Text text => new Setting.Section([new("lan", text)]),
                _ => throw new MisconfiguredException(places.Value(path),
                    "a port must be the name of a lan, or a section such as { lan = blue, address = 10.0.0.7 }"),
            };
            var reader = layers($"port {ports.Count} of '{name}'", "port", path, section);
            var lan = lans.FirstOrDefault(known => known.Name == reader.Text("lan"))
                ?? throw (value is Setting.Text word
                    ? new MisconfiguredException(places.Value(path),
                        $"guest '{name}': there is no lan "
                        + $"{SectionReader.Short(word.Value)}{Suggestion.For(word.Value, [.. lans.Select(known => known.Name)])}")
                    : NoLan(reader, reader.Text("lan")));
            if (ports.Any(port => port.Lan == lan))
                throw new MisconfiguredException(places.Value(path), $"guest '{name}' has two ports on lan '{lan.Name}'; remove one");
            if (count > 1 && reader.Text("address") != "auto")
                throw reader.Wrong("address", $"{count} Guests cannot share one address; write address = auto");
            if (count > 1 && reader.Text("mac") != "auto")
                throw reader.Wrong("mac", $"{count} Guests cannot share one hardware address; write mac = auto");
            var port = new PortDefinition(lan.Name, Address(reader, lan), Mac(reader, name, lan.Name),
                Capture(reader, name, count))
            { IsMacChosen = reader.Text("mac") != "auto", Link = LinkReader.Read(reader) };
            if (port.IsMacChosen && !_macs.TryAdd((lan.Name, port.Mac), name))
                throw reader.Wrong("mac", $"'{_macs[(lan.Name, port.Mac)]}' has the hardware address {port.Mac} on lan '{lan.Name}' "
                    + "already; choose another, or auto");
            ports.Add(new BoardCheck.Written(reader, value is Setting.Text ? places.Value(path) : reader.At("lan"), lan, port));
        }

        return ports.ToImmutable();
    }

    private string? Capture(SectionReader reader, string name, int count)
    {
        string? pcap = reader.TextOrNull("pcap");
        if (pcap is not null && count > 1 && !pcap.Contains(GuestDefinition.NameWord, StringComparison.Ordinal))
            throw reader.Wrong("pcap", $"{count} Guests cannot write one capture file; put %name% into its name");
        return pcap is null ? null : reader.Beside("pcap", pcap.Replace(GuestDefinition.NameWord, name, StringComparison.Ordinal));
    }

    private string Address(SectionReader reader, LanDefinition lan)
    {
        if (reader.Text("address") != "auto")
            return Subnet.Show(Fixed(reader, lan.Name));
        int number = _next.GetValueOrDefault(lan.Name) + 1;
        while (number <= lan.Room && _addresses.ContainsKey((lan.Name, lan.Subnet.Base + (uint)number)))
            number++;
        if (number > lan.Room)
            throw new MisconfiguredException(places.Key($"lguest/lans/{lan.Name}"),
                $"lan '{lan.Name}' has more Guests than {lan.Subnet} has addresses ({lan.Room}); give it a shorter prefix");
        _next[lan.Name] = number;
        return lan.Subnet.Address(number);
    }

    private static string Mac(SectionReader reader, string name, string lan)
    {
        string text = reader.Text("mac");
        if (text == "auto")
        {
            // Locally administered, and the same wherever and whenever it is worked out.
            byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{lan}/{name}"));
            return string.Create(CultureInfo.InvariantCulture, $"52:54:{hash[0]:x2}:{hash[1]:x2}:{hash[2]:x2}:{hash[3]:x2}");
        }

        return MacAddress.TryParse(text, out var mac) && mac.IsStation
            ? mac.ToString()
            : throw reader.Wrong("mac",
                $"{SectionReader.Short(text)} is not the hardware address of one card; write for example 52:54:00:12:34:56, or auto");
    }

    private string PutIn(GuestDefinition guest, SectionReader reader, string key, int index, IReadOnlyList<GuestDefinition> all)
    {
        string text = reader.Text(key);
        var port = guest.Ports.FirstOrDefault();
        var subnet = port is null ? (Subnet?)null : lans.First(lan => lan.Name == port.Lan).Subnet;
        foreach (string word in Words(text))
        {
            string value = word switch
            {
                "name" => guest.Name,
                "index" => index.ToString(CultureInfo.InvariantCulture),
                "node" => "%node%",
                "address" or "mask" or "gateway" or "peers" when port is null =>
                    throw reader.Wrong(key, $"%{word}% needs a lan, and the Guest has none; add lans = [...]"),
                "address" => port!.Address,
                "mask" => subnet!.Value.Mask,
                "gateway" => subnet!.Value.Gateway,
                "peers" => string.Join(',', Peers(guest, port!, all)),
                _ => throw reader.Wrong(key,
                    $"there is no word %{word}%{Suggestion.For(word, ["name", "index", "node", "address", "mask", "gateway", "peers"])}"),
            };
            text = text.Replace($"%{word}%", value, StringComparison.Ordinal);
        }

        foreach (Match each in EachPeer().Matches(text))
        {
            if (port is null)
                throw reader.Wrong(key, "%peers(...)% needs a lan, and the Guest has none; add lans = [...]");
            text = text.Replace(each.Value, string.Concat(Peers(guest, port, all)
                .Select(peer => each.Groups[1].Value.Replace("@", peer, StringComparison.Ordinal))), StringComparison.Ordinal);
        }

        return text;
    }

    private static IEnumerable<string> Peers(GuestDefinition guest, PortDefinition port, IEnumerable<GuestDefinition> all) =>
        all.Where(other => other.Name != guest.Name).SelectMany(other => other.Ports).Where(other => other.Lan == port.Lan)
            .Select(other => other.Address);

    /// <summary>Words of letters between two '%'.</summary>
    private static IEnumerable<string> Words(string text) =>
        Word().Matches(text).Select(match => match.Groups[1].Value).Distinct();

    [GeneratedRegex("%([a-z]+)%")]
    private static partial Regex Word();

    [GeneratedRegex(@"%peers\(([^)%]*)\)%")]
    private static partial Regex EachPeer();
}
