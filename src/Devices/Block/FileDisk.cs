// A virtio disk on a file of the host. Its capacity is the length of the file at the start, in whole sectors. The Guest cannot change the
// length, and no request reaches beyond it.

using Lguest.Devices.Files;
using Lguest.Net.Files;
using Microsoft.Win32.SafeHandles;

namespace Lguest.Devices.Block;

/// <summary>A file as a disk; read-only where the file is.</summary>
internal sealed class FileDisk : IDisk
{
    public const int SectorBytes = 512;

    private readonly SafeFileHandle _file;

    private FileDisk(SafeFileHandle file, string path, bool readOnly)
    {
        _file = file;
        ReadOnly = readOnly;
        Serial = Path.GetFileName(path);
        Sectors = RandomAccess.GetLength(file) / SectorBytes;
    }

    public long Sectors { get; }

    public bool ReadOnly { get; }

    public string Serial { get; }

    /// <summary>Opens a disk file.</summary>
    /// <exception cref="RefusedException">It cannot be opened, or holds not even one sector.</exception>
    public static FileDisk Open(string path)
    {
        var disk = OpenFor(path, FileAccess.ReadWrite) ?? OpenFor(path, FileAccess.Read)
            ?? throw new RefusedException($"disk {path} cannot be opened: no permission; change its rights or name another file");
        return Filled(disk, path);
    }

    private static FileDisk Filled(FileDisk disk, string path)
    {
        if (disk.Sectors > 0)
            return disk;
        disk.Dispose();
        throw new RefusedException(
            $"disk {path} is smaller than one sector of {SectorBytes} bytes; make it larger, for example with: truncate -s 16M {path}");
    }

    /// <summary>Opens a disk file for reading only, beside any number of others who do the same.</summary>
    /// <exception cref="RefusedException">It cannot be opened, or holds not even one sector.</exception>
    public static FileDisk OpenShared(string path) => Filled(OpenFor(path, FileAccess.Read)
        ?? throw new RefusedException($"disk {path} cannot be opened: no permission; change its rights or name another file"), path);

    public bool TryRead(long offset, Span<byte> into)
    {
        try
        {
            while (!into.IsEmpty)
            {
                int got = RandomAccess.Read(_file, into, offset);
                if (got == 0)
                    return false; // somebody cut the file short while the Guest ran
                into = into[got..];
                offset += got;
            }

            return true;
        }
        catch (Exception problem) when (FileFault.InUse(problem))
        {
            return false;
        }
    }

    public bool TryWrite(long offset, ReadOnlySpan<byte> from)
    {
        try
        {
            RandomAccess.Write(_file, from, offset);
            return true;
        }
        catch (Exception problem) when (FileFault.InUse(problem))
        {
            return false;
        }
    }

    public bool TryFlush()
    {
        try
        {
            if (!ReadOnly)
                RandomAccess.FlushToDisk(_file);
            return true;
        }
        catch (Exception problem) when (FileFault.InUse(problem))
        {
            return false;
        }
    }

    public void Dispose() => _file.Dispose();

    private static FileDisk? OpenFor(string path, FileAccess access)
    {
        // Two writers on one disk would destroy each other's file systems; readers may share.
        var share = access == FileAccess.Read ? FileShare.Read : FileShare.None;
        try
        {
            // A pipe without a writer would not let go of who opens it.
            if (File.Exists(path) && FileIdentity.Of(path) is null)
                throw new NotSupportedException("not a regular file");
            return new FileDisk(File.OpenHandle(path, FileMode.Open, access, share), path, access == FileAccess.Read);
        }
        catch (UnauthorizedAccessException) when (!Directory.Exists(path))
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            throw new RefusedException($"disk {path} cannot be opened: it is a directory; name a file");
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new RefusedException($"disk {path} cannot be opened: there is no such file; make one, for example with: truncate -s "
                + $"16M {path}");
        }
        catch (IOException problem) when (IsReadOnlyFileSystem(problem))
        {
            return null;
        }
        catch (IOException problem)
        {
            throw new RefusedException($"disk {path} cannot be opened: {problem.Message.TrimEnd('.')}; end what uses it or name another "
                + "file");
        }
        catch (Exception problem) when (problem is ArgumentException or NotSupportedException)
        {
            throw new RefusedException($"disk {path} cannot be opened: it is not a regular file; name one");
        }
    }

    /// <summary>Errno 30, EROFS, which the runtime passes on as an ordinary I/O error.</summary>
    private static bool IsReadOnlyFileSystem(IOException problem) => (problem.HResult & 0xffff) == 30;
}
