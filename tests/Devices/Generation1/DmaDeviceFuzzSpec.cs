// Drivers of generation 1 that have lost their minds: descriptors whose pieces lie anywhere and have any length, a disk's page full of
// noise, and, in a second test, all of that rewritten by another thread while it is being read. Nothing is thrown, nothing hangs, and no
// byte of the Guest's memory changes but those that a good descriptor named and the answer in the disk's page; nor is there anything to be
// had from after its end. LGUEST_FUZZ_CASES sets the number of cases, each of which is one send to one of the three devices;
// LGUEST_FUZZ_SEED repeats a run.

using Lguest.Devices.Block;
using Lguest.Devices.Generation1;
using Lguest.Guest.Memory;
using Lguest.Net.Dma;
using Lguest.Net.Frames;
using Lguest.Support;
using Xunit.Abstractions;

namespace Lguest.Devices.Tests.Generation1;

public sealed class DmaDeviceFuzzSpec(ITestOutputHelper output) : IDisposable
{
    private const int DefaultCases = 30_000;
    private const uint Ram = 8 * GuestMemory.PageSize;
    private const uint DiskPage = Ram + GuestMemory.PageSize;
    private const uint CardPage = Ram + (2 * GuestMemory.PageSize);
    private const uint End = Ram + (3 * GuestMemory.PageSize);
    private const uint ResultAt = DiskPage + 12;
    private const uint SentAt = 0x100;
    private const uint BoundAt = 0x200;
    private const int Sectors = 24;
    private static readonly uint[] _edges =
    [
        0, 1, SentAt, BoundAt, 0xfff, 0x1000, 0x2ff0, Ram - 1, Ram, DiskPage, DiskPage + 4, ResultAt, CardPage, End - 4096, End - 512,
            End - 1, End, End + 1,
        0x7fff_ffff, 0x8000_0000, 0xffff_f000, 0xffff_fffe, uint.MaxValue,
    ];

    private static readonly ushort[] _lengths = [0, 1, 2, 13, 14, 60, 511, 512, 513, 1514, 1515, 4095, 4096, 4097, 0x8000, 0xffff];
    private static readonly uint[] _numbers = [0, 1, 2, 3, Sectors - 1, Sectors, 512, 1024, 4096, 0x00ff_ffff, 0x0100_0000, 0x7fff_ffff,
        0x8000_0000, uint.MaxValue];

    private readonly GuestMemory _memory = new(Ram, devicePages: 3);
    private readonly CheckedDisk _content = new();
    private readonly CountingStream _screen = new();
    private readonly FrameBatchWriter _frames = new();
    private readonly Dictionary<string, long> _came = [];

    [Fact]
    public void Rubbish_for_a_disk_a_console_and_a_card_throws_nothing_and_changes_only_what_it_names()
    {
        var run = FuzzRun.Start(DefaultCases, output);
        var (cases, seed) = (run.Cases, run.Seed);
        Random random = new(seed);
        using DmaDisk disk = new(_memory, new GuestPhysical(DiskPage), 1, _content, "disk");
        using DmaConsole console = new(_memory, 2, _screen);
        using DmaNic card = new(_memory, new GuestPhysical(CardPage), 3, "card");
        var all = _memory.Span(default, End);
        random.NextBytes(all);
        byte[] before = all.ToArray();
        for (int i = 0; i < cases; i++)
        {
            Scribble(random);
            all.CopyTo(before);
            switch (i % 3)
            {
                case 0:
                    OneRequest(random, disk, before);
                    break;
                case 1:
                    OnePrint(console, before);
                    break;
                default:
                    OneFrame(card, before);
                    break;
            }
        }

        output.WriteLine(string.Join(", ", _came.OrderByDescending(came => came.Value).Select(came => $"{came.Key} {came.Value}")));
        output.WriteLine($"{card.Metrics}, {disk.Moved} bytes between disk and Guest, {_screen.Bytes} printed");
    }

    [Fact]
    public void Rubbish_that_changes_while_it_is_read_throws_nothing_either()
    {
        var run = FuzzRun.Start(DefaultCases, output);
        var (cases, seed) = (run.Cases, run.Seed);
        Random random = new(seed);
        using DmaDisk disk = new(_memory, new GuestPhysical(DiskPage), 1, _content, "disk");
        using DmaConsole console = new(_memory, 2, _screen);
        using DmaNic card = new(_memory, new GuestPhysical(CardPage), 3, "card");
        bool ends = false;
        Thread scribbler = new(() =>
        {
            Random other = new(seed + 1);
            while (!Volatile.Read(ref ends))
                Scribble(other);
        });
        scribbler.Start();
        try
        {
            for (int i = 0; i < cases; i++)
            {
                var sent = Read(SentAt);
                switch (i % 3)
                {
                    case 0:
                        disk.Serve(sent, random.Next(8) == 0 ? null : Read(BoundAt), out uint read);
                        read.ShouldBeLessThanOrEqualTo((uint)DmaDescriptor.MostBytes);
                        break;
                    case 1:
                        console.Print(sent);
                        break;
                    default:
                        card.Take(sent, _frames);
                        _frames.Take()?.Release();
                        break;
                }
            }
        }
        finally
        {
            Volatile.Write(ref ends, true);
            scribbler.Join();
        }

        output.WriteLine($"{card.Metrics}, {disk.Moved} bytes between disk and Guest, {_screen.Bytes} printed");
    }

    public void Dispose()
    {
        _screen.Dispose();
        _memory.Dispose();
    }

    private void OneRequest(Random random, DmaDisk disk, byte[] before)
    {
        _content.Fails = random.Next(16) == 0;
        _content.ReadOnly = random.Next(16) == 0;
        var sent = Read(SentAt);
        DmaDescriptor? bound = random.Next(8) == 0 ? null : Read(BoundAt);
        bool writes = Word(DiskPage) == 1;

        var answer = disk.Serve(sent, bound, out uint read);

        if (answer.Offence is not null)
        {
            Note("disk offence");
            (sent.FirstBad(_memory) ?? bound?.FirstBad(_memory)).ShouldNotBeNull();
            Same(before);
            return;
        }

        answer.UsedLength.ShouldBe(0u);
        read.ShouldBeLessThanOrEqualTo((uint)Math.Min(DmaDescriptor.MostBytes, Sectors * FileDisk.SectorBytes));
        if (writes)
            read.ShouldBe(0u);
        if (!writes && bound is { } target)
            Keep(before, target);

        // The answer may overwrite what was read, if the driver wanted its data there.
        uint result = Word(ResultAt);
        result.ShouldBeInRange(1u, 2u);
        Note($"disk {(writes ? "write" : "read")} {(result == 1 ? "done" : "failed")}");
        Keep(before, ResultAt, sizeof(uint));
        Same(before);
    }

    private void OnePrint(DmaConsole console, byte[] before)
    {
        var sent = Read(SentAt);
        var (isBad, printed) = (sent.FirstBad(_memory) is not null, _screen.Bytes);

        var answer = console.Print(sent);

        Note(isBad ? "console offence" : "printed");
        (answer.Offence is not null).ShouldBe(isBad);
        (_screen.Bytes - printed).ShouldBe(isBad ? 0 : sent.Length);
        Same(before);
    }

    private void OneFrame(DmaNic card, byte[] before)
    {
        var sent = Read(SentAt);
        bool isBad = sent.FirstBad(_memory) is not null;

        var answer = card.Take(sent, _frames);

        (answer.Offence is not null).ShouldBe(isBad);
        bool isFrame = !isBad && sent.Length is >= Frame.HeaderLength and <= Frame.OrdinaryLength;
        Note(isBad ? "card offence" : isFrame ? "frame" : "no frame");
        var batch = _frames.Take();
        (batch?.Bytes ?? 0).ShouldBe(isFrame ? sent.Length : 0);
        batch?.Release();
        Same(before);
    }

    /// <summary>Makes the two descriptors and the disk's page anew: good ones at times, since else nothing would get past the first
    /// check.</summary>
    private void Scribble(Random random)
    {
        Describe(random, SentAt);
        Describe(random, BoundAt);
        Put(DiskPage, random.Next(8) == 0 ? (uint)random.Next() : (uint)random.Next(2));
        Put(DiskPage + 4, random.Next(2) == 0 ? (uint)random.Next(Sectors) : _numbers[random.Next(_numbers.Length)]);
        Put(DiskPage + 8, random.Next(2) == 0 ? 512u * (uint)random.Next(1, 9) : _numbers[random.Next(_numbers.Length)]);
        Put(ResultAt, 0);
        if (random.Next(64) == 0)
            random.NextBytes(_memory.Span(new GuestPhysical(random.Next(2) == 0 ? SentAt : BoundAt), DmaDescriptor.Size));
    }

    private void Describe(Random random, uint at)
    {
        bool isGood = random.Next(3) > 0;
        int pieces = random.Next(DmaDescriptor.MostSections + 1);
        for (uint i = 0; i < DmaDescriptor.MostSections; i++)
        {
            // A good piece of one page; where it overlaps with the descriptors or the disk's page, so much the better.
            int length = isGood ? random.Next(1, GuestMemory.PageSize + 1) : _lengths[random.Next(_lengths.Length)];
            int offset = isGood ? random.Next(GuestMemory.PageSize - length + 1) : random.Next(GuestMemory.PageSize);
            uint address = !isGood && random.Next(2) == 0 ? _edges[random.Next(_edges.Length)]
                : (uint)((random.Next((int)(End >> GuestMemory.PageShift)) << GuestMemory.PageShift) + offset);
            if (random.Next(4) == 0)
                length = Math.Min(length, 100);
            Put(at + 4 + (i * sizeof(uint)), address);
            _memory.TryWrite(new GuestPhysical(at + 68 + (i * sizeof(ushort))), (ushort)(i < pieces ? length : 0));
        }
    }

    private DmaDescriptor Read(uint at) => DmaDescriptor.Read(_memory, new GuestPhysical(at))!.Value;

    private uint Word(uint at) => _memory.TryRead(new GuestPhysical(at), out uint value) ? value
        : throw new ArgumentOutOfRangeException(nameof(at));

    private void Put(uint at, uint value) => _memory.TryWrite(new GuestPhysical(at), value);

    /// <summary>What may have changed: it is not compared.</summary>
    private void Keep(byte[] before, in DmaDescriptor target)
    {
        for (int i = 0; i < target.Count; i++)
            Keep(before, target[i].Address.Value, target[i].Length);
    }

    private void Keep(byte[] before, uint at, int length) => _memory.Span(new GuestPhysical(at), (uint)length)
        .CopyTo(before.AsSpan((int)at));

    private void Same(byte[] before) => _memory.Span(default, End).SequenceEqual(before)
        .ShouldBeTrue("something changed that nobody named");

    private void Note(string what) => _came[what] = _came.GetValueOrDefault(what) + 1;

    /// <summary>A disk that is never asked for what it has not.</summary>
    private sealed class CheckedDisk : IDisk
    {
        private readonly byte[] _bytes = new byte[DmaDeviceFuzzSpec.Sectors * FileDisk.SectorBytes];

        public bool Fails { get; set; }

        public bool ReadOnly { get; set; }

        public long Sectors => DmaDeviceFuzzSpec.Sectors;

        public string Serial => "checked";

        public bool TryRead(long offset, Span<byte> into)
        {
            _bytes.AsSpan(checked((int)offset), into.Length).CopyTo(into);
            return !Fails;
        }

        public bool TryWrite(long offset, ReadOnlySpan<byte> from)
        {
            ReadOnly.ShouldBeFalse();
            from.CopyTo(_bytes.AsSpan(checked((int)offset), from.Length));
            return !Fails;
        }

        public bool TryFlush() => !Fails;

        public void Dispose()
        {
            // Nothing of the host's is held.
        }
    }

    private sealed class CountingStream : MemoryStream
    {
        public long Bytes { get; private set; }

        public override void Write(byte[] buffer, int offset, int count) => Bytes += count;
    }
}
