// The machine's own package sources, for another architecture. Both forms that apt knows are read: one line per source (.list), and
// paragraphs (.sources). What a source says about keys is kept word for word, since apt is who checks signatures; that they need not be
// checked (trusted=yes) is not.

using System.Collections.Immutable;
using System.Text;

namespace Lguest.Linux.Apt;

/// <summary>One source of binary packages.</summary>
/// <param name="Uris">Where the archives are.</param>
/// <param name="Suites">Which releases.</param>
/// <param name="Components">Which parts of them; empty for a flat archive.</param>
/// <param name="Options">Further fields as the paragraph form has them, such as Signed-By; those about architectures are gone.</param>
internal sealed record AptSource(
    ImmutableArray<string> Uris, ImmutableArray<string> Suites, ImmutableArray<string> Components, ImmutableArray<string> Options);

/// <summary>Reads and writes lists of sources.</summary>
internal static class AptSources
{
    private const string Architecture = "i386";

    // Backports would bring a kernel that nothing else in the release fits to; a repository of somebody else has none at all.
    private static readonly ImmutableArray<string> _generic =
        ["stable", "oldstable", "oldoldstable", "testing", "unstable", "sid", "experimental"];

    private static readonly ImmutableArray<string> _pockets = ["", "-updates", "-security", "/updates", "-proposed-updates"];

    private static readonly ImmutableArray<(string Word, string Field)> _listOptions =
    [
        ("signed-by", "Signed-By"), ("check-valid-until", "Check-Valid-Until"), ("by-hash", "By-Hash"), ("pdiffs", "PDiffs"),
        ("check-date", "Check-Date"), ("date-max-future", "Date-Max-Future"), ("inrelease-path", "InRelease-Path"),
        ("valid-until-max", "Valid-Until-Max"), ("valid-until-min", "Valid-Until-Min"),
    ];

    /// <summary>Reads a .list file; lines that are not understood, or are not for this architecture, are passed over.</summary>
    public static IEnumerable<AptSource> ReadList(string text)
    {
        foreach (string raw in text.Split('\n'))
        {
            string line = raw.Split('#')[0].Trim();
            if (!line.StartsWith("deb ", StringComparison.Ordinal) && !line.StartsWith("deb\t", StringComparison.Ordinal))
                continue;
            string rest = line[3..].Trim();
            List<(string Key, string Value)> options = [];
            if (rest.StartsWith('['))
            {
                int end = rest.IndexOf(']');
                if (end < 0)
                    continue;
                options.AddRange(Words(rest[1..end]).Select(word => word.Split('=', 2)).Where(pair => pair.Length == 2)
                    .Select(pair => (pair[0].TrimEnd('+', '-').ToLowerInvariant(), pair[1])));
                rest = rest[(end + 1)..];
            }

            string[] words = Words(rest);
            if (words.Length < 2 || options.Exists(option => option.Key == "arch" && !option.Value.Split(',').Any(Fits)))
                continue;
            yield return new AptSource([words[0]], [words[1]], [.. words[2..]],
            [
                .. from option in options
                   join known in _listOptions on option.Key equals known.Word
                   select $"{known.Field}: {option.Value.Replace(',', ' ')}"
            ]);
        }
    }

    /// <summary>Reads a .sources file; paragraphs that are not understood, switched off, or not for this architecture, are passed
    /// over.</summary>
    public static IEnumerable<AptSource> ReadParagraphs(string text)
    {
        foreach (var fields in Paragraphs(text))
        {
            string[] Of(string name) =>
                Words(fields.Find(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value ?? "");
            if (!Of("Types").Contains("deb") || Of("Enabled") is ["no" or "false" or "0" or "off" or "disable"]
                || (Of("Architectures") is { Length: > 0 } architectures && !architectures.Any(Fits)))
                continue;
            AptSource source = new([.. Of("URIs")], [.. Of("Suites")], [.. Of("Components")],
                [.. fields.Where(field => _listOptions.Any(known => known.Field.Equals(field.Name, StringComparison.OrdinalIgnoreCase)))
                    .Select(field => $"{field.Name}: {field.Value}")]);
            if (!source.Uris.IsEmpty && !source.Suites.IsEmpty)
                yield return source;
        }
    }

    /// <summary>Leaves what is of the distribution itself; everything if nothing is.</summary>
    /// <param name="sources">All of the machine's.</param>
    /// <param name="codename">The release that the machine runs, such as bookworm; null where that is not known.</param>
    public static IReadOnlyList<AptSource> OfDistribution(IEnumerable<AptSource> sources, string? codename)
    {
        List<AptSource> all = [.. sources];
        List<AptSource> own = [.. all.Select(source => source with { Suites = [.. source.Suites.Where(IsOwn)] })
            .Where(source => !source.Suites.IsEmpty)];
        return own.Count > 0 ? own : all;

        bool IsOwn(string suite) => _generic.Append(codename ?? "stable").Any(name => _pockets.Any(pocket => suite == name + pocket));
    }

    /// <summary>The same sources for i386, in the paragraph form.</summary>
    public static string Write(IEnumerable<AptSource> sources)
    {
        var text = new StringBuilder();
        foreach (var source in sources)
        {
            text.Append("Types: deb\n");
            text.Append("URIs: ").AppendJoin(' ', source.Uris).Append('\n');
            text.Append("Suites: ").AppendJoin(' ', source.Suites).Append('\n');
            if (!source.Components.IsEmpty)
                text.Append("Components: ").AppendJoin(' ', source.Components).Append('\n');
            foreach (string option in source.Options)
                text.Append(option).Append('\n');
            text.Append("Architectures: ").Append(Architecture).Append("\n\n");
        }

        return text.ToString();
    }

    /// <summary>VERSION_CODENAME of an os-release file; null if it names none.</summary>
    public static string? Codename(string osRelease) => osRelease.Split('\n')
        .Where(line => line.StartsWith("VERSION_CODENAME=", StringComparison.Ordinal))
        .Select(line => line.Split('=', 2)[1].Trim().Trim('"', '\'')).FirstOrDefault(name => name.Length > 0);

    private static bool Fits(string architecture) => architecture is Architecture or "any" or "all";

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Fields go on in lines that begin with a blank, as a key that stands in the file itself does.</summary>
    private static IEnumerable<List<(string Name, string Value)>> Paragraphs(string text)
    {
        List<(string Name, string Value)> fields = [];
        foreach (string line in text.ReplaceLineEndings("\n").Split('\n').Append(""))
        {
            if (line.StartsWith('#'))
                continue;
            if (line.Trim().Length == 0)
            {
                if (fields.Count > 0)
                    yield return fields;
                fields = [];
            }
            else if (char.IsWhiteSpace(line[0]) && fields.Count > 0)
                fields[^1] = (fields[^1].Name, fields[^1].Value + "\n" + line);
            else if (line.IndexOf(':') is var colon and > 0)
                fields.Add((line[..colon].Trim(), line[(colon + 1)..].Trim()));
        }
    }
}
