// Ready-made configurations for tests. What a test adds to them comes first, as with any fallback.

using Akka.Configuration;

namespace Akka.TestKit.Configs;

public static class TestConfigs
{
    public static Config DefaultConfig => TestKitBase.DefaultConfig;

    /// <summary>Time stands still: see <see cref="TestScheduler"/>.</summary>
    public static Config TestSchedulerConfig => ConfigurationFactory
        .ParseString("""akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit" """)
        .WithFallback(TestKitBase.DefaultConfig);
}
