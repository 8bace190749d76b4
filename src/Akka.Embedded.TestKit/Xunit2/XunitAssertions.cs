// Tells xunit of a failed expectation. Nothing else in the TestKit knows which test framework it runs in.

using System.Globalization;
using Xunit;
using Xunit.Sdk;

namespace Akka.TestKit.Xunit2;

public class XunitAssertions : ITestKitAssertions
{
    public void Fail(string format = "", params object[] args) => throw new XunitException(Text(format, args));

    public void AssertTrue(bool condition, string format = "", params object[] args) => Assert.True(condition, Text(format, args));

    public void AssertFalse(bool condition, string format = "", params object[] args) => Assert.False(condition, Text(format, args));

    public void AssertEqual<T>(T expected, T actual, string format = "", params object[] args) => Assert.Equal(expected, actual);

    public void AssertEqual<T>(T expected, T actual, Func<T, T, bool> comparer, string format = "", params object[] args)
    {
        if (!comparer(expected, actual)) throw EqualException.ForMismatchedValues(expected, actual, Text(format, args));
    }

    private static string Text(string format, object[] args) =>
        args.Length == 0 || string.IsNullOrEmpty(format) ? format : string.Format(CultureInfo.InvariantCulture, format, args);
}
