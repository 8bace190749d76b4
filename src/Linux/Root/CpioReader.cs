// Reads a "newc" archive of ours back into a tree: what was made once is the source of a disk image, too.

using System.Globalization;
using System.Text;
using Lguest.Devices;
using Lguest.Launcher.Images;

namespace Lguest.Linux.Root;

/// <summary>From an archive to a tree.</summary>
internal static class CpioReader
{
    private const int HeaderBytes = 110;
    private const uint KindBits = 0xf000;

    /// <summary>Reads the first archive of a file.</summary>
    /// <exception cref="RefusedException">It is not one, or it is cut short.</exception>
    public static RootTree Read(ReadOnlyMemory<byte> file)
    {
        var tree = new RootTree();
        Dictionary<uint, List<string>> waiting = [];
        while (true)
        {
            uint[] fields = Fields(file.Span);
            int name = (int)Math.Min(fields[11], 1 << 16), length = (int)Math.Min(fields[6], int.MaxValue);
            int start = (HeaderBytes + name + 3) & ~3;
            if (name == 0 || start + (long)length > file.Length)
                throw Broken();
            string path = Encoding.UTF8.GetString(file.Span.Slice(HeaderBytes, name - 1));
            if (path == "TRAILER!!!")
                return tree;
            RootEntry entry = new((RootKind)(fields[1] & KindBits), fields[1] & RootEntry.ModeBits)
            {
                User = fields[2],
                Group = fields[3],
                Content = file.Slice(start, length),
                Device = (fields[9], fields[10]),
            };
            tree.Add(path, entry);
            if (entry.Kind == RootKind.File && fields[4] > 1)
            {
                if (!waiting.TryGetValue(fields[0], out var others))
                    waiting.Add(fields[0], others = []);
                others.Add(path);
                if (others.Count == fields[4])
                    others.ForEach(other => tree.Add(other, entry));
            }

            file = file[Math.Min(file.Length, (start + length + 3) & ~3)..];
        }
    }

    private static uint[] Fields(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderBytes || !CpioWalk.Looks(bytes))
            throw Broken();
        uint[] fields = new uint[13];
        for (int i = 0; i < fields.Length; i++)
            if (!uint.TryParse(Encoding.ASCII.GetString(bytes.Slice(6 + 8 * i, 8)), NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture, out fields[i]))
                throw Broken();
        return fields;
    }

    private static RefusedException Broken() => new("an archive is damaged or cut short");
}
