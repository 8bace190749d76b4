// The seam of the comparison: whatever can run a case, the host's processor or our core, stands behind this interface, and the suite
// does not know which is which.
namespace Lguest.Guest.Tests.Native;

/// <summary>Runs single instructions from given states.</summary>
internal interface ICaseRunner
{
    /// <summary>Runs each case on its own: every one starts with <paramref name="image"/> as its data pages.</summary>
    /// <param name="image">Content of the sandbox's data pages, <see cref="Sandbox.ImageSize"/> bytes.</param>
    /// <param name="cases">What to run.</param>
    /// <param name="outcomes">One place per case for what came out.</param>
    void Run(ReadOnlySpan<byte> image, ReadOnlySpan<TestCase> cases, Span<TestOutcome> outcomes);
}
