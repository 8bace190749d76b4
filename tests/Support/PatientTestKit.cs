// The defaults of the TestKit are Akka.NET's: three seconds for whatever is expected. A machine with two cores on which other tests run as
// well misses that now and then; a test that passes does not wait longer because its limit is longer.

using Akka.Configuration;

namespace Lguest.Support;

/// <summary>A TestKit that waits twenty seconds where nothing else is said.</summary>
public abstract class PatientTestKit : Akka.TestKit.Xunit2.TestKit
{
    private static readonly Config _patience = ConfigurationFactory.ParseString(
        "akka.test { single-expect-default = 20 s, default-timeout = 20 s, filter-leeway = 20 s }");

    /// <param name="config">What the test wants beside the defaults.</param>
    protected PatientTestKit(string config = "")
        : this(ConfigurationFactory.ParseString(config))
    {
    }

    /// <param name="config">What the test wants beside the defaults.</param>
    protected PatientTestKit(Config config)
        : base(config.WithFallback(_patience))
    {
    }
}
