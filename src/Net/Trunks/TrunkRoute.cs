// From which actor of one node to which actor of the other: two paths without the node's address, which the connection stands for, each
// with the number that tells an actor from its predecessor of the same name.

using System.Text;

namespace Lguest.Net.Trunks;

/// <summary>The way of a message as text: "/user/lan#17 /user/lan#4", the receiver first.</summary>
/// <param name="To">The receiver's path.</param>
/// <param name="From">The sender's path.</param>
internal readonly record struct TrunkRoute(string To, string From)
{
    private const char Between = ' ';

    /// <summary>The bytes on the wire; null if they would be longer than a route may be.</summary>
    public byte[]? ToBytes()
    {
        byte[] bytes = Encoding.UTF8.GetBytes($"{To}{Between}{From}");
        return bytes.Length <= TrunkFormat.LongestRoute ? bytes : null;
    }

    /// <summary>Reads what came from outside.</summary>
    /// <returns>Null if these are not two paths.</returns>
    public static TrunkRoute? Parse(ReadOnlySpan<byte> bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        string[] parts = text.Split(Between);
        return parts.Length == 2 && IsPath(parts[0]) && IsPath(parts[1]) ? new TrunkRoute(parts[0], parts[1]) : null;
    }

    /// <summary>Printable ASCII, as actors' names are, beginning at the root, with one number at the end.</summary>
    private static bool IsPath(string part)
    {
        int number = part.IndexOf('#');
        return part.Length > 1 && part[0] == '/' && number > 1 && number < part.Length - 1
            && part.AsSpan(number + 1).IndexOfAnyExceptInRange('0', '9') < 0
            && !part.Contains("//", StringComparison.Ordinal)
            && part.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0;
    }
}
