// The chain of includes that leads to the file being read. It finds an include that leads back to a file of the chain, and limits the
// number of includes and the length of the text.

using System.Collections.Immutable;

namespace Lguest.Topology.Hocon;

/// <summary>Opens included files.</summary>
internal sealed class HoconIncludes
{
    /// <summary>Longest text of a file with all that it includes, in UTF-16 units.</summary>
    public const int LongestText = 1 << 20;

    private const int Deepest = 16;
    private const int Most = 256;

    private readonly Func<string, Place, (string File, string Text)> _read;
    private readonly ImmutableArray<string> _chain;
    private readonly Total _total;

    private HoconIncludes(Func<string, Place, (string File, string Text)> read, ImmutableArray<string> chain, Total total)
    {
        _read = read;
        _chain = chain;
        _total = total;
    }

    /// <summary>For the file that nobody includes.</summary>
    /// <exception cref="MisconfiguredException">It is too long.</exception>
    public static HoconIncludes Outermost(string file, string text, Func<string, Place, (string File, string Text)> read)
    {
        var includes = new HoconIncludes(read, [file], new Total());
        includes.Count(new Place(file, 1, 1), text);
        return includes;
    }

    /// <summary>Opens a file.</summary>
    /// <param name="name">As it was written.</param>
    /// <param name="place">Where.</param>
    /// <returns>What opens the files that it includes itself; its name; its text.</returns>
    /// <exception cref="MisconfiguredException">There is none, or one too many.</exception>
    public (HoconIncludes Inner, string File, string Text) Open(string name, Place place)
    {
        if (name.Length == 0 || name.Contains('\0'))
            throw new MisconfiguredException(place, "no file can have the name that is included; write the name of a file");
        var (file, text) = _read(name, place);
        var chain = _chain.Add(file);
        if (_chain.Any(outer => Path.GetFullPath(outer) == Path.GetFullPath(file)))
            throw new MisconfiguredException(place, $"{SectionReader.Short(file)} includes itself: {Show(chain)}; remove the include");
        if (chain.Length > Deepest)
            throw new MisconfiguredException(place, $"includes go deeper than {Deepest} files: {Show(chain)}; does one include itself?");
        if (++_total.Files > Most)
            throw new MisconfiguredException(place, $"there are more than {Most} includes; include fewer files");
        Count(place, text);
        return (new HoconIncludes(_read, chain, _total), file, text);
    }

    private void Count(Place place, string text)
    {
        _total.Text += text.Length;
        if (_total.Text > LongestText)
            throw new MisconfiguredException(place,
                $"the file, with all that it includes, has more than {LongestText} characters; make it shorter");
    }

    private static string Show(IEnumerable<string> chain) => string.Join(" -> ", chain);

    /// <summary>Of all files together.</summary>
    private sealed class Total
    {
        public int Files { get; set; }

        public long Text { get; set; }
    }
}
