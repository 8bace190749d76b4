// Guests that bind and send malformed descriptors: keys of all kinds, arrays and descriptors anywhere, pieces of any place and length, the
// shared page scribbled over, and all of that rewritten by another thread while it is being read. Nothing is thrown, no memory changes but
// through a buffer that its owner bound, and afterwards two honest Guests reach each other. LGUEST_FUZZ_CASES sets the number of cases,
// each of which is one call; LGUEST_FUZZ_SEED repeats the calls of a run.

using Lguest.Guest.Memory;
using Lguest.Net.Dma;
using Lguest.Support;
using Xunit.Abstractions;

namespace Lguest.Net.Tests.Dma;

public sealed class DmaFuzzSpec(ITestOutputHelper output)
{
    private const int DefaultCases = 20_000;
    private const int CasesPerLife = 5_000;
    private const int MostBindings = 32;
    private static readonly ushort[] _lengths = [0, 1, 64, 1514, 4095, 4096, 4097, 0xffff];

    private readonly Dictionary<DmaOutcome, long> _outcomes = [];

    [Fact]
    public void Rubbish_in_calls_and_descriptors_harms_nobody_but_its_sender()
    {
        var run = FuzzRun.Start(DefaultCases, output);
        for (int done = 0; done < run.Cases; done += CasesPerLife)
            OneLife(run.Dice(done), Math.Min(CasesPerLife, run.Cases - done));
        output.WriteLine(string.Join(", ", _outcomes.OrderByDescending(outcome => outcome.Value)
            .Select(outcome => $"{outcome.Key} {outcome.Value}")));
    }

    private void OneLife(Random random, int cases)
    {
        DmaExchange exchange = new();
        SharedPage page = new();
        using DmaGuest left = new("left", 0), right = new("right", 1), witness = new("witness", 2);
        foreach (var guest in (DmaGuest[])[left, right, witness])
        {
            exchange.Attach(guest.Name, guest.Memory, guest.Windows);
            page.Join(guest.Name, guest.Memory, guest.Window);
        }

        random.NextBytes(witness.Memory.Span(default, DmaGuest.Ram));
        byte[] before = witness.Memory.Span(default, DmaGuest.Ram).ToArray();
        bool ends = false;
        Random other = new(random.Next());
        Thread scribbler = new(() =>
        {
            while (!Volatile.Read(ref ends))
                Scribble(other, other.Next(2) == 0 ? left : right);
        });
        scribbler.Start();
        try
        {
            for (int i = 0; i < cases; i++)
                OneCall(random, exchange, page, random.Next(2) == 0 ? left : right);
        }
        finally
        {
            Volatile.Write(ref ends, true);
            scribbler.Join();
        }

        witness.Memory.Span(default, DmaGuest.Ram).SequenceEqual(before).ShouldBeTrue("who binds nothing receives nothing");
        exchange.SharedKeys.Count().ShouldBeLessThanOrEqualTo(2 * MostBindings);
        exchange.Detach(right.Name);
        using DmaGuest honest = new("honest", 3);
        exchange.Attach(honest.Name, honest.Memory, honest.Windows);
        exchange.Bind("honest", honest.Key(200), honest.Free(1), 1, 7).ShouldBeTrue();
        exchange.Send("witness", witness.Key(200), witness.Message("hello")).ShouldBe(new DmaResult(DmaOutcome.Delivered, 5, "honest", 7));
        honest.Text(DmaGuest.Data, 5).ShouldBe("hello");
    }

    private void OneCall(Random random, DmaExchange exchange, SharedPage page, DmaGuest guest)
    {
        var key = Key(random, guest);
        var at = Place(random);
        switch (random.Next(12))
        {
            case 0 or 1:
                exchange.Bind(guest.Name, key, at, random.Next(4) == 0 ? random.Next(0x10000) : random.Next(9), random.Next(32));
                break;
            case 2:
                exchange.Take(guest.Name, key);
                break;
            case 3:
                Note(exchange.Deliver(guest.Name, key, new byte[random.Next(3) == 0 ? 0 : random.Next(DmaDescriptor.MostBytes + 1)]));
                break;
            case 4:
                Note(exchange.Receive(exchange.KeyOf(guest.Name, key), new byte[random.Next(2000)]));
                break;
            case 5:
                Note(exchange.Gather(guest.Name, at, out byte[]? bytes));
                (bytes?.Length ?? 0).ShouldBeLessThanOrEqualTo(DmaDescriptor.MostBytes);
                break;
            case 6:
                exchange.Report(guest.Name, at, random.Next());
                break;
            case 7:
                page.Look();
                page.Apply(random.Next(3, SharedPage.Slots + 20), (ulong)random.NextInt64() & 0xffff_ffff_ffff);
                break;
            default:
                Scribble(random, guest);
                Note(exchange.Send(guest.Name, key, at));
                break;
        }
    }

    private void Note(in DmaResult result)
    {
        result.Bytes.ShouldBeInRange(0, DmaDescriptor.MostBytes);
        if (result.Outcome is DmaOutcome.SenderOffended or DmaOutcome.ReceiverOffended)
            result.Detail.ShouldNotBeEmpty();
        _outcomes[result.Outcome] = _outcomes.GetValueOrDefault(result.Outcome) + 1;
    }

    /// <summary>A descriptor, good in most things, where others may be looked for; or a line of the shared page.</summary>
    private static void Scribble(Random random, DmaGuest guest)
    {
        if (random.Next(16) == 0)
        {
            random.NextBytes(guest.Memory.Span(guest.Window.Start + (uint)(guest.Window.Slot * SharedPage.SlotBytes),
                SharedPage.SlotBytes));
            return;
        }

        bool malformed = random.Next(6) == 0;
        var sections = new (uint, int)[random.Next(17)];
        foreach (ref var section in sections.AsSpan())
        {
            section = malformed
                ? (Place(random).Value, _lengths[random.Next(_lengths.Length)])
                : (DmaGuest.Data + ((uint)random.Next(64) << GuestMemory.PageShift), random.Next(1, 1515));
        }

        guest.Describe(DmaGuest.Buffers + (uint)(random.Next(64) * DmaDescriptor.Size), random.Next(3) == 0 ? (uint)random.Next() : 0,
            sections);
    }

    /// <summary>Mostly one that others use, too.</summary>
    private static GuestPhysical Key(Random random, DmaGuest guest) => random.Next(8) switch
    {
        0 => Place(random),
        1 => new GuestPhysical((uint)random.Next(4) * 4),
        _ => guest.Key(random.Next(8)),
    };

    private static GuestPhysical Place(Random random) => new(random.Next(16) switch
    {
        0 => (uint)random.NextInt64(),
        1 => uint.MaxValue - (uint)random.Next(200),
        2 => DmaGuest.Ram + 0x2000 - (uint)random.Next(200),
        3 => (uint)random.Next((int)DmaGuest.Ram),
        _ => DmaGuest.Buffers + (uint)(random.Next(64) * DmaDescriptor.Size),
    });
}
