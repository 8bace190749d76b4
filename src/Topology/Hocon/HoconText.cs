// A HOCON text with a position that knows its line and column. It reads the small parts: blanks, comments, quotes, words without quotes.

using System.Globalization;
using System.Text;

namespace Lguest.Topology.Hocon;

/// <summary>Walks through a text.</summary>
/// <param name="file">What the text is called in places.</param>
/// <param name="text">The text.</param>
internal sealed class HoconText(string file, string text)
{
    /// <summary>What a word without quotes cannot contain (HOCON, "Unquoted strings").</summary>
    private const string Reserved = "$\"{}[]:=,+#`^?!@*&\\";

    private const string ThreeQuotes = "\"\"\"";
    private const string IncludeWord = "include";
    private static readonly string[] _includeForms = ["\"", "file(", "required(", "url(", "classpath("];

    private int _position;
    private int _line = 1;
    private int _lineStart;

    public bool AtEnd => _position >= text.Length;

    /// <summary>The character at the position; '\0' at the end.</summary>
    public char Current => AtEnd ? '\0' : text[_position];

    public Place Place => new(file, _line, _position - _lineStart + 1);

    public bool AtComment => Current == '#' || LooksAt("//");

    /// <summary>Whether the position is at the end of the line, the text, or what a comment leaves of the line.</summary>
    public bool AtLineEnd => AtEnd || Current == '\n' || AtComment;

    /// <summary>What stands at the position, for messages.</summary>
    public string Shown => AtEnd ? "the end of the file" : Current == '\n' ? "the end of the line" : $"'{Current}'";

    public bool LooksAt(string what) => string.CompareOrdinal(text, _position, what, 0, what.Length) == 0;

    public bool TryTake(string what)
    {
        if (!LooksAt(what))
            return false;
        for (int i = 0; i < what.Length; i++)
            Take();
        return true;
    }

    /// <summary>Takes the blanks within the line, which may be part of a value.</summary>
    public string TakeBlanks()
    {
        int start = _position;
        while (!AtEnd && Current != '\n' && IsBlank(Current))
            Take();
        return text[start.._position];
    }

    /// <summary>Skips blanks, newlines and comments; whether there was a newline among them.</summary>
    public bool SkipSpace()
    {
        int line = _line;
        while (true)
        {
            while (!AtEnd && IsBlank(Current))
                Take();
            if (AtEnd || !AtComment)
                return _line > line;
            while (!AtEnd && Current != '\n')
                Take();
        }
    }

    /// <summary>Takes a word without quotes, and without blanks; empty if none stands here.</summary>
    /// <param name="isName">Whether it is part of a key, which a '.' ends.</param>
    public string TakeWord(bool isName)
    {
        int start = _position;
        while (!AtEnd && !IsBlank(Current) && !Reserved.Contains(Current, StringComparison.Ordinal) && !LooksAt("//")
            && !(isName && Current == '.'))
            Take();
        return text[start.._position];
    }

    /// <summary>Whether a key and what separates it from its value come next on this line.</summary>
    public bool LooksAtField()
    {
        var ahead = new HoconText(file, text) { _position = _position };
        int words = 0;
        while (ahead.Current == '"' ? ahead.TrySkipQuoted() : ahead.TakeWord(isName: false).Length > 0)
        {
            words++;
            ahead.TakeBlanks();
        }

        return words > 0 && (ahead.Current is '=' or ':' or '{' || ahead.LooksAt("+="));
    }

    /// <summary>Whether what separates a key from its value comes next on this line.</summary>
    public bool LooksAtSeparator()
    {
        int at = _position;
        while (at < text.Length && text[at] != '\n' && IsBlank(text[at]))
            at++;
        return at < text.Length && (text[at] is '=' or ':' or '{' || string.CompareOrdinal(text, at, "+=", 0, 2) == 0);
    }

    /// <summary>Takes the word that begins an include, if one comes next: <c>include</c> and the name of a file, in quotes or
    /// brackets.</summary>
    public bool TryTakeInclude()
    {
        if (!LooksAt(IncludeWord))
            return false;
        int at = _position + IncludeWord.Length;
        while (at < text.Length && text[at] != '\n' && IsBlank(text[at]))
            at++;
        if (!_includeForms.Any(form => string.CompareOrdinal(text, at, form, 0, form.Length) == 0))
            return false;
        while (_position < at)
            Take();
        return true;
    }

    /// <summary>Takes a text in one quote or in three, with the position on the first of them.</summary>
    /// <exception cref="MisconfiguredException">It has no end, or an escape that does not exist.</exception>
    public string TakeQuoted()
    {
        var start = Place;
        if (TryTake(ThreeQuotes))
            return TakeRaw(start);
        Take();
        var letters = new StringBuilder();
        while (Current != '"')
        {
            if (AtEnd || Current == '\n')
                throw new MisconfiguredException(start, "a quoted text has no end; close it with \" on the same line");
            letters.Append(Current == '\\' ? TakeEscape() : Take());
        }

        Take();
        return letters.ToString();
    }

    private string TakeRaw(Place start)
    {
        int from = _position;
        while (!LooksAt(ThreeQuotes))
        {
            if (AtEnd)
                throw new MisconfiguredException(start, "a text in three quotes has no end; close it with \"\"\"");
            Take();
        }

        // Of more than three quotes the last three end the text.
        while (LooksAt(ThreeQuotes + '"'))
            Take();
        string inside = text[from.._position];
        TryTake(ThreeQuotes);
        return inside;
    }

    private char TakeEscape()
    {
        var place = Place;
        Take();
        if (AtEnd || !"\"\\/bfnrtu".Contains(Current, StringComparison.Ordinal))
            throw new MisconfiguredException(place, @"there is no such escape; write \\ for a backslash");
        char letter = Take();
        return letter switch
        {
            'b' => '\b',
            'f' => '\f',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => TakeCodePoint(),
            _ => letter,
        };
    }

    private char TakeCodePoint()
    {
        int start = _position;
        for (int i = 0; i < 4; i++)
        {
            if (!char.IsAsciiHexDigit(Current))
                throw new MisconfiguredException(Place, @"\u needs four hexadecimal digits, as in \u00e9");
            Take();
        }

        return (char)int.Parse(text.AsSpan(start, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
    }

    private bool TrySkipQuoted()
    {
        Take();
        while (!AtEnd && Current is not ('"' or '\n'))
            Take();
        return TryTake("\"");
    }

    private char Take()
    {
        char c = text[_position++];
        if (c == '\n')
        {
            _line++;
            _lineStart = _position;
        }

        return c;
    }

    /// <summary>HOCON's whitespace: Unicode's, the byte order mark, and the four separators of ASCII.</summary>
    private static bool IsBlank(char c) => char.IsWhiteSpace(c) || c is '\uFEFF' or (>= '\x1C' and <= '\x1F');
}
