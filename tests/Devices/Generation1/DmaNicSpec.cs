// The card of generation 1 between a Guest and a lan: the Host's line in its page, and what it takes for a frame (ABI sheet 9.8).

using System.Text;
using Lguest.Devices.Generation1;
using Lguest.Guest.Memory;
using Lguest.Net.Frames;

namespace Lguest.Devices.Tests.Generation1;

public sealed class DmaNicSpec : IDisposable
{
    private readonly GuestMemory _memory = DmaMemory.Make();
    private readonly FrameBatchWriter _sent = new();
    private readonly DmaNic _card;

    public DmaNicSpec() => _card = new DmaNic(_memory, new GuestPhysical(DmaMemory.Page), 3, "guest/eth0");

    [Fact]
    public void The_hosts_line_says_that_it_wants_everything_and_the_guest_has_the_next_one()
    {
        _card.WriteSlot();

        var slot = _memory.Span(new GuestPhysical(DmaMemory.Page), 12);
        slot[0].ShouldBe((byte)(slot[0] | 1));
        slot[..6].ContainsAnyExcept((byte)0).ShouldBeTrue();
        slot[6..].ContainsAnyExcept((byte)0).ShouldBeFalse("that line is the Guest's to write");
        (_card.Key.Value, _card.GuestKey.Value).ShouldBe((DmaMemory.Page, DmaMemory.Page + 4));
    }

    [Fact]
    public void A_frame_is_put_together_from_its_pieces()
    {
        DmaMemory.Write(_memory, DmaMemory.Data, "to: from: ty");
        DmaMemory.Write(_memory, DmaMemory.Data + 0x1000, "pe and what it says");

        _card.Take(DmaMemory.Describe(_memory, (DmaMemory.Data, 12), (DmaMemory.Data + 0x1000, 19)), _sent).ShouldBe(new DmaAnswer(31));

        using var frames = Taken();
        Encoding.ASCII.GetString(frames.Single()).ShouldBe("to: from: type and what it says");
    }

    [Theory, InlineData(0), InlineData(13), InlineData(1515)]
    public void What_is_no_frame_is_taken_and_goes_nowhere(int length)
    {
        _card.Take(DmaMemory.Describe(_memory, (DmaMemory.Data, length)), _sent).ShouldBe(new DmaAnswer((uint)length));

        _sent.Take().ShouldBeNull();
    }

    [Theory, InlineData(14), InlineData(1514)]
    public void The_shortest_and_the_longest_frame_are_taken(int length)
    {
        _card.Take(DmaMemory.Describe(_memory, (DmaMemory.Data, length)), _sent);

        using var frames = Taken();
        frames.Single().Length.ShouldBe(length);
    }

    [Fact]
    public void A_bad_piece_is_an_offence()
    {
        _card.Take(DmaMemory.Describe(_memory, (DmaMemory.Data + 4000, 100)), _sent).Offence.ShouldBe("bad DMA entry: 100@0x10fa0");

        _sent.Take().ShouldBeNull();
    }

    public void Dispose()
    {
        _card.Dispose();
        _memory.Dispose();
    }

    private TakenFrames Taken() => new(_sent.Take()!);

    private sealed class TakenFrames(FrameBatch batch) : IDisposable
    {
        public byte[] Single()
        {
            List<byte[]> all = [];
            foreach (var frame in batch)
                all.Add(frame.Bytes.ToArray());
            return all.ShouldHaveSingleItem();
        }

        public void Dispose() => batch.Release();
    }
}
