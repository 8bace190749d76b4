// A rack is only usable while it idles if who types at one of its Guests does not wait. A kernel without tickless idle is woken seldom, and
// together with its neighbours; a key has to wake it at once, through all their ticks.

using System.Diagnostics;
using System.Globalization;
using Lguest.Bench.Booting;
using Lguest.Bench.Comparing;
using Lguest.Bench.Net;
using Lguest.Host.Terminal;
using Lguest.Topology.Nodes.Actors;

namespace Lguest.Bench.Idle;

/// <summary>From a line typed at an idle Debian Guest to what its program prints, with neighbours that are idle, too; in milliseconds, the
/// median.</summary>
/// <param name="guests">How many share the node.</param>
internal sealed class IdleAnswer(int guests) : IBenchmark
{
    private const int Rounds = 3;
    private const string Flavour = "686";
    private const string Command = "uname -m"; // the shell starts a program for it
    private const string Answer = "i686";

    private static readonly TimeSpan _settling = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _pause = TimeSpan.FromSeconds(0.5); // it is idle again

    public string Name => $"answer to a command typed at one of {guests} idle Debian Guests on one node";

    public Target Target { get; } = Target.AtMost(100, "ms"); // what seems to be at once

    public Measurement Run()
    {
        if (DebianKernels.With(Flavour, []) is not { } options)
            return Measurement.Unavailable(DebianKernels.Missing);
        using var log = ProgramLog.Create(verbose: false);
        var node = new OneNode(log);
        try
        {
            ShellGuest[] rack = [.. Enumerable.Range(1, guests).Select(number =>
                new ShellGuest(node, options with { Name = $"guest-{number}" }))];
            foreach (var guest in rack)
                guest.Expect(DebianKernels.Prompt);
            Thread.Sleep(_settling);
            double[] answers = [.. Enumerable.Range(0, Rounds).SelectMany(_ => rack).Select(Ask).Order()];
            return Measurement.Of(answers.Median(), string.Create(CultureInfo.InvariantCulture,
                $"686, {Command}, the median of {answers.Length}; the slowest took {answers[^1]:F0} ms"));
        }
        finally
        {
            node.StopGuests("bench", 0);
            node.DisposeAsync().AsTask().Wait();
        }
    }

    private static double Ask(ShellGuest guest)
    {
        Thread.Sleep(_pause);
        long start = Stopwatch.GetTimestamp();
        guest.Type(Command);
        guest.Expect(Answer);
        double took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        guest.Expect(DebianKernels.Prompt);
        return took;
    }
}
