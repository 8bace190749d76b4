// The table at the end of the demonstration: what the Guest asked of its Host, in the words in which the reference figures of lguest are given.

using System.Globalization;
using Lguest.Switcher.Slots;
using Spectre.Console;

namespace Lguest.Host.Demo;

/// <summary>Prints a Guest's counters.</summary>
internal static class DemoTable
{
    /// <summary>Writes the table, in plain characters, so that it reads the same in a terminal and in a log.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="statistics">The Guest's counters at its end.</param>
    /// <param name="elapsed">From the command to the Guest's end; start of the program's parts and idle time of the Guest included.</param>
    public static void Write(TextWriter output, GuestStatistics statistics, TimeSpan elapsed)
    {
        var table = new Table().Border(TableBorder.Rounded).AddColumns("what the Guest did", "count");
        table.Columns[1].RightAligned();
        Row("instructions", statistics.Instructions);
        Row("entries into the Guest", statistics.Entries);
        Row("hypercalls, direct", statistics.DirectHypercalls);
        Row("hypercalls, queued in the ring", statistics.QueuedHypercalls);
        Row("page faults", statistics.PageFaults);
        Row("other faults and traps", statistics.Traps);
        Row("interrupts delivered", statistics.Interrupts);
        Row("exits to the Switcher", statistics.SwitchesOut);
        table.AddRow("seconds, start to end", elapsed.TotalSeconds.ToString("F2", CultureInfo.InvariantCulture));
        table.AddRow("of which it had the processor", (statistics.RunningNanoseconds / 1e9).ToString("F2", CultureInfo.InvariantCulture));
        table.AddRow("MIPS while it had", statistics.Mips.ToString("F1", CultureInfo.InvariantCulture));

        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(output),
        });
        console.Profile.Width = 80;
        console.Profile.Capabilities.Unicode = true;
        console.Write(table);

        void Row(string what, IFormattable count) => table.AddRow(what, count.ToString("N0", CultureInfo.InvariantCulture));
    }
}
