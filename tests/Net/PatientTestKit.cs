// The defaults of the TestKit are Akka.NET's: three seconds for whatever is expected. A machine with two cores on which other tests run as well misses that now and then; a
// test that passes waits no longer for being patient.

using Akka.Configuration;
using Akka.TestKit.Xunit2;
using Lguest.Net.Lans.Actors;

namespace Lguest.Net.Tests;

/// <summary>A TestKit with the reference settings of the networks that waits twenty seconds where nothing else is said.</summary>
public abstract class PatientTestKit(string config = "") : TestKit(ConfigurationFactory
    .ParseString(config)
    .WithFallback(ConfigurationFactory.ParseString("akka.test { single-expect-default = 20 s, default-timeout = 20 s, filter-leeway = 20 s }"))
    .WithFallback(NetSettings.Reference()));
