// A HOCON text and a finger in it that always knows line and column. It understands the small things: blanks, comments, quotes.

namespace Lguest.Host.Topologies.Hocon;

/// <summary>Walks through a text.</summary>
/// <param name="file">What the text is called in places.</param>
/// <param name="text">The text.</param>
internal sealed class HoconText(string file, string text)
{
    private int _position;
    private int _line = 1;
    private int _lineStart;

    public string File => file;

    /// <summary>Characters before the finger.</summary>
    public int Position => _position;

    public bool AtEnd => _position >= text.Length;

    /// <summary>The character under the finger; '\0' at the end.</summary>
    public char Current => AtEnd ? '\0' : text[_position];

    public Place Place => new(file, _line, _position - _lineStart + 1);

    public bool LooksAt(string what) => string.CompareOrdinal(text, _position, what, 0, what.Length) == 0;

    public bool AtComment => Current == '#' || LooksAt("//");

    public char Take()
    {
        var c = text[_position++];
        if (c == '\n')
        {
            _line++;
            _lineStart = _position;
        }

        return c;
    }

    public bool TryTake(string what)
    {
        if (!LooksAt(what))
            return false;
        for (var i = 0; i < what.Length; i++)
            Take();
        return true;
    }

    /// <summary>Blanks within the line; how many.</summary>
    public int SkipBlanks()
    {
        var start = _position;
        while (!AtEnd && Current != '\n' && IsBlank(Current))
            Take();
        return _position - start;
    }

    /// <summary>Blanks, newlines and comments.</summary>
    public void SkipSpace()
    {
        while (true)
        {
            while (!AtEnd && IsBlank(Current))
                Take();
            if (AtEnd || !AtComment)
                return;
            while (!AtEnd && Current != '\n')
                Take();
        }
    }

    /// <summary>A text in one or three quotes, the finger on the first of them; escapes are left as they are.</summary>
    public string TakeQuoted()
    {
        var start = Place;
        var from = _position;
        if (TryTake("\"\"\""))
        {
            from = _position;
            while (!LooksAt("\"\"\""))
            {
                if (AtEnd)
                    throw new MisconfiguredException(start, "a text in three quotes has no end; close it with \"\"\"");
                Take();
            }

            while (LooksAt("\"\"\"\""))
                Take();
            var inside = text[from.._position];
            TryTake("\"\"\"");
            return inside;
        }

        Take();
        from = _position;
        while (Current != '"')
        {
            if (AtEnd || Current == '\n')
                throw new MisconfiguredException(start, "a quoted text has no end; close it with \" on the same line");
            if (Current == '\\')
                TakeEscape();
            else
                Take();
        }

        var quoted = text[from.._position];
        Take();
        return quoted;
    }

    private void TakeEscape()
    {
        var place = Place;
        Take();
        if (AtEnd || !"\"\\/bfnrtu".Contains(Current, StringComparison.Ordinal))
            throw new MisconfiguredException(place, @"there is no such escape; write \\ for a backslash");
        if (Take() != 'u')
            return;
        for (var i = 0; i < 4; i++)
        {
            if (!char.IsAsciiHexDigit(Current))
                throw new MisconfiguredException(place, @"\u needs four hexadecimal digits, as in \u00e9");
            Take();
        }
    }

    private static bool IsBlank(char c) => char.IsWhiteSpace(c) || c == '\uFEFF';
}
