// The signals of emitted code and those of .NET have one handler. Guests whose windows are taken away all the time run beside threads that
// dereference null, divide by zero and collect garbage: each fault must come back to where it belongs. LGUEST_BESIDE_ROUNDS makes it
// longer: time enough to attach a profiler, whose samples stop all threads again and again.
using System.Globalization;
using Lguest.Guest.Cpu;
using static Iced.Intel.AssemblerRegisters;
using static Lguest.Guest.Tests.Windows.WindowMachine;

namespace Lguest.Guest.Tests.Windows;

public sealed class FaultsBesideRuntimeSpec
{
    private const int Pages = 8;

    private static readonly uint _rounds =
        uint.Parse(Environment.GetEnvironmentVariable("LGUEST_BESIDE_ROUNDS") ?? "400", CultureInfo.InvariantCulture);

    [SkippableFact]
    public void Exceptions_collections_and_the_faults_of_two_Guests_do_not_meet()
    {
        Skip.IfNot(Engines.WindowsProblem is null, $"this host has no windows: {Engines.WindowsProblem}");
        using CancellationTokenSource end = new();
        long nulls = 0, divisions = 0, collections = 0;
        List<Exception> wrong = [];
        Thread[] guests = [Start(() => RunGuest(1)), Start(() => RunGuest(5))];
        Thread[] others =
        [
            Start(() => Repeat(() => nulls += Throws<NullReferenceException>(() => _ = Nothing().Length))),
            Start(() => Repeat(() => divisions += Throws<DivideByZeroException>(() => _ = 1 / Zero()))),
            Start(() => Repeat(() =>
            {
                _ = new byte[1000];
                GC.Collect(1);
                collections++;
            })),
        ];

        foreach (var guest in guests)
            guest.Join();
        end.Cancel();
        foreach (var other in others)
            other.Join();

        wrong.ShouldBeEmpty();
        nulls.ShouldBeGreaterThan(0);
        divisions.ShouldBeGreaterThan(0);
        collections.ShouldBeGreaterThan(0);

        Thread Start(Action work)
        {
            Thread thread = new(() =>
            {
                try
                {
                    work();
                }
                catch (Exception e) // told at the end, whatever it is
                {
                    lock (wrong)
                        wrong.Add(e);
                }
            });
            thread.Start();
            return thread;
        }

        void Repeat(Action work)
        {
            do
                work();
            while (!end.IsCancellationRequested);
        }
    }

    /// <summary>Adds to words of pages whose frames change places in each round.</summary>
    private static void RunGuest(uint step)
    {
        using WindowMachine m = new();
        m.Load(a =>
        {
            var loop = a.CreateLabel();
            a.mov(ebx, Data);
            a.mov(ecx, Pages);
            a.Label(ref loop);
            a.add(__dword_ptr[ebx], step);
            a.add(ebx, 0x1000);
            a.dec(ecx);
            a.jnz(loop);
        });
        for (uint round = 0; round < _rounds; round++)
        {
            for (uint page = 0; page < Pages; page++)
                m.Map(Frame + ((page * 3 + round) % Pages), page: (int)page);
            m.Cpu.FlushTlb();
            m.Run().ShouldBeNull();
        }

        for (uint page = 0; page < Pages; page++)
            m[Frame + page].ShouldBe(unchecked(_rounds * step));
        m.Engine.Faults.ShouldBeGreaterThan(_rounds);
    }

    private static int Throws<T>(Action work)
        where T : Exception
    {
        try
        {
            work();
        }
        catch (T e)
        {
            e.StackTrace.ShouldNotBeNull().ShouldContain(nameof(FaultsBesideRuntimeSpec));
            return 1;
        }

        throw new InvalidOperationException($"no {typeof(T)}");
    }

    private static string Nothing() => Environment.GetEnvironmentVariable("LGUEST_NOTHING")!;

    private static int Zero() => Nothing() is null ? 0 : 1;
}
