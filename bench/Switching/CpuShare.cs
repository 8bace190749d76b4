// A Guest that computes all the time gets the part of a core that its topology gives it, no less and no more. The account that sees to it
// is tested with clocks that a test turns; here the operating system is asked what the Guest really got, in a Switcher as the product
// starts it.

using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Lguest.Bench.Machine;
using Lguest.Guest.Memory;
using Lguest.Switcher.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Bench.Switching;

/// <summary>How far what a busy Guest gets is from its share, as percent of the share. It needs a machine that has that much to
/// spare.</summary>
/// <param name="percent">The share, in percent of a core.</param>
internal sealed class CpuShare(int percent) : IBenchmark
{
    /// <summary>Percent of the time that the Guest's thread may have waited for a processor of the host; beyond that it is the host that is
    /// measured.</summary>
    private const double MostWaiting = 20;

    private static readonly TimeSpan _settling = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _window = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    public string Name => $"cpu-share of {percent}%, error of what the Guest gets";

    public Target Target { get; } = Target.AtMost(5, "%");

    public Measurement Run()
    {
        using var memory = BenchGuest.Load(Loops.Sieve);
        using var earlier = BenchGuest.Load(Loops.Sieve);
        var system = ActorSystem.Create("bench", SwitcherSettings.Reference(Environment.ProcessorCount));
        var switcher = system.ActorOf(SwitcherActor.Props(SwitcherSettings.From(system.Settings.Config)));

        // A Guest pays for what its thread does, be it the runtime's compiler: another one pays for that first.
        var (warmer, guest) = (new GuestId("warmer"), new GuestId("bench"));
        Start(warmer, earlier, 0.9);
        Thread.Sleep(_settling);
        Ask(new SwitcherProtocol.Close(warmer));
        Start(guest, memory, percent / 100.0);
        Thread.Sleep(_settling);

        long start = Stopwatch.GetTimestamp();
        var before = (Cpu: GuestThreads(), All: Environment.CpuUsage.TotalTime);
        Thread.Sleep(_window);
        var took = Stopwatch.GetElapsedTime(start);
        var after = (Cpu: GuestThreads(), All: Environment.CpuUsage.TotalTime);
        Ask(new SwitcherProtocol.Close(guest));
        system.Terminate().Wait();

        double all = (after.All - before.All) / took * 100;
        double got = before.Cpu is { } from && after.Cpu is { } to ? (to.Ran - from.Ran) / took * 100 : all;
        double waited = before.Cpu is { } first && after.Cpu is { } last ? (last.Waited - first.Waited) / took * 100 : 0;
        string remark = string.Create(
            CultureInfo.InvariantCulture, $"{got:F2}% of a core in {took.TotalSeconds:F1} s, and waited for one {waited:F1}% of the "
                + $"time; the whole process {all:F2}%");
        return waited > MostWaiting ? Measurement.Unavailable($"the host was too busy: {remark}")
            : Measurement.Of(Math.Abs(got - percent) / percent * 100, remark);

        void Start(GuestId id, GuestMemory program, double share)
        {
            Ask(new SwitcherProtocol.Open(id));
            Ask(new SwitcherProtocol.Initialize(id, program, BenchGuest.Start) { CpuShare = share });
            switcher.Tell(new SwitcherProtocol.Run(id));
        }

        void Ask(object request)
        {
            if (switcher.Ask(request, _patience).Result is SwitcherProtocol.Failed failed)
                throw new InvalidOperationException($"the Switcher refused: {failed.Error}");
        }
    }

    /// <summary>How long the threads of Guests have run and have waited for a processor, as Linux accounts for it
    /// (Documentation/scheduler/sched-stats); null on other systems, where the
    /// process has to do.</summary>
    private static (TimeSpan Ran, TimeSpan Waited)? GuestThreads()
    {
        // The kernel keeps the first fifteen letters of a thread's name.
        const string Name = "lguest.guest-cp";
        if (!OperatingSystem.IsLinux())
            return null;
        var (ran, waited, found) = (0L, 0L, false);
        foreach (string thread in Directory.GetDirectories("/proc/self/task"))
        {
            if (File.ReadAllText(Path.Combine(thread, "comm")).TrimEnd() != Name)
                continue;
            found = true;
            string[] fields = File.ReadAllText(Path.Combine(thread, "schedstat")).Split(' ');
            ran += long.Parse(fields[0], CultureInfo.InvariantCulture);
            waited += long.Parse(fields[1], CultureInfo.InvariantCulture);
        }

        return found ? (TimeSpan.FromTicks(ran / 100), TimeSpan.FromTicks(waited / 100)) : null;
    }
}
