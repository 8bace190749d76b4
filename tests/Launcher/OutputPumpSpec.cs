// What is between a Guest's consoles and a terminal: order, bounds, and that nobody waits who must not.

using System.Text;

namespace Lguest.Launcher.Tests;

public sealed class OutputPumpSpec
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    [Fact]
    public void All_is_written_in_order()
    {
        using MemoryStream terminal = new();
        OutputPump pump = new(terminal);
        for (int i = 0; i < 1000; i++)
            pump.Write(Encoding.ASCII.GetBytes($"{i},"), () => { }).ShouldBeGreaterThan(0);
        Finish(pump);

        Encoding.ASCII.GetString(terminal.ToArray()).ShouldBe(string.Concat(Enumerable.Range(0, 1000).Select(i => $"{i},")));
    }

    [Fact]
    public void A_terminal_that_was_stopped_takes_a_bounded_number_of_bytes_and_who_prints_is_told_when_it_goes_on()
    {
        using StoppedTerminal terminal = new();
        OutputPump pump = new(terminal);
        using ManualResetEventSlim room = new();
        Action whenRoom = room.Set;
        byte[] line = new byte[1000];
        long taken = 0;
        int last;
        do
        {
            last = pump.Write(line, whenRoom);
            taken += last;
        }
        while (last == line.Length);

        taken.ShouldBe(OutputPump.MostBytes);
        pump.Write(line, whenRoom).ShouldBe(0);
        room.IsSet.ShouldBeFalse();
        terminal.GoOn();
        room.Wait(_patience).ShouldBeTrue();
        pump.Write(line, whenRoom).ShouldBe(line.Length);
        Finish(pump);
        terminal.Bytes.ShouldBe(taken + line.Length);
    }

    [Fact]
    public void Who_must_not_know_of_the_terminal_waits_until_all_is_taken()
    {
        using StoppedTerminal terminal = new();
        OutputPump pump = new(terminal, waits: true);
        byte[] text = new byte[(3 * OutputPump.MostBytes) + 1];
        int taken = 0;
        Thread printer = new(() => taken = pump.Write(text, () => throw new InvalidOperationException("nobody asked to be told")));
        printer.Start();
        SpinWait.SpinUntil(() => printer.ThreadState.HasFlag(ThreadState.WaitSleepJoin), _patience).ShouldBeTrue();
        terminal.Bytes.ShouldBe(0);
        terminal.GoOn();
        printer.Join(_patience).ShouldBeTrue();
        taken.ShouldBe(text.Length);
        Finish(pump);
        terminal.Bytes.ShouldBe(text.Length);
    }

    [Fact]
    public void Who_waits_for_a_stopped_terminal_goes_on_when_the_Guest_is_ended()
    {
        using StoppedTerminal terminal = new();
        OutputPump pump = new(terminal, waits: true);
        byte[] text = new byte[(3 * OutputPump.MostBytes) + 1];
        int taken = 0;
        Thread printer = new(() => taken = pump.Write(text, () => { })) { IsBackground = true };
        printer.Start();
        SpinWait.SpinUntil(() => printer.ThreadState.HasFlag(ThreadState.WaitSleepJoin), _patience).ShouldBeTrue();

        pump.LetGo();

        printer.Join(_patience).ShouldBeTrue();
        taken.ShouldBe(text.Length, "what is dropped counts as taken: who prints must not try again");
        pump.Write(text, () => { }).ShouldBe(text.Length, "nor does anybody wait afterwards");
        terminal.GoOn();
        Finish(pump);
        terminal.Bytes.ShouldBe(OutputPump.MostBytes, "what there was room for is written all the same");
    }

    [Fact]
    public void A_terminal_that_went_away_takes_everything()
    {
        OutputPump pump = new(new BrokenPipe());
        for (int i = 0; i < 5; i++)
        {
            pump.Write(new byte[OutputPump.MostBytes], () => { });
            Finish(pump);
        }
    }

    [Fact]
    public void With_nothing_printed_there_is_nothing_to_wait_for() => Finish(new OutputPump(Stream.Null));

    private static void Finish(OutputPump pump)
    {
        using ManualResetEventSlim done = new();
        pump.WhenWritten(done.Set);
        done.Wait(_patience).ShouldBeTrue();
    }

    private sealed class BrokenPipe : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => throw new IOException("broken pipe");
    }
}
