// A Guest's kernel and initial RAM disk stay in memory as long as it lives: it may restart, and is to find the same ones, whatever has
// become of their files. A distribution's are 20 MB. The Guests of a rack mostly boot the same, so a process keeps one copy for all of
// them, as long as one of them lives. What is the same is decided by every byte, not by names and times.

namespace Lguest.Launcher.Images;

/// <summary>Contents of files that are in this process already. Nobody may write into them. Thread-safe.</summary>
internal static class SharedBytes
{
    /// <summary>What is smaller is not worth looking for.</summary>
    public const int Smallest = 1 << 16;

    private const int PartBytes = 1 << 16;

    /// <summary>By their length.</summary>
    private static readonly Dictionary<long, List<WeakReference<byte[]>>> _known = [];

    /// <summary>The one array that everybody has who has these bytes; the argument, if nobody has them yet.</summary>
    public static byte[] Of(byte[] bytes)
    {
        if (bytes.Length < Smallest)
            return bytes;
        foreach (byte[] known in Known(bytes.Length))
        {
            if (known == bytes || known.AsSpan().SequenceEqual(bytes))
                return known;
        }

        lock (_known)
        {
            if (!_known.TryGetValue(bytes.Length, out var list))
                _known[bytes.Length] = list = [];
            list.Add(new WeakReference<byte[]>(bytes));
        }

        return bytes;
    }

    /// <summary>The array with what comes next in a file, without making another one; null if nobody has it. The file is where it was then,
    /// else behind what was found.</summary>
    /// <param name="file">Can be read again.</param>
    /// <param name="length">So many bytes.</param>
    public static byte[]? Find(Stream file, long length)
    {
        if (length < Smallest)
            return null;
        long start = file.Position;
        foreach (byte[] known in Known(length))
        {
            if (IsNext(file, known))
                return known;
            file.Position = start;
        }

        return null;
    }

    private static bool IsNext(Stream file, ReadOnlySpan<byte> bytes)
    {
        byte[] part = new byte[PartBytes];
        while (!bytes.IsEmpty)
        {
            int count = file.Read(part, 0, Math.Min(part.Length, bytes.Length));
            if (count == 0 || !bytes[..count].SequenceEqual(part.AsSpan(0, count)))
                return false;
            bytes = bytes[count..];
        }

        return true;
    }

    /// <summary>Those of a length that somebody still has.</summary>
    private static List<byte[]> Known(long length)
    {
        List<byte[]> found = [];
        lock (_known)
        {
            foreach (var (other, list) in _known)
            {
                list.RemoveAll(reference => !reference.TryGetTarget(out _));
                if (list.Count == 0)
                    _known.Remove(other);
            }

            foreach (var reference in _known.GetValueOrDefault(length) ?? [])
            {
                if (reference.TryGetTarget(out byte[]? bytes))
                    found.Add(bytes);
            }
        }

        return found;
    }
}
