// Kernels and initial RAM disks are read as a whole, by the Launcher and by the check of a topology. What is wrong with the file itself is
// told here, in the same words for both.

using Lguest.Devices;
using Lguest.Devices.Files;

namespace Lguest.Launcher.Images;

/// <summary>Reads what a Guest boots.</summary>
internal static class BootFile
{
    private const long Largest = 1L << 30;

    /// <summary>Of a pipe or a device, whose length nobody knows.</summary>
    private const int LargestStream = 1 << 28;

    /// <summary>Reads a file as a whole. Nobody may write into what comes back: it may be another Guest's, too.</summary>
    /// <param name="what">What it is to its user.</param>
    /// <param name="path">The file.</param>
    /// <exception cref="RefusedException">It cannot be read as a whole.</exception>
    public static byte[] Read(string what, string path)
    {
        try
        {
            if (Directory.Exists(path))
                throw new RefusedException($"{what} {path} is a directory; name a file");
            long length = new FileInfo(path) is { Exists: true } file ? file.Length : 0;
            if (length > Largest)
                throw new RefusedException($"{what} {path} is larger than a gigabyte, which no Guest can load; name another file");
            if (Known(path, length) is { } known)
                return known;
            var (bytes, isWhole) = FileStart.Read(path, (int)Math.Max(length, LargestStream));
            return isWhole ? SharedBytes.Of(bytes)
                : throw new RefusedException($"{what} {path} does not end within {LargestStream >> 20} MB; name a file that does");
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new RefusedException($"there is no {what} {path}; check the path");
        }
        catch (UnauthorizedAccessException)
        {
            throw new RefusedException($"{what} {path} cannot be read: no permission; change its rights or name another file");
        }
        catch (Exception problem) when (problem is IOException or ArgumentException or NotSupportedException)
        {
            throw new RefusedException($"{what} {path} cannot be read: {problem.Message.TrimEnd('.')}; name another file");
        }
    }

    /// <summary>Its content, if another Guest has it already.</summary>
    private static byte[]? Known(string path, long length)
    {
        if (length == 0)
            return null;
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        return SharedBytes.Find(file, length) is { } known && file.ReadByte() < 0 ? known : null;
    }
}
