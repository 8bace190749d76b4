// Loads a topology file from disk and checks it. The HOCON reader is our own, since Akka.NET's accepts invalid text and drops valid
// settings; the actor systems get its result value by value, so a file means the same to both.

using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Akka.Configuration;
using Lguest.Devices;
using Lguest.Devices.Files;
using Lguest.Guest.Cpu;
using Lguest.Launcher.Boards;
using Lguest.Launcher.Images;
using Lguest.Launcher.Images.Packed;
using Lguest.Net.Files;
using Lguest.Net.Outside;
using Lguest.Topology.Hocon;
using Lguest.Topology.Nodes.Actors;

namespace Lguest.Topology.Actors;

/// <summary>A file that was read: the topology, and the settings for its actor systems.</summary>
internal sealed class TopologyFile
{
    /// <summary>More than the longest text has, whatever its encoding.</summary>
    private const int MostBytes = (HoconIncludes.LongestText + 2) * sizeof(int);

    private TopologyFile(TopologyDefinition topology, Config config, string digest, ImmutableArray<string> sources)
    {
        Sources = sources;
        Topology = topology;
        Config = config;
        Digest = digest;
    }

    /// <summary>Of the texts of the file and all it includes, and of the environment variables that they refer to: nodes that have the same
    /// one have read the same.</summary>
    public string Digest { get; }

    public TopologyDefinition Topology { get; }

    /// <summary>The file, and those that it includes.</summary>
    public ImmutableArray<string> Sources { get; }

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
            return Parse(path, Text(path), ReadText, filesAreHere ? IsHere : _ => true, filesAreHere ? WayOutHere : null,
                filesAreHere ? KernelsHere() : null, translatorProblem: () => Engines.TranslatorProblem);
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new RefusedException($"there is no topology file {path}; check the path");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new RefusedException($"the topology file {path} cannot be read: {FileFault.Reason(problem, path)}; check the path");
        }
    }

    private static bool IsHere(string path) => Path.EndsInDirectorySeparator(path) ? Directory.Exists(path) : File.Exists(path);

    /// <summary>The same for a text.</summary>
    /// <param name="path">What it is called.</param>
    /// <param name="text">The text.</param>
    /// <param name="read">Brings an included file, or null where there is none.</param>
    /// <param name="exists">Whether a file that a Guest names is there, or a folder, with a slash at its end.</param>
    /// <param name="wayOut">The setting of a lan that asks for a way out which cannot be had, and why; null where that cannot be
    /// known.</param>
    /// <param name="kernels">The kernel in a file; null where that cannot be known. Throws <see cref="RefusedException"/> where the file is
    /// no kernel.</param>
    /// <param name="environment">The environment variable of a name, or null; that of the process if it is not given.</param>
    /// <param name="translatorProblem">Why this machine cannot run the translator; null if it can, or where that cannot be known.</param>
    /// <exception cref="MisconfiguredException">It is no topology.</exception>
    public static TopologyFile Parse(
        string path,
        string text,
        Func<string, string?> read,
        Func<string, bool> exists,
        Func<LanDefinition, (string Setting, string Problem)?>? wayOut = null,
        Func<string, SeenKernel?>? kernels = null,
        Func<string, string?>? environment = null,
        Func<string?>? translatorProblem = null)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(text));
        List<string> sources = [path];
        var settings = HoconFile.Read(
            path,
            text,
            (name, place) =>
            {
                var included = Included(name, place, read);
                sources.Add(included.File);
                hash.AppendData(Encoding.UTF8.GetBytes(included.Text));
                return included;
            },
            name =>
            {
                string? value = (environment ?? Environment.GetEnvironmentVariable)(name);
                hash.AppendData(Encoding.UTF8.GetBytes(value is null ? $"\0{name}" : $"\0{name}={value}"));
                return value;
            });
        var reference = OneNode.Reference();
        var topology = TopologyReader.Read(
            path, settings, SettingTree.FromAkka(reference), new PlaceMap(path, settings), exists, kernels ?? (_ => null),
                wayOut ?? (_ => null), translatorProblem ?? (() => null));
        return new TopologyFile(topology, SettingTree.ToAkka(settings).WithFallback(reference),
            Convert.ToHexStringLower(hash.GetHashAndReset()), [.. sources]);
    }

    /// <summary>Looks into each kernel once.</summary>
    private static Func<string, SeenKernel?> KernelsHere()
    {
        var known = new Dictionary<string, SeenKernel>();
        return path => known.TryGetValue(path, out var kernel) ? kernel
            : known[path] = SeenKernel.Of(KernelFile.Read(BootFile.Read("kernel", path), path, KernelStore.OfUser()));
    }

    private static (string File, string Text) Included(string name, Place place, Func<string, string?> read)
    {
        string path = SectionReader.BesideFile(place.File, name);
        return (path, read(path) ?? throw new MisconfiguredException(place,
            $"there is no file {SectionReader.Short(path)} to include; check the path"));
    }

    private static (string Setting, string Problem)? WayOutHere(LanDefinition lan) =>
        lan.Nat && WaysOut.ProblemWithNat() is { } nat ? ("nat", nat)
        : lan.Tap is { } device && WaysOut.ProblemWithTap(device) is { } tap ? ("tap", tap)
        : null;

    /// <summary>Of a text that is too long, so much that it is seen.</summary>
    private static string Text(string path)
    {
        using StreamReader text = new(new MemoryStream(FileStart.Read(path, MostBytes).Bytes));
        return text.ReadToEnd();
    }

    private static string? ReadText(string path)
    {
        try
        {
            return Text(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
