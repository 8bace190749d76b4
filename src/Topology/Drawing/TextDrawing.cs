// The drawing of a topology for a terminal: nodes as boxes one below the other, lans as rails on the left with a tap for each Guest. It
// only grows downwards, so twenty nodes fit as well as two.

using System.Text;

namespace Lguest.Topology.Drawing;

/// <summary>Draws a topology with box-drawing characters.</summary>
internal static class TextDrawing
{
    private const int RailStep = 3;

    /// <summary>The picture, each line ended.</summary>
    public static string Draw(TopologyDefinition topology)
    {
        var sketch = Sketch.Of(topology);
        var text = new StringBuilder();
        text.Append(sketch.Title).Append('\n').Append('\n');
        for (int i = 0; i < sketch.Lans.Count; i++)
            text.Append(' ').Append(Rails(sketch, i, '┃')).Append("┏━ ").Append(sketch.Lans[i].Name).Append("  ")
                .Append(sketch.Lans[i].Label).Append('\n');
        int names = sketch.Boxes.SelectMany(box => box.Guests).Select(guest => guest.Name.Length).DefaultIfEmpty(0).Max();
        int width = sketch.Boxes.Max(box => Math.Max(
            box.Name.Length + box.Detail.Length + 7,
            box.Guests.Select(guest => names + guest.Detail.Length + 6).DefaultIfEmpty(0).Max()));
        foreach (var box in sketch.Boxes)
            Box(text, sketch, box, names, width);
        if (sketch.Boxes.Any(box => box.Guests.Any(guest => guest.Movable)))
            text.Append('\n').Append("* wherever there is room when it is placed; drawn where that is with all nodes up").Append('\n');
        return text.ToString();
    }

    private static void Box(StringBuilder text, Sketch sketch, SketchBox box, int names, int width)
    {
        string rails = Rails(sketch, sketch.Lans.Count, '┃');
        string head = $"─ {box.Name} ─ {box.Detail} ";
        text.Append(' ').Append(rails.TrimEnd()).Append('\n');
        text.Append(' ').Append(rails).Append("  ╭").Append(head).Append('─', width - head.Length).Append("╮\n");
        foreach (var guest in box.Guests)
        {
            string line = $" {(guest.Movable ? '*' : ' ')}{guest.Name.PadRight(names)}  {guest.Detail}";
            text.Append(' ').Append(Taps(sketch, guest)).Append(line.PadRight(width)).Append("│\n");
        }

        if (box.Guests.Count == 0)
            text.Append(' ').Append(rails).Append("  │").Append("  no Guests".PadRight(width)).Append("│\n");
        text.Append(' ').Append(rails).Append("  ╰").Append('─', width).Append("╯\n");
    }

    private static string Rails(Sketch sketch, int count, char rail) =>
        string.Concat(Enumerable.Repeat(rail + new string(' ', RailStep - 1), Math.Min(count, sketch.Lans.Count)));

    /// <summary>The rails beside a Guest, with a tap from each that it is on to its box.</summary>
    private static string Taps(Sketch sketch, SketchLine guest)
    {
        var line = new StringBuilder();
        bool tapped = false;
        foreach (var (name, _) in sketch.Lans)
        {
            bool on = guest.Lans.Contains(name);
            line.Append(on ? tapped ? '╋' : '┣' : tapped ? '╂' : '┃');
            tapped |= on;
            line.Append(tapped ? '━' : ' ', RailStep - 1);
        }

        return line.Append(tapped ? "━━┥" : "  │").ToString();
    }
}
