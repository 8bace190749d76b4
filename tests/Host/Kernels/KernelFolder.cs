// Real kernels are not part of the repository. LGUEST_KERNELS names a folder with some; a test that finds none is skipped and says what it
// wanted.

namespace Lguest.Host.Tests.Kernels;

internal static class KernelFolder
{
    /// <summary>The folder, or null.</summary>
    public static string? Named => Environment.GetEnvironmentVariable("LGUEST_KERNELS");

    /// <summary>The folder with these files; skips the test where there is none.</summary>
    /// <param name="files">Names in the folder.</param>
    public static string With(params string[] files)
    {
        Skip.If(Named is null, $"LGUEST_KERNELS is not set: it names a folder with kernels and {string.Join(", ", files)}");
        string? missing = files.FirstOrDefault(file => !File.Exists(Path.Combine(Named, file)));
        Skip.IfNot(missing is null, $"LGUEST_KERNELS names a folder without {missing}");
        return Named;
    }
}
