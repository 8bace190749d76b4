// The Guest kernels inside the program, so that a demo needs no file and no compiler: Puppy, and Puppy for the first lguest.

using System.Collections.Immutable;
using Lguest.Devices;

namespace Lguest.Launcher;

/// <summary>Puppy, as it was built and embedded, for the second generation of Hosts and for the first.</summary>
internal static class EmbeddedKernel
{
    /// <summary>The second generation's, which speaks virtio.</summary>
    public const string Puppy = "puppy";

    /// <summary>The first generation's, which speaks DMA.</summary>
    public const string FirstPuppy = "puppy1";

    /// <summary>The names that stand for a kernel of the program's own; a file of such a name is reached as ./puppy.</summary>
    public static ImmutableArray<string> Names { get; } = [Puppy, FirstPuppy];

    /// <summary>The ELF file.</summary>
    /// <param name="name"><see cref="Puppy"/> or <see cref="FirstPuppy"/>.</param>
    /// <exception cref="RefusedException">This build was made without it.</exception>
    public static byte[] Read(string name = Puppy)
    {
        using var source = typeof(EmbeddedKernel).Assembly.GetManifestResourceStream($"{name}.elf")
            ?? throw new RefusedException("this build holds no embedded kernel; name a kernel file");
        byte[] bytes = new byte[source.Length];
        source.ReadExactly(bytes);
        return bytes;
    }
}
