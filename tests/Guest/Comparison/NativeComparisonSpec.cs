// The core is right when it does what the machine does. Each test takes the forms of one mnemonic and runs the same cases on both; a
// failure prints the bytes, the inputs and what came out on either side. LGUEST_NATIVE_CASES=5000 asks for that many cases of each form,
// LGUEST_NATIVE_SEED=7 for other ones.
using System.Diagnostics;
using System.Text;
using Iced.Intel;
using Lguest.Guest.Tests.Native;
using Xunit.Abstractions;

namespace Lguest.Guest.Tests.Comparison;

public sealed class NativeComparisonSpec(ComparisonBench bench, ITestOutputHelper output) : IClassFixture<ComparisonBench>
{
    [SkippableTheory]
    [MemberData(nameof(Mnemonics), nameof(Family.Integer))]
    public void Integer_instructions_do_what_the_host_does(string mnemonic) => Compare(mnemonic, Family.Integer);

    [SkippableTheory]
    [MemberData(nameof(Mnemonics), nameof(Family.Strings))]
    public void String_instructions_do_what_the_host_does(string mnemonic) => Compare(mnemonic, Family.Strings);

    [SkippableTheory]
    [MemberData(nameof(Mnemonics), nameof(Family.Branches))]
    public void Branches_go_where_the_host_goes(string mnemonic) => Compare(mnemonic, Family.Branches);

    [SkippableTheory]
    [MemberData(nameof(Mnemonics), nameof(Family.Stack))]
    public void Stack_instructions_do_what_the_host_does(string mnemonic) => Compare(mnemonic, Family.Stack);

    [SkippableTheory]
    [MemberData(nameof(Mnemonics), nameof(Family.Segments))]
    public void Segment_instructions_do_what_the_host_does(string mnemonic) => Compare(mnemonic, Family.Segments);

    [SkippableTheory]
    [MemberData(nameof(Mnemonics), nameof(Family.Privileged))]
    public void Privileged_instructions_fault_as_on_the_host(string mnemonic) => Compare(mnemonic, Family.Privileged);

    [SkippableTheory]
    [MemberData(nameof(Mnemonics), nameof(Family.X87))]
    public void X87_instructions_do_what_the_host_does(string mnemonic) => Compare(mnemonic, Family.X87);

    [SkippableTheory]
    [MemberData(nameof(Mnemonics), nameof(Family.Mmx))]
    public void Mmx_instructions_do_what_the_host_does(string mnemonic) => Compare(mnemonic, Family.Mmx);

    [SkippableTheory]
    [MemberData(nameof(Mnemonics), nameof(Family.Sse))]
    public void Sse_instructions_do_what_the_host_does(string mnemonic) => Compare(mnemonic, Family.Sse);

    [SkippableTheory]
    [MemberData(nameof(Mnemonics), nameof(Family.Sse2))]
    public void Sse2_instructions_do_what_the_host_does(string mnemonic) => Compare(mnemonic, Family.Sse2);

    public static TheoryData<string> Mnemonics(string family)
    {
        var wanted = Enum.Parse<Family>(family);
        return [.. InstructionForm.All.Where(form => form.Family == wanted).Select(form => form.Code.Mnemonic().ToString()).Distinct()];
    }

    [Fact]
    public void Every_announced_form_has_a_row_in_the_core()
    {
        var missing = InstructionForm.All.Where(form => !form.IsImplemented).Select(form => form.Code).ToList();
        output.WriteLine($"{InstructionForm.All.Count} forms are compared");
        missing.ShouldBeEmpty();
    }

    private void Compare(string mnemonic, Family family)
    {
        Skip.If(bench.WhyNot is not null, bench.WhyNot);
        var wanted = Enum.Parse<Mnemonic>(mnemonic);
        var report = new StringBuilder();
        output.WriteLine($"seed {ComparisonBench.Seed}");
        var clock = Stopwatch.StartNew();
        var (forms, run, different) = (0, 0, 0);
        foreach (var form in InstructionForm.All.Where(form => form.IsImplemented && form.Family == family
            && form.Code.Mnemonic() == wanted))
        {
            var (made, cases, differing) = bench.Compare(form, report);
            made.ShouldBeGreaterThan(0, $"no encoding of {form.Code} was found");
            (forms, run, different) = (forms + 1, run + cases, different + differing);
        }
        output.WriteLine($"{forms} forms, {run} cases, {different} different, {clock.ElapsedMilliseconds} ms, seed {ComparisonBench.Seed}");
        Skip.If(run == 0, NativeOracle.LongModeOnly);
        if (different != 0) Assert.Fail($"{different} of {run} cases differ (seed {ComparisonBench.Seed})\n{report}");
    }
}
