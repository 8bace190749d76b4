// The table at the end of a topology: a row for each Guest, with what it did, wherever that was.

using System.Globalization;
using Lguest.Host.Topologies.Leading;
using Spectre.Console;

namespace Lguest.Host.Topologies;

/// <summary>Prints what the Guests of a topology did.</summary>
internal static class EndTable
{
    private const int Width = 140;

    /// <summary>The table as lines of plain characters.</summary>
    public static string Draw(IEnumerable<GuestEntry> entries)
    {
        var table = new Table().Border(TableBorder.Rounded);
        table.AddColumn("Guest");
        table.AddColumn("node");
        table.AddColumn("end");
        foreach (var column in (string[])["instructions", "MIPS", "hypercalls", "faults", "interrupts", "frames", "bytes"])
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (var entry in entries)
        {
            var figures = entry.Figures;
            table.AddRow(
                [
                    entry.Guest,
                    entry.Node,
                    Markup.Escape(End(entry)),
                    Count(figures.Instructions),
                    figures.Ran > TimeSpan.Zero ? (figures.Instructions / figures.Ran.TotalSeconds / 1e6).ToString("F1", CultureInfo.InvariantCulture) : "-",
                    Count(figures.Hypercalls),
                    Count(figures.Faults),
                    Count(figures.Interrupts),
                    Count(figures.Frames),
                    Count(figures.Bytes),
                ]);
        }

        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(text) });
        console.Profile.Width = Width;
        console.Profile.Capabilities.Unicode = true;
        console.Write(table);
        return string.Join('\n', text.ToString().ReplaceLineEndings("\n").TrimEnd().Split('\n').Select(line => line.TrimEnd()));
    }

    private static string End(GuestEntry entry) => entry.Restarts > 0 ? $"{entry.Text} ({Times(entry.Restarts)})" : entry.Text;

    private static string Times(int restarts) => restarts == 1 ? "restarted once" : $"restarted {restarts.ToString(CultureInfo.InvariantCulture)} times";

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
