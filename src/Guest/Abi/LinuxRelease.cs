// Reads the Linux version of a kernel image: "Linux version 2.6.24 (someone@somewhere) ..." in an ELF file, the bare release in the setup
// header of a bzImage. The file is not trusted: reading stops at the first byte that does not fit.

using System.Text;

namespace Lguest.Guest.Abi;

/// <summary>The leading numbers of a Linux release such as 2.6.24.7 or 3.11.10-rc1.</summary>
public readonly record struct LinuxRelease(int Major, int Minor, int Patch)
{
    private const int LongestNumber = 4;

    private static ReadOnlySpan<byte> Banner => "Linux version "u8;

    /// <summary>Finds the banner in a kernel's loaded bytes.</summary>
    public static LinuxRelease? Find(ReadOnlySpan<byte> image)
    {
        for (int at = image.IndexOf(Banner); at >= 0; at = image.IndexOf(Banner))
        {
            image = image[(at + Banner.Length)..];
            if (Parse(image) is { } release)
                return release;
        }

        return null;
    }

    /// <summary>Reads a release from the start of <paramref name="text"/>; a missing third number counts as 0.</summary>
    public static LinuxRelease? Parse(ReadOnlySpan<byte> text)
    {
        if (TakeNumber(ref text) is not { } major || !TakeDot(ref text) || TakeNumber(ref text) is not { } minor)
            return null;
        return new LinuxRelease(major, minor, TakeDot(ref text) ? TakeNumber(ref text) ?? 0 : 0);
    }

    public static LinuxRelease? Parse(string text) => Parse(Encoding.ASCII.GetBytes(text));

    public override string ToString() => $"{Major}.{Minor}.{Patch}";

    private static bool TakeDot(ref ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text[0] != '.')
            return false;
        text = text[1..];
        return true;
    }

    private static int? TakeNumber(ref ReadOnlySpan<byte> text)
    {
        int digits = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        digits = digits < 0 ? text.Length : digits;
        if (digits is 0 or > LongestNumber)
            return null;
        int value = 0;
        foreach (byte digit in text[..digits])
            value = (value * 10) + (digit - '0');
        text = text[digits..];
        return value;
    }
}
