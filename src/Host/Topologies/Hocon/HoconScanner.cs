// Reads HOCON for its places only: what is where. It goes before Akka's own reader, so that whatever is wrong with the form of a file is told with line and
// column on either runtime, and so that a file which would cost its reader the stack or all memory never gets to it.

namespace Lguest.Host.Topologies.Hocon;

/// <summary>Finds the places of all settings of a file and the files that it includes.</summary>
internal sealed class HoconScanner
{
    /// <summary>Longest file, in UTF-16 units.</summary>
    public const int LongestText = 1 << 20;

    private const int Deepest = 32;
    private const int DeepestInclude = 8;
    private const string EndsKey = "\"{}[]:=,#";

    private readonly Func<string, Place, (string Name, string Text)> _include;
    private readonly PlaceMap _places;
    private readonly SubstitutionCheck _substitutions;
    private HoconText _text;
    private int _depth;
    private int _includes;
    private string _includedAt = "";

    private HoconScanner(string file, string text, Func<string, Place, (string Name, string Text)> include)
    {
        _include = include;
        _text = new HoconText(file, text);
        _places = new PlaceMap(file);
        _substitutions = new SubstitutionCheck(_places);
    }

    /// <summary>Scans a file.</summary>
    /// <param name="file">Its name, for places.</param>
    /// <param name="text">Its text.</param>
    /// <param name="include">Brings the file that an include at a place names; throws where there is none.</param>
    /// <exception cref="MisconfiguredException">The form is wrong.</exception>
    public static PlaceMap Scan(string file, string text, Func<string, Place, (string Name, string Text)> include)
    {
        var scanner = new HoconScanner(file, text, include);
        scanner.ScanText("");
        scanner._substitutions.Check();
        return scanner._places;
    }

    private void ScanText(string path)
    {
        _text.SkipSpace();
        var place = _text.Place;
        if (_text.TryTake("{"))
        {
            ScanFields(path, place);
            _text.SkipSpace();
        }
        else
        {
            ScanFields(path, null);
        }

        if (!_text.AtEnd)
            throw new MisconfiguredException(_text.Place, $"'{_text.Current}' follows the end of the configuration; take it away");
    }

    private void ScanFields(string path, Place? opened)
    {
        Enter(_text.Place);
        while (true)
        {
            _text.SkipSpace();
            if (_text.Current == ',')
            {
                _places.AddSeparator(_text.File, _text.Position);
                _text.Take();
                continue;
            }

            if (_text.AtEnd && opened is { } place)
                throw new MisconfiguredException(place, "this '{' is never closed; add a '}'");
            if (_text.AtEnd)
                break;
            if (_text.Current == '}' && opened is null)
                throw new MisconfiguredException(_text.Place, "this '}' closes nothing; take it away");
            if (_text.TryTake("}"))
                break;
            ScanField(path);
        }

        _depth--;
    }

    private void ScanField(string path)
    {
        var place = _text.Place;
        if (_text.LooksAt("include \"") || _text.LooksAt("include\t\"") || _text.LooksAt("include file(") || _text.LooksAt("include required("))
        {
            ScanInclude(path, place);
            return;
        }

        var key = ScanKey(path, ref place);
        _text.SkipSpace();
        var value = _text.Place;
        if (_text.Current == '{')
        {
            _places.Add(key, place, value);
            ScanValue(key);
        }
        else if (_text.TryTake("+=") || _text.TryTake("=") || _text.TryTake(":"))
        {
            _text.SkipBlanks();
            _places.Add(key, place, _text.Place);
            if (ScanValue(key) == 0)
                throw new MisconfiguredException(_text.Place, $"'{Name(key)}' has no value; write one after the '=', \"\" for an empty one");
        }
        else
        {
            throw new MisconfiguredException(value, $"after '{Name(key)}' there must be '=' and a value, or '{{' and settings");
        }
    }

    /// <summary>Names with dots between them; the place is that of the last.</summary>
    private string ScanKey(string path, ref Place place)
    {
        while (true)
        {
            place = _text.Place;
            string name;
            if (_text.Current == '"')
            {
                name = _text.TakeQuoted();
            }
            else
            {
                var letters = new System.Text.StringBuilder();
                while (!_text.AtEnd && _text.Current is not ('.' or '\n') && !EndsKey.Contains(_text.Current, StringComparison.Ordinal)
                    && !_text.AtComment && !_text.LooksAt("+="))
                    letters.Append(_text.Take());
                name = letters.ToString().Trim();
            }

            if (name.Length == 0)
                throw new MisconfiguredException(place, $"a name must stand here, not {Shown()}");
            path = PlaceMap.Join(path, name);
            _text.SkipBlanks();
            if (!_text.TryTake("."))
                return path;
            if (!_places.Contains(path))
                _places.Add(path, place, place);
        }
    }

    /// <summary>The pieces of one value; how many.</summary>
    private int ScanValue(string path)
    {
        var pieces = 0;
        var written = 0;
        var referred = new List<string>();
        while (true)
        {
            written += _text.SkipBlanks();
            if (_text.AtEnd || _text.Current is '\n' or ',' or '}' or ']' || _text.AtComment)
                break;
            pieces++;
            var place = _text.Place;
            if (_text.Current == '"')
                written += _text.TakeQuoted().Length;
            else if (_text.TryTake("{"))
                ScanFields(path, place);
            else if (_text.TryTake("["))
                ScanItems(path, place);
            else if (_text.TryTake("${"))
                referred.Add(ScanSubstitution(path, place));
            else
                written += ScanWord(place);
        }

        _substitutions.Wrote(path, written, referred);
        return pieces;
    }

    private void ScanItems(string path, Place opened)
    {
        Enter(opened);
        var index = 0;
        while (true)
        {
            _text.SkipSpace();
            if (_text.TryTake(","))
                continue;
            if (_text.AtEnd)
                throw new MisconfiguredException(opened, "this '[' is never closed; add a ']'");
            if (_text.TryTake("]"))
                break;
            var place = _text.Place;
            var item = PlaceMap.Join(path, (index++).ToString(System.Globalization.CultureInfo.InvariantCulture));
            _places.Add(item, place, place);
            if (ScanValue(item) == 0)
                throw new MisconfiguredException(place, $"{Shown()} is no item of a list; end the list with ']'");
        }

        _depth--;
    }

    private int ScanWord(Place place)
    {
        var length = 0;
        while (!_text.AtEnd && !char.IsWhiteSpace(_text.Current) && !_text.AtComment && !_text.LooksAt("${")
            && _text.Current is not ('"' or '{' or '}' or '[' or ']' or ','))
        {
            if (_text.Current == '=' && length == 0)
                break;
            _text.Take();
            length++;
        }

        return length > 0 ? length : throw new MisconfiguredException(place, $"{Shown()} cannot stand here; put the value in quotes if it is meant");
    }

    private string ScanSubstitution(string path, Place place)
    {
        var optional = _text.TryTake("?");
        var name = new System.Text.StringBuilder();
        while (_text.Current != '}')
        {
            if (_text.AtEnd || _text.Current == '\n')
                throw new MisconfiguredException(place, "this '${' is never closed; add a '}'");
            name.Append(_text.Take());
        }

        _text.Take();
        var target = name.ToString().Trim();
        if (target.Length == 0)
            throw new MisconfiguredException(place, "'${}' names nothing; write the path of a setting between the braces");
        target = target.Replace("\"", "", StringComparison.Ordinal).Replace('.', '/');
        _substitutions.Asked(path, target, optional || _includes > 0, place);
        _places.Add(new Substitution(path, _includedAt, target, place));
        return target;
    }

    private void ScanInclude(string path, Place place)
    {
        _text.TryTake("include");
        _text.SkipBlanks();
        var brackets = 0;
        while (_text.TryTake("required(") || _text.TryTake("file("))
            brackets++;
        if (_text.Current != '"')
            throw new MisconfiguredException(_text.Place, "include needs a file name in quotes");
        var name = _text.TakeQuoted();
        for (; brackets > 0; brackets--)
            if (!_text.TryTake(")"))
                throw new MisconfiguredException(_text.Place, "a ')' is missing after the name of the included file");
        if (_includes >= DeepestInclude)
            throw new MisconfiguredException(place, $"includes go deeper than {DeepestInclude} files; does one include itself?");
        var (file, text) = _include(name, place);
        var outer = (_text, _includedAt);
        (_text, _includedAt) = (new HoconText(file, text), path);
        _includes++;
        ScanText(path);
        _includes--;
        (_text, _includedAt) = outer;
    }

    private void Enter(Place place)
    {
        if (++_depth > Deepest)
            throw new MisconfiguredException(place, $"braces and brackets go deeper than {Deepest}; nothing here needs that");
    }

    private string Shown() => _text.AtEnd ? "the end of the file" : _text.Current == '\n' ? "the end of the line" : $"'{_text.Current}'";

    private static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];
}
