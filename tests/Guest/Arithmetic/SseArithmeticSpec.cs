// Proves the scalar SSE and SSE2 operations against the processor the tests run on, in every rounding mode, with
// denormals as they are, read as zero, and flushed to zero.

namespace Lguest.Guest.Tests.Arithmetic;

public sealed class SseArithmeticSpec
{
    private const int Cases = 30_000;

    public static TheoryData<string> Operations => [.. HostCode.IsAvailable ? SseComparison.All().Select(operation => operation.Name)
        : ["none"]];

    [SkippableTheory]
    [MemberData(nameof(Operations))]
    public void A_scalar_operation_answers_like_the_host_processor(string name)
    {
        Skip.IfNot(HostCode.IsAvailable, HostCode.WhyNot);
        var operation = SseComparison.All().Single(candidate => candidate.Name == name);
        var samples = new Samples(40);
        var differences = Enumerable.Range(0, Cases).Select(_ => operation.Difference(samples)).Where(difference => difference != null);
        differences.Take(5).ShouldBeEmpty();
    }
}
