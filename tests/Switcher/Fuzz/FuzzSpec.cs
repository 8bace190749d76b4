// Rubbish for everything that a Guest can hand to its Host: calls, ring entries, descriptors, gates, page tables, instructions. Whatever happens, the slice
// ends, the Guest is alive or dead with a reason, and its neighbour is none the wiser. LGUEST_FUZZ_CASES sets the number of cases.
using System.Globalization;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using Xunit.Abstractions;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Fuzz;

public sealed unsafe class FuzzSpec(ITestOutputHelper output)
{
    private const int DefaultCases = 120;
    private static readonly uint[] _corners =
    [
        0, 1, 2, 3, 0x69, 0x1000, 0xfff, TestGuest.DataAt, TestGuest.ResultAt, 0x7ffffc, 0x7fffff, 0x800000, 0x7fffffff, 0x80000000, 0xbfffffff, 0xc0000000,
        0xffbfffff, 0xffc00000, 0xffc00800, 0xffe00000, 0xfffff000, 0xfffffffc, uint.MaxValue,
    ];

    [Theory]
    [MemberData(nameof(TestGuest.Families), MemberType = typeof(TestGuest))]
    public void Random_calls_end_in_life_or_in_a_reason(AbiFamily family) => ForCases(family, 1, (random, guest) =>
    {
        guest.Boot(a =>
        {
            for (int i = 0; i < 6; i++)
                guest.Call(a, Number(random), Value(random), Value(random), Value(random), Value(random));
        });
    });

    [Theory]
    [MemberData(nameof(TestGuest.Families), MemberType = typeof(TestGuest))]
    public void Rubbish_in_the_ring_ends_in_life_or_in_a_reason(AbiFamily family) => ForCases(family, 2, (random, guest) =>
    {
        guest.Boot(a =>
        {
            guest.Call(a, Hypercall.Notify, 0x4000);
            guest.Call(a, Hypercall.FlushAsync);
        });
        guest.Run();
        for (int i = 0; i < random.Next(1, 65); i++)
            guest.Queue(i, Number(random), Value(random), Value(random), Value(random), Value(random));
        if (random.Next(4) == 0)
            guest.Memory.Span(new GuestPhysical((uint)(TestGuest.DataAt + guest.Layout.HcallStatus)), 64)[random.Next(64)] = (byte)random.Next(256);
    });

    [Fact]
    public void Random_page_tables_end_in_life_or_in_a_reason() => ForCases(AbiFamily.Linux3, 3, (random, guest) =>
    {
        bool pae = random.Next(2) == 0;
        TwoLevelTables tables = new TwoLevelTables(guest.Memory, 0x400000).MapIdentity(0, 4);
        for (int i = 0; i < 40; i++)
        {
            uint where = random.Next(2) == 0 ? tables.Root + ((uint)random.Next(1024) * 4) : 0x401000 + ((uint)random.Next(2048) * 4);
            guest.Memory.TryWrite(new GuestPhysical(where), Value(random));
        }

        if (pae)
            guest.Memory.TryWrite(new GuestPhysical(tables.Root), 0x401001ul | (random.Next(3) == 0 ? (ulong)random.NextInt64() << 32 : 0));
        guest.Boot(a =>
        {
            guest.Call(a, Hypercall.NewPageTable, random.Next(5) == 0 ? Value(random) : tables.Root);
            for (int i = 0; i < 8; i++)
            {
                uint address = Value(random);
                if (random.Next(2) == 0)
                    a.mov(eax, __dword_ptr[address]);
                else
                    a.mov(__dword_ptr[address], eax);
            }
        }).Gate(14).Gate(13);
        guest.Assemble(TestGuest.HandlerAt, a => guest.Done(a));
    });

    [Fact]
    public void Random_descriptors_and_gates_end_in_life_or_in_a_reason() => ForCases(AbiFamily.Linux3, 4, (random, guest) =>
    {
        guest.Boot(a =>
        {
            for (int i = 0; i < 8; i++)
            {
                guest.Call(a, Hypercall.LoadGdtEntry, (uint)random.Next(32), Value(random), (uint)random.NextInt64());
                guest.Call(a, Hypercall.LoadIdtEntry, (uint)random.Next(256), Value(random), ((uint)random.NextInt64() & 0xffff60ff) | 0x8e00);
                a.mov(eax, random.Next(256));
                a.mov(fs, ax);
                if (random.Next(3) == 0)
                    a.db(0x9a, (byte)random.Next(256), (byte)random.Next(256), 0x10, 0, (byte)random.Next(256), 0);
                if (random.Next(3) == 0)
                    a.@int((byte)random.Next(256));
            }
        });
    });

    [Fact]
    public void Random_code_ends_in_life_or_in_a_reason() => ForCases(AbiFamily.Linux3, 5, (random, guest) =>
    {
        byte[] code = new byte[64];
        random.NextBytes(code);
        for (int i = 0; i < 16; i++)
            guest.Gate(i == 8 ? 9 : i, TestGuest.HandlerAt, random.Next(2) == 0 ? 0xe : 0xf, 3);
        guest.Assemble(TestGuest.HandlerAt, a => guest.Done(a));
        guest.UserSegments().Assemble(TestGuest.UserAt, a => a.db(code));
        guest.Boot(a =>
        {
            guest.Call(a, Hypercall.SetStack, 0x69, TestGuest.TrapStackTop, 1);
            if (random.Next(2) == 0)
                TestGuest.EnterUser(a);
            else
                a.db(code);
        });
    });

    /// <summary>Runs each case in a Guest of its own, interrupts flying about, and looks at a neighbour afterwards.</summary>
    private void ForCases(AbiFamily family, int salt, Action<Random, TestGuest> prepare)
    {
        int cases = int.TryParse(Environment.GetEnvironmentVariable("LGUEST_FUZZ_CASES"), CultureInfo.InvariantCulture, out int wanted) ? wanted : DefaultCases;
        int seed = int.TryParse(Environment.GetEnvironmentVariable("LGUEST_FUZZ_SEED"), CultureInfo.InvariantCulture, out int given) ? given : Environment.TickCount;
        output.WriteLine($"LGUEST_FUZZ_SEED={seed} LGUEST_FUZZ_CASES={cases}");
        using TestGuest neighbour = TestGuest.Of(family);
        neighbour.Raw(a =>
        {
            Iced.Intel.Label again = a.CreateLabel();
            a.mov(esp, TestGuest.StackTop);
            neighbour.Init(a);
            a.Label(ref again);
            a.inc(__dword_ptr[TestGuest.ResultAt]);
            neighbour.Done(a);
            a.jmp(again);
        });
        int dead = 0;
        for (int i = 0; i < cases; i++)
        {
            Random random = new(HashCode.Combine(seed, salt, i));
            using TestGuest guest = TestGuest.Of(family);
            prepare(random, guest);
            guest.Slot.RaiseInterrupt(random.Next(32));
            ExitReason reason = guest.Run(2);
            if (guest.Slot.End is { } end)
            {
                dead++;
                end.Text.ShouldNotBeNullOrEmpty($"seed {seed}, case {i}");
            }

            guest.Cpu->Cpl.ShouldNotBe(0u, $"seed {seed}, case {i}: {reason}");
            guest.Cpu->Cpl.ShouldNotBe(2u, $"seed {seed}, case {i}: {reason}");
            if (i % 50 == 0)
                neighbour.RunToDone();
        }

        neighbour.RunToDone();
        output.WriteLine($"{dead} of {cases} Guests died");
    }

    private static Hypercall Number(Random random)
    {
        // Calls that end the program early teach nothing.
        while (true)
        {
            uint number = random.Next(8) == 0 ? Value(random) : (uint)random.Next(20);
            if (number != (uint)Hypercall.Shutdown || random.Next(4) == 0)
                return (Hypercall)number;
        }
    }

    private static uint Value(Random random) => random.Next(3) switch
    {
        0 => _corners[random.Next(_corners.Length)],
        1 => (uint)random.Next(0x800000),
        _ => (uint)random.NextInt64(),
    };
}
