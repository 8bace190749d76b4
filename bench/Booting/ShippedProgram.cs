// Boots are measured on the program as a user has it: ./lguest at the root of the source tree, a process of its own, with everything that
// takes time before the first instruction of a Guest.

using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Lguest.Bench.Booting;

/// <summary>One run of ./lguest.</summary>
internal static partial class ShippedProgram
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    /// <summary>What one run took.</summary>
    /// <param name="UntilPrinting">From the start of the process until the Guest had printed anything.</param>
    /// <param name="UntilMarker">From the start of the process until the Guest had printed the marker.</param>
    /// <param name="Instructions">Guest instructions from start to end.</param>
    /// <param name="Rate">Millions of them in a second of the time between world switch in and world switch out.</param>
    /// <param name="EngineBytes">What the Guest cost its engine beside its memory, at its end.</param>
    /// <param name="MostEngineBytes">The most that this has been.</param>
    public sealed record Result(
        TimeSpan UntilPrinting, TimeSpan UntilMarker, ulong Instructions, double Rate, long EngineBytes, long MostEngineBytes);

    /// <summary>Builds the program if it is not built: that belongs to no measurement.</summary>
    public static void Prepare()
    {
        using var process = Start(["--version"]);
        process.StandardInput.Close();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
    }

    /// <summary>Starts it; what it says has to be read.</summary>
    public static Process Start(string[] arguments) => Start(arguments, null);

    private static Process Start(string[] arguments, string? cache)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Lguest.Cluster.sln")))
            root = root.Parent;
        if (root is null)
            throw new InvalidOperationException("the benchmarks run inside the source tree");
        ProcessStartInfo start = new(Path.Combine(root.FullName, "lguest"), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (cache is not null)
            start.Environment["XDG_CACHE_HOME"] = cache;
        return Process.Start(start)!;
    }

    /// <summary>Runs a Guest to its end.</summary>
    /// <param name="marker">What it prints when it has booted.</param>
    /// <param name="typed">What is typed into its console from the start.</param>
    /// <param name="arguments">The command line.</param>
    public static Result Run(string marker, string typed, params string[] arguments) => RunWith(null, marker, typed, arguments);

    /// <summary>Runs a Guest that nobody asks for anything for a while after it has booted.</summary>
    /// <param name="marker">What it prints when it has booted.</param>
    /// <param name="rest">How long that while is.</param>
    /// <param name="typed">What is typed into its console then.</param>
    /// <param name="arguments">The command line.</param>
    public static Result RunThenRest(string marker, TimeSpan rest, string typed, params string[] arguments) =>
        Run(null, marker, rest, typed, arguments);

    /// <summary>The same with a cache of its own.</summary>
    /// <param name="cache">Where the program keeps what it can make again; null for where the user has it.</param>
    /// <param name="marker">What it prints when it has booted.</param>
    /// <param name="typed">What is typed into its console from the start.</param>
    /// <param name="arguments">The command line.</param>
    public static Result RunWith(string? cache, string marker, string typed, params string[] arguments) =>
        Run(cache, marker, null, typed, arguments);

    private static Result Run(string? cache, string marker, TimeSpan? rest, string typed, string[] arguments)
    {
        var watch = Stopwatch.StartNew();
        using var process = Start(["--verbose", .. arguments], cache);
        if (rest is null)
            Type();
        var log = process.StandardError.ReadToEndAsync();
        var printed = new StringBuilder();
        TimeSpan? untilPrinting = null;
        TimeSpan? untilMarker = null;
        char[] buffer = new char[4096];
        for (int count = process.StandardOutput.Read(buffer); count > 0; count = process.StandardOutput.Read(buffer))
        {
            untilPrinting ??= watch.Elapsed;
            printed.Append(buffer, 0, count);
            if (untilMarker is null && printed.ToString().Contains(marker, StringComparison.Ordinal))
            {
                untilMarker = watch.Elapsed;
                if (rest is { } length)
                {
                    Thread.Sleep(length);
                    Type();
                }
            }
        }

        if (!process.WaitForExit(_patience) || process.ExitCode != 0 || untilMarker is not { } booted)
            throw new InvalidOperationException($"lguest {string.Join(' ', arguments)} did not boot and power off in order: {log.Result}");
        var executed = Executed().Match(log.Result);
        return new Result(
            untilPrinting!.Value,
            booted,
            ulong.Parse(executed.Groups[1].ValueSpan, CultureInfo.InvariantCulture),
            double.Parse(executed.Groups[2].ValueSpan, CultureInfo.InvariantCulture),
            Bytes(1),
            Bytes(2));

        void Type()
        {
            process.StandardInput.Write(typed);
            process.StandardInput.Close();
        }

        long Bytes(int group) => long.Parse(EngineBytes().Match(log.Result).Groups[group].ValueSpan, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"executed (\d+) instructions, ([\d.]+) million")]
    private static partial Regex Executed();

    [GeneratedRegex(@"with (\d+) bytes beside its memory, (\d+) at most")]
    private static partial Regex EngineBytes();
}
