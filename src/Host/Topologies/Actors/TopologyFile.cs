// A topology file on its way from disk to a checked topology. Akka's reader is the one that understands HOCON, so that a file means here what it means to the actor
// system that gets it afterwards; our scanner goes before it and knows where everything stands.

using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Akka.Configuration;
using Akka.Configuration.Hocon;
using Lguest.Host.Images;
using Lguest.Host.Nodes.Actors;
using Lguest.Host.Topologies.Hocon;
using Lguest.Net.Outside;

namespace Lguest.Host.Topologies.Actors;

/// <summary>A file that was read: the topology, and the settings for its actor systems.</summary>
internal sealed partial class TopologyFile
{
    /// <summary>Braces and brackets around a setting, those that substitutions bring included.</summary>
    private const int Deepest = 256;

    private TopologyFile(Topology topology, Config config, string digest)
    {
        Topology = topology;
        Config = config;
        Digest = digest;
    }

    /// <summary>Of the texts of the file and all it includes: nodes that have the same one have read the same.</summary>
    public string Digest { get; }

    public Topology Topology { get; }

    /// <summary>What the file says over what the reference says.</summary>
    public Config Config { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="filesAreHere">Whether the files that Guests name, and the ways out of lans, must be on this machine.</param>
    /// <exception cref="MisconfiguredException">It is no topology; the message is one line that says where and why.</exception>
    /// <exception cref="RefusedException">It cannot be read at all.</exception>
    public static TopologyFile Read(string path, bool filesAreHere)
    {
        try
        {
            return Parse(path, File.ReadAllText(path), ReadText, filesAreHere ? File.Exists : _ => true, filesAreHere ? WayOutHere : null, filesAreHere ? KernelsHere() : null);
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new RefusedException($"there is no topology file {path}; check the path");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new RefusedException($"the topology file {path} cannot be read: {problem.Message.TrimEnd('.')}; check the path");
        }
    }

    /// <summary>The same for a text.</summary>
    /// <param name="path">What it is called.</param>
    /// <param name="text">The text.</param>
    /// <param name="read">Brings an included file, or null where there is none.</param>
    /// <param name="exists">Whether a file that a Guest names is there.</param>
    /// <param name="wayOut">The setting of a lan that asks for a way out which cannot be had, and why; null where that cannot be known.</param>
    /// <param name="isFirst">Whether the kernel in a file is of the first generation; null where that cannot be known.</param>
    /// <exception cref="MisconfiguredException">It is no topology.</exception>
    public static TopologyFile Parse(
        string path, string text, Func<string, string?> read, Func<string, bool> exists, Func<LanDefinition, (string Setting, string Problem)?>? wayOut = null, Func<string, bool?>? isFirst = null)
    {
        if (text.Length > HoconScanner.LongestText)
            throw new MisconfiguredException(new Place(path, 1, 1), $"the file has more than {HoconScanner.LongestText} characters, which no topology needs");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        var places = HoconScanner.Scan(path, text, (name, place) =>
        {
            var included = Included(name, place, read);
            hash.AppendData(Encoding.UTF8.GetBytes(included.Text));
            return included;
        });
        var reference = OneNode.Reference();
        var config = new Config(ParseText(path, places.WithoutSeparators(path, text), read, places));
        var settings = Settings(config, path);
        foreach (var substitution in places.Substitutions)
            substitution.CheckIn(settings);
        var topology = TopologyReader.Read(path, settings, Settings(reference, path), places, exists, isFirst ?? (_ => null), wayOut ?? (_ => null));
        return new TopologyFile(topology, config.WithFallback(reference), Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>Looks into each kernel once, and only if somebody asks.</summary>
    private static Func<string, bool?> KernelsHere()
    {
        var known = new Dictionary<string, bool?>();
        return path => known.TryGetValue(path, out var isFirst) ? isFirst : known[path] = IsFirst(path);
    }

    private static bool? IsFirst(string path)
    {
        try
        {
            return KernelImage.Read(File.ReadAllBytes(path), path).Generation.IsGeneration1;
        }
        catch (Exception problem) when (problem is RefusedException or IOException or UnauthorizedAccessException or NotSupportedException)
        {
            // What is wrong with the kernel is told by the node that is to boot it.
            return null;
        }
    }

    private static (string Name, string Text) Included(string name, Place place, Func<string, string?> read)
    {
        var path = TopologyReader.PathBeside(place.File, name);
        var text = read(path) ?? throw new MisconfiguredException(place, $"there is no file {SectionReader.Short(path)} to include; check the path");
        return text.Length > HoconScanner.LongestText
            ? throw new MisconfiguredException(place, $"the included file has more than {HoconScanner.LongestText} characters, which no topology needs")
            : (path, text);
    }

    private static (string Setting, string Problem)? WayOutHere(LanDefinition lan) =>
        lan.Nat && WaysOut.ProblemWithNat() is { } nat ? ("nat", nat)
        : lan.Tap is { } device && WaysOut.ProblemWithTap(device) is { } tap ? ("tap", tap)
        : null;

    private static string? ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private static HoconRoot ParseText(string path, string text, Func<string, string?> read, PlaceMap places)
    {
        try
        {
            return Parser.Parse(text, name =>
            {
                var inner = TopologyReader.PathBeside(path, name);

                // What an included file refers to is its own and found by now. Akka.NET would look for it once more, below the include, and not at the top.
                return new HoconRoot(ParseText(inner, places.WithoutSeparators(inner, read(inner) ?? ""), read, places).Value);
            });
        }
        catch (Exception problem) when (problem is not MisconfiguredException and not OutOfMemoryException)
        {
            // Akka.NET's HOCON reader has no exception type of its own: it throws what it comes upon.
            var place = PlaceInMessage().Match(problem.Message);
            throw new MisconfiguredException(
                place.Success ? new Place(path, Number(place.Groups[1]), Number(place.Groups[2])) : new Place(path, 1, 1),
                $"this is no HOCON: {SectionReader.Short(place.Success ? problem.Message[place.Length..] : problem.Message)}");
        }
    }

    private static int Number(Group digits) => int.TryParse(digits.Value, out var number) ? number : 1;

    /// <summary>A configuration as the pure core sees it.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="path">What it is called.</param>
    /// <exception cref="MisconfiguredException">It contains itself, which Akka.NET's reader lets substitutions do.</exception>
    public static Setting.Section Settings(Config config, string path) => Plain(config.Root, path, 0) as Setting.Section ?? Setting.Section.Empty;

    private static Setting Plain(HoconValue value, string path, int depth)
    {
        if (depth > Deepest)
            throw new MisconfiguredException(new Place(path, 1, 1), "settings go deeper than any topology needs; does a substitution lead back to where it stands?");
        if (value.IsObject())
            return new Setting.Section([.. value.GetObject().Items.Select(item => (item.Key, Plain(item.Value, path, depth + 1)))]);
        if (value.IsArray())
            return new Setting.Items([.. value.GetArray().Select(item => Plain(item, path, depth + 1))]);
        return value.IsString() ? new Setting.Text(value.GetString() ?? "") : new Setting.Items(ImmutableArray<Setting>.Empty);
    }

    [GeneratedRegex(@"^line (\d+), column (\d+): ")]
    private static partial Regex PlaceInMessage();
}
