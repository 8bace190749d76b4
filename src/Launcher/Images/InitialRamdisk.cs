// A truncated initrd boots halfway and then fails far from the cause, with a message about a missing init. So cpio archives, plain or in
// gzip, are read to the end before the Guest starts. Other formats are passed on unchecked.

using System.Buffers.Binary;
using System.IO.Compression;
using Lguest.Devices;

namespace Lguest.Launcher.Images;

/// <summary>The initial RAM disk of a Guest.</summary>
internal static class InitialRamdisk
{
    /// <summary>Walks an initrd.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="name">How the user calls it.</param>
    /// <exception cref="RefusedException">It is empty, or it ends too early.</exception>
    public static void Check(byte[] file, string name)
    {
        if (file.Length == 0)
            throw new RefusedException($"initrd {name} is an empty file; make it again, for example with: find . | cpio -o -H newc | "
                + "gzip > initrd.gz");
        string? problem = file.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]) ? CheckGzip(file)
            : CpioWalk.Looks(file) ? CheckPlain(file)
            : null;
        if (problem is not null)
            throw new RefusedException($"initrd {name} is damaged: {problem}; was it copied in full? Make or copy it again");
    }

    private static string? CheckPlain(byte[] file)
    {
        var walk = new CpioWalk();
        walk.Feed(file);
        return walk.Problem;
    }

    private static string? CheckGzip(byte[] file)
    {
        var walk = new CpioWalk();
        using var gzip = new GZipStream(new MemoryStream(file, writable: false), CompressionMode.Decompress);
        byte[] part = new byte[1 << 16];
        long total = 0L;
        bool walked = true;
        try
        {
            int got;
            while ((got = gzip.ReadAtLeast(part, part.Length, throwOnEndOfStream: false)) > 0)
            {
                walked &= total > 0 || CpioWalk.Looks(part.AsSpan(0, got));
                total += got;
                if (walked)
                    walk.Feed(part.AsSpan(0, got));
            }
        }
        catch (InvalidDataException)
        {
            return "its gzip data is broken or ends too early";
        }

        return total == 0 || LacksTrailer(file, total) ? "its gzip data ends too early" : walked ? walk.Problem : null;
    }

    /// <summary>
    /// Whether the length that closes gzip data is missing: the runtime does not mind, kernels do. Padding may follow it; where several
    /// pieces
    /// of gzip follow each other, only the kernel can tell.
    /// </summary>
    private static bool LacksTrailer(ReadOnlySpan<byte> file, long length)
    {
        Span<byte> size = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(size, (uint)length);
        return file[1..].IndexOf((ReadOnlySpan<byte>)[0x1f, 0x8b, 0x08]) < 0 && file.IndexOf(size) < 0;
    }
}
