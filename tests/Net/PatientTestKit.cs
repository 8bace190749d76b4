// Tests of the networks' actors read the networks' own reference settings, as a node does.

using Akka.Configuration;
using Lguest.Net.Lans.Actors;

namespace Lguest.Net.Tests;

/// <summary>A patient TestKit with the reference settings of the networks.</summary>
public abstract class PatientTestKit(string config = "")
    : Lguest.Support.PatientTestKit(ConfigurationFactory.ParseString(config).WithFallback(NetSettings.Reference()));
