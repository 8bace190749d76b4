// What a frame takes from Guest to Guest with nothing left out: two Puppies on one node send a datagram there and back, and the one that asks takes the time itself, by its
// time-stamp counter. Half of that is: a system call and UDP, IP and the driver in one Guest; the kick, with the way out of the slot; card, lan and card; the interrupt, which wakes a
// Guest that was halted; its driver, IP and UDP, and a process that wakes up. The frame's own way, without the Guests, is measured from ring to ring.

using System.Globalization;
using System.Text.RegularExpressions;
using Lguest.Host.Launcher;
using Lguest.Host.Logging;
using Lguest.Host.Nodes.Actors;
using Lguest.Net.Lans;

namespace Lguest.Bench.Net;

/// <summary>Half the median round trip of a datagram between two processes in two Guests of one node.</summary>
internal sealed partial class PuppyEcho : IBenchmark
{
    private const int Rounds = 5_000;

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
            near.Type($"udpping 10.0.0.2 -c {Rounds} -i 0 -w 30");
            var times = Time().Matches(near.Expect("% loss")).Select(time => double.Parse(time.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * 1000).ToArray();
            if (times.Length != Rounds)
                throw new InvalidOperationException($"{times.Length} of {Rounds} datagrams came back");
            var half = times.Skip(Rounds / 5).Select(time => time / 2).Order().ToArray();
            return Measurement.Of(half[half.Length / 2], $"half the median of {half.Length} round trips; 99% below {half[half.Length * 99 / 100]:F0} us");
        }
        finally
        {
            node.StopGuests("bench", 0);
            node.DisposeAsync().AsTask().Wait();
        }
    }

    private static ShellGuest Boot(OneNode node, string name, string address) =>
        new(node, new LauncherOptions(16, EmbeddedKernel.Puppy, [address], [new DeviceOption.Net("wire")]) { Name = name });

    [GeneratedRegex(@"seq=\d+ time=([\d.]+) ms")]
    private static partial Regex Time();
}
