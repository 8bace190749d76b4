// What the translator is worth in one loop. Interpreter, translator with the soft TLB, translator with a window and host run in turn, so
// that what else the machine does meets all of them, and each turn gives its own ratio; the medians are told. Before anything is measured
// all have to agree on the result.

using System.Diagnostics;
using System.Globalization;
using Lguest.Guest.Cpu;
using Lguest.Guest.Translator;

namespace Lguest.Bench.Comparing;

/// <summary>Instructions a second on the translator, as a multiple of those on the interpreter.</summary>
/// <param name="name">One of <see cref="EnginePrograms.All"/>.</param>
internal sealed class EngineLoop(string name) : IBenchmark
{
    private const int Turns = 5;

    /// <summary>How often a program is warmed up again that has not run long enough for a window.</summary>
    private const int MostWarmUps = 20;
    private static readonly TimeSpan _warmUp = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan _window = TimeSpan.FromMilliseconds(200);
    private static readonly Dictionary<string, Found> _found = [];

    public string Name => $"engines: {name}";

    public Target Target { get; } = Target.AtLeast(1, "x");

    /// <summary>Medians over the turns.</summary>
    /// <param name="Interpreter">Millions of instructions in a second of processor time.</param>
    /// <param name="Translator">The same with the soft TLB, no windows.</param>
    /// <param name="Windows">The same for the translator, in ring 3 with a window; null where the host has none.</param>
    /// <param name="Native">The same; null where the host cannot run it.</param>
    /// <param name="Gain">Translator to interpreter, turn by turn.</param>
    /// <param name="OfNative">Translator to host, turn by turn.</param>
    /// <param name="WindowsOfNative">Translator with a window to host, turn by turn.</param>
    public sealed record Found(
        double Interpreter, double Translator, double? Windows, double? Native, double Gain, double? OfNative, double? WindowsOfNative);

    public Measurement Run()
    {
        if (Engines.TranslatorProblem is { } problem)
            return Measurement.Unavailable($"no translator here: {problem}");
        var found = Of(name);
        return Measurement.Of(found.Gain, string.Create(
            CultureInfo.InvariantCulture,
            $"interpreter {found.Interpreter:#,0}, translator {found.Translator:#,0}")
                + (found.Windows is { } windows ? string.Create(CultureInfo.InvariantCulture, $", with a window {windows:#,0}") : "")
                + (found.Native is { } native ? string.Create(
                    CultureInfo.InvariantCulture, $", host {native:#,0} million/s; {found.OfNative:P0} of the host") : " million/s")
                + (found.WindowsOfNative is { } share
                    ? string.Create(CultureInfo.InvariantCulture, $", {share:P0} with a window") : ""));
    }

    /// <summary>Measures a loop once; later calls get the same.</summary>
    public static Found Of(string name)
    {
        if (!_found.TryGetValue(name, out var found))
            _found.Add(name, found = Measure(name));
        return found;
    }

    private static Found Measure(string name)
    {
        var round = EnginePrograms.All.Single(program => program.Name == name).Round;
        using var interpreter = new EngineGuest(round, EngineKind.Interpreter);
        using var translator = new EngineGuest(round, EngineKind.Translator, new TranslatorSettings(Windows: false));
        using var windows = Engines.WindowsProblem is null ? new EngineGuest(round, EngineKind.Translator) : null;
        using var native = NativeProgram.TryMake(round);
        windows?.GoOnInRing3();
        foreach (var guest in new[] { interpreter, translator, windows })
            WarmUp(guest);
        for (int more = 0; windows is { HasWindow: false } && more < MostWarmUps; more++)
            windows.RunFor(_warmUp);
        native?.Run(1);
        uint result = interpreter.Result;
        if (interpreter.Rounds == 0 || translator.Result != result || (windows?.Result ?? result) != result
            || (native?.Result ?? result) != result)
            throw new InvalidOperationException($"{name}: the interpreter found {result:x}, the translator {translator.Result:x}, "
                + $"with a window {windows?.Result:x}, the host {native?.Result:x}");
        if (windows is { HasWindow: false })
            throw new InvalidOperationException($"{name}: no window was made");

        double perRound = (double)interpreter.Instructions / interpreter.Rounds;
        uint batch = native is null ? 0 : Math.Max(1, (uint)(2e7 / perRound));
        native?.Run(batch);
        var turns = Enumerable.Range(0, Turns)
            .Select(_ => (Interpreter: Rate(interpreter), Translator: Rate(translator), Windows: windows is null ? 0 : Rate(windows),
                Native: native is null ? 0 : Rate(native)))
            .ToArray();
        return new Found(
            turns.Select(turn => turn.Interpreter).Median(),
            turns.Select(turn => turn.Translator).Median(),
            windows is null ? null : turns.Select(turn => turn.Windows).Median(),
            native is null ? null : turns.Select(turn => turn.Native).Median(),
            turns.Select(turn => turn.Translator / turn.Interpreter).Median(),
            native is null ? null : turns.Select(turn => turn.Translator / turn.Native).Median(),
            native is null || windows is null ? null : turns.Select(turn => turn.Windows / turn.Native).Median());

        static void WarmUp(EngineGuest? guest)
        {
            do
                guest?.RunFor(_warmUp);
            while (guest is { Rounds: 0 });
        }

        double Rate(object runner)
        {
            var start = Environment.CpuUsage.TotalTime;
            double done = 0;
            if (runner is EngineGuest guest)
            {
                ulong before = guest.Instructions;
                guest.RunFor(_window);
                done = guest.Instructions - before;
            }
            else
            {
                for (long from = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(from) < _window; done += batch * perRound)
                    native!.Run(batch);
            }

            return done / (Environment.CpuUsage.TotalTime - start).TotalSeconds / 1e6;
        }
    }
}
