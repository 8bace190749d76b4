// The table at the end of a topology: a row for each Guest with its figures, wherever it ran.

using System.Globalization;
using Lguest.Host.Terminal;
using Lguest.Topology.Leading;
using Spectre.Console;

namespace Lguest.Host.Programs;

/// <summary>Prints what the Guests of a topology did.</summary>
internal static class EndTable
{
    private const int Unlimited = 1000;

    /// <summary>A column only where there is something in it.</summary>
    private const string Dropped = "dropped";

    /// <summary>Columns that a terminal has to be wide for.</summary>
    private static readonly string[] _details = ["hypercalls", "faults", "interrupts"];

    /// <summary>The table as lines, with colours where there are any, and without some columns where there is no room for them.</summary>
    public static string Draw(IEnumerable<GuestEntry> entries, ConsoleStyle style)
    {
        var rows = entries.ToList();
        int width = Lines(Make(rows, hasDetails: true), ConsoleStyle.Plain with { Width = Unlimited }).Max(line => line.Length);
        return string.Join('\n', Lines(Make(rows, hasDetails: width <= style.Width), style));
    }

    private static Table Make(IReadOnlyList<GuestEntry> entries, bool hasDetails)
    {
        (string Title, Func<GuestEntry, string> Text)[] figures =
        [
            ("instructions", entry => Count(entry.Figures.Instructions)),
            ("MIPS", entry => Rate(entry.Figures)),
            ("hypercalls", entry => Count(entry.Figures.Hypercalls)),
            ("faults", entry => Count(entry.Figures.Faults)),
            ("interrupts", entry => Count(entry.Figures.Interrupts)),
            ("frames", entry => Count(entry.Figures.Frames)),
            ("bytes", entry => Count(entry.Figures.Bytes)),
            (Dropped, entry => Count(entry.Figures.Dropped)),
        ];
        bool areDropped = entries.Any(entry => entry.Figures.Dropped > 0);
        var shown = figures.Where(column => (hasDetails || !_details.Contains(column.Title))
            && (areDropped || column.Title != Dropped)).ToList();
        var table = new Table().Border(TableBorder.Rounded).AddColumns("Guest", "node", "end");
        foreach (var column in shown)
            table.AddColumn(new TableColumn(column.Title).RightAligned());
        foreach (var entry in entries)
        {
            string end = Markup.Escape(End(entry));
            string shownEnd = entry.Stage == GuestStage.Down ? $"[red]{end}[/]" : end;
            table.AddRow([entry.Guest, entry.Node, shownEnd, .. shown.Select(column => column.Text(entry))]);
        }

        return table;
    }

    private static IEnumerable<string> Lines(Table table, ConsoleStyle style)
    {
        using var text = new StringWriter();
        style.Canvas(text).Write(table);
        return text.ToString().ReplaceLineEndings("\n").TrimEnd().Split('\n').Select(line => line.TrimEnd());
    }

    private static string Rate(GuestFigures figures) =>
        figures.Ran > TimeSpan.Zero
            ? (figures.Instructions / figures.Ran.TotalSeconds / 1e6).ToString("F1", CultureInfo.InvariantCulture)
            : "-";

    private static string End(GuestEntry entry) => entry.Restarts > 0 ? $"{entry.Text} ({Times(entry.Restarts)})" : entry.Text;

    private static string Times(int restarts) => restarts == 1 ? "restarted once"
        : $"restarted {restarts.ToString(CultureInfo.InvariantCulture)} times";

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
