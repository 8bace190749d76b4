// The test kit's settings, read once a system.

using Akka.Actor;
using Akka.Configuration;

namespace Akka.TestKit;

public class TestKitSettings : IExtension
{
    public TestKitSettings(Config config)
    {
        if (config.IsNullOrEmpty()) throw ConfigurationException.NullOrEmptyConfig<TestKitSettings>();
        DefaultTimeout = config.GetTimeSpan("akka.test.default-timeout", null, allowInfinite: false);
        SingleExpectDefault = config.GetTimeSpan("akka.test.single-expect-default", null, allowInfinite: false);
        TestEventFilterLeeway = config.GetTimeSpan("akka.test.filter-leeway", null, allowInfinite: false);
        TestTimeFactor = config.GetDouble("akka.test.timefactor");
        LogTestKitCalls = config.GetBoolean("akka.test.testkit.debug");
        if (TestTimeFactor <= 0)
            throw new ConfigurationException($"Expected a positive value for \"akka.test.timefactor\" but found {TestTimeFactor}");
    }

    public TimeSpan DefaultTimeout { get; }
    public TimeSpan SingleExpectDefault { get; }
    public TimeSpan TestEventFilterLeeway { get; }
    public double TestTimeFactor { get; }
    public bool LogTestKitCalls { get; }
}

public class TestKitExtension : ExtensionIdProvider<TestKitSettings>
{
    public static TestKitSettings For(ActorSystem system) => system.WithExtension<TestKitSettings, TestKitExtension>();

    public override TestKitSettings CreateExtension(ExtendedActorSystem system) => new(system.Settings.Config);
}
