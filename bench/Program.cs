// The program behind ./lguest bench: runs the benchmarks, all or those whose name contains one of the words given, and prints one table
// of what was promised and what was measured. Its exit code is that of a test: 1 if a promise was not kept.

using System.Globalization;
using Lguest.Bench;
using Lguest.Bench.Net;
using Spectre.Console;

if (args is [FarNode.Verb, .. var words])
    return FarNode.Run(words);

var chosen = Benchmarks.All
    .Where(benchmark => args.Length == 0 || args.Any(word => benchmark.Name.Contains(word, StringComparison.OrdinalIgnoreCase)))
    .ToList();
if (chosen.Count == 0)
{
    Console.Error.WriteLine($"lguest: no benchmark's name contains {string.Join(" or ", args)}; ./lguest bench runs all "
        + $"{Benchmarks.All.Count}");
    return 2;
}

var table = new Table().Border(TableBorder.Rounded).AddColumns("what", "promised", "measured", "kept", "remark");
table.Columns[2].RightAligned();
int broken = 0;
foreach (var benchmark in chosen)
{
    Console.Error.WriteLine($"measuring: {benchmark.Name}");
    var found = Measured(benchmark);
    bool kept = found.Value is { } value && benchmark.Target.IsMetBy(value);
    if (!kept && (found.Value is not null || found.Broke))
        broken++;
    table.AddRow(
        Markup.Escape(benchmark.Name),
        Markup.Escape(benchmark.Target.ToString()),
        found.Value is null ? "-" : Markup.Escape(string.Create(
            CultureInfo.InvariantCulture, $"{found.Value:#,0.##} {benchmark.Target.Unit}")),
        found.Value is null && !found.Broke ? "-" : kept ? "[green]yes[/]" : "[red]NO[/]",
        Markup.Escape(found.Remark));
}

// A pipe has no width and no colours of its own: the table is for reading in a log, too.
var console = AnsiConsole.Create(Console.IsOutputRedirected
    ? new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors }
    : new AnsiConsoleSettings());
if (Console.IsOutputRedirected)
    console.Profile.Width = 160;
console.Write(table);
console.MarkupLine($"{chosen.Count} measured, {broken} promises not kept, {Environment.ProcessorCount} processors, .NET "
    + $"{Environment.Version}");
return broken == 0 ? 0 : 1;

// One that breaks counts as a promise that was not kept.
static Measurement Measured(IBenchmark benchmark)
{
    try
    {
        return benchmark.Run();
    }
    catch (Exception problem) // for whatever reason: it must not take the others' figures with it
    {
        Console.Error.WriteLine(problem);
        return Measurement.Failed(problem.Message);
    }
}
