// An error in a configuration, as one line: where, what is wrong, what to write instead. The line may quote names from the file, so control
// characters in it are escaped.

using System.Globalization;

namespace Lguest.Topology.Hocon;

/// <summary>The first thing that is wrong with a configuration.</summary>
/// <param name="place">Where.</param>
/// <param name="what">What is wrong, and what would be right.</param>
internal sealed class MisconfiguredException(Place place, string what) : Exception($"{place}: {OnOneLine(what)}")
{
    private const int Longest = 1000;

    public Place Place => place;

    private static string OnOneLine(string text)
    {
        string visible = string.Concat(text.Take(Longest).Select(character => character switch
        {
            '\n' => @"\n",
            '\t' => @"\t",
            _ when char.IsControl(character) || char.GetUnicodeCategory(character) is UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator =>
                string.Create(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}"),
            _ => character.ToString(),
        }));
        return text.Length > Longest ? visible + " ..." : visible;
    }
}
