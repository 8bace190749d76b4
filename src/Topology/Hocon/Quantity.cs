// Sizes, rates, times and fractions as users write them. HOCON's own units have no bits per second, and its 64MB is not 64 x 2^20 bytes,
// which is what users mean for memory.

using System.Globalization;

namespace Lguest.Topology.Hocon;

/// <summary>Reads quantities. Each answers null for text that is not one.</summary>
internal static class Quantity
{
    private const string Digits = "0123456789.";

    /// <summary>Bytes: powers of 1024; a bare number is megabytes.</summary>
    public static long? Size(string text) => Read(text, unit => unit switch
    {
        "" or "M" or "MB" or "MiB" => 1L << 20,
        "B" => 1,
        "K" or "k" or "kB" or "KB" or "KiB" => 1L << 10,
        "G" or "GB" or "GiB" => 1L << 30,
        _ => null,
    });

    /// <summary>Bytes in a second: powers of 1000, bits or bytes, with or without "/s".</summary>
    public static long? Rate(string text)
    {
        string trimmed = text.EndsWith("/s", StringComparison.Ordinal) ? text[..^2] : text.EndsWith("ps", StringComparison.Ordinal)
            ? text[..^2] : text;
        return Read(trimmed, unit => unit switch
        {
            "B" => 1,
            "kB" or "KB" or "k" or "K" => 1e3,
            "MB" or "M" => 1e6,
            "GB" or "G" => 1e9,
            "bit" or "b" => 1 / 8.0,
            "kbit" or "Kbit" or "kb" => 1e3 / 8,
            "Mbit" or "mbit" or "Mb" => 1e6 / 8,
            "Gbit" or "gbit" or "Gb" => 1e9 / 8,
            _ => null,
        });
    }

    /// <summary>A time; a bare number is milliseconds.</summary>
    public static TimeSpan? Time(string text) => Read(text, unit => unit switch
    {
        "ns" => 1e-2,
        "us" => 10,
        "" or "ms" => 1e4,
        "s" => 1e7,
        "m" or "min" => 6e8,
        "h" => 3.6e10,
        _ => null,
    }) is { } ticks ? TimeSpan.FromTicks(ticks) : null;

    /// <summary>A part of one: 5% or 0.05. A bare number of one or more is refused: 1 could be meant as a percent or as the
    /// whole.</summary>
    public static double? Fraction(string text)
    {
        if (!TryNumber(WithoutPercent(text), out double number))
            return null;
        return text.EndsWith('%')
            ? number <= 100 ? number / 100 : null
            : number < 1 ? number : null;
    }

    /// <summary>Percent of something, 5% or 5. A bare number below one is refused, unless it is 0: 0.5 could be meant as a half.</summary>
    public static double? Percent(string text) =>
        TryNumber(WithoutPercent(text), out double number) && (text.EndsWith('%') || number is 0 or >= 1) ? number : null;

    private static string WithoutPercent(string text) => text.EndsWith('%') ? text[..^1].TrimEnd() : text;

    private static long? Read(string text, Func<string, double?> factor)
    {
        int digits = 0;
        while (digits < text.Length && Digits.Contains(text[digits], StringComparison.Ordinal))
            digits++;
        if (!TryNumber(text[..digits], out double number) || factor(text[digits..].Trim()) is not { } unit)
            return null;
        double value = Math.Round(number * unit);
        return value < long.MaxValue / 2 ? (long)value : null;
    }

    private static bool TryNumber(string text, out double number) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);
}
