// One terminal for many Guests: lines with names, and one Guest at a time that has it for itself.

using System.Text;
using Lguest.Host.Terminal;
using Lguest.Topology.Consoles;
using Spectre.Console;

namespace Lguest.Host.Tests.Terminal;

public sealed class ConsoleBoardSpec
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private readonly MemoryStream _output = new();
    private readonly List<string> _stops = [];
    private readonly ConsoleBoard _board;
    private readonly GuestConsole _a;
    private readonly GuestConsole _b;

    public ConsoleBoardSpec()
    {
        _board = new ConsoleBoard(_output, ConsoleStyle.Plain, _stops.Add, write => write());
        _board.Add(_a = new GuestConsole("a", _board, null));
        _board.Add(_b = new GuestConsole("b", _board, null));
    }

    [Fact]
    public void Lines_are_whole_and_have_their_guests_name_in_front()
    {
        Print(_a, "hel");
        Print(_b, "one\r\ntwo\r\n");
        Print(_a, "lo\r\n\r\nrest");
        _a.Close();

        Shown().ShouldBe("[b] one\n[b] two\n[a] hello\n[a] rest\n");
    }

    [Fact]
    public void A_key_attaches_to_a_guest_and_another_detaches()
    {
        Print(_a, "login: ");
        Type("\u0001" + "1");
        _board.Attached.ShouldBe("a");
        Type("root\r");
        Print(_a, "root\r\n# ");
        Print(_b, "meanwhile\r\n");
        _board.Say("node left is up");
        Type("\u0001" + "d");

        _board.Attached.ShouldBeNull();
        Typed(_a).ShouldBe("root\r");
        Typed(_b).ShouldBeEmpty();
        Shown().ShouldBe("lguest: attached to a; Ctrl-A d detaches\nlogin: root\r\n# \nlguest: detached\n[b] meanwhile\nlguest: node "
            + "left is up\n");
    }

    [Fact]
    public void The_command_key_typed_twice_is_typed_once_to_the_guest()
    {
        Type("\u0001n");
        Type("\u0001\u0001x");

        Typed(_a).ShouldBe("\u0001x");
    }

    [Fact]
    public void Next_goes_round()
    {
        Type("\u0001n\u0001n\u0001n");

        _board.Attached.ShouldBe("a");
    }

    [Fact]
    public void Control_c_stops_everything_unless_it_is_typed_to_a_guest()
    {
        Type("\u0001" + "1");
        Type("\u0003");
        _stops.ShouldBeEmpty();
        Typed(_a).ShouldBe("\u0003");
        Type("\u0001d");
        Type("\u0003");

        _stops.ShouldBe(["Ctrl-C"]);
    }

    [Fact]
    public void A_guest_that_goes_gives_the_terminal_back()
    {
        Type("\u0001" + "2");
        _b.Close();

        _board.Attached.ShouldBeNull();
        Shown().ShouldContain("lguest: b has ended");
    }

    [Fact]
    public void A_log_gets_what_the_guest_prints_as_it_is()
    {
        var log = new MemoryStream();
        var console = new GuestConsole("c", _board, log);
        Print(console, "x\r\n");

        Encoding.UTF8.GetString(log.ToArray()).ShouldBe("x\r\n");
    }

    [Fact]
    public void What_is_waited_for_stays_below_all_lines_of_a_terminal_until_it_is_over()
    {
        var style = new ConsoleStyle(IsTerminal: true, IsRaw: true, ColorSystemSupport.NoColors, 20);
        var board = new ConsoleBoard(_output, style, _stops.Add, write => write());
        board.Await("1 of 2 nodes have joined");
        board.Say("x");
        board.Await(null);
        board.Say("y");

        Shown().ShouldBe("lguest: 1 of 2 node\r\e[2Klguest: x\r\nlguest: 1 of 2 node\r\e[2Klguest: y\r\n");
    }

    [Fact]
    public void What_is_waited_for_does_not_get_into_the_console_of_a_guest()
    {
        var board = new ConsoleBoard(_output, ConsoleStyle.Plain with { IsTerminal = true }, _stops.Add, write => write());
        board.Add(_a);
        board.Await("b");
        board.Typed([1, (byte)'1'], TimeSpan.FromSeconds(1));
        board.Await("c");

        Shown().ShouldBe("lguest: b\r\e[2Klguest: attached to a; Ctrl-A d detaches\n");
    }

    [Fact]
    public void What_is_waited_for_is_not_told_to_a_pipe()
    {
        _board.Await("1 of 2 nodes have joined");

        Shown().ShouldBeEmpty();
    }

    [Fact]
    public void Each_guest_keeps_a_colour_of_its_own()
    {
        var style = new ConsoleStyle(IsTerminal: true, IsRaw: false, ColorSystemSupport.Standard, 80);
        var board = new ConsoleBoard(_output, style, _stops.Add, write => write());
        foreach (string guest in (string[])["a", "b", "a"])
            board.Print(guest, "x\n"u8);

        string[] names = Shown().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        names.ShouldAllBe(line => line.StartsWith('\e') && line.EndsWith("]\e[0m x", StringComparison.Ordinal));
        names[0].ShouldBe(names[2]);
        names[0].Split('[')[1].ShouldNotBe(names[1].Split('[')[1]);
    }

    [Fact]
    public async Task Keys_are_heard_while_the_reader_of_the_output_stands_still()
    {
        using var reader = new StandingReader();
        var board = new ConsoleBoard(reader, ConsoleStyle.Plain with { IsTerminal = true }, _stops.Add);
        board.Add(_a);
        var printing = Task.Run(() => board.Print("a", "x\n"u8));
        await reader.IsAsked.Task.WaitAsync(_patience);

        // A help, an attachment with its line, a key for the Guest, and the end: none of them waits.
        await Task.Run(() =>
        {
            board.Typed([1, (byte)'?', 1, (byte)'1'], TimeSpan.FromSeconds(1));
            board.Typed("k"u8, TimeSpan.FromSeconds(1));
            board.Typed([1, (byte)'d'], TimeSpan.FromSeconds(1));
            board.Typed([3], TimeSpan.FromSeconds(1));
            board.Await("something");
        }).WaitAsync(_patience);

        _stops.ShouldBe(["Ctrl-C"]);
        Typed(_a).ShouldBe("k");
        printing.IsCompleted.ShouldBeFalse("who prints waits");

        reader.Reads.Set();
        await printing.WaitAsync(_patience);
        board.Say("last");
        reader.Shown.ShouldBe("[a] x\nlguest: after Ctrl-A: a digit attaches to a Guest, n to the next, d detaches, Ctrl-A sends Ctrl-A. "
            + "Guests: 1 a\nlguest: attached to a; Ctrl-A d detaches\n\nlguest: detached\nlguest: something\r\e[2Klguest: last\n"
            + "lguest: something");
    }

    [Fact]
    public async Task What_keys_show_is_written_on_a_thread_that_is_none_of_the_process_s_pool()
    {
        using var reader = new StandingReader();
        ConsoleBoard board = new(reader, ConsoleStyle.Plain with { IsTerminal = true }, _stops.Add);

        board.Typed([1, (byte)'?'], TimeSpan.FromSeconds(1));

        (await reader.IsAsked.Task.WaitAsync(_patience)).ShouldBeFalse();
        reader.Reads.Set();
        board.Say("last");
        reader.Shown.ShouldContain("last");
    }

    [Fact]
    public void However_much_keys_show_one_at_a_time_waits_to_write_it()
    {
        List<Action> writers = [];
        ConsoleBoard board = new(_output, ConsoleStyle.Plain, _stops.Add, writers.Add);
        for (int i = 0; i < 3; i++)
            board.Typed([1, (byte)'?'], TimeSpan.FromSeconds(1));

        writers.Count.ShouldBe(1);
        writers[0]();
        Shown().Split('\n').Length.ShouldBe(4);
        board.Typed([1, (byte)'?'], TimeSpan.FromSeconds(1));
        writers.Count.ShouldBe(2);
    }

    private static void Print(GuestConsole console, string text) => console.Write(Encoding.UTF8.GetBytes(text));

    private void Type(string keys) => _board.Typed(Encoding.UTF8.GetBytes(keys), TimeSpan.FromSeconds(1));

    private string Shown() => Encoding.UTF8.GetString(_output.ToArray());

    private static string Typed(GuestConsole console)
    {
        var text = new StringBuilder();
        while (console.Input.TryTake(out var piece))
            text.Append(Encoding.UTF8.GetString(piece.Span));
        return text.ToString();
    }

    /// <summary>An output whose first write waits until somebody reads.</summary>
    private sealed class StandingReader : MemoryStream
    {
        /// <summary>Whether it was asked by a thread of the pool first.</summary>
        public TaskCompletionSource<bool> IsAsked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ManualResetEventSlim Reads { get; } = new();

        public string Shown => Encoding.UTF8.GetString(ToArray());

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            IsAsked.TrySetResult(Thread.CurrentThread.IsThreadPoolThread);
            Reads.Wait(_patience);
            base.Write(buffer.ToArray(), 0, buffer.Length);
        }

        protected override void Dispose(bool disposing)
        {
            Reads.Dispose();
            base.Dispose(disposing);
        }
    }
}
