// Lazy flags, linked operations, budgets settled at block ends: what a single instruction cannot show. Short sequences go to both
// processors.
using System.Text;
using Iced.Intel;
using Lguest.Guest.Tests.Native;
using Xunit.Abstractions;

namespace Lguest.Guest.Tests.Comparison;

public sealed unsafe class InstructionSequenceSpec(ComparisonBench bench, ITestOutputHelper output) : IClassFixture<ComparisonBench>
{
    private const int BatchSize = 500;
    private const int SequencesPerCase = 60;
    private const int Reported = 3;

    [SkippableFact]
    public void Sequences_of_integer_instructions_do_what_the_host_does()
    {
        Skip.If(bench.WhyNot is not null, bench.WhyNot);
        output.WriteLine($"seed {ComparisonBench.Seed}");
        var generator = new SequenceGenerator(new Dice(ComparisonBench.Seed));
        byte[] image = new byte[Sandbox.ImageSize];
        var cases = new TestCase[BatchSize];
        uint[] undefined = new uint[BatchSize];
        var report = new StringBuilder();
        var (made, run, different) = (0, 0, 0);
        while (made < SequencesPerCase * ComparisonBench.CasesPerForm)
        {
            for (int i = 0; i < BatchSize; i++) cases[i] = generator.Make(out undefined[i]);
            var (hosts, cores) = bench.RunBoth(image, cases, new Instruction[BatchSize]);
            made += BatchSize;
            for (int i = 0; i < BatchSize; i++)
            {
                if (hosts[i].Trap == TestOutcomeLayout.NotRun) continue;
                run++;
                if (OutcomeComparer.Difference(HostVendor.Current, cases[i], default, image, hosts[i], cores[i],
                    undefined[i]) is not { } difference) continue;
                if (++different <= Reported) report.Append(CasePrinter.Print(cases[i], default, Disassemble(cases[i]) + difference));
            }
        }
        output.WriteLine($"{run} sequences, {different} different, seed {ComparisonBench.Seed}");
        if (different != 0) Assert.Fail($"{different} of {run} sequences differ (seed {ComparisonBench.Seed})\n{report}");
    }

    private static string Disassemble(in TestCase given)
    {
        var text = new StringBuilder();
        fixed (byte* code = given.Code)
        {
            var decoder = Iced.Intel.Decoder.Create(32, new ByteArrayCodeReader(
                new ReadOnlySpan<byte>(code, (int)given.CodeLength).ToArray()), given.CodeAddress);
            uint end = given.CodeAddress + given.CodeLength;
            while (decoder.IP < end) text.AppendLine($"    {decoder.Decode()}");
        }
        return text.ToString();
    }
}
