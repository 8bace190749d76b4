// What is not an instruction must not do anything: reserved encodings, LOCK where it may not stand, registers that do not exist. Bytes are
// derived from real encodings; those that Iced takes for no instruction at all go to both processors.
using System.Text;
using Iced.Intel;
using Lguest.Guest.Tests.Native;
using Xunit.Abstractions;

namespace Lguest.Guest.Tests.Comparison;

public sealed class UndefinedOpcodeSpec(ComparisonBench bench, ITestOutputHelper output) : IClassFixture<ComparisonBench>
{
    private const int InvalidOpcode = 6;

    [SkippableFact]
    public void Bytes_that_are_no_instruction_are_undefined_on_both()
    {
        Skip.If(bench.WhyNot is not null, bench.WhyNot);
        output.WriteLine($"seed {ComparisonBench.Seed}");
        var dice = new Dice(ComparisonBench.Seed);
        var bender = new EncodingBender(dice);
        var cases = new List<TestCase>();
        var instructions = new List<Instruction>();
        for (int i = 0; i < 20 * ComparisonBench.CasesPerForm; i++)
        {
            if (!bender.TryMake(out var made)) continue;
            cases.Add(made);
            instructions.Add(default);
        }
        var report = new StringBuilder();
        var (undefined, different) = bench.CompareAll(cases, instructions, outcome => outcome.Trap == InvalidOpcode, report);
        output.WriteLine($"{cases.Count} cases, {undefined} of them undefined on the host, {different} different, seed "
            + $"{ComparisonBench.Seed}");
        undefined.ShouldBeGreaterThan(cases.Count / 2);
        if (different != 0) Assert.Fail($"{different} cases differ (seed {ComparisonBench.Seed})\n{report}");
    }
}
