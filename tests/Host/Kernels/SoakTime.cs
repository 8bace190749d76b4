// Some tests go on for as long as they are asked to, and are skipped where nobody asks.

using System.Globalization;

namespace Lguest.Host.Tests.Kernels;

internal static class SoakTime
{
    /// <summary>Minutes, by LGUEST_SOAK_MINUTES; skips the test without it.</summary>
    public static double Minutes()
    {
        Skip.IfNot(
            double.TryParse(Environment.GetEnvironmentVariable("LGUEST_SOAK_MINUTES"), CultureInfo.InvariantCulture, out double minutes),
            "LGUEST_SOAK_MINUTES is not set: for how long to repeat sessions of kernels");
        return minutes;
    }
}
