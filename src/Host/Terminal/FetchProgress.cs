// Shows how far a download is: a bar that is drawn over and over on a terminal, one line per step elsewhere.

using Lguest.Linux.Store;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Lguest.Host.Terminal;

/// <summary>Says on standard error what is going on.</summary>
/// <param name="error">Where to.</param>
/// <param name="style">What it can show.</param>
internal sealed class FetchProgress(TextWriter error, ConsoleStyle style) : IFetchProgress
{
    private const int Cells = 30;

    private readonly Lock _gate = new();
    private string _step = "";
    private string _amount = "";
    private int _shown = -1;

    public void Begin(string step)
    {
        lock (_gate)
        {
            (_step, _amount, _shown) = (step, "", -1);
            if (style.IsTerminal)
                Draw(0);
            else
                error.WriteLine($"lguest: {step} ...");
        }
    }

    public void Say(string amount)
    {
        lock (_gate)
            _amount = $", {amount}";
    }

    public void Report(double? percent)
    {
        lock (_gate)
            if (style.IsTerminal && percent is { } value && (int)value != _shown)
                Draw((int)value);
    }

    public void End()
    {
        lock (_gate)
            if (style.IsTerminal)
                error.Write("\r\u001b[K");
    }

    private void Draw(int percent)
    {
        _shown = percent;
        int full = Math.Clamp(percent * Cells / 100, 0, Cells);
        using var line = new StringWriter();
        var console = style.Canvas(line);
        IRenderable text = new Paragraph()
            .Append($"lguest: {_step}{_amount} ")
            .Append(new string('━', full), new Style(Color.Green))
            .Append(new string('━', Cells - full), new Style(decoration: Decoration.Dim))
            .Append($" {percent} %");
        console.Write(text);
        error.Write($"\r\u001b[K{line.ToString().TrimEnd('\r', '\n')}");
    }
}
