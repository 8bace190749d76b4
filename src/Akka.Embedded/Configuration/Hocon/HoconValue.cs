// One value of a configuration: a text, an array or an object. What type a text is, only the reader of a setting knows.

using System.Globalization;
using System.Text;

namespace Akka.Configuration.Hocon;

public sealed class HoconValue
{
    private readonly string _text;
    private readonly bool _quoted;
    private readonly List<HoconValue> _array;
    private readonly HoconObject _object;

    private HoconValue(string text, bool quoted, List<HoconValue> array, HoconObject fields)
    {
        _text = text;
        _quoted = quoted;
        _array = array;
        _object = fields;
    }

    internal bool IsText => _array is null && _object is null;

    internal static HoconValue Of(string text, bool quoted) => new(text, quoted, null, null);
    internal static HoconValue Of(List<HoconValue> items) => new(null, false, items, null);
    internal static HoconValue Of(Dictionary<string, HoconValue> fields) => new(null, false, null, new HoconObject(fields));

    /// <summary>Characters of a text, items of an array, fields of an object; what is nested deeper is counted where it is.</summary>
    internal int Size => _text?.Length ?? _array?.Count ?? 0;

    public bool IsObject() => _object is not null;
    public bool IsArray() => _array is { Count: > 0 };
    public bool IsString() => IsText;

    /// <summary>The fields; empty when the value is no object.</summary>
    public HoconObject GetObject() => _object ?? new HoconObject([]);

    public IList<HoconValue> GetArray() => _array ?? [];
    public HoconValue GetChildObject(string key) => _object?.GetKey(key);
    public Config ToConfig() => new(new HoconRoot(this));

    /// <summary>The text; null when there is none or it is an unquoted null.</summary>
    public string GetString() => _text is null || (!_quoted && _text == "null") ? null : _text;

    /// <summary>on/off or true/false.</summary>
    public bool GetBoolean() => GetString() switch
    {
        "on" or "true" => true,
        "off" or "false" => false,
        var other => throw new NotSupportedException($"Unknown boolean format: {other}"),
    };

    public decimal GetDecimal() => decimal.Parse(Text(), NumberStyles.Number, CultureInfo.InvariantCulture);
    public float GetFloat() => float.Parse(Text(), NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
    public double GetDouble() => double.Parse(Text(), NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
    public long GetLong() => long.Parse(Text(), NumberStyles.Integer, CultureInfo.InvariantCulture);
    public int GetInt() => int.Parse(Text(), NumberStyles.Integer, CultureInfo.InvariantCulture);
    public byte GetByte() => byte.Parse(Text(), NumberStyles.Integer, CultureInfo.InvariantCulture);
    public IList<string> GetStringList() => GetArray().Select(item => item.GetString()).ToList();

    /// <summary>A number with a unit from ns to days, a bare number of milliseconds, or "infinite" (<see cref="Timeout.InfiniteTimeSpan"/>).</summary>
    public TimeSpan GetTimeSpan(bool allowInfinite = true)
    {
        var text = Text();
        var digits = 0;
        while (digits < text.Length && (char.IsAsciiDigit(text[digits]) || text[digits] == '.')) digits++;
        var name = text[digits..].Trim();
        if (digits > 0 && name is "ns" or "nano" or "nanos" or "nanosecond" or "nanoseconds")
            return TimeSpan.FromTicks((long)Math.Round(Positive(text[..digits]) / 100));
        if (digits > 0 && Unit(name) is { } unit) return unit * Positive(text[..digits]);
        if (allowInfinite && text.Equals("infinite", StringComparison.OrdinalIgnoreCase)) return Timeout.InfiniteTimeSpan;
        return TimeSpan.FromMilliseconds(Positive(text));
    }

    /// <summary>A size in bytes: powers of 1024 for K, Ki, KiB and their like, of 1000 for kB, MB and theirs; null for an empty text.</summary>
    public long? GetByteSize()
    {
        var text = GetString()?.Trim();
        if (string.IsNullOrEmpty(text)) return null;
        var split = text.LastIndexOfAny(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']) + 1;
        if (split == 0 || split == text.Length) return long.Parse(text, CultureInfo.InvariantCulture);
        return ByteFactor(text[split..].Trim()) * long.Parse(text[..split], CultureInfo.InvariantCulture);
    }

    private string Text() => GetString() ?? throw new FormatException(IsText ? "null, where a value is needed" : "an array or object, where a text is needed");

    public override string ToString() => ToString(0);

    public string ToString(int indent)
    {
        if (_object is not null)
        {
            var text = new StringBuilder();
            var margin = new string(' ', indent * 2);
            foreach (var (key, value) in _object.Items)
            {
                text.Append(margin).Append(NeedsQuotes(key) || key.Contains('.', StringComparison.Ordinal) ? $"\"{key}\"" : key).Append(" : ");
                if (value.IsObject()) text.Append("{\n").Append(value.ToString(indent + 1)).Append(margin).Append("}\n");
                else text.Append(value).Append('\n');
            }

            return text.ToString();
        }

        if (_array is not null) return $"[{string.Join(",", _array)}]";
        return _text is null ? "" : NeedsQuotes(_text) ? $"\"{_text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"" : _text;
    }

    internal string GetRawText() => _text;

    /// <summary>What stands when this is laid over another: objects merge field by field, anything else hides what is below.</summary>
    internal HoconValue Over(HoconValue below)
    {
        if (_object is null || below?._object is null) return this;
        var fields = new Dictionary<string, HoconValue>(_object.Items, StringComparer.Ordinal);
        foreach (var (key, value) in below._object.Items)
            fields[key] = fields.TryGetValue(key, out var above) ? above.Over(value) : value;
        return Of(fields);
    }

    /// <summary>Two pieces of one value: texts are strung together, arrays appended, objects merged, the later one winning.</summary>
    internal HoconValue Join(HoconValue next)
    {
        if (_object is not null && next._object is not null) return next.Over(this);
        if (_array is not null && next._array is not null) return Of([.. _array, .. next._array]);
        if (IsText && next.IsText) return new HoconValue(_text + next._text, _quoted || next._quoted, null, null);
        return next;
    }

    internal HoconValue Trimmed() => IsText ? new HoconValue(_text.Trim(), _quoted, null, null) : this;

    private static bool NeedsQuotes(string text) => text.Length == 0 || text.Any(c => char.IsWhiteSpace(c) || "$\"{}[]:=,+#`^?!@*&\\".Contains(c, StringComparison.Ordinal));

    private static double Positive(string text)
    {
        var value = double.Parse(text, CultureInfo.InvariantCulture);
        return value >= 0 ? value : throw new FormatException($"Expected a positive value instead of {value}");
    }

    private static long ByteFactor(string unit) => unit switch
    {
        "b" or "B" or "byte" or "bytes" => 1,
        "kB" or "kilobyte" or "kilobytes" => 1_000,
        "MB" or "megabyte" or "megabytes" => 1_000_000,
        "GB" or "gigabyte" or "gigabytes" => 1_000_000_000,
        "TB" or "terabyte" or "terabytes" => 1_000_000_000_000,
        "PB" or "petabyte" or "petabytes" => 1_000_000_000_000_000,
        "EB" or "exabyte" or "exabytes" => 1_000_000_000_000_000_000,
        "K" or "k" or "Ki" or "KiB" or "kibibyte" or "kibibytes" => 1L << 10,
        "M" or "m" or "Mi" or "MiB" or "mebibyte" or "mebibytes" => 1L << 20,
        "G" or "g" or "Gi" or "GiB" or "gibibyte" or "gibibytes" => 1L << 30,
        "T" or "t" or "Ti" or "TiB" or "tebibyte" or "tebibytes" => 1L << 40,
        "P" or "p" or "Pi" or "PiB" or "pebibyte" or "pebibytes" => 1L << 50,
        "E" or "e" or "Ei" or "EiB" or "exbibyte" or "exbibytes" => 1L << 60,
        _ => throw new FormatException($"{unit} is not a valid byte size suffix"),
    };

    // Null for what is no unit of time.
    private static TimeSpan? Unit(string name) => name switch
    {
        "micro" or "micros" or "microsecond" or "microseconds" => TimeSpan.FromMicroseconds(1),
        "ms" or "milli" or "millis" or "millisecond" or "milliseconds" => TimeSpan.FromMilliseconds(1),
        "s" or "second" or "seconds" => TimeSpan.FromSeconds(1),
        "m" or "minute" or "minutes" => TimeSpan.FromMinutes(1),
        "h" or "hour" or "hours" => TimeSpan.FromHours(1),
        "d" or "day" or "days" => TimeSpan.FromDays(1),
        _ => null,
    };
}
