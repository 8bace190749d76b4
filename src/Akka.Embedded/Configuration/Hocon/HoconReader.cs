// Walks through a HOCON text character by character and always knows where it is: every error says line and column.

using System.Globalization;
using System.Text;

namespace Akka.Configuration.Hocon;

internal sealed class HoconReader(string text)
{
    private int _position;
    private int _line = 1;
    private int _lineStart;

    internal bool AtEnd => _position >= text.Length;
    internal char Current => AtEnd ? '\0' : text[_position];
    internal (int Line, int Column) Place => (_line, _position - _lineStart + 1);

    internal bool Looking(string at) => string.CompareOrdinal(text, _position, at, 0, at.Length) == 0;

    internal char Take()
    {
        var c = text[_position++];
        if (c == '\n')
        {
            _line++;
            _lineStart = _position;
        }

        return c;
    }

    internal void Skip(int count)
    {
        for (var i = 0; i < count; i++) Take();
    }

    internal bool TrySkip(string what)
    {
        if (!Looking(what)) return false;
        Skip(what.Length);
        return true;
    }

    /// <summary>Spaces, tabs and the like within one line.</summary>
    internal string TakeBlanks()
    {
        var start = _position;
        while (!AtEnd && Current != '\n' && IsBlank(Current)) Take();
        return text[start.._position];
    }

    /// <summary>Everything without meaning between elements: blanks, newlines and comments.</summary>
    internal void SkipBlanksAndComments()
    {
        while (true)
        {
            while (!AtEnd && IsBlank(Current)) Take();
            if (Current != '#' && !Looking("//")) return;
            SkipComment();
        }
    }

    internal void SkipComment()
    {
        while (!AtEnd && Current != '\n') Take();
    }

    /// <summary>A text in one or in three double quotes, the opening ones not yet taken.</summary>
    internal string TakeQuoted()
    {
        var start = Place;
        if (TrySkip("\"\"\"")) return TakeTripleQuoted(start);
        Take();
        var result = new StringBuilder();
        while (true)
        {
            if (AtEnd || Current == '\n') throw Error("a quoted text has no closing quote", start);
            var c = Take();
            if (c == '"') return result.ToString();
            if (c == '\\') result.Append(TakeEscape());
            else result.Append(c);
        }
    }

    internal static FormatException Error(string what, (int Line, int Column) place) =>
        new(string.Create(CultureInfo.InvariantCulture, $"line {place.Line}, column {place.Column}: {what}"));

    private static bool IsBlank(char c) => char.IsWhiteSpace(c) || c == '\uFEFF';

    private string TakeTripleQuoted((int Line, int Column) start)
    {
        var from = _position;
        while (!Looking("\"\"\""))
        {
            if (AtEnd) throw Error("a text in three quotes has no end", start);
            Take();
        }

        // Quotes in excess of three belong to the text.
        while (Looking("\"\"\"\"")) Take();
        var result = text[from.._position];
        Skip(3);
        return result;
    }

    private char TakeEscape()
    {
        var place = Place;
        if (AtEnd) throw Error("the text ends within an escape", place);
        var c = Take();
        switch (c)
        {
            case '"' or '\\' or '/':
                return c;
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u' when _position + 4 <= text.Length
                && ushort.TryParse(text.AsSpan(_position, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code):
                Skip(4);
                return (char)code;
            default:
                throw Error($"unknown escape code: \\{c}", place);
        }
    }
}
