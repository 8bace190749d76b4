// Reads HOCON as its specification has it: JSON without the quotes, commas and braces that a person would leave out, with includes and
// substitutions. What the language does not allow is refused where it stands, and never read as something else. In four things this reader
// is stricter than the language: an included file must exist, sections or lists side by side in a list are refused (they would be merged,
// which a forgotten comma never means), a file has a greatest length, and braces have a deepest nesting, so that no text can use up
// the stack or the memory.

using System.Collections.Immutable;
using System.Globalization;

namespace Lguest.Topology.Hocon;

/// <summary>Reads a file, and the files that it includes, up to substitution.</summary>
internal sealed class HoconParser
{
    private const int Deepest = 32;

    private readonly HoconText _text;
    private readonly HoconIncludes _includes;
    private readonly ImmutableArray<string> _within;
    private readonly HashSet<string> _paths;
    private ImmutableArray<string> _path;
    private int _depth;

    private HoconParser(string file, string text, HoconIncludes includes, ImmutableArray<string> within, HashSet<string> paths, int depth)
    {
        _text = new HoconText(file, text);
        _includes = includes;
        _within = _path = within;
        _paths = paths;
        _depth = depth;
    }

    /// <summary>Reads a file.</summary>
    /// <param name="file">Its name, for places.</param>
    /// <param name="text">Its text.</param>
    /// <param name="include">Brings the file that an include at a place names; throws where there is none.</param>
    /// <returns>What it says, and the paths that are written in it.</returns>
    /// <exception cref="MisconfiguredException">It is no HOCON.</exception>
    public static (WrittenSection Root, IReadOnlyCollection<string> Paths) Parse(
        string file, string text, Func<string, Place, (string File, string Text)> include)
    {
        var paths = new HashSet<string>();
        var root = new WrittenSection();
        new HoconParser(file, text, HoconIncludes.Outermost(file, text, include), [], paths, 0).TakeFile(root);
        return (root, paths);
    }

    private void TakeFile(WrittenSection into)
    {
        _text.SkipSpace();
        var place = _text.Place;
        if (_text.Current == '[')
            throw new MisconfiguredException(place, "a configuration is a section and not a list; write NAME = [...]");
        TakeFields(into, _text.TryTake("{") ? place : null);
        _text.SkipSpace();
        if (!_text.AtEnd)
            throw new MisconfiguredException(_text.Place, $"{_text.Shown} follows the end of the configuration; remove it");
    }

    /// <summary>Fields up to the closing brace, or up to the end of the text where none was opened.</summary>
    private void TakeFields(WrittenSection into, Place? opened)
    {
        _text.SkipSpace();
        while (true)
        {
            if (_text.AtEnd && opened is { } place)
                throw new MisconfiguredException(place, "this '{' is never closed; add a '}'");
            if (_text.AtEnd)
                return;
            if (_text.Current == '}' && opened is null)
                throw new MisconfiguredException(_text.Place, "this '}' closes nothing; remove it");
            if (_text.TryTake("}"))
                return;
            TakeField(into);
            TakeSeparator('}');
        }
    }

    /// <summary>What must stand between two fields or items: a newline or one comma. The last may have one after it, too.</summary>
    private void TakeSeparator(char close)
    {
        bool isNewLine = _text.SkipSpace();
        if (_text.TryTake(","))
            _text.SkipSpace();
        else if (!isNewLine && !_text.AtEnd && _text.Current is not ('}' or ']'))
            throw new MisconfiguredException(_text.Place, $"a comma or a new line is missing before {_text.Shown}");
        if (_text.Current is '}' or ']' && _text.Current != close)
            throw new MisconfiguredException(_text.Place, close == '}'
                ? "this ']' closes nothing; remove it"
                : "this '}' stands within a list; close that with ']' before it");
    }

    private void TakeField(WrittenSection into)
    {
        var place = _text.Place;
        if (_text.Current == ',')
            throw new MisconfiguredException(place, "this comma does not stand between two settings; remove it");
        if (_text.TryTakeInclude())
        {
            TakeInclude(into, place);
            return;
        }

        var names = HoconPath.Take(_text, out var keys);
        var (name, key) = (names[^1], keys[^1]);
        var outer = _path;
        _path = outer.AddRange(names);
        Enter(key, names.Length);
        if (_path.Sum(each => each.Length + 1) <= Suggestion.LongestWord)
            _paths.Add(HoconPath.Show(_path));
        _text.SkipSpace();
        if (_text.Current == '{')
            Add(into, names, keys, TakeValue(key));
        else if (_text.TryTake("+="))
            Add(into, names, keys, Appended(key, TakeAssigned(name, key)));
        else if (_text.TryTake("=") || _text.TryTake(":"))
            Add(into, names, keys, TakeAssigned(name, key));
        else
            throw new MisconfiguredException(_text.Place, $"after '{name}' there must be '=' and a value, or '{{' and settings");
        _depth -= names.Length;
        _path = outer;
    }

    /// <summary>The value after a '=': on its line, or on a later one that does not look like a setting of its own.</summary>
    private WrittenValue TakeAssigned(string name, Place key)
    {
        _text.TakeBlanks();
        var place = _text.Place;
        bool isNewLine = _text.SkipSpace();
        if (_text.AtEnd || _text.Current is ',' or '}' or ']' || (isNewLine && _text.LooksAtField()))
            throw new MisconfiguredException(place, $"'{name}' has no value; write one after the '=', \"\" for an empty one");
        return TakeValue(key);
    }

    /// <summary><c>a += b</c> is <c>a = ${?a} [b]</c>; but no path leads into a list, so it says "what was here before" instead.</summary>
    private static WrittenValue Appended(Place key, WrittenValue item) =>
        new(key, item.Place, [new WrittenPiece.Earlier(item.Place), new WrittenPiece.Items(item.Place, [item])]);

    /// <summary>Puts a value at a path of one name or several: <c>a.b = 1</c> is <c>a { b = 1 }</c>.</summary>
    private static void Add(WrittenSection into, ImmutableArray<string> names, ImmutableArray<Place> keys, WrittenValue value)
    {
        for (int i = names.Length - 1; i > 0; i--)
        {
            var section = new WrittenSection();
            section.Add(names[i], value);
            value = new WrittenValue(keys[i - 1], keys[i - 1], [new WrittenPiece.Section(keys[i], section)]);
        }

        into.Add(names[0], value);
    }

    /// <summary>The pieces of one value, up to the end of the line, a comma or a closing bracket.</summary>
    private WrittenValue TakeValue(Place key, bool isItem = false)
    {
        var place = _text.Place;
        var pieces = ImmutableArray.CreateBuilder<WrittenPiece>();
        WrittenPiece? last = null;
        while (true)
        {
            var (at, blanks) = (_text.Place, _text.TakeBlanks());
            if (_text.AtLineEnd || _text.Current is ',' or '}' or ']')
                break;
            var piece = TakePiece(isNext: last is not null && blanks.Length > 0);
            CheckNeighbours(last, piece, isItem);
            if (last is not null && blanks.Length > 0)
                pieces.Add(new WrittenPiece.Text(at, blanks, IsQuoted: false));
            pieces.Add(last = piece);
        }

        return last is not null
            ? new WrittenValue(key, place, pieces.ToImmutable())
            : throw new MisconfiguredException(place, $"a value must stand here, not {_text.Shown}");
    }

    /// <param name="isNext">Whether another piece stands before it, with blanks between the two.</param>
    private WrittenPiece TakePiece(bool isNext)
    {
        var place = _text.Place;
        if (_text.Current == '"')
            return new WrittenPiece.Text(place, _text.TakeQuoted(), IsQuoted: true);
        if (_text.TryTake("{"))
        {
            var fields = new WrittenSection();
            TakeFields(fields, place);
            return new WrittenPiece.Section(place, fields);
        }

        if (_text.TryTake("["))
            return TakeItems(place);
        if (_text.TryTake("${"))
            return TakeReference(place);
        string word = _text.TakeWord(isName: false);
        if (word.Length == 0)
            throw new MisconfiguredException(place, $"{_text.Shown} cannot stand in a value without quotes; put the value in quotes, or "
                + "a comma or a new line before the next setting");
        if (isNext && _text.LooksAtSeparator())
            throw new MisconfiguredException(place,
                $"a comma or a new line is missing before '{word}'; or, if it is part of the value, quotes around that");
        return new WrittenPiece.Text(place, word, IsQuoted: false);
    }

    /// <summary>Texts, lists and sections are each joined with their own kind only; what a reference brings is known later.</summary>
    private static void CheckNeighbours(WrittenPiece? last, WrittenPiece next, bool isItem)
    {
        if (last is null or WrittenPiece.Reference || next is WrittenPiece.Reference)
            return;
        if (last.GetType() != next.GetType())
            throw new MisconfiguredException(next.Place,
                $"{next.Kind} cannot follow {last.Kind} in one value; a comma or a new line is missing before it");
        if (isItem && next is not WrittenPiece.Text)
            throw new MisconfiguredException(next.Place,
                $"a comma or a new line is missing before {next.Kind}, which would be merged with the one before it");
    }

    private WrittenPiece.Items TakeItems(Place opened)
    {
        var outer = _path;
        Enter(opened, 1);
        var items = ImmutableArray.CreateBuilder<WrittenValue>();
        _text.SkipSpace();
        while (!_text.TryTake("]"))
        {
            if (_text.AtEnd)
                throw new MisconfiguredException(opened, "this '[' is never closed; add a ']'");
            if (_text.Current == ',')
                throw new MisconfiguredException(_text.Place, "this comma does not stand between two items; remove it");
            _path = outer.Add(items.Count.ToString(CultureInfo.InvariantCulture));
            items.Add(TakeValue(_text.Place, isItem: true));
            TakeSeparator(']');
        }

        _depth--;
        _path = outer;
        return new WrittenPiece.Items(opened, items.ToImmutable());
    }

    private WrittenPiece.Reference TakeReference(Place place)
    {
        bool isOptional = _text.TryTake("?");
        _text.TakeBlanks();
        if (_text.Current == '}')
            throw new MisconfiguredException(place, "'${}' names nothing; write the path of a setting between the braces");
        if (_text.AtLineEnd)
            throw new MisconfiguredException(place, "this '${' is never closed; add a '}'");
        var path = HoconPath.Take(_text, out _);
        if (_text.TryTake("}"))
            return new WrittenPiece.Reference(place, path, isOptional, _within);
        throw _text.AtLineEnd
            ? new MisconfiguredException(place, "this '${' is never closed; add a '}'")
            : new MisconfiguredException(_text.Place,
                $"{_text.Shown} cannot stand in a path without quotes; write for example ${{a.\"b/c\"}}");
    }

    private void TakeInclude(WrittenSection into, Place place)
    {
        int brackets = 0;
        while (_text.TryTake("required(") || _text.TryTake("file("))
            brackets++;
        if (_text.Current != '"')
            throw new MisconfiguredException(_text.Place, "include needs the name of a file in quotes");
        string name = _text.TakeQuoted();
        for (; brackets > 0; brackets--)
            if (!_text.TryTake(")"))
                throw new MisconfiguredException(_text.Place, "a ')' is missing after the name of the included file");
        var (inner, file, text) = _includes.Open(name, place);
        new HoconParser(file, text, inner, _path, _paths, _depth).TakeFile(into);
    }

    private void Enter(Place place, int levels)
    {
        _depth += levels;
        if (_depth > Deepest)
            throw new MisconfiguredException(place, $"braces and brackets are nested deeper than {Deepest}; nest them less");
    }
}
