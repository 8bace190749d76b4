// How much room blocks get: what makes it more, and what makes it less again.
using Lguest.Guest.Decode;

namespace Lguest.Guest.Tests.Decode;

public sealed class BlockRoomSpec
{
    private const long Most = 32 << 20;
    private const uint Hashes = 1 << 14; // some blocks, none of which is taken for another
    private BlockRoom _room = new(Most);

    [Fact]
    public void A_Guest_that_starts_has_more_than_one_that_has_rested()
    {
        _room.Bytes.ShouldBe(BlockRoom.ToStart);
        _room.Rested(0, 0).ShouldBeFalse();
        _room.Bytes.ShouldBe(BlockRoom.AtRest);
        BlockRoom.AtRest.ShouldBeLessThan(BlockRoom.ToStart);
    }

    [Fact]
    public void No_room_is_larger_than_the_settings_allow()
    {
        new BlockRoom(1 << 20).Bytes.ShouldBe(1 << 20);
        _room = new BlockRoom(BlockRoom.ToStart + 1);
        Decode(0, 100);
        _room.Full(0);
        Decode(0, 100);
        _room.Full(0);
        _room.Bytes.ShouldBe(BlockRoom.ToStart + 1);
    }

    [Theory]
    [InlineData(87, false)]
    [InlineData(88, true)]
    public void It_grows_by_half_when_nearly_all_that_fills_it_has_been_there_before(uint back, bool grows)
    {
        Decode(0, 100);
        _room.Full(1_000);
        _room.Bytes.ShouldBe(BlockRoom.ToStart, "all was new");

        Decode(0, back);
        Decode(1_000, 100 - back);
        _room.Full(2_000);
        _room.Bytes.ShouldBe(grows ? BlockRoom.ToStart / 2 * 3 : BlockRoom.ToStart);
    }

    [Fact]
    public void What_has_been_there_long_ago_counts_as_much()
    {
        Decode(0, 100);
        _room.Full(1_000);
        Decode(1_000, 100);
        _room.Full(2_000);
        Decode(0, 100);
        _room.Full(3_000);
        _room.Bytes.ShouldBe(BlockRoom.ToStart / 2 * 3);
    }

    [Theory]
    [InlineData(BlockRoom.LongEnough - 1, true)]
    [InlineData(BlockRoom.LongEnough, false)]
    public void One_that_lasts_for_long_is_large_enough(ulong instructions, bool grows)
    {
        Decode(0, 100);
        _room.Full(1_000);
        Decode(0, 100);
        _room.Full(1_000 + instructions);
        _room.Bytes.ShouldBe(grows ? BlockRoom.ToStart / 2 * 3 : BlockRoom.ToStart);
    }

    [Fact]
    public void What_a_Guest_did_before_it_does_something_else_is_not_what_comes_back()
    {
        Decode(0, 100);
        _room.Changed(1_000);
        Decode(0, 100);
        _room.Full(2_000);
        _room.Bytes.ShouldBe(BlockRoom.ToStart);
    }

    [Theory]
    [InlineData(BlockRoom.AtRest, false)]
    [InlineData(BlockRoom.AtRest + 1, true)]
    public void At_rest_what_is_more_than_the_small_room_is_to_be_forgotten(long used, bool isForgotten) =>
        _room.Rested(used, 0).ShouldBe(isForgotten);

    [Fact]
    public void After_a_rest_only_what_has_been_decoded_since_counts()
    {
        Decode(0, 1_000);
        _room.Rested(BlockRoom.ToStart, 1_000).ShouldBeTrue();
        Decode(0, 95);
        Decode(1_000, 5);
        _room.Full(1_000 + BlockRoom.LongEnough - 1);
        _room.Bytes.ShouldBe(BlockRoom.AtRest / 2 * 3);
    }

    /// <summary>So many blocks, from a number on.</summary>
    private void Decode(uint first, uint count)
    {
        for (uint i = first; i < first + count; i++)
            _room.Decoded(i * Hashes);
    }
}
