// The Guest kernel that travels inside the product, so that a demonstration needs no file and no compiler.

using Lguest.Host.Images;

namespace Lguest.Host.Launcher;

/// <summary>Puppy, as it was built and embedded.</summary>
internal static class EmbeddedKernel
{
    private const string Resource = "puppy.elf";

    /// <summary>The ELF file.</summary>
    /// <exception cref="RefusedException">This build was made without it.</exception>
    public static byte[] Read()
    {
        using var source = typeof(EmbeddedKernel).Assembly.GetManifestResourceStream(Resource)
            ?? throw new RefusedException("this build holds no embedded kernel; name a kernel file");
        var bytes = new byte[source.Length];
        source.ReadExactly(bytes);
        return bytes;
    }
}
