// Lays the files of one package into the tree: dpkg-deb unpacks, and what it writes is a tar archive, which is read as it comes. What no
// Guest needs (manuals, translations) is left out. No script of a package is run.

using System.Formats.Tar;
using Lguest.Devices;

namespace Lguest.Linux.Root;

/// <summary>From a tar archive to entries of a tree.</summary>
internal static class PackageReader
{
    private const long LargestFile = 512L << 20;

    private static readonly string[] _unwanted =
    [
        "usr/share/doc/", "usr/share/man/", "usr/share/locale/", "usr/share/info/", "usr/share/lintian/", "usr/share/bug/",
        "usr/share/doc-base/", "usr/share/bash-completion/", "usr/share/gdb/", "usr/share/initramfs-tools/", "usr/share/apport/",
        "usr/lib/systemd/", "lib/systemd/", "usr/lib/i386-linux-gnu/gconv/", "usr/lib/i386-linux-gnu/perl-base/",
    ];

    /// <summary>Whether a Guest has use for a file of this name.</summary>
    public static bool IsWanted(string name) =>
        !Array.Exists(_unwanted, folder => (name + "/").StartsWith(folder, StringComparison.Ordinal));

    /// <summary>Reads the whole archive.</summary>
    /// <param name="archive">The tar archive.</param>
    /// <param name="tree">Gets the files.</param>
    /// <param name="wanted">Which names to take; they have no leading <c>./</c>.</param>
    /// <exception cref="RefusedException">A name leads out of the tree.</exception>
    /// <exception cref="InvalidDataException">The archive is damaged.</exception>
    public static void Read(Stream archive, RootTree tree, Func<string, bool> wanted)
    {
        using var reader = new TarReader(archive, leaveOpen: true);
        while (reader.GetNextEntry() is { } entry)
        {
            string name = Trim(entry.Name);
            if (name.Length == 0 || !wanted(name))
                continue;
            if (entry.EntryType == TarEntryType.HardLink)
            {
                // The first name may have been left out; then the second is left out, too.
                if (tree.Find(Trim(entry.LinkName)) is { } first)
                    tree.Add(name, first);
            }
            else if (Make(entry) is { } made)
                tree.Add(name, made);
        }
    }

    private static string Trim(string name) => (name.StartsWith("./", StringComparison.Ordinal) ? name[2..] : name).Trim('/');

    private static RootEntry? Make(TarEntry entry)
    {
        uint mode = (uint)entry.Mode & RootEntry.ModeBits;
        var made = entry.EntryType switch
        {
            TarEntryType.Directory => new RootEntry(RootKind.Folder, mode),
            TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile =>
                new RootEntry(RootKind.File, mode) { Content = Content(entry) },
            TarEntryType.SymbolicLink => RootEntry.Link(entry.LinkName),
            TarEntryType.CharacterDevice when entry is PosixTarEntry device => new RootEntry(RootKind.CharacterDevice, mode)
            {
                Device = ((uint)device.DeviceMajor, (uint)device.DeviceMinor)
            },
            TarEntryType.BlockDevice when entry is PosixTarEntry device => new RootEntry(RootKind.BlockDevice, mode)
            {
                Device = ((uint)device.DeviceMajor, (uint)device.DeviceMinor)
            },
            TarEntryType.Fifo => new RootEntry(RootKind.Pipe, mode),
            _ => null,
        };
        return made is null ? null : made with { User = (uint)entry.Uid, Group = (uint)entry.Gid };
    }

    private static byte[] Content(TarEntry entry)
    {
        if (entry.Length > LargestFile)
            throw new InvalidDataException($"'{entry.Name}' is too large");
        byte[] bytes = new byte[entry.Length];
        entry.DataStream?.ReadExactly(bytes);
        return bytes;
    }
}
