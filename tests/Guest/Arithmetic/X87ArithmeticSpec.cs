// Proves the exact x87 operations against the processor the tests run on: results to the last bit, exception flags,
// condition codes, and what unmasked exceptions leave unwritten.

namespace Lguest.Guest.Tests.Arithmetic;

public sealed class X87ArithmeticSpec
{
    private const int Cases = 50_000;

    public static TheoryData<string> Operations => [.. HostCode.IsAvailable ? X87Comparison.All().Select(operation => operation.Name)
        : ["none"]];

    [SkippableTheory]
    [MemberData(nameof(Operations))]
    public void An_operation_answers_like_the_host_processor(string name)
    {
        Skip.IfNot(HostCode.IsAvailable, HostCode.WhyNot);
        var operation = X87Comparison.All().Single(candidate => candidate.Name == name);
        var samples = new Samples(20);
        var differences = Enumerable.Range(0, Cases).Select(_ => operation.Difference(samples)).Where(difference => difference != null);
        differences.Take(5).ShouldBeEmpty();
    }
}
