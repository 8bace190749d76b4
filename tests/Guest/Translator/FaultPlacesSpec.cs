// What is noted of instructions that may fault, and found again by where they are.
using Lguest.Guest.Decode;
using Lguest.Guest.Memory;
using Lguest.Guest.Translator;

namespace Lguest.Guest.Tests.Translator;

public sealed unsafe class FaultPlacesSpec : IDisposable
{
    private const long Room = 128L << 20; // the most that blocks may take

    private readonly NativePages _blocks = new(Room);
    private readonly FaultPlaces _places;

    public FaultPlacesSpec() => _places = new FaultPlaces((nint)_blocks.Base);

    public void Dispose() => _blocks.Dispose();

    [Theory]
    [InlineData(0, 0, false, null, 0)]
    [InlineData(1, BlockBuilder.MaxOps - 1, true, null, 0)]
    [InlineData(77, 5, false, 0u, 0)]
    [InlineData(1_000_000, 6, true, 0xffff_ffffu, 95)]
    [InlineData((128 << 20) / 8 - 1, BlockBuilder.MaxOps - 1, true, null, 1)]
    public void All_of_it_comes_back(int unit, int number, bool adjustDirty, uint? pointer, int spent)
    {
        var block = (Block*)(_blocks.Base + (unit * 8L));
        var op = Block.Head(block) + number;
        _places.Add(100, (Block*)_blocks.Base, Block.Head((Block*)_blocks.Base), !adjustDirty, 1, 7);
        _places.Add(110, block, op, adjustDirty, pointer, spent);
        _places.Find(110).ShouldBe(new FaultPlaces.Place((nint)block, (nint)op, adjustDirty, pointer, spent));
        _places.Find(109).ShouldBeNull();
        _places.Find(111).ShouldBeNull();
    }

    [Fact]
    public void Those_from_an_offset_on_are_forgotten_with_all_that_was_noted_of_them()
    {
        var block = (Block*)_blocks.Base;
        _places.Add(10, block, Block.Head(block), false, null, 1);
        _places.Add(20, block, Block.Head(block), false, null, 2);
        _places.ForgetFrom(20);
        _places.Find(10).ShouldNotBeNull().Spent.ShouldBe(1);
        _places.Find(20).ShouldBeNull();

        _places.Add(20, block, Block.Head(block), false, null, 0);
        _places.Find(20).ShouldNotBeNull().Spent.ShouldBe(0);
    }

    [Fact]
    public void When_all_are_forgotten_their_memory_is_kept_or_freed()
    {
        var block = (Block*)_blocks.Base;
        for (uint i = 0; i < 1_000; i++)
            _places.Add(i, block, Block.Head(block), false, i, 0);
        long before = _places.Bytes;
        _places.Clear(givesBack: false);
        _places.Find(10).ShouldBeNull();
        _places.Bytes.ShouldBe(before, "they are soon written again");
        _places.Clear(givesBack: true);
        _places.Bytes.ShouldBeLessThan(before / 100);
    }
}
