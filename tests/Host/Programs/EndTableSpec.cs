// The table at the end has to be read on terminals of any width, and in files.

using Lguest.Host.Programs;
using Lguest.Host.Terminal;
using Lguest.Topology.Leading;
using Spectre.Console;

namespace Lguest.Host.Tests.Programs;

public sealed class EndTableSpec
{
    private static readonly GuestEntry[] _entries =
    [
        new("left-1", 1, GuestStage.Off, "left", 0, "powered off", new(1_645_735, 878, 28, 97, 145, 13_482, 0, TimeSpan.FromSeconds(1))),
        new("right-1", 3, GuestStage.Down, "right", 2, "died: bad idt type", new(2_000_000, 1, 2, 3, 4, 5, 0, TimeSpan.FromSeconds(4))),
    ];

    [Fact]
    public void A_file_gets_every_column_without_colours()
    {
        string[] lines = EndTable.Draw(_entries, ConsoleStyle.Plain).Split('\n');

        lines.ShouldAllBe(line => line.Length <= ConsoleStyle.Plain.Width && !line.Contains('\e'));
        Cells(lines[1]).ShouldBe(["Guest", "node", "end", "instructions", "MIPS", "hypercalls", "faults", "interrupts", "frames", "bytes"]);
        Cells(lines[3]).ShouldBe(["left-1", "left", "powered off", "1,645,735", "1.6", "878", "28", "97", "145", "13,482"]);
    }

    [Theory]
    [InlineData(140)]
    [InlineData(100)]
    public void Dropped_frames_have_a_column_where_there_are_any(int width)
    {
        var second = _entries[1] with { Figures = _entries[1].Figures with { Dropped = 1234 } };

        string[] lines = EndTable.Draw([_entries[0], second], ConsoleStyle.Plain with { Width = width }).Split('\n');

        Cells(lines[1])[^1].ShouldBe("dropped");
        Cells(lines[3])[^1].ShouldBe("0");
        Cells(lines[4])[^1].ShouldBe("1,234");
    }

    [Fact]
    public void What_several_lives_did_is_added_field_by_field() =>
        (new GuestFigures(1, 2, 3, 4, 5, 6, 7, TimeSpan.FromTicks(8))
            + new GuestFigures(10, 20, 30, 40, 50, 60, 70, TimeSpan.FromTicks(80)))
            .ShouldBe(new GuestFigures(11, 22, 33, 44, 55, 66, 77, TimeSpan.FromTicks(88)));

    [Fact]
    public void A_narrow_terminal_gets_whole_figures_in_fewer_columns()
    {
        string[] lines = EndTable.Draw(_entries, ConsoleStyle.Plain with { Width = 100 }).Split('\n');

        lines.ShouldAllBe(line => line.Length <= 100);
        Cells(lines[1]).ShouldBe(["Guest", "node", "end", "instructions", "MIPS", "frames", "bytes"]);
        Cells(lines[3]).ShouldBe(["left-1", "left", "powered off", "1,645,735", "1.6", "145", "13,482"]);
    }

    [Fact]
    public void A_Guest_that_is_down_is_red_where_there_are_colours()
    {
        var colours = new ConsoleStyle(IsTerminal: true, IsRaw: true, ColorSystemSupport.Standard, 140);

        string[] lines = EndTable.Draw(_entries, colours).Split('\n');

        lines.Single(line => line.Contains("right-1")).ShouldContain("\e[91mdied: bad idt type (restarted 2 times)\e[0m");
        lines.Single(line => line.Contains("left-1")).ShouldNotContain("\e[91m");
    }

    private static string[] Cells(string line) => line.Trim('│').Split('│', StringSplitOptions.TrimEntries);
}
