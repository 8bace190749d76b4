// The other vendor's processors have answered before, and the core must agree with them too, on whatever host. To record the host's own
// answers: LGUEST_RECORD=$PWD/tests/Guest/Comparison/Answers dotnet test tests/Guest --filter RecordedOutcomesSpec
using System.Globalization;
using System.Text;
using Iced.Intel;
using Lguest.Guest.Tests.Native;

namespace Lguest.Guest.Tests.Comparison;

public sealed class RecordedOutcomesSpec(ComparisonBench bench) : IClassFixture<ComparisonBench>
{
    private const string RecordVariable = "LGUEST_RECORD";
    private const int Reported = 5;

    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Recording.Folder, "*.txt").Select(file => Path.GetFileName(file)!).Order()];

    [Theory]
    [MemberData(nameof(Files))]
    public void The_core_answers_as_recorded_processors_did(string file)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Recording.Folder, file));
        var vendor = Enum.Parse<Vendor>(lines.Single(line => line.StartsWith("# vendor ", StringComparison.Ordinal))[9..]);
        var forms = InstructionForm.All.ToDictionary(form => form.Code.ToString());
        var report = new StringBuilder();
        var (compared, different) = (0, 0);
        foreach (var group in lines.Where(line => line[0] != '#').Select(line => line.Split(' ', 5)).GroupBy(fields => fields[0]))
        {
            int[] numbers = group.Select(fields => int.Parse(fields[1], CultureInfo.InvariantCulture)).ToArray();
            var (image, cases, instructions) = Recording.Roll(forms[group.Key], 2 * (numbers.Max() + 1));
            var cores = bench.RunCore(vendor, image, cases, instructions);
            foreach (string[]? fields in group)
            {
                int number = int.Parse(fields[1], CultureInfo.InvariantCulture);
                string sum = Recording.Sum(cases[number]).ToString("x8", CultureInfo.InvariantCulture);
                sum.ShouldBe(fields[2], "the dice roll other cases: record anew");
                var answer = AnswerText.Read(cases[number], image, fields.Length > 4 ? fields[4] : "");
                answer.IsLongMode = fields[3] == "64" ? 1 : 0;
                compared++;
                string? text = OutcomeComparer.Difference(vendor, cases[number], instructions[number], image, answer, cores[number]);
                if (text is not { } difference) continue;
                if (++different <= Reported) report.Append(CasePrinter.Print(cases[number], instructions[number], difference));
            }
        }
        compared.ShouldBeGreaterThan(0);
        if (different != 0) Assert.Fail($"{different} of {compared} cases differ\n{report}");
    }

    [SkippableFact]
    public void An_answer_of_the_host_survives_as_text()
    {
        Skip.If(bench.WhyNot is not null, bench.WhyNot);
        var lines = new List<string> { $"# vendor {HostVendor.Current}", $"# {HostVendor.Model()}" };
        foreach (var form in InstructionForm.All.Where(form => form.IsImplemented))
        {
            var (image, cases, instructions) = Recording.Roll(form, 4 * Recording.CasesPerForm);
            var (hosts, cores) = bench.RunBoth(image, cases, instructions);
            int kept = 0;
            for (int i = 0; i < cases.Length && kept < Recording.CasesPerForm; i++)
            {
                if (hosts[i].Trap == TestOutcomeLayout.NotRun) continue;
                if (Recording.Line(form, i, image, cases[i], hosts[i]) is not { } line) continue;
                string[] fields = line.Split(' ', 5);
                var read = AnswerText.Read(cases[i], image, fields.Length > 4 ? fields[4] : "");
                read.IsLongMode = hosts[i].IsLongMode;
                AnswerText.Write(cases[i], image, read).ShouldBe(fields.Length > 4 ? fields[4] : "");
                OutcomeComparer.Difference(HostVendor.Current, cases[i], instructions[i], image, read, cores[i]).ShouldBeNull(line);
                lines.Add(line);
                kept++;
            }
        }
        lines.Count.ShouldBeGreaterThan(1_000);
        if (Environment.GetEnvironmentVariable(RecordVariable) is { Length: > 0 } folder)
            File.WriteAllLines(Path.Combine(folder, $"{HostVendor.Current}-{(bench.IsLongMode ? 64 : 32)}.txt".ToLowerInvariant()), lines);
    }
}
