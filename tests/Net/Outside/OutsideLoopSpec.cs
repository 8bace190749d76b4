// The thread behind a way out, at its end: a call that comes later must reach no other file.

using Lguest.Machine.Actors;
using Lguest.Net.Outside;
using Lguest.Net.Outside.Actors;

namespace Lguest.Net.Tests.Outside;

public sealed unsafe class OutsideLoopSpec
{
    private const int Rounds = 100;

    [SkippableFact]
    public void A_call_after_the_end_writes_to_no_file_that_has_the_number_since()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "event counters exist only on Linux");
        int met = 0;
        for (int round = 0; round < Rounds && met < 3; round++)
        {
            Loop loop = new();
            loop.Start(frames => frames.Release(), SystemClock.Instance);
            loop.Stop();
            loop.AwaitEnd();
            // The system gives the lowest number that is free, so the next file is likely to have it; others here open files too.
            int other = Posix.EventCounter(0, Posix.NonBlocking | Posix.CloseOnExec);
            if (other == loop.Number)
            {
                met++;
                loop.Wake();
                ulong count;
                Posix.Read(other, &count, sizeof(ulong)).ShouldBe(-1, "nothing was written to it");
            }

            Posix.Close(other);
        }

        met.ShouldBePositive($"none of {Rounds} files had the number of a counter closed before");
    }

    private sealed class Loop() : OutsideLoop(1500)
    {
        public int Number => Counter.Descriptor;

        public void AwaitEnd()
        {
            var limit = TimeSpan.FromSeconds(30);
            SpinWait.SpinUntil(() => HasEnded, limit).ShouldBeTrue();
        }

        protected override void Out(ReadOnlySpan<byte> frame)
        {
        }

        protected override void Wait(bool mayRead)
        {
            var counter = Counter;
            Posix.Poll(&counter, 1, LongestWait);
        }

        protected override void Close()
        {
        }
    }
}
