// How several measurements become one: medians of what was measured again and again, geometric means of ratios.

namespace Lguest.Bench.Comparing;

internal static class Medians
{
    public static double Median(this IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        return sorted[sorted.Length / 2];
    }

    public static double GeometricMean(this IEnumerable<double> ratios) => Math.Exp(ratios.Average(Math.Log));
}
