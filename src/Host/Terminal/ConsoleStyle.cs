// What the terminal can show: colours for names, a line that is rewritten while the program waits. A file or a pipe gets plain lines, as
// does a user with NO_COLOR or a dumb terminal; Spectre.Console detects that.

using Spectre.Console;

namespace Lguest.Host.Terminal;

/// <summary>How lines are written.</summary>
/// <param name="IsTerminal">Whether it is a terminal that can rewrite its line.</param>
/// <param name="IsRaw">Whether that terminal is in raw mode, so that a line needs a carriage return.</param>
/// <param name="Colours">The colours that it has.</param>
/// <param name="Width">Columns.</param>
internal sealed record ConsoleStyle(bool IsTerminal, bool IsRaw, ColorSystemSupport Colours, int Width)
{
    private const int UsualWidth = 140;

    private static readonly Color[] _names =
        [Color.Aqua, Color.Green, Color.Yellow, Color.Fuchsia, Color.Blue, Color.Olive, Color.Teal, Color.Purple];

    /// <summary>Lines and nothing else, for files, pipes and tests.</summary>
    public static ConsoleStyle Plain { get; } = new(IsTerminal: false, IsRaw: false, ColorSystemSupport.NoColors, UsualWidth);

    /// <summary>What standard output can do.</summary>
    /// <param name="isRaw">Whether the terminal of standard input is in raw mode.</param>
    public static ConsoleStyle OfStandardOutput(bool isRaw) => Of(StandardStreams.IsOutputTerminal, StandardStreams.OutputWidth, isRaw);

    /// <summary>What standard error can do, while no terminal is in raw mode.</summary>
    public static ConsoleStyle OfStandardError() => Of(StandardStreams.IsErrorTerminal, StandardStreams.ErrorWidth, isRaw: false);

    private static ConsoleStyle Of(bool isTerminal, int width, bool isRaw)
    {
        if (!isTerminal)
            return Plain;
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new SpectreOutput(TextWriter.Null, UsualWidth) });
        var capabilities = console.Profile.Capabilities;
        return new ConsoleStyle(
            capabilities.Ansi,
            isRaw,
            capabilities.Ansi ? Enum.Parse<ColorSystemSupport>(capabilities.ColorSystem.ToString()) : ColorSystemSupport.NoColors,
            width > 0 ? width : UsualWidth);
    }

    /// <summary>A name in front of a line.</summary>
    /// <param name="index">Names with different ones of the first few have different colours.</param>
    /// <param name="name">The name.</param>
    public string Name(int index, string name) => Paint($"[{name}]", new Style(_names[index % _names.Length]));

    /// <summary>What stands in front of the program's own lines.</summary>
    public string Own(string text) => Paint(text, new Style(decoration: Decoration.Bold));

    /// <summary>What is only true for now.</summary>
    public string Passing(string text) => Paint(text, new Style(decoration: Decoration.Dim));

    /// <summary>A Spectre.Console that draws for this output.</summary>
    public IAnsiConsole Canvas(TextWriter output)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = Colours == ColorSystemSupport.NoColors ? AnsiSupport.No : AnsiSupport.Yes,
            ColorSystem = Colours,
            Out = new SpectreOutput(output, Width),
        });
        console.Profile.Width = Width;
        console.Profile.Capabilities.Unicode = true;
        return console;
    }

    private string Paint(string text, Style style)
    {
        if (Colours == ColorSystemSupport.NoColors)
            return text;
        using var painted = new StringWriter();
        var console = Canvas(painted);
        console.Profile.Width = text.Length + 1;
        console.Write(new Text(text, style));
        return painted.ToString();
    }

    /// <summary>The library's own asks .NET's console for its size, which sets the terminal up in its own way first.</summary>
    private sealed class SpectreOutput(TextWriter writer, int width) : IAnsiConsoleOutput
    {
        private const int UsualHeight = 25;

        public TextWriter Writer => writer;

        public bool IsTerminal => false;

        public int Width => width;

        public int Height => UsualHeight;

        public void SetEncoding(System.Text.Encoding encoding)
        {
        }
    }
}
