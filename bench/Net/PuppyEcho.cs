// What a frame takes from Guest to Guest with nothing left out: two Puppies on one node send a datagram there and back, and the one that
// asks takes the time itself, by its time-stamp counter. Half of that is: a system call and UDP, IP and the driver in one Guest; the kick,
// with the way out of the slot; card, lan and card; the interrupt, which wakes a Guest that was halted; its driver, IP and UDP, and a
// process that wakes up. The frame's own way, without the Guests, is measured from ring to ring.

using System.Globalization;
using System.Text.RegularExpressions;
using Lguest.Host.Terminal;
using Lguest.Launcher;
using Lguest.Net.Lans;
using Lguest.Topology.Nodes.Actors;

namespace Lguest.Bench.Net;

/// <summary>Half the round trip of a datagram between two processes in two Guests of one node.</summary>
internal sealed partial class PuppyEcho : IBenchmark
{
    private const int Batches = 31;
    private const int Rounds = 200;
    private const int WarmUp = 2000;

    public string Name => "datagram from process to process in two Guests on one node";

    public Target Target { get; } = Target.AtMost(250, "us");

    public Measurement Run()
    {
        using var log = ProgramLog.Create(verbose: false);
        var node = new OneNode(log);
        try
        {
            node.StartLan(new LanSettings("wire"));
            var far = Boot(node, "far", "ip=10.0.0.2/24");
            far.Expect("# ");
            far.Type("udpecho");
            far.Expect("port 7");
            var near = Boot(node, "near", "ip=10.0.0.1/24");
            near.Expect("# ");
            near.Type($"udpping 10.0.0.2 -c {WarmUp} -i 0 -w 30 -q");
            near.Expect("puppy# ");

            // A line on the console for each would be measured with it; so the Guest says what some took together. One that another program
            // of this machine had kept from its processor spoils the average of all of those; the best average is the one that nobody
            // spoiled.
            double[] halves = Enumerable.Range(0, Batches).Select(_ => Batch(near) / 2).Order().ToArray();
            near.Type("poweroff");
            double ran = near.End().RunningNanoseconds / 1000.0 / (WarmUp + (Batches * Rounds));
            return Measurement.Of(
                halves[0],
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"half a round trip: the best of {Batches} averages of {Rounds}; their median {halves[Batches / 2]:F0} us; of each "
                        + $"whole round the Guest that asks itself ran for {ran:F0} us"));
        }
        finally
        {
            node.StopGuests("bench", 0);
            node.DisposeAsync().AsTask().Wait();
        }
    }

    private static ShellGuest Boot(OneNode node, string name, string address) =>
        new(node, new LauncherOptions(16, EmbeddedKernel.Puppy, [address], [new DeviceOption.Net("wire")]) { Name = name });

    /// <summary>Microseconds of a round trip, the average of some.</summary>
    private static double Batch(ShellGuest near)
    {
        near.Type($"udpping 10.0.0.2 -c {Rounds} -i 0 -q");
        string said = near.Expect("puppy# ");
        return Average().Match(said) is { Success: true } average && said.Contains(" 0% loss", StringComparison.Ordinal)
            ? double.Parse(average.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * 1000
            : throw new InvalidOperationException($"not all datagrams came back: {said}");
    }

    [GeneratedRegex(@"min/avg/max [\d.]+/([\d.]+)/")]
    private static partial Regex Average();
}
