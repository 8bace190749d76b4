// A distribution's kernels are not part of the source tree either. Their folder is that of the tests, LGUEST_DEBIAN: vmlinuz-686,
// vmlinuz-686-pae, and for each an uncompressed initial RAM disk with a busybox shell and the modules of virtio.

using System.Collections.Immutable;
using Lguest.Launcher;

namespace Lguest.Bench.Booting;

/// <summary>The kernels of LGUEST_DEBIAN.</summary>
internal static class DebianKernels
{
    private const string Variable = "LGUEST_DEBIAN";

    public const string Missing = $"not measured: set {Variable} to a folder with vmlinuz-686 and initrd-686.cpio";

    /// <summary>What its shell prints when it is ready.</summary>
    public const string Prompt = "/ # ";

    private static string? Folder => Environment.GetEnvironmentVariable(Variable) is { } folder && Directory.Exists(folder) ? folder : null;

    /// <summary>Those that have rows.</summary>
    public static IReadOnlyList<string> Flavours { get; } = ["686", "686-pae"];

    /// <summary>Whether there are any.</summary>
    public static bool AreHere => Folder is not null;

    /// <summary>A kernel's file; only where there are any.</summary>
    public static string Kernel(string flavour) => Path.Combine(Folder!, $"vmlinuz-{flavour}");

    /// <summary>Its initial RAM disk.</summary>
    public static string Initrd(string flavour) => Path.Combine(Folder!, $"initrd-{flavour}.cpio");

    /// <summary>A Guest with one of them; null where the variable names no folder.</summary>
    /// <param name="flavour">686 or 686-pae.</param>
    /// <param name="devices">What it has.</param>
    public static LauncherOptions? With(string flavour, ImmutableArray<DeviceOption> devices) => AreHere
        ? new LauncherOptions(256, Kernel(flavour), [], devices, Initrd(flavour))
        : null;
}
