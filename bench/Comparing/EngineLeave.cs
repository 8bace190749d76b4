// A Guest that computes must stop when somebody wants it to: for an interrupt, a frame that has arrived, a break. Emitted code asks for
// that at the head of each block, so it is a matter of nanoseconds until it has noticed; what is measured is all of it, until C# has the
// slot.

using System.Diagnostics;
using Lguest.Bench.Machine;
using Lguest.Guest.Cpu;

namespace Lguest.Bench.Comparing;

/// <summary>From the request to the return of the slot, median.</summary>
internal sealed class EngineLeave : IBenchmark
{
    private const int Requests = 2000;

    public string Name => "engines: a busy Guest leaves when asked";

    public Target Target { get; } = Target.AtMost(50, "us");

    public Measurement Run()
    {
        if (Engines.TranslatorProblem is { } problem)
            return Measurement.Unavailable($"no translator here: {problem}");
        using var guest = new EngineGuest(EnginePrograms.All.Single(program => program.Name == "sort").Round, EngineKind.Translator);
        guest.RunFor(TimeSpan.FromMilliseconds(400));

        long left = 0;
        bool inside = false, done = false;
        var runner = new Thread(() =>
        {
            while (!Volatile.Read(ref done))
            {
                Volatile.Write(ref inside, true);
                guest.RunUntilAsked();
                Volatile.Write(ref left, Stopwatch.GetTimestamp());
            }
        });
        runner.Start();
        double[] microseconds = new double[Requests];
        for (int i = 0; i < Requests; i++)
        {
            SpinWait.SpinUntil(() => Volatile.Read(ref inside));
            long moment = Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 10_000);
            while (Stopwatch.GetTimestamp() < moment)
                Thread.SpinWait(10);
            Volatile.Write(ref inside, false);
            Volatile.Write(ref left, 0);
            Volatile.Write(ref done, i == Requests - 1);
            long asked = Stopwatch.GetTimestamp();
            guest.Ask();
            SpinWait.SpinUntil(() => Volatile.Read(ref left) != 0);
            microseconds[i] = Stopwatch.GetElapsedTime(asked, Volatile.Read(ref left)).TotalMicroseconds;
        }

        runner.Join();
        Array.Sort(microseconds);
        return Measurement.Of(microseconds[Requests / 2], $"99 of 100 within {microseconds[Requests / 100 * 99]:F0} us");
    }
}
