// The short names of unnamed actors: a running number in a 64-letter alphabet that is legal in paths.

using System.Text;

namespace Akka.Util;

public static class Base64Encoding
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+~";

    /// <summary>Least significant digit first: 0 is "a", 63 "~", 64 "ab".</summary>
    public static string Base64Encode(long value) => Base64Encode(value, "");

    internal static string Base64Encode(long value, string prefix)
    {
        var text = new StringBuilder(prefix);
        do
        {
            text.Append(Alphabet[(int)(value & 63)]);
            value >>= 6;
        }
        while (value != 0);

        return text.ToString();
    }
}
