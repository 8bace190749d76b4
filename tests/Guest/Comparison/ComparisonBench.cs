// Both processors side by side, and the loop that sends the same cases to both. Shared by all tests of a class: starting the oracle and
// warming up the core is done once. Where the host can run emitted code, each case goes through the translator too, which has to answer
// what the interpreter answers, byte for byte.
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Tests.Native;
using Lguest.Guest.Translator;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>The oracle, if this machine has one, and the core.</summary>
public sealed class ComparisonBench : IDisposable
{
    private const string CasesVariable = "LGUEST_NATIVE_CASES";
    private const string SeedVariable = "LGUEST_NATIVE_SEED";
    private const int DefaultCases = 150;
    private const int BatchSize = 500;
    private const int Reported = 2;

    /// <summary>All code is translated, and in ring 3 for a window.</summary>
    private static readonly TranslatorSettings _everything = new(HotAfter: 0, ShortestStretch: 1, WindowAfter: 0, InstructionsAFault: 0);

    private readonly NativeOracle? _oracle;
    private readonly CoreRunner _core = new();
    private readonly CoreRunner[] _translated = Engines.TranslatorProblem is not null ? []
        : [new(EngineKind.Translator, _everything with { Windows = false }), new(EngineKind.Translator, _everything)];

    public ComparisonBench()
    {
        if (!NativeOracle.TryStart(out _oracle, out string? reason)) WhyNot = reason;
    }

    /// <summary>Why there is no native comparison here; null if there is.</summary>
    public string? WhyNot { get; }

    /// <summary>Whether the host is asked in 64-bit mode.</summary>
    public bool IsLongMode => _oracle is { IsLongMode: true };

    /// <summary>Cases for each form, from the environment variable LGUEST_NATIVE_CASES.</summary>
    public static int CasesPerForm =>
        int.TryParse(Environment.GetEnvironmentVariable(CasesVariable), CultureInfo.InvariantCulture, out int count) ? count : DefaultCases;

    /// <summary>Where the dice start, from LGUEST_NATIVE_SEED.</summary>
    public static ulong Seed => ulong.TryParse(Environment.GetEnvironmentVariable(SeedVariable), CultureInfo.InvariantCulture,
        out ulong seed)
        ? seed : 1;

    public void Dispose()
    {
        _oracle?.Dispose();
        _core.Dispose();
        foreach (var translated in _translated)
            translated.Dispose();
    }

    /// <summary>Compares a form on <see cref="CasesPerForm"/> cases; adds the first differences to <paramref name="report"/>.</summary>
    /// <returns>Cases rolled, cases that the host could run, and cases that differ.</returns>
    internal (int Made, int Run, int Different) Compare(InstructionForm form, StringBuilder report)
    {
        var (made, run, different) = (0, 0, 0);
        var dice = new Dice((Seed * 1_000_003) + (ulong)form.Code);
        var generator = new CaseGenerator(dice);
        var cases = new List<TestCase>(BatchSize);
        var instructions = new List<Instruction>(BatchSize);
        for (int left = CasesPerForm; left > 0; left -= BatchSize)
        {
            byte[] image = OperandBytes.Image(dice);
            cases.Clear();
            instructions.Clear();
            for (int i = 0; i < Math.Min(left, BatchSize); i++)
            {
                if (!generator.TryMake(form, out var rolled, out var instruction)) continue;
                cases.Add(rolled);
                instructions.Add(instruction);
            }
            made += cases.Count;
            var (seen, differing) =
                CompareBatch(image, CollectionsMarshal.AsSpan(cases), CollectionsMarshal.AsSpan(instructions), _ =>
                    true, report, different);
            (run, different) = (run + seen, different + differing);
        }
        if (different > Reported) report.AppendLine($"  {form.Code}: {different} of {run} cases differ");
        return (made, run, different);
    }

    /// <summary>Compares given cases, as far as the host's outcome is of interest.</summary>
    /// <returns>Cases of interest and cases that differ.</returns>
    internal (int Relevant, int Different) CompareAll(List<TestCase> cases, List<Instruction> instructions, Predicate<TestOutcome> relevant,
        StringBuilder report) =>
        CompareBatch(new byte[Sandbox.ImageSize], CollectionsMarshal.AsSpan(cases), CollectionsMarshal.AsSpan(instructions), relevant,
            report, 0);

    /// <summary>Runs the cases on the host and on the core.</summary>
    internal (TestOutcome[] Hosts, TestOutcome[] Cores) RunBoth(ReadOnlySpan<byte> image, ReadOnlySpan<TestCase> cases,
        ReadOnlySpan<Instruction> instructions)
    {
        var hosts = new TestOutcome[cases.Length];
        _oracle!.Run(image, cases, hosts);
        return (hosts, RunCore(HostVendor.Current, image, cases, instructions));
    }

    /// <summary>Runs the cases on the core, as rows of the table for that vendor want it asked.</summary>
    internal TestOutcome[] RunCore(Vendor vendor, ReadOnlySpan<byte> image, ReadOnlySpan<TestCase> cases,
        ReadOnlySpan<Instruction> instructions)
    {
        var asked = cases.ToArray();
        for (int i = 0; i < asked.Length; i++)
        {
            foreach (var row in DifferenceTable.For(vendor, instructions[i].Mnemonic)) row.Ask?.Invoke(ref asked[i], instructions[i]);
        }
        var cores = new TestOutcome[cases.Length];
        _core.Run(image, asked, cores);
        foreach (var translated in _translated)
        {
            var others = new TestOutcome[cases.Length];
            translated.Run(image, asked, others);
            for (int i = 0; i < cases.Length; i++)
            {
                if (!Bytes(cores[i]).SequenceEqual(Bytes(others[i])))
                    Assert.Fail(CasePrinter.Print(asked[i], instructions[i], "the translator's answer is not the interpreter's\n"
                        + OutcomeComparer.Difference(vendor, asked[i], default, image.ToArray(), cores[i], others[i])));
            }
        }

        return cores;
    }

    private static ReadOnlySpan<byte> Bytes(in TestOutcome outcome) =>
        MemoryMarshal.AsBytes(new ReadOnlySpan<TestOutcome>(in outcome));

    private (int Relevant, int Different) CompareBatch(
        byte[] image, Span<TestCase> cases, Span<Instruction> instructions, Predicate<TestOutcome> relevant, StringBuilder report,
            int reported)
    {
        var (hosts, cores) = RunBoth(image, cases, instructions);
        var (seen, different) = (0, 0);
        for (int i = 0; i < cases.Length; i++)
        {
            if (hosts[i].Trap == TestOutcomeLayout.NotRun || !relevant(hosts[i])) continue;
            seen++;
            if (OutcomeComparer.Difference(HostVendor.Current, cases[i], instructions[i], image, hosts[i],
                cores[i]) is not { } difference) continue;
            if (reported + ++different <= Reported) report.Append(CasePrinter.Print(cases[i], instructions[i], difference));
        }
        return (seen, different);
    }
}
