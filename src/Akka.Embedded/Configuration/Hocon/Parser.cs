// Reads HOCON: JSON with the quotes, commas and braces left out that a person would leave out, plus includes and substitutions.
// Errors are FormatExceptions that begin with the place, "line 3, column 7: ...", and name the include they are in.

using System.Text;

namespace Akka.Configuration.Hocon;

public sealed class Parser
{
    private const string EndsKey = "\"{}[]:=,#";

    /// <summary>Values within values; nobody writes more by hand, and each costs stack wherever the value is walked.</summary>
    internal const int DeepestNesting = 256;

    private readonly HoconReader _reader;
    private readonly Func<string, HoconRoot> _includeCallback;
    private int _depth;

    private Parser(string text, Func<string, HoconRoot> includeCallback)
    {
        _reader = new HoconReader(text);
        _includeCallback = includeCallback;
    }

    /// <summary>Parses a whole text; the callback brings what <c>include "name"</c> names.</summary>
    public static HoconRoot Parse(string text, Func<string, HoconRoot> includeCallback) =>
        new HoconRoot(new HoconResolver(new Parser(text, includeCallback).ParseRoot()).Resolve());

    private ObjectPiece ParseRoot()
    {
        var root = ObjectPiece.New();
        _reader.SkipBlanksAndComments();
        var braced = _reader.Current == '{';
        if (braced)
        {
            var place = _reader.Place;
            _reader.Take();
            ParseFields(root.Fields, place);
            _reader.SkipBlanksAndComments();
        }
        else
        {
            ParseFields(root.Fields, null);
        }

        if (!_reader.AtEnd) throw HoconReader.Error($"unexpected '{_reader.Current}'", _reader.Place);
        return root;
    }

    // Fields until the closing brace, which is taken, or until the end of the text when there was no opening one.
    private void ParseFields(Dictionary<string, HoconNode> fields, (int Line, int Column)? opened)
    {
        while (true)
        {
            _reader.SkipBlanksAndComments();
            if (_reader.TrySkip(",")) continue;
            if (_reader.AtEnd)
            {
                if (opened is { } place) throw HoconReader.Error("'{' is not closed", place);
                return;
            }

            if (_reader.Current == '}')
            {
                if (opened is null) throw HoconReader.Error("'}' without '{'", _reader.Place);
                _reader.Take();
                return;
            }

            ParseField(fields);
        }
    }

    private ObjectPiece ParseObject((int Line, int Column) opened)
    {
        Descend(opened);
        var nested = ObjectPiece.New();
        ParseFields(nested.Fields, opened);
        _depth--;
        return nested;
    }

    private void Descend((int Line, int Column) place)
    {
        if (++_depth > DeepestNesting) throw HoconReader.Error($"more than {DeepestNesting} values within each other", place);
    }

    private void ParseField(Dictionary<string, HoconNode> fields)
    {
        if (IsInclude())
        {
            ParseInclude(fields);
            return;
        }

        var start = _reader.Place;
        var path = ParseKey();
        if (path.Count > DeepestNesting) throw HoconReader.Error($"a key of more than {DeepestNesting} names", start);
        for (var i = 0; i < path.Count - 1; i++) fields = Child(fields, path[i]).OpenObject();
        var node = Child(fields, path[^1]);
        _reader.SkipBlanksAndComments();
        var place = _reader.Place;
        if (_reader.Current == '{')
        {
            _reader.Take();
            node.Assign([ParseObject(place), .. ParseMore()]);
        }
        else if (_reader.TrySkip("+="))
        {
            var item = new HoconNode();
            item.Assign(ParseValue());
            node.Assign([new SubstitutionPiece(string.Join('.', path.Select(HoconPath.Quote)), true, place), new ArrayPiece([item])]);
        }
        else if (_reader.Current is '=' or ':')
        {
            _reader.Take();
            node.Assign(ParseValue());
        }
        else
        {
            throw HoconReader.Error(
                _reader.AtEnd ? $"the text ends where '=' or '{{' must follow the key '{path[^1]}'" : $"expected '=', ':', '+=' or '{{' after the key '{path[^1]}', found '{_reader.Current}'",
                place);
        }
    }

    private static HoconNode Child(Dictionary<string, HoconNode> fields, string key)
    {
        if (!fields.TryGetValue(key, out var node)) fields.Add(key, node = new HoconNode());
        return node;
    }

    private bool IsInclude() => _reader.Looking("include \"") || _reader.Looking("include\t\"") || _reader.Looking("include file(")
        || _reader.Looking("include required(");

    private void ParseInclude(Dictionary<string, HoconNode> fields)
    {
        var place = _reader.Place;
        _reader.Skip("include".Length);
        _reader.TakeBlanks();
        var brackets = 0;
        while (_reader.TrySkip("required(") || _reader.TrySkip("file(")) brackets++;
        if (_reader.Current != '"') throw HoconReader.Error("include needs a quoted name", _reader.Place);
        var name = _reader.TakeQuoted();
        for (; brackets > 0; brackets--)
            if (!_reader.TrySkip(")")) throw HoconReader.Error("expected ')'", _reader.Place);
        if (_includeCallback is null) throw HoconReader.Error($"include \"{name}\": this configuration cannot include others", place);
        HoconRoot included;
        try
        {
            included = _includeCallback(name);
        }
        catch (FormatException failure)
        {
            throw new FormatException($"in include \"{name}\": {failure.Message}", failure);
        }

        if (included?.Value is not { } value || !value.IsObject())
            throw HoconReader.Error($"include \"{name}\" is no object", place);
        foreach (var (key, content) in value.GetObject().Items)
        {
            var node = Child(fields, key);
            if (node.CanBeObject && content.IsObject()) node.Pieces.Add(new ResolvedPiece(content));
            else node.Assign([new ResolvedPiece(content)]);
        }
    }

    // A key is a path: names, quoted or not, with dots between them.
    private List<string> ParseKey()
    {
        var names = new List<string>();
        var place = _reader.Place;
        while (true)
        {
            if (_reader.Current == '"')
            {
                names.Add(_reader.TakeQuoted());
            }
            else
            {
                var text = new StringBuilder();
                while (!_reader.AtEnd && _reader.Current != '.' && _reader.Current != '\n'
                    && !EndsKey.Contains(_reader.Current, StringComparison.Ordinal) && !_reader.Looking("//") && !_reader.Looking("+="))
                    text.Append(_reader.Take());
                var name = text.ToString().Trim();
                if (name.Length == 0) throw HoconReader.Error(_reader.AtEnd ? "a key is missing" : $"expected a key, found '{_reader.Current}'", place);
                names.Add(name);
            }

            _reader.TakeBlanks();
            if (!_reader.TrySkip(".")) return names;
        }
    }

    private List<HoconPiece> ParseValue()
    {
        _reader.TakeBlanks();
        var place = _reader.Place;
        var pieces = ParseMore();
        if (pieces.Count == 0)
            throw HoconReader.Error(_reader.AtEnd ? "the text ends where a value must follow" : $"expected a value, found {Shown(_reader.Current)}", place);
        return pieces;
    }

    // The pieces of one value, up to the end of the line, a comma or a closing bracket.
    private List<HoconPiece> ParseMore()
    {
        var pieces = new List<HoconPiece>();
        while (!_reader.AtEnd)
        {
            var blanks = _reader.TakeBlanks();
            var c = _reader.Current;
            if (_reader.AtEnd || c is '\n' or ',' or '}' or ']' or '#' || _reader.Looking("//")) break;
            // Blanks between two pieces of text are part of the text.
            if (blanks.Length > 0 && pieces.Count > 0) pieces.Add(new LiteralPiece(blanks, false));
            var place = _reader.Place;
            switch (c)
            {
                case '"':
                    pieces.Add(new LiteralPiece(_reader.TakeQuoted(), true));
                    break;
                case '{':
                    _reader.Take();
                    pieces.Add(ParseObject(place));
                    break;
                case '[':
                    _reader.Take();
                    Descend(place);
                    pieces.Add(ParseArray(place));
                    _depth--;
                    break;
                case '$' when _reader.Looking("${"):
                    pieces.Add(ParseSubstitution(place));
                    break;
                default:
                    pieces.Add(new LiteralPiece(TakeUnquoted(place), false));
                    break;
            }
        }

        return pieces;
    }

    private string TakeUnquoted((int Line, int Column) place)
    {
        var text = new StringBuilder();
        while (!_reader.AtEnd && !char.IsWhiteSpace(_reader.Current) && !_reader.Looking("//") && !_reader.Looking("${")
            && _reader.Current is not ('"' or '{' or '}' or '[' or ']' or ',' or '#'))
        {
            if (_reader.Current is '=' && text.Length == 0) break;
            text.Append(_reader.Take());
        }

        return text.Length > 0 ? text.ToString() : throw HoconReader.Error($"unexpected {Shown(_reader.Current)}", place);
    }

    private ArrayPiece ParseArray((int Line, int Column) opened)
    {
        var items = new List<HoconNode>();
        while (true)
        {
            _reader.SkipBlanksAndComments();
            if (_reader.TrySkip(",")) continue;
            if (_reader.AtEnd) throw HoconReader.Error("'[' is not closed", opened);
            if (_reader.TrySkip("]")) return new ArrayPiece(items);
            var item = new HoconNode();
            item.Assign(ParseValue());
            items.Add(item);
        }
    }

    private SubstitutionPiece ParseSubstitution((int Line, int Column) place)
    {
        _reader.Skip(2);
        var optional = _reader.TrySkip("?");
        var text = new StringBuilder();
        while (_reader.Current != '}')
        {
            if (_reader.AtEnd || _reader.Current == '\n') throw HoconReader.Error("'${' is not closed", place);
            text.Append(_reader.Take());
        }

        _reader.Take();
        var path = text.ToString().Trim();
        if (path.Length == 0) throw HoconReader.Error("'${}' names nothing", place);
        return new SubstitutionPiece(path, optional, place);
    }

    private static string Shown(char c) => c switch { '\n' => "the end of the line", '\0' => "the end of the text", _ => $"'{c}'" };
}
