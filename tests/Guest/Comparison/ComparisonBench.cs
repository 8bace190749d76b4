// Both processors side by side, and the loop that sends the same cases to both. Shared by all tests of the suite: starting the oracle and
// warming up the core is done once.
using System.Globalization;
using System.Text;
using Iced.Intel;
using Lguest.Guest.Tests.Native;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>The oracle, if this machine has one, and the core.</summary>
public sealed class ComparisonBench : IDisposable
{
    private const string CasesVariable = "LGUEST_NATIVE_CASES";
    private const string SeedVariable = "LGUEST_NATIVE_SEED";
    private const int DefaultCases = 150;
    private const int BatchSize = 500;
    private const int ReportedPerForm = 2;

    private readonly NativeOracle? _oracle;
    private readonly CoreRunner _core = new();
    private readonly TestCase[] _cases = new TestCase[BatchSize];
    private readonly Instruction[] _instructions = new Instruction[BatchSize];
    private readonly TestOutcome[] _hosts = new TestOutcome[BatchSize];
    private readonly TestOutcome[] _cores = new TestOutcome[BatchSize];

    public ComparisonBench()
    {
        if (!NativeOracle.TryStart(out _oracle, out var reason)) WhyNot = reason;
    }

    /// <summary>Why there is no native comparison here; null if there is.</summary>
    public string? WhyNot { get; }

    /// <summary>Cases for each form, from the environment variable LGUEST_NATIVE_CASES.</summary>
    public static int CasesPerForm => int.TryParse(Environment.GetEnvironmentVariable(CasesVariable), CultureInfo.InvariantCulture, out var count) ? count : DefaultCases;

    /// <summary>Where the dice start, from LGUEST_NATIVE_SEED.</summary>
    public static ulong Seed => ulong.TryParse(Environment.GetEnvironmentVariable(SeedVariable), CultureInfo.InvariantCulture, out var seed) ? seed : 1;

    public void Dispose()
    {
        _oracle?.Dispose();
        _core.Dispose();
    }

    /// <summary>Compares a form on so many cases; adds the first differences to <paramref name="report"/>.</summary>
    /// <returns>Cases run and cases that differ.</returns>
    internal (int Run, int Different) Compare(InstructionForm form, StringBuilder report)
    {
        var (run, different) = (0, 0);
        var dice = new Dice((Seed * 1_000_003) + (ulong)form.Code);
        var generator = new CaseGenerator(dice);
        for (var left = CasesPerForm; left > 0; left -= BatchSize)
        {
            var image = OperandBytes.Image(dice);
            var wanted = Math.Min(left, BatchSize);
            var made = 0;
            for (var i = 0; i < wanted; i++)
            {
                if (generator.TryMake(form, out _cases[made], out _instructions[made])) made++;
            }
            _oracle!.Run(image, _cases.AsSpan(0, made), _hosts);
            _core.Run(image, _cases.AsSpan(0, made), _cores);
            run += made;
            for (var i = 0; i < made; i++)
            {
                var difference = OutcomeComparer.Difference(_cases[i], _instructions[i], _hosts[i], _cores[i]);
                if (difference is null) continue;
                if (++different <= ReportedPerForm) report.Append(CasePrinter.Print(form, _cases[i], _instructions[i], difference));
            }
        }
        if (different > ReportedPerForm) report.AppendLine($"  {form.Code}: {different} of {run} cases differ");
        return (run, different);
    }
}
