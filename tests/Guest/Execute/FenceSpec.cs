// Two sides that each store and then look at what the other stored: one is a Guest in the core, one a thread of the test, as a device is.
// With the fences that drivers use, at least one must see the other, every time.
using System.Diagnostics;
using Iced.Intel;
using Lguest.Guest.Memory;
using Lguest.Guest.Tests.Cpu;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Execute;

public sealed unsafe class FenceSpec
{
    private const int Rounds = 20_000;
    private const uint Mine = 0x20000;
    private const uint Theirs = 0x20100;
    private const uint Turn = 0x20200;
    private const uint Seen = 0x30000;
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("mfence")]
    [InlineData("lock add")]
    [InlineData("xchg")]
    public void A_store_in_front_of_a_fence_is_seen_before_a_load_behind_it_is_done(string fence)
    {
        using var m = new TestMachine().Load(a =>
        {
            // Each round: wait for the turn, store the round's number, fence, look at the other side's number.
            var round = a.CreateLabel();
            a.mov(ecx, 1);
            a.Label(ref round);
            a.cmp(__dword_ptr[Turn], ecx);
            a.jne(round);
            switch (fence)
            {
                case "mfence":
                    a.mov(__dword_ptr[Mine], ecx);
                    a.mfence();
                    break;
                case "lock add":
                    a.mov(__dword_ptr[Mine], ecx);
                    a.@lock.add(__dword_ptr[esp - 4], 0);
                    break;
                default:
                    a.mov(edx, ecx);
                    a.xchg(__dword_ptr[Mine], edx);
                    break;
            }

            a.mov(eax, __dword_ptr[Theirs]);
            a.mov(__dword_ptr[Seen + 4], eax);
            a.mov(__dword_ptr[Seen], ecx);
            a.inc(ecx);
            a.cmp(ecx, Rounds);
            a.jbe(round);
        });
        uint* mine = Word(m, Mine);
        uint* theirs = Word(m, Theirs);
        uint* turn = Word(m, Turn);
        uint* seen = Word(m, Seen);
        uint* looked = Word(m, Seen + 4);
        int missed = 0;
        bool ended = false;
        var watch = Stopwatch.StartNew();
        Thread device = new(() =>
        {
            for (uint round = 1; round <= Rounds && !Volatile.Read(ref ended); round++)
            {
                Volatile.Write(ref *turn, round);
                Volatile.Write(ref *theirs, round);
                Thread.MemoryBarrier();
                uint guest = Volatile.Read(ref *mine);
                SpinWait spin = default;
                while (Volatile.Read(ref *seen) != round && !Volatile.Read(ref ended))
                    spin.SpinOnce(-1);
                if (guest != round && *looked != round)
                    missed++;
            }
        });
        device.Start();
        do
            m.Cpu.Run(100_000);
        while (*seen < Rounds && watch.Elapsed < _patience);
        Volatile.Write(ref ended, true);
        device.Join();

        (*seen).ShouldBe((uint)Rounds, $"after {watch.Elapsed}");
        missed.ShouldBe(0);
    }

    private static uint* Word(TestMachine m, uint at) => (uint*)(m.Memory.Base + at);
}
