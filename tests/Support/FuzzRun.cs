// A fuzz run that fails is of use only if it can be repeated: it says its seed before its first case, and everything random in it depends
// on that seed alone, in every process.

using System.Globalization;
using Xunit.Abstractions;

namespace Lguest.Support;

/// <summary>Seed and length of a fuzz run. LGUEST_FUZZ_SEED repeats one, LGUEST_FUZZ_CASES sets the number of cases.</summary>
public sealed class FuzzRun
{
    private FuzzRun(int cases, int seed)
    {
        Cases = cases;
        Seed = seed;
    }

    public int Cases { get; }

    public int Seed { get; }

    /// <summary>Starts a run and prints what repeats it; the test runner shows that with a failure.</summary>
    /// <param name="usualCases">Cases where LGUEST_FUZZ_CASES does not say.</param>
    /// <param name="output">Of the test.</param>
    public static FuzzRun Start(int usualCases, ITestOutputHelper output)
    {
        FuzzRun run = new(CasesOr(usualCases), Setting("LGUEST_FUZZ_SEED", Environment.TickCount));
        output.WriteLine($"LGUEST_FUZZ_SEED={run.Seed} LGUEST_FUZZ_CASES={run.Cases}");
        return run;
    }

    /// <summary>What LGUEST_FUZZ_CASES says, or else the usual number.</summary>
    public static int CasesOr(int usual) => Setting("LGUEST_FUZZ_CASES", usual);

    /// <summary>Random numbers for a part of the run; equal seeds and parts give equal numbers.</summary>
    public Random Dice(int part = 0, int subpart = 0) => new(unchecked((((Seed * 486_187_739) + part) * 486_187_739) + subpart));

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out int value) ? value : otherwise;
}
