// The kernels' initial RAM disk is made elsewhere. A kernel unpacks several archives that follow each other, each over what was there
// before, so a test that wants a file of its own in it, even another /init, puts an archive of one file after it.

using System.Globalization;
using System.Text;

namespace Lguest.Host.Tests.Kernels;

internal static class Ramdisk
{
    private const string Trailer = "TRAILER!!!";
    private const uint ExecutableFile = 0x81ED; // S_IFREG | 0755

    /// <summary>An initial RAM disk with one more program in it.</summary>
    /// <param name="initrd">The file to begin with.</param>
    /// <param name="path">Where the program is in it, without the first slash.</param>
    /// <param name="script">What it is.</param>
    public static byte[] With(string initrd, string path, string script)
    {
        using var all = new MemoryStream();
        all.Write(File.ReadAllBytes(initrd));
        Pad(all);
        Entry(all, path, ExecutableFile, Encoding.ASCII.GetBytes(script.ReplaceLineEndings("\n")));
        Entry(all, Trailer, 0, []);
        return all.ToArray();
    }

    /// <summary>cpio(5), "New ASCII Format": thirteen numbers of eight hexadecimal digits, the name, the content, both padded to four
    /// bytes.</summary>
    private static void Entry(MemoryStream all, string name, uint mode, byte[] content)
    {
        uint[] numbers = new uint[13];
        numbers[0] = 1;
        numbers[1] = mode;
        numbers[4] = 1; // links
        numbers[6] = (uint)content.Length;
        numbers[11] = (uint)name.Length + 1;
        all.Write(Encoding.ASCII.GetBytes("070701" + string.Concat(
            numbers.Select(number => number.ToString("X8", CultureInfo.InvariantCulture))) + name + "\0"));
        Pad(all);
        all.Write(content);
        Pad(all);
    }

    private static void Pad(MemoryStream all) => all.Write(new byte[-all.Length & 3]);
}
