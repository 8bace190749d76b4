// The folder in which downloads and what was made of them are kept between runs. A set of files appears in it whole or not at all: it is
// made under another name, and renamed at the end. Who makes one has the lock; the system takes it back from a process that ends, however
// it ends.

using System.Collections.Immutable;
using Lguest.Devices;
using Lguest.Launcher.Paths;
using Lguest.Linux.Apt;
using Lguest.Net.Files;

namespace Lguest.Linux.Store;

/// <summary>The user's cache of kernels and root file systems.</summary>
/// <param name="folder">Where it is.</param>
internal sealed class LinuxStore(string folder)
{
    private const string Unfinished = "making-";
    private const string Replaced = "old-";
    private const char Separator = '~';

    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(100);

    /// <summary>Where apt works.</summary>
    public string AptFolder => Path.Combine(folder, "apt");

    /// <summary>The cache of this user: $XDG_CACHE_HOME/lguest/linux, else ~/.cache/lguest/linux.</summary>
    /// <exception cref="RefusedException">The user has no home.</exception>
    public static LinuxStore OfUser()
    {
        string cache = UserCache.Folder
            ?? throw new RefusedException("there is no folder to keep downloads in: set XDG_CACHE_HOME or HOME");
        return new LinuxStore(Path.Combine(cache, "linux"));
    }

    /// <summary>The newest finished set of a request.</summary>
    /// <param name="mark">The request's mark.</param>
    public LinuxSet? Find(string mark) => Directory.Exists(folder)
        ? Directory.EnumerateDirectories(folder, $"*{Separator}{mark}").Select(Path.GetFileName).OfType<string>()
            .Where(name => !name.StartsWith(Unfinished, StringComparison.Ordinal) && !name.StartsWith(Replaced, StringComparison.Ordinal))
            .OrderDescending(KernelChoice.Order)
            .Select(name => new LinuxSet(Path.Combine(folder, name), name.Split(Separator)[0])).FirstOrDefault(set => set.IsWhole)
        : null;

    /// <summary>Waits until no other process makes a set, and keeps others from it.</summary>
    /// <param name="waiting">Called once if there is one.</param>
    /// <returns>To be disposed when done.</returns>
    /// <exception cref="RefusedException">The folder cannot be written.</exception>
    public IDisposable Lock(Action waiting)
    {
        try
        {
            Directory.CreateDirectory(folder);
            bool told = false;
            while (true)
            {
                if (TryLock(Path.Combine(folder, "lock")) is { } locked)
                {
                    Clean();
                    return locked;
                }

                if (!told)
                    waiting();
                told = true;

                // The lock is another process's, and its release tells nobody. This thread is the command's own: no actor waits behind it.
                Thread.Sleep(_patience);
            }
        }
        catch (Exception problem) when (FileFault.InOpening(problem))
        {
            throw new RefusedException($"{folder} cannot be used: {FileFault.Reason(problem)}; set XDG_CACHE_HOME to another folder");
        }
    }

    /// <summary>Makes a set, which appears when it is whole.</summary>
    /// <param name="release">The kernel's release.</param>
    /// <param name="mark">The request's mark.</param>
    /// <param name="make">Writes the files into the folder that it is given.</param>
    /// <exception cref="RefusedException">They cannot be written.</exception>
    public LinuxSet Make(string release, string mark, Action<LinuxSet> make)
    {
        string name = $"{release}{Separator}{mark}";
        string unfinished = Path.Combine(folder, Unfinished + name), finished = Path.Combine(folder, name);
        try
        {
            Directory.CreateDirectory(unfinished);
            make(new LinuxSet(unfinished, release));
            if (Directory.Exists(finished))
                Directory.Move(finished, Path.Combine(folder, Replaced + Path.GetRandomFileName()));
            Directory.Move(unfinished, finished);
            Clean();
            return new LinuxSet(finished, release);
        }
        catch (Exception problem) when (FileFault.InOpening(problem))
        {
            throw new RefusedException($"{unfinished} cannot be written: {FileFault.Reason(problem)}; make room, or set XDG_CACHE_HOME "
                + "to another folder");
        }
    }

    private static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException problem) when (File.Exists(path) && IsTaken(problem))
        {
            return null;
        }
    }

    /// <summary>Windows: ERROR_SHARING_VIOLATION; Unix: EWOULDBLOCK of flock.</summary>
    private static bool IsTaken(IOException problem) => (problem.HResult & 0xffff) is 32 or 11 or 35;

    /// <summary>What was left by a process that did not come to its end; only with the lock.</summary>
    private void Clean()
    {
        foreach (string left in Directory.EnumerateDirectories(folder).Where(path => Path.GetFileName(path) is var name
            && (name.StartsWith(Unfinished, StringComparison.Ordinal) || name.StartsWith(Replaced, StringComparison.Ordinal))).ToList())
            Directory.Delete(left, recursive: true);
    }
}

/// <summary>The files of one finished request.</summary>
/// <param name="Folder">Where they are.</param>
/// <param name="Release">The kernel's release, as <c>uname -r</c> prints it.</param>
internal sealed record LinuxSet(string Folder, string Release)
{
    /// <summary>The kernel, unpacked: nothing is left to do when it is started.</summary>
    public string Kernel => Path.Combine(Folder, "vmlinux");

    /// <summary>The whole root file system.</summary>
    public string Root => Path.Combine(Folder, "root.cpio");

    /// <summary>As much as it takes to mount a disk.</summary>
    public string Mounter => Path.Combine(Folder, "mount.cpio");

    /// <summary>The packages with their versions, for people.</summary>
    public string Packages => Path.Combine(Folder, "packages.txt");

    /// <summary>Words for the kernel that leave the console to the shell. Errors are left out, too: each start has one, that the processor
    /// has no machine checks.</summary>
    public static ImmutableArray<string> Quiet { get; } = ["quiet", "loglevel=3"];

    public bool IsWhole => File.Exists(Kernel) && File.Exists(Root) && File.Exists(Mounter);
}
