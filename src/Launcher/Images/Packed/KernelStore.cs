// Unpacking a distribution's kernel takes as long as booting it, and it is the same kernel every time. So it is kept unpacked in the
// user's cache, under the SHA-256 of what was packed: two kernels never share a name, and a kernel that is built anew is another one. A
// store that cannot be read or written is as good as none, and what is damaged in it is not used: then the kernel is unpacked, as it would
// be anyway.

using System.Security.Cryptography;
using Lguest.Launcher.Paths;
using Lguest.Net.Files;

namespace Lguest.Launcher.Images.Packed;

/// <summary>Kernels that were unpacked before, and room for more.</summary>
/// <param name="folder">Where they are; null for a store that keeps nothing.</param>
internal sealed class KernelStore(string? folder)
{
    /// <summary>A smaller one is unpacked in no time.</summary>
    public const int SmallestPacked = 1 << 20;

    /// <summary>How many are kept; those that were unpacked last.</summary>
    public const int Most = 8;

    private const string Extension = ".kernel";
    private const string Unfinished = "making-";
    private static readonly TimeSpan _longestWriting = TimeSpan.FromHours(1);

    /// <summary>Keeps nothing.</summary>
    public static KernelStore None { get; } = new(null);

    /// <summary>$XDG_CACHE_HOME/lguest/kernels, else ~/.cache/lguest/kernels.</summary>
    public static KernelStore OfUser() => new(UserCache.Folder is { } cache ? Path.Combine(cache, "kernels") : null);

    /// <summary>What <see cref="PackedKernel.TryUnpack"/> makes of the payload of a bzImage, now or once before.</summary>
    /// <returns>What was packed; null if it is broken.</returns>
    public byte[]? TryUnpack(ReadOnlyMemory<byte> payload)
    {
        if (folder is null || payload.Length < SmallestPacked || NameOf(payload.Span) is not { } path)
            return PackedKernel.TryUnpack(payload);
        if (Find(path) is { } found)
            return found;
        if (PackedKernel.TryUnpack(payload) is not { } unpacked)
            return null;
        Keep(path, unpacked);
        return SharedBytes.Of(unpacked);
    }

    /// <summary>The file for it; null where this host has no library for the sum.</summary>
    private string? NameOf(ReadOnlySpan<byte> payload)
    {
        try
        {
            return Path.Combine(folder!, Convert.ToHexStringLower(SHA256.HashData(payload)) + Extension);
        }
        catch (Exception problem) when (problem is TypeInitializationException or PlatformNotSupportedException or DllNotFoundException
            or CryptographicException)
        {
            return null;
        }
    }

    /// <summary>The bytes of a file are followed by their sum. A file that lost some, or got others, is not what was written.</summary>
    private static byte[]? Find(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            long length = file.Length - SHA256.HashSizeInBytes;
            if (length is <= 0 or > PackedKernel.Largest)
                return null;
            byte[] kernel = SharedBytes.Find(file, length) ?? Read(file, (int)length);
            Span<byte> sum = stackalloc byte[SHA256.HashSizeInBytes];
            file.ReadExactly(sum);
            return sum.SequenceEqual(SHA256.HashData(kernel)) ? SharedBytes.Of(kernel) : null;
        }
        catch (Exception problem) when (FileFault.InOpening(problem))
        {
            return null;
        }
    }

    private static byte[] Read(FileStream file, int length)
    {
        byte[] kernel = GC.AllocateUninitializedArray<byte>(length);
        file.ReadExactly(kernel);
        return kernel;
    }

    /// <summary>A file appears whole, under its name, or not at all.</summary>
    private void Keep(string path, byte[] kernel)
    {
        string unfinished = Path.Combine(folder!, Unfinished + Path.GetRandomFileName());
        try
        {
            Directory.CreateDirectory(folder!);
            using (var file = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                file.Write(kernel);
                file.Write(SHA256.HashData(kernel));
            }

            File.Move(unfinished, path, overwrite: true);
            Clean(File.GetLastWriteTimeUtc(path));
        }
        catch (Exception problem) when (FileFault.InOpening(problem))
        {
            Forget(unfinished);
        }
    }

    /// <summary>Of a disk that is full not even a part is kept.</summary>
    private static void Forget(string unfinished)
    {
        try
        {
            File.Delete(unfinished);
        }
        catch (Exception problem) when (FileFault.InOpening(problem))
        {
            // The next one that can write here removes it.
        }
    }

    /// <param name="now">By the clock that gave the files their times.</param>
    private void Clean(DateTime now)
    {
        var files = new DirectoryInfo(folder!).GetFiles();
        var old = files.Where(file => file.Extension == Extension).OrderByDescending(file => file.LastWriteTimeUtc).Skip(Most);
        var left = files.Where(file => file.Name.StartsWith(Unfinished, StringComparison.Ordinal)
            && now - file.LastWriteTimeUtc > _longestWriting);
        foreach (var file in old.Concat(left))
            file.Delete();
    }
}
