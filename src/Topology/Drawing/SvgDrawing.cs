// The drawing of a topology as SVG, arranged as in the terminal, with colours. The file has no scripts and no external fonts, and follows
// the reader's preference for light or dark.

using System.Globalization;
using System.Security;
using System.Text;

namespace Lguest.Topology.Drawing;

/// <summary>Draws a topology as SVG 1.1.</summary>
internal static class SvgDrawing
{
    private const int Margin = 28;
    private const int RailStep = 26;
    private const int HeadLine = 30;
    private const int GuestLine = 40;
    private const int BoxHead = 46;
    private const int BoxFoot = 12;
    private const int BoxGap = 26;
    private const int Chip = 30;
    private const double Letter = 7.3;
    private const double SmallLetter = 6.6;

    private static readonly string[] _colours = ["#0a84a5", "#d9622b", "#5b8c2a", "#8b5cc4", "#c23a6b", "#b08a12", "#3f6fd1", "#7a6a5c"];

    private const string Style = """
        <style>
          .paper { fill: #ffffff } .box { fill: #f5f7fa; stroke: #c5ced8 } .chip { fill: #ffffff; stroke: #c5ced8 }
          .rail { fill: none; stroke-linecap: round }
          text { font-family: ui-sans-serif, system-ui, "Segoe UI", Helvetica, Arial, sans-serif; fill: #1d2733 }
          .title { font-size: 19px; font-weight: 600 } .node { font-size: 15px; font-weight: 600 } .small { font-size: 12px; fill: #5b6b7c }
          .guest { font-size: 13px; font-weight: 600 } .lan { font-size: 14px; font-weight: 600 }
          @media (prefers-color-scheme: dark) {
            .paper { fill: #12171d } .box { fill: #1b222b; stroke: #3a4653 } .chip { fill: #232c37; stroke: #44525f }
            text { fill: #e8edf2 } .small { fill: #9dacba }
          }
        </style>
        """;

    /// <summary>The picture as a whole file.</summary>
    public static string Draw(TopologyDefinition topology)
    {
        var sketch = Sketch.Of(topology);
        double names = sketch.Boxes.SelectMany(box => box.Guests).Select(guest => guest.Name.Length).DefaultIfEmpty(0).Max() * Letter * 1.1;
        int boxX = Margin + (sketch.Lans.Count * RailStep) + 18;
        double boxWidth = Math.Ceiling(Math.Max(340, sketch.Boxes.Max(box => Math.Max(
            ((box.Name.Length * 9) + (box.Detail.Length * SmallLetter)) + 60,
            box.Guests.Select(guest => names + (guest.Detail.Length * SmallLetter) + 84).DefaultIfEmpty(0).Max()))));
        int top = Margin + 20 + (sketch.Lans.Count * HeadLine) + 26;
        int height = top;
        var body = new StringBuilder();
        foreach (var box in sketch.Boxes)
        {
            Box(body, sketch, box, boxX, height, boxWidth, names);
            height += BoxHead + (Math.Max(1, box.Guests.Count) * GuestLine) + BoxFoot + BoxGap;
        }

        double widest = sketch.Lans.Select(lan => (lan.Name.Length * 9) + (lan.Label.Length * SmallLetter) + boxX + 24).DefaultIfEmpty(0)
            .Max();
        double width = Math.Ceiling(Math.Max(Math.Max(boxX + boxWidth, widest), (sketch.Title.Length * 10) + Margin) + Margin);
        bool movable = sketch.Boxes.Any(box => box.Guests.Any(guest => guest.Movable));
        int end = height - BoxGap + (movable ? 34 : 6);
        var svg = new StringBuilder();
        svg.Append(Invariant($"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {end + Margin - 6}\" width=\"{width}\" ",
            $"height=\"{end + Margin - 6}\" role=\"img\">\n"));
        svg.Append(Invariant($"<title>{Escape(sketch.Title)}</title>\n{Style}\n<rect class=\"paper\" width=\"100%\" height=\"100%\" ",
            $"rx=\"12\"/>\n"));
        svg.Append(Invariant($"<text class=\"title\" x=\"{Margin}\" y=\"{Margin + 14}\">{Escape(sketch.Title)}</text>\n"));
        for (int i = 0; i < sketch.Lans.Count; i++)
            Rail(svg, sketch, i, height - BoxGap - BoxFoot);
        svg.Append(body);
        if (movable)
            svg.Append(Invariant($"<text class=\"small\" x=\"{boxX}\" y=\"{end}\">dashed: wherever there is room when it is ",
                $"placed</text>\n"));
        return svg.Append("</svg>\n").ToString();
    }

    private static void Rail(StringBuilder svg, Sketch sketch, int index, int bottom)
    {
        var (name, label) = sketch.Lans[index];
        int x = RailX(index);
        int y = Margin + 42 + (index * HeadLine);
        int textX = RailX(sketch.Lans.Count) + 6;
        svg.Append(Invariant($"<path class=\"rail\" stroke=\"{Colour(index)}\" stroke-width=\"5\" d=\"M {textX - 12} {y} H {x + 10} Q ",
            $"{x} {y} {x} {y + 10} V {bottom}\"/>\n"));
        svg.Append(Invariant($"<text class=\"lan\" x=\"{textX}\" y=\"{y + 5}\">{Escape(name)}<tspan class=\"small\" dx=\"10\" ",
            $"font-weight=\"400\">{Escape(label)}</tspan></text>\n"));
    }

    private static void Box(StringBuilder svg, Sketch sketch, SketchBox box, int x, int y, double width, double names)
    {
        int height = BoxHead + (Math.Max(1, box.Guests.Count) * GuestLine) + BoxFoot;
        svg.Append(Invariant($"<rect class=\"box\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"12\" ",
            $"stroke-width=\"1.5\"/>\n"));
        svg.Append(Invariant($"<text class=\"node\" x=\"{x + 18}\" y=\"{y + 29}\">{Escape(box.Name)}<tspan class=\"small\" dx=\"10\" ",
            $"font-weight=\"400\">{Escape(box.Detail)}</tspan></text>\n"));
        if (box.Guests.Count == 0)
            svg.Append(Invariant($"<text class=\"small\" x=\"{x + 18}\" y=\"{y + BoxHead + 19}\">no Guests</text>\n"));
        for (int i = 0; i < box.Guests.Count; i++)
        {
            var guest = box.Guests[i];
            int chipY = y + BoxHead + (i * GuestLine);
            int middle = chipY + (Chip / 2);
            for (int lan = 0; lan < sketch.Lans.Count; lan++)
            {
                if (!guest.Lans.Contains(sketch.Lans[lan].Name))
                    continue;
                int at = middle + Offset(guest, sketch.Lans[lan].Name);
                svg.Append(Invariant($"<path class=\"rail\" stroke=\"{Colour(lan)}\" stroke-width=\"3\" d=\"M {RailX(lan)} {at} H ",
                    $"{x + 18}\"/>\n"));
                svg.Append(Invariant($"<circle cx=\"{RailX(lan)}\" cy=\"{at}\" r=\"5\" fill=\"{Colour(lan)}\"/>\n"));
            }

            string dashes = guest.Movable ? " stroke-dasharray=\"4 3\"" : "";
            svg.Append(Invariant($"<rect class=\"chip\" x=\"{x + 18}\" y=\"{chipY}\" width=\"{width - 36}\" height=\"{Chip}\" ",
                $"rx=\"8\"{dashes}/>\n"));
            svg.Append(Invariant($"<text class=\"guest\" x=\"{x + 32}\" y=\"{middle + 5}\">{Escape(guest.Name)}</text>\n"));
            svg.Append(Invariant($"<text class=\"small\" x=\"{x + 46 + names:0}\" y=\"{middle + 4}\" ",
                $"xml:space=\"preserve\">{Escape(guest.Detail)}</text>\n"));
        }
    }

    /// <summary>Taps of one Guest do not lie on each other.</summary>
    private static int Offset(SketchLine guest, string lan)
    {
        int index = guest.Lans.ToList().IndexOf(lan);
        return (int)((index - ((guest.Lans.Count - 1) / 2.0)) * 8);
    }

    private static int RailX(int index) => Margin + 8 + (index * RailStep);

    private static string Colour(int index) => _colours[index % _colours.Length];

    private static string Escape(string text) => SecurityElement.Escape(text);

    private static string Invariant(params FormattableString[] parts) =>
        string.Concat(parts.Select(part => part.ToString(CultureInfo.InvariantCulture)));
}
