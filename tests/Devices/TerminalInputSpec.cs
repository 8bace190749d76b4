// The thread that reads ahead of a Guest: a pipe is read no faster than the Guest takes, a keyboard is always listened to.

using System.Runtime.CompilerServices;
using Lguest.Devices.Console;

namespace Lguest.Devices.Tests;

public sealed class TerminalInputSpec
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    [Fact]
    public void A_script_on_a_pipe_comes_whole_and_is_read_only_as_far_ahead_as_promised()
    {
        byte[] script = new byte[100_000];
        new Random(5).NextBytes(script);
        var source = new CountingStream(script);
        using var arrived = new AutoResetEvent(false);
        using var input = new TerminalInput(source, typed: false, () => { });
        input.Announce(() => arrived.Set());
        input.Start();

        var got = new List<byte>();
        while (got.Count < script.Length)
        {
            while (input.TryTake(out var piece))
                got.AddRange(piece.ToArray());
            (source.Given - got.Count).ShouldBeLessThanOrEqualTo(8 * TerminalInput.PieceBytes);
            if (got.Count < script.Length)
                arrived.WaitOne(_patience).ShouldBeTrue();
        }

        got.SequenceEqual(script).ShouldBeTrue();
    }

    [Fact]
    public void Three_interrupts_are_noticed_though_the_Guest_takes_nothing()
    {
        using var keyboard = new Keyboard();
        using var interrupted = new ManualResetEventSlim();
        using var arrived = new SemaphoreSlim(0);
        using var input = new TerminalInput(keyboard, typed: true, interrupted.Set);
        input.Announce(() => arrived.Release());
        input.Start();

        for (int i = 0; i < 3; i++)
        {
            keyboard.Type("\x03");
            arrived.Wait(_patience).ShouldBeTrue();
        }

        interrupted.Wait(_patience).ShouldBeTrue();
    }

    [Fact]
    public void Whoever_asks_late_is_told_at_once_of_what_came_before()
    {
        using var arrived = new ManualResetEventSlim();
        using var input = new TerminalInput(new MemoryStream("early"u8.ToArray()), typed: false, () => { });
        input.Announce(arrived.Set);
        input.Start();
        arrived.Wait(_patience).ShouldBeTrue();

        int told = 0;
        input.Announce(() => told++);

        told.ShouldBe(1);
        input.TryTake(out var piece).ShouldBeTrue();
        piece.ToArray().ShouldBe("early"u8.ToArray());
        input.TryTake(out _).ShouldBeFalse();
    }

    [Fact]
    public void A_reader_that_still_waits_for_a_key_keeps_nobody_alive_who_has_gone()
    {
        using var keyboard = new Keyboard();
        var gone = Go(keyboard);

        GC.Collect();

        gone.IsAlive.ShouldBeFalse();

        [MethodImpl(MethodImplOptions.NoInlining)]
        static WeakReference Go(Keyboard keyboard)
        {
            object someone = new object();
            using var input = new TerminalInput(keyboard, typed: true, () => someone.GetHashCode());
            input.Announce(() => someone.GetHashCode());
            input.Start();
            return new WeakReference(someone);
        }
    }

    private sealed class CountingStream(byte[] content) : MemoryStream(content, writable: false)
    {
        private int _given;

        public int Given => Volatile.Read(ref _given);

        public override int Read(byte[] buffer, int offset, int count)
        {
            int got = base.Read(buffer, offset, count);
            Interlocked.Add(ref _given, got);
            return got;
        }
    }
}
