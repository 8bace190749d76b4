// Malformed input for everything that a Guest can hand to its Host: calls, ring entries, descriptors, gates, page tables, instructions.
// Whatever happens, the slice ends, the Guest is alive or dead with a reason, and its neighbour notices nothing. LGUEST_FUZZ_CASES sets the
// number of cases of each kind: a case is one call, one ring entry, one rewritten page table entry with an access through it, and one Guest
// for the kinds that need a fresh one each.
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Support;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using Xunit.Abstractions;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Fuzz;

public sealed unsafe class FuzzSpec(ITestOutputHelper output)
{
    private const int DefaultCases = 3000;
    private const int FreshGuestShare = 25; // a fresh Guest takes as long as so many calls
    private const uint TableAt = 0x380000;
    private const int TableRows = 256;
    // A Guest that got lost in a loop is left alone soon: about 100,000 instructions.
    private static readonly RunSettings _short = new(20_000, 5_000);

    [Theory]
    [MemberData(nameof(TestGuest.Families), MemberType = typeof(TestGuest))]
    public void Random_calls_end_in_life_or_in_a_reason(AbiFamily family) => ForCases(family, 1, Cases, (random, guest) =>
    {
        for (uint i = 0; i < TableRows; i++)
            WriteRow(guest, i, Row(RandomCall.Of(random, family), guest.Layout.ArgumentsStartInEdx));
        guest.Boot(a => ForEachRow(a, () => a.@int(GuestVectors.Hypercall)));
        // Each NOTIFY among the calls comes out.
        RunOn(random, guest);
        return guest.Slot.Statistics().DirectHypercalls;
    });

    [Theory]
    [MemberData(nameof(TestGuest.Families), MemberType = typeof(TestGuest))]
    public void Rubbish_in_the_ring_ends_in_life_or_in_a_reason(AbiFamily family) => ForCases(family, 2, Cases, (random, guest) =>
    {
        guest.Boot(a =>
        {
            var again = a.CreateLabel();
            a.Label(ref again);
            guest.Done(a);
            guest.Call(a, Hypercall.FlushAsync);
            a.jmp(again);
        });
        for (int round = 0; round < 32 && guest.Slot.End is null; round++)
        {
            guest.Run(2, _short);
            for (int i = random.Next(1, 65); i > 0; i--)
            {
                var call = RandomCall.Of(random, family);
                guest.Queue(i - 1, call.Number, call.First, call.Second, call.Third, call.Fourth);
            }

            if (random.Next(16) == 0)
                guest.Memory.Span(new GuestPhysical((uint)(TestGuest.DataAt + guest.Layout.HcallStatus)), 64)[random.Next(64)] =
                    (byte)random.Next(256);
        }

        guest.Run(2, _short);
        return guest.Slot.Statistics().QueuedHypercalls;
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Random_page_tables_end_in_life_or_in_a_reason(bool pae) => ForCases(AbiFamily.Linux3, pae ? 6 : 3, Cases, (random, guest) =>
    {
        var tables = FuzzTables.Write(guest.Memory, pae);
        for (uint i = 0; i < TableRows; i++)
        {
            (uint where, ulong entry) = tables.Entry(random);
            WriteRow(guest, i, random.Next(4) == 0 ? Value(random) : FuzzTables.Window + (uint)random.Next(0x1000000), (uint)random.Next(),
                (uint)entry, where, (uint)(entry >> 32));
        }

        guest.Boot(a =>
        {
            guest.Call(a, Hypercall.NewPageTable, FuzzTables.Root);
            ForEachRow(a, () =>
            {
                var read = a.CreateLabel();
                var end = a.CreateLabel();
                a.mov(__dword_ptr[edx], ecx);
                if (pae)
                    a.mov(__dword_ptr[edx + 4], esi);
                a.mov(edi, eax);
                a.push(ebx);
                guest.Call(a, Hypercall.FlushTlb, 1);
                a.pop(ebx);
                a.test(bl, 1);
                a.je(read);
                a.mov(__dword_ptr[edi], ebx);
                a.jmp(end);
                a.Label(ref read);
                a.mov(ebx, __dword_ptr[edi]);
                a.Label(ref end);
                a.nop();
            });
        }).Gate(14).Gate(13);

        // Both accesses are two bytes long; the handler goes on after the one that faulted.
        guest.Assemble(TestGuest.HandlerAt, a =>
        {
            a.add(esp, 4);
            a.add(__dword_ptr[esp], 2);
            a.inc(__dword_ptr[TestGuest.ResultAt]);
            a.iretd();
        });
        RunOn(random, guest);
        return guest.Slot.Statistics().DirectHypercalls;
    });

    [Fact]
    public void Random_descriptors_and_gates_end_in_life_or_in_a_reason() => ForCases(AbiFamily.Linux3, 4, Cases, (random, guest) =>
    {
        const uint NextAt = 0x190000;
        for (uint i = 0; i < TableRows; i++)
            WriteRow(guest, i, (uint)random.Next(32), Value(random), Value(random), (uint)random.Next(256),
                ((uint)random.NextInt64() & 0xffff60ff) | 0x8e00);

        // A row: a descriptor, a selector that may name it, a gate, and a way through one of the gates. Whatever faults goes on with the
        // next row.
        guest.Assemble(NextAt, a =>
        {
            var end = a.CreateLabel();
            a.mov(esp, TestGuest.StackTop);
            a.add(ebp, 20);
            a.cmp(ebp, TableAt + (TableRows * 20));
            a.jae(end);
            LoadRow(a);
            a.mov(edi, edx);
            a.push(esi);
            a.mov(edx, ecx);
            a.mov(ecx, ebx);
            a.mov(ebx, eax);
            a.mov(eax, (uint)Hypercall.LoadGdtEntry);
            a.@int(GuestVectors.Hypercall);
            a.mov(fs, di);
            a.mov(eax, __dword_ptr.fs[0]);
            a.pop(edx);
            a.mov(ebx, edi);
            a.mov(eax, (uint)Hypercall.LoadIdtEntry);
            a.@int(GuestVectors.Hypercall);
            for (int i = 0; i < 4; i++)
                a.@int((byte)random.Next(256));
            a.push(edi);
            a.push(ecx);
            a.call(__fword_ptr[esp]);
            a.jmp(NextAt);
            a.Label(ref end);
            guest.Done(a);
        });
        guest.Assemble(TestGuest.HandlerAt, a => a.jmp(NextAt));
        foreach (int vector in (int[])[0, 1, 3, 4, 5, 6, 7, 10, 11, 12, 13, 14])
            guest.Gate(vector);
        guest.Boot(a =>
        {
            a.mov(ebp, TableAt - 20);
            a.jmp(NextAt);
        });
        RunOn(random, guest);
        var counters = guest.Slot.Statistics();
        return counters.DirectHypercalls + counters.Traps;
    });

    [Fact]
    public void Random_code_ends_in_life_or_in_a_reason() => ForCases(AbiFamily.Linux3, 5, FreshCases, (random, guest) =>
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
        return RunOn(random, guest);
    });

    private static int Cases => FuzzRun.CasesOr(DefaultCases);

    private static int FreshCases => Math.Max(1, Cases / FreshGuestShare);

    /// <summary>Prepares and runs one Guest after the other until there were enough cases, and looks at a neighbour now and then.</summary>
    /// <param name="family">Of the Guests.</param>
    /// <param name="salt">Keeps the kinds of cases apart.</param>
    /// <param name="wanted">Cases at least.</param>
    /// <param name="run">Prepares a Guest and runs it; answers how many cases that were.</param>
    private void ForCases(AbiFamily family, int salt, int wanted, Func<Random, TestGuest, long> run)
    {
        var fuzz = FuzzRun.Start(DefaultCases, output);
        using var neighbour = TestGuest.Of(family);
        neighbour.Raw(a =>
        {
            var again = a.CreateLabel();
            a.mov(esp, TestGuest.StackTop);
            neighbour.Init(a);
            a.Label(ref again);
            a.inc(__dword_ptr[TestGuest.ResultAt]);
            neighbour.Done(a);
            a.jmp(again);
        });
        Dictionary<string, int> reasons = [];
        int guests = 0;
        long cases = 0;
        for (; cases < wanted; guests++)
        {
            var random = fuzz.Dice(salt, guests);
            using var guest = TestGuest.Of(family);
            cases += Math.Max(1, run(random, guest));
            if (guest.Slot.End is { } end)
            {
                end.Text.ShouldNotBeNullOrEmpty($"Guest {guests}");
                string kind = end is GuestEnd.Killed killed ? killed.Reason.ToString() : end.GetType().Name;
                reasons[kind] = reasons.GetValueOrDefault(kind) + 1;
            }

            (guest.Cpu->Cpl is 1 or 3).ShouldBeTrue($"Guest {guests}: ring {guest.Cpu->Cpl}");
            if (guests % 50 == 0)
                neighbour.RunToDone();
        }

        neighbour.RunToDone();
        output.WriteLine($"{cases} cases in {guests} Guests, of which {reasons.Values.Sum()} died");
        output.WriteLine(string.Join(", ", reasons.OrderByDescending(reason => reason.Value)
            .Select(reason => $"{reason.Key} {reason.Value}")));
    }

    /// <summary>For a Guest that has been prepared: interrupts fly about, each NOTIFY is followed by another slice.</summary>
    private static long RunOn(Random random, TestGuest guest)
    {
        for (int slices = 0; slices < 32; slices++)
        {
            guest.Slot.RaiseInterrupt(random.Next(32));
            var reason = guest.Run(2, _short);
            if (reason is ExitReason.BindDma or ExitReason.SendDma { Key.Value: not TestGuest.DoneKey })
                guest.Slot.FinishDma(reason is ExitReason.BindDma ? (uint)random.Next(2) : null);
            else if (reason is not ExitReason.Notify { Address.Value: not TestGuest.DoneAddress })
                break;
        }

        return 1;
    }

    /// <summary>A loop over the table: EAX, EBX, ECX, EDX and ESI get a row, EBP counts.</summary>
    private static void ForEachRow(Iced.Intel.Assembler a, Action body)
    {
        var next = a.CreateLabel();
        a.mov(ebp, TableAt);
        a.Label(ref next);
        LoadRow(a);
        a.add(ebp, 20);
        body();
        a.cmp(ebp, TableAt + (TableRows * 20));
        a.jb(next);
    }

    private static void LoadRow(Iced.Intel.Assembler a)
    {
        a.mov(eax, __dword_ptr[ebp]);
        a.mov(ebx, __dword_ptr[ebp + 4]);
        a.mov(ecx, __dword_ptr[ebp + 8]);
        a.mov(edx, __dword_ptr[ebp + 12]);
        a.mov(esi, __dword_ptr[ebp + 16]);
    }

    private static void WriteRow(TestGuest guest, uint row, params ReadOnlySpan<uint> values)
    {
        for (int i = 0; i < values.Length; i++)
            guest.Memory.TryWrite(new GuestPhysical(TableAt + (row * 20) + ((uint)i * 4)), values[i]);
    }

    /// <summary>A call in the registers of the table's rows.</summary>
    private static uint[] Row(RandomCall call, bool argumentsStartInEdx) => argumentsStartInEdx
        ? [(uint)call.Number, call.Second, call.Third, call.First, call.Fourth]
        : [(uint)call.Number, call.First, call.Second, call.Third, call.Fourth];

    private static uint Value(Random random) => RandomCall.Value(random);
}
