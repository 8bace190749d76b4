// Makes an ext4 disk image of a root file system by mke2fs, which needs no rights for it. What it cannot know, since files of a folder
// belong to who wrote them, debugfs sets afterwards: owners and rights. Devices are left out, since the kernel makes them; the names of a
// hard link become files of their own.

using System.Text;
using Lguest.Devices;
using Lguest.Linux.Apt;
using Lguest.Linux.Root;
using Lguest.Net.Files;

namespace Lguest.Linux.Store;

/// <summary>A root file system on a disk.</summary>
internal static class ImageFile
{
    private const long Megabyte = 1 << 20;
    private const long Room = 512;
    private const uint OwnFolder = 0x1c0; // 700
    private const uint OwnFile = 0x180; // 600

    /// <summary>Writes the image, which appears when it is whole.</summary>
    /// <param name="tree">What is to be on it.</param>
    /// <param name="path">The file; it must not exist.</param>
    /// <exception cref="RefusedException">This machine has no mke2fs, or the image cannot be written.</exception>
    public static void Make(RootTree tree, string path)
    {
        foreach (string program in (string[])["mke2fs", "debugfs"])
            if (HostCommand.Find(program) is null)
                throw new RefusedException($"this machine has no {program} (e2fsprogs), which makes disk images; leave --image out, or "
                    + "name an image that is there");
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } above && !Directory.Exists(above))
            throw new RefusedException($"--image={path} cannot be made: there is no folder {above}");
        string full = Path.GetFullPath(path), unfinished = $"{full}.making", folder = $"{full}.tree";
        try
        {
            Remove(unfinished, folder);
            long bytes = Write(tree, folder);
            string size = $"{bytes / Megabyte * 5 / 4 + Room}M";
            Run("mke2fs", ["-q", "-F", "-t", "ext4", "-L", "lguest", "-E", "root_owner=0:0", "-d", folder, unfinished, size]);
            string commands = Path.Combine(folder, "owners");
            File.WriteAllText(commands, Owners(tree));
            Run("debugfs", ["-w", "-f", commands, unfinished]);
            File.Move(unfinished, full);
        }
        catch (Exception problem) when (FileFault.InOpening(problem))
        {
            throw new RefusedException($"--image={path} cannot be made: {FileFault.Reason(problem)}; name another file, or make room");
        }
        finally
        {
            Remove(unfinished, folder);
        }
    }

    /// <summary>What debugfs has to do: whose each file is, where that is not who runs this.</summary>
    public static string Owners(RootTree tree)
    {
        var text = new StringBuilder();
        foreach (var (name, entry) in tree.Entries.Where(pair => pair.Value.Kind is RootKind.File or RootKind.Folder or RootKind.Link
            && !pair.Key.Any(letter => letter is '"' or '\\' || char.IsControl(letter))))
        {
            text.Append($"sif \"/{name}\" uid {entry.User}\nsif \"/{name}\" gid {entry.Group}\n");
            if (entry.Kind != RootKind.Link)
                text.Append($"sif \"/{name}\" mode 0{Convert.ToString((uint)entry.Kind | entry.Mode, 8)}\n");
        }

        return text.ToString();
    }

    private static long Write(RootTree tree, string folder)
    {
        long bytes = 0;
        Directory.CreateDirectory(folder);
        foreach (var (name, entry) in tree.Entries)
        {
            string path = Path.Combine(folder, name);
            bytes += 4096 + entry.Content.Length;
            if (entry.Kind == RootKind.Folder)
                Directory.CreateDirectory(path);
            else if (entry.Kind == RootKind.Link)
                File.CreateSymbolicLink(path, entry.Target);
            else if (entry.Kind == RootKind.File)
            {
                using var file = File.Create(path);
                file.Write(entry.Content.Span);
            }

            // Their owner here must be able to read and remove them.
            if (!OperatingSystem.IsWindows() && entry.Kind is RootKind.File or RootKind.Folder)
                File.SetUnixFileMode(path, (UnixFileMode)(entry.Mode | (entry.Kind == RootKind.Folder ? OwnFolder : OwnFile)));
        }

        return bytes;
    }

    private static void Run(string program, IEnumerable<string> arguments)
    {
        var run = HostCommand.Run(program, arguments);
        if (run.Code != 0)
            throw new RefusedException($"{program} cannot make the image: {AptOutput.Reason(run.Lines)}");
    }

    private static void Remove(string file, string folder)
    {
        if (File.Exists(file))
            File.Delete(file);
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }
}
