// One terminal for many Guests. By default every line has its Guest's name in front and is printed whole. A user who attaches to a Guest
// gets the terminal for that Guest, until the key to detach.
//
//J:Host:150 One terminal for all
// Consoles write from their own threads, a few bytes at a time. The board collects bytes to lines and prints a line whole, with the Guest's
// name in front, so that two Guests never mix in one line. While the user is attached to a Guest its bytes go through untouched, and the
// lines of the others are held, up to five hundred of them, until the user detaches.
//
// Who reads the terminal may stand still. Then who prints waits, as a program does that prints to a pipe; but the keys are heard. So the
// board decides under one lock what is shown, and writes it under another, and what the keys give rise to is written by another thread: one
// of its own, at most one that waits and one that writes, for those of .NET's pool have the node's connections to serve.

using System.Text;
using Lguest.Devices.Console;
using Lguest.Net.Files;
using Lguest.Topology.Consoles;

namespace Lguest.Host.Terminal;

/// <summary>Shares one terminal among the consoles of a process. Any thread.</summary>
/// <param name="output">The terminal, or whatever stands for it.</param>
/// <param name="style">What it can show.</param>
/// <param name="stop">Called when the user wants everything to end.</param>
/// <param name="aside">Has something done that may wait for the reader of the output, while its caller goes on; null for a thread of its
/// own.</param>
internal sealed class ConsoleBoard(Stream output, ConsoleStyle style, Action<string> stop, Action<Action>? aside = null) : IConsoles
{
    /// <summary>The key that begins a command: Ctrl-A.</summary>
    public const byte CommandKey = 1;

    private const byte ControlC = 3;
    private const int LongestLine = 2000;
    private const int MostHeld = 500;
    private const string EraseLine = "\r\e[2K";

    // The reader of our output may go; the Guests may have work to do that needs no reader.
    private readonly FailSafeStream _output = new(output, leaveOpen: true);
    private readonly Lock _writing = new();
    private readonly Lock _lock = new(); // never held by who waits for the other
    private readonly List<byte> _toWrite = [];
    private readonly List<GuestConsole> _consoles = [];
    private readonly Dictionary<string, List<byte>> _lines = [];
    private readonly Dictionary<string, string> _names = [];
    private readonly List<string> _held = [];
    private readonly InterruptCounter _interrupts = new();
    private string? _attached;
    private string? _status;
    private bool _command;
    private bool _isAside; // somebody is to write who has not begun
    private int _dropped;

    /// <summary>The Guest that has the terminal, or null.</summary>
    public string? Attached
    {
        get
        {
            lock (_lock)
                return _attached;
        }
    }

    public void Add(GuestConsole console)
    {
        lock (_lock)
        {
            _consoles.RemoveAll(other => other.Name == console.Name);
            _consoles.Add(console);
        }
    }

    public void Remove(GuestConsole console)
    {
        lock (_lock)
        {
            EndLine(console.Name);
            _consoles.Remove(console);
            if (_attached == console.Name)
                Detach($"{console.Name} has ended");
        }

        WriteOut();
    }

    /// <summary>A line about what happens.</summary>
    public void Say(string text) => Show(Own(text));

    /// <summary>Text that is made of lines, as it is.</summary>
    public void Show(string text)
    {
        lock (_lock)
        {
            if (_attached is not null)
                Hold(text);
            else
                Line(text);
        }

        WriteOut();
    }

    /// <summary>What is waited for just now: shown on a terminal below all lines until it is something else, and nowhere kept.
    /// Does not wait for the reader.</summary>
    /// <param name="text">A few words; null for nothing.</param>
    public void Await(string? text)
    {
        lock (_lock)
        {
            if (!style.IsTerminal || _attached is not null)
                return;
            EraseStatus();
            _status = text is null ? null : style.Passing($"lguest: {text}"[..Math.Min(style.Width - 1, text.Length + 8)]);
            ShowStatus();
        }

        WriteAside();
    }

    /// <summary>What a Guest prints; waits until it is written.</summary>
    public void Print(string guest, ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (_attached == guest)
                Write(bytes);
            else
                Collect(guest, bytes);
        }

        WriteOut();
    }

    private void Collect(string guest, ReadOnlySpan<byte> bytes)
    {
        if (!_lines.TryGetValue(guest, out var line))
            _lines.Add(guest, line = []);
        foreach (byte letter in bytes)
        {
            if (letter == '\n' || line.Count >= LongestLine)
                EndLine(guest);
            if (letter is not ((byte)'\n' or (byte)'\r'))
                line.Add(letter);
        }
    }

    /// <summary>What was typed, by one read. Never waits for the reader of the output.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="now">Any steadily running time.</param>
    public void Typed(ReadOnlySpan<byte> bytes, TimeSpan now)
    {
        string? stoppedBy = null;
        bool isShown;
        lock (_lock)
        {
            var plain = new List<byte>();
            foreach (byte key in bytes)
            {
                if (_command)
                    Command(key, plain);
                else if (key == CommandKey)
                    _command = true;
                else
                    plain.Add(key);
            }

            if (plain.Count > 0 && (_attached is null ? plain.Contains(ControlC) : _interrupts.Saw([.. plain], now)))
                stoppedBy = _attached is null ? "Ctrl-C" : "three Ctrl-C";
            else if (plain.Count > 0 && _attached is { } guest)
                _consoles.Find(console => console.Name == guest)?.Input.Push([.. plain]);
            isShown = _toWrite.Count > 0;
        }

        if (isShown)
            WriteAside();
        if (stoppedBy is not null)
            stop(stoppedBy);
    }

    private void WriteAside()
    {
        lock (_lock)
        {
            if (_isAside)
                return;
            _isAside = true;
        }

        (aside ?? OnAThread)(() =>
        {
            lock (_writing)
            {
                lock (_lock)
                    _isAside = false;
                WriteOut();
            }
        });
    }

    private static void OnAThread(Action action) => new Thread(() => action()) { IsBackground = true, Name = "terminal" }.Start();

    private void Command(byte key, List<byte> plain)
    {
        _command = false;
        switch ((char)key)
        {
            case (char)CommandKey when _attached is not null:
                plain.Add(CommandKey);
                break;
            case 'd':
                Detach("detached");
                break;
            case 'n':
                Attach(_consoles.Count == 0 ? null : _consoles[(
                    _consoles.FindIndex(console => console.Name == _attached) + 1) % _consoles.Count]);
                break;
            case >= '1' and <= '9':
                Attach(_consoles.ElementAtOrDefault(key - '1'));
                break;
            default:
                string names = string.Join(", ", _consoles.Select((console, index) => $"{index + 1} {console.Name}"));
                Line(Own("after Ctrl-A: a digit attaches to a Guest, n to the next, d detaches, Ctrl-A sends Ctrl-A. Guests: "
                    + $"{(names.Length > 0 ? names : "no Guests")}"));
                break;
        }
    }

    private void Attach(GuestConsole? console)
    {
        if (console is null)
        {
            Line(Own("there is no such Guest here (Ctrl-A ? lists them)"));
            return;
        }

        EraseStatus();
        _status = null;
        _attached = console.Name;
        Line(Own($"attached to {console.Name}; Ctrl-A d detaches"));
        if (_lines.Remove(console.Name, out var begun))
            Write([.. begun]);
    }

    private void Detach(string why)
    {
        if (_attached is null)
            return;
        _attached = null;
        Line("");
        Line(Own(why));
        foreach (string line in _held)
            Line(line);
        if (_dropped > 0)
            Line(Own($"{_dropped} more lines were dropped"));
        _held.Clear();
        _dropped = 0;
    }

    private void EndLine(string guest)
    {
        if (!_lines.TryGetValue(guest, out var line) || line.Count == 0)
            return;
        string text = Encoding.UTF8.GetString([.. line]);
        line.Clear();
        if (!_names.TryGetValue(guest, out string? name))
            _names.Add(guest, name = style.Name(_names.Count, guest));
        string shown = $"{name} {text}";
        if (_attached is not null)
            Hold(shown);
        else
            Line(shown);
    }

    private void Hold(string line)
    {
        if (_held.Count < MostHeld)
            _held.Add(line);
        else
            _dropped++;
    }

    private string Own(string text) => $"{style.Own("lguest:")} {text}";

    private void Line(string text)
    {
        EraseStatus();
        Write(style.IsRaw ? $"{text.ReplaceLineEndings("\r\n")}\r\n" : $"{text}\n");
        ShowStatus();
    }

    private void EraseStatus()
    {
        if (_status is not null)
            Write(EraseLine);
    }

    private void ShowStatus()
    {
        if (_status is not null)
            Write(_status);
    }

    private void Write(string text) => Write(Encoding.UTF8.GetBytes(text));

    private void Write(ReadOnlySpan<byte> bytes) => _toWrite.AddRange(bytes);

    /// <summary>Writes what is to be written, in the order in which it was decided. Waits for the reader, and so for other threads that do;
    /// not to be called under the other lock.</summary>
    private void WriteOut()
    {
        lock (_writing)
        {
            while (true)
            {
                byte[] bytes;
                lock (_lock)
                {
                    bytes = [.. _toWrite];
                    _toWrite.Clear();
                }

                if (bytes.Length == 0)
                    return;
                _output.Write(bytes);
                _output.Flush();
            }
        }
    }
}
