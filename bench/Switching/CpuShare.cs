// A Guest that computes all the time gets the part of a core that its topology gives it, no less and no more. The account that sees to it is tested with clocks that a test turns; here the
// operating system is asked what the Guest really got, in a Switcher as the product starts it.

using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Lguest.Bench.Machine;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Bench.Switching;

/// <summary>How far what a busy Guest gets is from its share, as percent of the share. It needs a machine that has that much to spare.</summary>
/// <param name="percent">The share, in percent of a core.</param>
internal sealed class CpuShare(double percent) : IBenchmark
{
    private static readonly TimeSpan _settling = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _window = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    public string Name => string.Create(CultureInfo.InvariantCulture, $"cpu-share of {percent}%, error of what the Guest gets");

    public Target Target { get; } = Target.AtMost(5, "%");

    public Measurement Run()
    {
        using var memory = BenchGuest.Load(Loops.Sieve);
        var system = ActorSystem.Create("bench", SwitcherSettings.Reference(Environment.ProcessorCount));
        var switcher = system.ActorOf(SwitcherActor.Props(SwitcherSettings.From(system.Settings.Config)));
        var guest = new GuestId("bench");
        Ask(new SwitcherProtocol.Open(guest));
        Ask(new SwitcherProtocol.Initialize(guest, memory, BenchGuest.Start) { CpuShare = percent / 100 });
        switcher.Tell(new SwitcherProtocol.Run(guest));
        Thread.Sleep(_settling);

        var start = Stopwatch.GetTimestamp();
        var before = (Cpu: GuestThreads(), All: Environment.CpuUsage.TotalTime);
        Thread.Sleep(_window);
        var took = Stopwatch.GetElapsedTime(start);
        var after = (Cpu: GuestThreads(), All: Environment.CpuUsage.TotalTime);
        Ask(new SwitcherProtocol.Close(guest));
        system.Terminate().Wait();

        var all = (after.All - before.All) / took * 100;
        var got = before.Cpu is { } from && after.Cpu is { } to ? (to - from) / took * 100 : all;
        return Measurement.Of(Math.Abs(got - percent) / percent * 100, string.Create(
            CultureInfo.InvariantCulture, $"{got:F2}% of a core in {took.TotalSeconds:F1} s; the whole process {all:F2}%"));

        void Ask(object request)
        {
            if (switcher.Ask(request, _patience).Result is SwitcherProtocol.Failed failed)
                throw new InvalidOperationException($"the Switcher refused: {failed.Error}");
        }
    }

    /// <summary>Processor time of the threads on which Guests run, as Linux accounts for it (Documentation/scheduler/sched-stats); null on other systems, where the process has to do.</summary>
    private static TimeSpan? GuestThreads()
    {
        // The kernel keeps the first fifteen letters of a thread's name.
        const string Name = "lguest.guest-cp";
        if (!OperatingSystem.IsLinux())
            return null;
        var nanoseconds = 0L;
        var found = false;
        foreach (var thread in Directory.GetDirectories("/proc/self/task"))
        {
            if (File.ReadAllText(Path.Combine(thread, "comm")).TrimEnd() != Name)
                continue;
            found = true;
            nanoseconds += long.Parse(File.ReadAllText(Path.Combine(thread, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture);
        }

        return found ? TimeSpan.FromTicks(nanoseconds / 100) : null;
    }
}
