// A file that is read as a whole may be a device or a pipe, which have no length to look at before, and perhaps no end: the limit counts
// what comes.

namespace Lguest.Devices.Files;

/// <summary>Reads files up to a limit.</summary>
public static class FileStart
{
    private const int FirstPart = 1 << 16;

    /// <summary>Reads a file, or as much of it as is allowed.</summary>
    /// <param name="path">The file.</param>
    /// <param name="most">The most bytes.</param>
    /// <returns>The bytes, and whether that is all there is.</returns>
    /// <exception cref="IOException">As for any file that cannot be read, and the other exceptions that .NET throws then.</exception>
    public static (byte[] Bytes, bool IsWhole) Read(string path, int most)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        byte[] bytes = new byte[Math.Min(file.CanSeek && file.Length is > 0 and var length ? length : FirstPart, most)];
        Span<byte> next = stackalloc byte[1];
        int count = 0;
        while (true)
        {
            int got = file.Read(bytes.AsSpan(count));
            count += got;
            if (got == 0 && count < bytes.Length)
            {
                Array.Resize(ref bytes, count);
                return (bytes, true);
            }

            if (count < bytes.Length)
                continue;
            if (file.Read(next) == 0)
                return (bytes, true);
            if (count == most)
                return (bytes, false);
            Array.Resize(ref bytes, (int)Math.Min(2L * count, most));
            bytes[count++] = next[0];
        }
    }
}
