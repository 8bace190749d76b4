// A kernel that dies before its console works says nothing, and what its Guest died of means nothing to its user. Where the cause can be
// guessed from outside, it is told.

using Lguest.Guest.Abi;

namespace Lguest.Launcher;

/// <summary>What may have been the cause of an early death.</summary>
internal static class SilentDeath
{
    /// <summary>The first 896 MB are a 32-bit Linux's low memory, of which the top pages are wanted for something else.</summary>
    private const long MostLow = 892;

    /// <summary>From here on a kernel without high memory leaves the rest alone.</summary>
    private const long MostConfusing = 1024;

    /// <summary>A hint to be appended to the reason; empty where there is none.</summary>
    /// <param name="release">Which Linux it is; null for another kernel.</param>
    /// <param name="megabytes">Its memory.</param>
    /// <param name="hasPrinted">Whether its console said anything.</param>
    public static string Hint(LinuxRelease? release, long megabytes, bool hasPrinted) =>
        release is not null && !hasPrinted && megabytes is > MostLow and <= MostConfusing
            ? $" (it printed nothing: Linux without high memory fails so with {MostLow + 1} to {MostConfusing} MB; give it {MostLow} MB "
                + $"at most, "
                + "or build it with CONFIG_HIGHMEM4G=y)"
            : "";
}
