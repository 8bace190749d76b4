// From settings to a topology. Section readers check single values; this class checks the rules between them and reports the first error
// with its place. What the file cannot tell, such as whether a kernel boots, is found when it runs.
//
//J:Host:100 A file becomes a topology
// Everything that can be wrong with a topology is found before anything runs, and is told in one line with file, line and column. So the
// reading has layers, and each knows one kind of error: the parser knows commas and braces, a section reader knows the words of a section
// and the values that each may have, and this class knows what the words mean together: that a Guest's node exists, that two ports do not
// ask for one address, that a kernel has a driver for what its Guest is given. What comes out is a value without a file after it, and the
// rest of the program never asks again.

using System.Collections.Immutable;
using System.Globalization;
using Lguest.Guest.Cpu;
using Lguest.Guest.Translator;
using Lguest.Net.Outside;
using Lguest.Topology.Hocon;

namespace Lguest.Topology;

/// <summary>Reads a topology from the settings of a file.</summary>
internal sealed class TopologyReader
{
    private const string Root = "lguest";
    private const int MostGuests = 4096;
    private const int LongestName = 40;
    private const int LeastMtu = 68; // what every host of the Internet can take (RFC 791)
    private const int MostMtu = 9216; // what switches call jumbo
    private static readonly TimeSpan _longest = TimeSpan.FromHours(1);
    private static readonly string[] _open = ["akka", "vars"];
    private static readonly string[] _read = ["name", "nodes", "lans", "guests", "defaults", "cluster"];

    private readonly string _file;
    private readonly Setting.Section _user;
    private readonly Setting.Section _reference;
    private readonly PlaceMap _places;
    private readonly Func<string, bool> _exists;
    private readonly Func<string, SeenKernel?> _kernels;
    private readonly Func<LanDefinition, (string Setting, string Problem)?> _wayOut;
    private readonly Func<string?> _translatorProblem;

    private TopologyReader(
        string file, Setting.Section user, Setting.Section reference, PlaceMap places, Func<string, bool> exists, Func<string,
            SeenKernel?> kernels, Func<LanDefinition, (string Setting, string Problem)?> wayOut, Func<string?> translatorProblem)
    {
        _file = file;
        _user = user;
        _reference = reference;
        _places = places;
        _exists = exists;
        _kernels = kernels;
        _wayOut = wayOut;
        _translatorProblem = translatorProblem;
    }

    /// <summary>Reads and checks a topology.</summary>
    /// <param name="file">The file's name.</param>
    /// <param name="root">What it says.</param>
    /// <param name="reference">What the reference says.</param>
    /// <param name="places">Where it says it.</param>
    /// <param name="exists">Whether a file that a Guest names is there, or a folder, with a slash at its end; always true where that cannot
    /// be known.</param>
    /// <param name="kernels">The kernel in a file; null where that cannot be known. Throws where the file is no kernel.</param>
    /// <param name="wayOut">The setting of a lan that asks for a way out which cannot be had, and why; null where all is well, or where
    /// that cannot be known.</param>
    /// <param name="translatorProblem">Why this machine cannot run the translator; null if it can, or where that cannot be known.</param>
    /// <exception cref="MisconfiguredException">Something is wrong with it.</exception>
    public static TopologyDefinition Read(
        string file, Setting.Section root, Setting.Section reference, PlaceMap places, Func<string, bool> exists, Func<string,
            SeenKernel?> kernels, Func<LanDefinition, (string Setting, string Problem)?> wayOut, Func<string?> translatorProblem)
    {
        foreach (var (name, _) in root.Fields)
            if (name != Root && !_open.Contains(name))
                throw new MisconfiguredException(places.Key(name),
                    $"there is no '{name}'{Suggestion.For(name, [Root, .. _open])} (vars is for values of your own)");
        var user = root.Child(Root);
        var known = reference.Child(Root);
        SectionReader.CheckNames(Root, Root, user, known, places);
        return new TopologyReader(file, user, known, places, exists, kernels, wayOut, translatorProblem).Read();
    }

    private TopologyDefinition Read()
    {
        var top = new SectionReader(Root, _places, _reference, (Root, _user));
        SectionReader.CheckNames("defaults", PlaceMap.Join(Root, "defaults"), _user.Child("defaults"), _reference.Child("defaults"),
            _places);
        CheckMachinery();
        var nodes = ReadNodes();
        var lans = ReadLans();
        var guests = new GuestReader(Sections("guests"), Layers, _places, nodes, lans, _exists, new BoardCheck(_kernels, nodes)).Read();
        if (guests.Length > MostGuests)
            throw new MisconfiguredException(_places.Key($"{Root}/guests"),
                $"{guests.Length} Guests are more than the {MostGuests} that a topology may have");
        if (guests.All(guest => guest.Fate.IsService))
            throw new MisconfiguredException(_places.Key($"{Root}/guests"),
                "every Guest is a service, and services are stopped when only they are left; write service = off for one");
        return new TopologyDefinition(CheckedName("the cluster", top.Text("name"), top.At("name")), _file, nodes, lans, guests,
            ReadCluster(nodes));
    }

    /// <summary>Settings that go to the actor system as they are: their names are checked all the same, and their numbers.</summary>
    private void CheckMachinery()
    {
        foreach (var (name, known) in _reference.Fields)
            if (!_read.Contains(name) && known is Setting.Section section)
                CheckDeeply($"{Root}.{name}", $"{Root}/{name}", _user.Find(name), section);
        var switcher = new SectionReader("lguest.switcher", _places, _reference.Child("switcher"),
            ($"{Root}/switcher", _user.Child("switcher")));
        if (switcher.Time("slice", _longest) <= TimeSpan.Zero)
            throw switcher.Wrong("slice", "slice must be longer than 0; write for example 2ms");
        if (switcher.Choice("engine", [.. Engines.Words.Select(known => (known.Word, known.Kind))])
            is { } kind && Engines.NeedsTranslator(kind) && _translatorProblem() is { } problem)
            throw switcher.Wrong("engine", $"the translator cannot run here: {problem}; write engine = auto");
        if (switcher.Size("code-cache") is < TranslatorSettings.LeastCodeBytes or > TranslatorSettings.MostCodeBytes)
            throw switcher.Wrong("code-cache", "code-cache must be 1M to 256M");
        switcher.Switch("verify");
        switcher.Switch("windows");
        switcher.Whole("chunk-instructions", 100, int.MaxValue);
        switcher.Whole("most-guests", 1, MostGuests);
    }

    private void CheckDeeply(string what, string path, Setting? said, Setting.Section known)
    {
        if (said is null)
            return;
        if (said is not Setting.Section section)
            throw new MisconfiguredException(_places.Value(path), $"{what} is a section; write {what} {{ ... }}");
        SectionReader.CheckNames(what, path, section, known, _places);
        foreach (var (name, value) in known.Fields)
            if (value is Setting.Section inner)
                CheckDeeply($"{what}.{name}", PlaceMap.Join(path, name), section.Find(name), inner);
    }

    private static int? PortOrNull(SectionReader reader, string key) =>
        reader.Whole(key, 0, ushort.MaxValue) is var port and > 0 ? port : null;

    private ImmutableArray<NodeDefinition> ReadNodes()
    {
        var nodes = ImmutableArray.CreateBuilder<NodeDefinition>();
        var listening = new Dictionary<(string, int), string>();
        foreach (var (name, section, path) in Sections("nodes"))
        {
            CheckedName("a node", name, _places.Key(path));
            var reader = Layers($"node '{name}'", "node", path, section);
            var node = new NodeDefinition(
                name,
                reader.Text("host"),
                reader.Whole("port", 0, ushort.MaxValue),
                reader.Words("roles"),
                reader.SizeOrOff("memory"),
                reader.WholeOr("guests", "off", 0, MostGuests))
            {
                ListenHost = reader.TextOrNull("listen-host"),
                ListenPort = PortOrNull(reader, "listen-port"),
                TrunkPort = PortOrNull(reader, "trunk-port"),
                ListenTrunkPort = PortOrNull(reader, "listen-trunk-port"),
                HostPlace = reader.At(reader.Says("listen-host") ? "listen-host" : "host"),
                PortPlace = reader.At(reader.Says("listen-port") ? "listen-port" : "port"),
            };
            if (Uri.CheckHostName(node.Host) == UriHostNameType.Unknown)
                throw reader.Wrong("host",
                    $"{SectionReader.Short(node.Host)} is not an address; write for example 127.0.0.1 or a host name");
            if (node.ListenHost is { } listens && Uri.CheckHostName(listens) == UriHostNameType.Unknown)
                throw reader.Wrong("listen-host",
                    $"{SectionReader.Short(listens)} is not an address; write for example 0.0.0.0 or a host name");
            if (node.Port != 0 && !listening.TryAdd((node.Host, node.Port), name))
                throw reader.Wrong("port", $"node '{listening[(node.Host, node.Port)]}' listens at {node.Host}:{node.Port} already; "
                    + "choose another port");
            if (node.TrunkPort is { } trunk && !listening.TryAdd((node.Host, trunk), name))
                throw reader.Wrong("trunk-port", $"node '{listening[(node.Host, trunk)]}' listens at {node.Host}:{trunk} already; "
                    + "choose another port");
            nodes.Add(node);
        }

        return nodes.Count > 0
            ? nodes.ToImmutable()
            : throw new MisconfiguredException(_places.Key($"{Root}/nodes"),
                "the topology has no nodes; write for example lguest.nodes.left { }");
    }

    private ImmutableArray<LanDefinition> ReadLans()
    {
        var lans = ImmutableArray.CreateBuilder<LanDefinition>();
        foreach (var (name, section, path) in Sections("lans"))
        {
            CheckedName("a lan", name, _places.Key(path));
            var reader = Layers($"lan '{name}'", "lan", path, section);
            var link = LinkReader.Read(reader);
            var lan = new LanDefinition(
                name,
                reader.Choice("kind", ("ethernet", LanKind.Ethernet), ("dma", LanKind.Dma)),
                Subnet.Parse(reader.Text("subnet")) ?? throw reader.Wrong(
                    "subnet",
                    $"subnet = {SectionReader.Short(reader.Text("subnet"))} is not a subnet; write for example 10.0.0.0/24 (prefixes "
                    + "of 8 to 29 bits)"),
                link,
                reader.TextOrNull("pcap") is { } pcap ? reader.Beside("pcap", pcap) : null,
                reader.Switch("nat"),
                reader.TextOrNull("tap"))
            {
                Mtu = reader.Whole("mtu", LeastMtu, MostMtu),
            };
            if (lan.Kind == LanKind.Dma)
                foreach (string word in (string[])["nat", "tap", "mtu", .. LinkReader.Words])
                    if (reader.Changes(word))
                        throw reader.Wrong(word, $"a lan of kind dma is shared memory and has no {word}; remove it, or choose kind = "
                            + "ethernet");
            if (lan.Tap is { } tap && !TunnelSettings.IsDeviceName(tap))
                throw reader.Wrong("tap", $"{SectionReader.Short(tap)} is not a name for a network device; write letters, digits, '-' and "
                    + $"'_', at most {TunnelSettings.LongestName}");
            if (_wayOut(lan) is var (setting, problem))
                throw reader.Wrong(setting, problem);
            lans.Add(lan);
        }

        return lans.ToImmutable();
    }

    private ClusterRules ReadCluster(ImmutableArray<NodeDefinition> nodes)
    {
        var reader = new SectionReader("lguest.cluster", _places, _reference.Child("cluster"), ($"{Root}/cluster", _user.Child("cluster")));
        var rules = new ClusterRules(
            reader.WholeOr("nodes-to-start", "all", 1, nodes.Length) ?? nodes.Length,
            reader.Time("lease", _longest),
            reader.Time("renew-every", _longest),
            reader.Time("stable-after", _longest),
            reader.Time("stop-timeout", _longest),
            reader.Switch("rejoin"))
        {
            Tls = ReadTls(),
        };
        if (rules.Tls is null && !reader.Switch("insecure") && nodes.FirstOrDefault(node => !node.IsLoopback) is { } open)
            throw new MisconfiguredException(
                open.HostPlace,
                $"node '{open.Name}': anyone who reaches {open.ListenHost ?? open.Host} can control it; "
                + $"make certificates with ./lguest cert DIR {string.Join(' ', nodes.Select(node => node.Name))} "
                + "and name them in lguest.cluster.tls, or set lguest.cluster.insecure = on");
        if (rules.Lease > rules.StableAfter)
            throw reader.Wrong("lease", "lease is longer than stable-after, so that a Guest could be restarted while its lost node "
                + "still runs it; shorten lease or lengthen stable-after");
        if (rules.RenewEvery <= TimeSpan.Zero || rules.RenewEvery * 3 > rules.Lease)
            throw reader.Wrong("renew-every",
                "renew-every must be more than nothing and at most a third of lease, so that a message may be late; shorten it or "
                + "lengthen lease");
        return rules;
    }

    /// <summary>The files of TLS; null where there is none.</summary>
    private TlsFiles? ReadTls()
    {
        var cluster = _user.Child("cluster");
        if (cluster.Find("tls") is { } said and not Setting.Section)
            throw new MisconfiguredException(
                _places.Value($"{Root}/cluster/tls"),
                $"tls = {(said is Setting.Text text ? SectionReader.Short(text.Value) : "[...]")} is no section; "
                + "write tls { certificate, key, authority }");
        var known = _reference.Child("cluster").Child("tls");
        var reader = new SectionReader("lguest.cluster.tls", _places, known, ($"{Root}/cluster/tls", cluster.Child("tls")));
        string[] names = ["certificate", "key", "authority"];
        var files = names
            .Select(name => reader.TextOrNull(name) is { } path ? new TlsFile(reader.Beside(name, path), reader.At(name)) : null)
            .ToArray();
        if (files.All(file => file is null))
            return null;
        int missing = Array.IndexOf(files, null);
        return missing < 0
            ? new TlsFiles(files[0]!, files[1]!, files[2]!)
            : throw new MisconfiguredException(
                reader.Place, $"lguest.cluster.tls has no {names[missing]}; it takes all three, {string.Join(", ", names)}");
    }

    private SectionReader Layers(string what, string kind, string path, Setting.Section section) =>
        new(what, _places, _reference.Child("defaults").Child(kind), (path, section),
            ($"{Root}/defaults/{kind}", _user.Child("defaults").Child(kind)));

    private List<(string Name, Setting.Section Section, string Path)> Sections(string name)
    {
        string path = $"{Root}/{name}";
        if (_user.Find(name) is not { } value)
            return [];
        if (value is not Setting.Section all)
            throw new MisconfiguredException(_places.Value(path), $"lguest.{name} is a section; write lguest.{name} {{ NAME {{ ... }} }}");
        return
        [
            .. all.Fields.Select(field => field.Value is Setting.Section section
                ? (field.Name, section, PlaceMap.Join(path, field.Name))
                : throw new MisconfiguredException(_places.Value(PlaceMap.Join(path, field.Name)),
                    $"'{field.Name}' is a section; write {field.Name} {{ ... }}")),
        ];
    }

    /// <summary>A name that can be part of an actor's path and of a file's name.</summary>
    public static string CheckedName(string what, string name, Place place) =>
        name.Length is > 0 and <= LongestName && char.IsAsciiLetterOrDigit(name[0])
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')
            ? name
            : throw new MisconfiguredException(
                place, $"{SectionReader.Short(name)} is not a name for {what}; write letters, digits, '-' and '_', at most "
                + $"{LongestName.ToString(CultureInfo.InvariantCulture)}");
}
