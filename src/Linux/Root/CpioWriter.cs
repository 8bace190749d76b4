// Writes a root file system as a "newc" cpio archive, the form in which a kernel takes its initial RAM disk. It is not compressed: a Guest
// would need more time to unpack it than anything here can save (PC board sheet 4.6). Times are all the same and numbers are given in
// order, so that the same tree is the same file.

using System.Globalization;
using System.Text;

namespace Lguest.Linux.Root;

/// <summary>From a tree to an archive.</summary>
internal static class CpioWriter
{
    /// <summary>The time of every entry: the first second of the year 2000, in seconds since 1970.</summary>
    public const uint Time = 946684800;

    private const string End = "TRAILER!!!";

    /// <summary>Writes the whole archive, with its end.</summary>
    public static void Write(RootTree tree, Stream output)
    {
        var names = tree.Entries.GroupBy(pair => pair.Value, pair => pair.Key, ReferenceEqualityComparer.Instance)
            .ToDictionary(group => group.Key!, group => group.Count(), ReferenceEqualityComparer.Instance);
        Dictionary<RootEntry, (uint Number, int Left)> linked = new(ReferenceEqualityComparer.Instance);
        uint next = 1;
        foreach (var (name, entry) in tree.Entries)
        {
            int count = entry.Kind == RootKind.File ? names[entry] : 1;
            var (number, left) = linked.TryGetValue(entry, out var known) && count > 1 ? known : (next++, count);
            linked[entry] = (number, left - 1);

            // Of a file with several names the bytes come with the last of them.
            var content = entry.Kind is RootKind.File or RootKind.Link && left == 1 ? entry.Content : default;
            Entry(output, name, entry, number, entry.Kind == RootKind.Folder ? 2 : (uint)count, content);
        }

        Entry(output, End, new RootEntry(0, 0), 0, 1, default, 0);
    }

    private static void Entry(
        Stream output, string name, RootEntry entry, uint number, uint links, ReadOnlyMemory<byte> content, uint time = Time)
    {
        byte[] path = Encoding.UTF8.GetBytes(name);
        uint[] fields =
        [
            number, (uint)entry.Kind | entry.Mode, entry.User, entry.Group, links, time, (uint)content.Length, 0, 0,
            entry.Device.Major, entry.Device.Minor, (uint)path.Length + 1, 0,
        ];
        var header = new StringBuilder("070701");
        foreach (uint field in fields)
            header.Append(field.ToString("x8", CultureInfo.InvariantCulture));
        output.Write(Encoding.ASCII.GetBytes(header.ToString()));
        output.Write(path);
        output.WriteByte(0);
        Pad(output, header.Length + path.Length + 1);
        output.Write(content.Span);
        Pad(output, content.Length);
    }

    private static void Pad(Stream output, int length)
    {
        for (int i = length; (i & 3) != 0; i++)
            output.WriteByte(0);
    }
}
