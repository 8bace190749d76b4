// Time has one source. Who reads the machine's clocks beside it cannot be tested with a clock of the test's own, and two clocks differ; who
// writes a unit's factor by hand will write it wrong once. The exceptions are named here, each with its reason.

using System.Text.RegularExpressions;
using Lguest.Devices.Console;

namespace Lguest.Architecture.Tests;

public sealed partial class OneClockSpec
{
    private const string Machine = "src/Machine/Actors/SystemClock.cs";

    /// <summary>Who takes the machine's clock by its name, and why nobody hands it one.</summary>
    private static readonly Dictionary<string, string> _unasked = new()
    {
        ["src/Machine/Actors/HostClock.cs"] = "gives it to every system that was made without another",
        ["src/Switcher/Actors/AlarmScheduler.cs"] = "Akka makes its scheduler before there is a system to ask",
        ["src/Topology/Actors/ClusterNode.cs"] = "checks certificates for a system, and is made before it",
        ["src/Host/Programs/UpProgram.cs"] = "is a program, and has no system of its own",
        ["src/Devices/Console/TerminalInput.cs"] = "is handed one by tests",
        ["src/Host/Commands/CertCommand.cs"] = "is a program: certificates are valid from now on",
    };

    [Fact]
    public void Only_the_system_clock_reads_the_clocks_of_the_machine() =>
        Lines(ReadsClock(), file => file.Path != Machine).ShouldBeEmpty();

    [Fact]
    public void The_system_clock_is_named_only_where_no_clock_can_be_handed_over() =>
        Lines(NamesClock(), file => file.Path != Machine && !_unasked.ContainsKey(file.Path)).ShouldBeEmpty();

    [Fact]
    public void Each_exception_is_one() =>
        _unasked.Keys.Where(path => !SourceTree.CSharp("src").Any(file => file.Path == path && NamesClock().IsMatch(file.Text)))
            .ShouldBeEmpty();

    [Fact]
    public void The_factors_between_units_of_time_are_written_in_one_place() =>
        Lines(BareFactor(), file => file.Path != "src/Machine/Nanoseconds.cs" && file.Path != Machine).ShouldBeEmpty();

    private static IEnumerable<string> Lines(Regex wrong, Func<SourceFile, bool> where) =>
        SourceTree.CSharp("src").Where(where).SelectMany(file => file.Code.Where(line => wrong.IsMatch(line.Code))
            .Select(line => $"{file.Path}:{line.Number}: {line.Code.Trim()}"));

    [GeneratedRegex(@"\bStopwatch\b|\bDateTime(Offset)?\.(Utc)?(Now|Today)\b|\bTickCount(64)?\b|\bTimeProvider\b|\bGetTimestamp\b")]
    private static partial Regex ReadsClock();

    [GeneratedRegex(@"\bSystemClock\b")]
    private static partial Regex NamesClock();

    // .NET's ticks of 100 ns, and nanoseconds as a number: 1e9 is also a gigabyte, which is no constant of nanoseconds.
    [GeneratedRegex(@"\b[Tt]icks\)? [*/] \d|FromTicks\([^()]* / \d|\bNanosecondsPer(Tick|Millisecond|Second)\b|\b1_000_000_000(\.0|L)?\b")]
    private static partial Regex BareFactor();
}
