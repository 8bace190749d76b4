// The disk of generation 1: what is written in its page, what comes with a nudge, what is bound, and what becomes of requests that are
// wrong (ABI sheet 9.7).

using Lguest.Devices.Generation1;
using Lguest.Guest.Memory;
using Lguest.Net.Dma;

namespace Lguest.Devices.Tests.Generation1;

public sealed class DmaDiskSpec : IDisposable
{
    private const uint Read = 0;
    private const uint Write = 1;
    private const uint Done = 1;
    private const uint Failed = 2;

    private readonly GuestMemory _memory = DmaMemory.Make();
    private readonly MemoryDisk _content = new(16);
    private readonly DmaDisk _disk;

    public DmaDiskSpec() => _disk = new DmaDisk(_memory, new GuestPhysical(DmaMemory.Page), 2, _content, "disk");

    [Fact]
    public void The_page_says_how_large_it_is()
    {
        _disk.WriteCapacity();

        DmaMemory.Word(_memory, DmaMemory.Page + 16).ShouldBe(16u);
    }

    [Fact]
    public void A_read_fills_the_pieces_that_the_driver_has_bound()
    {
        "sector two begins here"u8.CopyTo(_content.Content.AsSpan(2 * 512));
        Request(Read, sector: 2, bytes: 1024);

        _disk.Serve(DmaMemory.Describe(_memory), Pieces((DmaMemory.Data, 512), (DmaMemory.Data + 0x1000, 512)), out uint read)
            .ShouldBe(default);

        read.ShouldBe(1024u);
        Result.ShouldBe(Done);
        DmaMemory.Text(_memory, DmaMemory.Data, 22).ShouldBe("sector two begins here");
        _content.Log.ShouldBe(["read 1024 512", "read 1536 512"]);
        _disk.Moved.ShouldBe(1024);
    }

    [Fact]
    public void A_write_takes_what_came_with_the_nudge_and_reads_nothing()
    {
        DmaMemory.Write(_memory, DmaMemory.Data, "to be kept");
        Request(Write, sector: 1, bytes: 512);

        _disk.Serve(Pieces((DmaMemory.Data, 512)), Pieces(), out uint read);

        read.ShouldBe(0u);
        Result.ShouldBe(Done);
        _content.Content.AsSpan(512, 10).SequenceEqual("to be kept"u8).ShouldBeTrue();
    }

    [Theory]
    [InlineData(Read, 15u, 1024u)]
    [InlineData(Read, 16u, 512u)]
    [InlineData(Read, uint.MaxValue, 512u)]
    [InlineData(Write, 15u, 1024u)]
    [InlineData(Write, uint.MaxValue, 512u)]
    public void What_goes_past_the_end_fails(uint type, uint sector, uint bytes)
    {
        Request(type, sector, bytes);

        _disk.Serve(Pieces((DmaMemory.Data, 1024)), Pieces((DmaMemory.Data, 1024)), out _).Offence.ShouldBeNull();

        Result.ShouldBe(Failed);
    }

    [Fact]
    public void Pieces_that_are_too_short_for_the_request_fail_it()
    {
        Request(Read, sector: 0, bytes: 1024);

        _disk.Serve(Pieces(), Pieces((DmaMemory.Data, 512)), out uint read);

        read.ShouldBe(512u);
        Result.ShouldBe(Failed);
    }

    [Fact]
    public void Without_a_bound_buffer_nothing_is_done()
    {
        Request(Write, sector: 0, bytes: 512);

        _disk.Serve(Pieces((DmaMemory.Data, 512)), null, out _);

        Result.ShouldBe(Failed);
        _content.Log.ShouldBeEmpty();
    }

    [Fact]
    public void A_disk_that_fails_says_so()
    {
        _content.Fails = true;
        Request(Read, sector: 0, bytes: 512);

        _disk.Serve(Pieces(), Pieces((DmaMemory.Data, 512)), out uint read);

        read.ShouldBe(0u);
        Result.ShouldBe(Failed);
    }

    [Fact]
    public void A_read_only_disk_is_not_written()
    {
        MemoryDisk kept = new(16) { ReadOnly = true };
        using DmaDisk disk = new(_memory, new GuestPhysical(DmaMemory.Page), 2, kept, "disk");
        Request(Write, sector: 0, bytes: 512);

        disk.Serve(Pieces((DmaMemory.Data, 512)), Pieces(), out _);

        Result.ShouldBe(Failed);
        kept.Log.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(DmaMemory.Data + 1, 4096)]
    [InlineData(DmaMemory.Data, 4097)]
    [InlineData(0xfffff000u, 512)]
    public void A_bad_piece_is_an_offence_and_touches_nothing(uint address, int length)
    {
        Request(Read, sector: 0, bytes: 512);

        _disk.Serve(Pieces(), Pieces((address, length)), out uint read).Offence.ShouldStartWith("bad DMA entry: ");

        read.ShouldBe(0u);
        Result.ShouldBe(0u);
        _content.Log.ShouldBeEmpty();
    }

    public void Dispose()
    {
        _disk.Dispose();
        _memory.Dispose();
    }

    private uint Result => DmaMemory.Word(_memory, DmaMemory.Page + 12);

    private void Request(uint type, uint sector, uint bytes)
    {
        _memory.TryWrite(new GuestPhysical(DmaMemory.Page), type);
        _memory.TryWrite(new GuestPhysical(DmaMemory.Page + 4), sector);
        _memory.TryWrite(new GuestPhysical(DmaMemory.Page + 8), bytes);
        _memory.TryWrite(new GuestPhysical(DmaMemory.Page + 12), 0u);
    }

    private DmaDescriptor Pieces(params ReadOnlySpan<(uint Address, int Length)> pieces) => DmaMemory.Describe(_memory, pieces);
}
