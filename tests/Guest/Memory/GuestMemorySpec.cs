// Native memory that goes while somebody still reads it ends the process. Who holds it keeps it; who comes too late is told so.

using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Tests.Cpu;

namespace Lguest.Guest.Tests.Memory;

public sealed class GuestMemorySpec
{
    private static readonly GuestPhysical _somewhere = new(0x1234);

    [Fact]
    public void Memory_is_there_until_the_last_holder_has_let_go()
    {
        GuestMemory memory = new(GuestMemory.PageSize * 2);
        var first = memory.Hold();
        var second = memory.Hold();
        memory.Dispose();
        first.Dispose();

        memory.TryWrite(_somewhere, 0xcafeu).ShouldBeTrue();
        memory.TryRead(_somewhere, out uint value).ShouldBeTrue();
        value.ShouldBe(0xcafeu);

        second.Dispose();
        IsGone(memory).ShouldBeTrue();
    }

    [Theory]
    [InlineData(0, 4096, 0x0L)]
    [InlineData(0x7ffff, 1, 0x7ffffL)]
    [InlineData(0x7ffff, 2, null)]
    [InlineData(0x80000, 1, null)]
    [InlineData(0xfffff, 1, null)]
    [InlineData(0x1_0000_0000, 0x80000, 0x80000L)]
    [InlineData(0x1_0007_ffff, 1, 0xfffffL)]
    [InlineData(0x1_0007_ffff, 2, null)]
    [InlineData(0x1_0008_0000, 1, null)]
    [InlineData(ulong.MaxValue, 1, null)]
    public void Ram_that_has_no_room_below_the_hole_is_at_4_GiB(ulong physical, uint length, long? place)
    {
        using GuestMemory memory = new(1 << 20, lowBytes: 0x80000);

        memory.TryLocate(physical, length, out var found).ShouldBe(place is not null);
        if (place is { } offset)
            found.Value.ShouldBe((uint)offset);
        (memory.LowBytes, memory.Length).ShouldBe((0x80000u, 0x100000u));
    }

    [Fact]
    public void Without_a_hole_memory_is_where_it_is()
    {
        using GuestMemory memory = new(1 << 20, 1);

        memory.TryLocate(0x100fff, 1, out var place).ShouldBeTrue();
        place.Value.ShouldBe(0x100fffu);
        memory.TryLocate(0x101000, 1, out _).ShouldBeFalse();
        memory.TryLocate(GuestMemory.AboveHole, 1, out _).ShouldBeFalse();
        memory.LowBytes.ShouldBe(memory.Length);
        Should.Throw<ArgumentOutOfRangeException>(() => new GuestMemory(1 << 20, 1, 0x80000));
    }

    [Fact]
    public void A_hold_that_is_disposed_twice_counts_once()
    {
        GuestMemory memory = new(GuestMemory.PageSize * 2);
        var first = memory.Hold();
        using var second = memory.Hold();
        first.Dispose();
        first.Dispose();
        memory.Dispose();
        memory.Dispose();

        memory.TryWrite(_somewhere, 1u).ShouldBeTrue();
    }

    [Fact]
    public void Memory_that_is_gone_has_no_bytes_and_cannot_be_held()
    {
        GuestMemory memory = new(GuestMemory.PageSize * 2, devicePages: 1);
        memory.Dispose();

        memory.Length.ShouldBe(0u);
        memory.FrameLimit.ShouldBe(0u);
        memory.Contains(default, 1).ShouldBeFalse();
        memory.Span(default, 1).IsEmpty.ShouldBeTrue();
        memory.TryRead(default, new byte[1]).ShouldBeFalse();
        memory.TryWrite(default, 1u).ShouldBeFalse();
        memory.Written(default, 4096);
        memory.TryHold().ShouldBeNull();
        Should.Throw<ObjectDisposedException>(() => memory.Hold());
    }

    [Fact]
    public void A_processor_holds_its_memory()
    {
        TestMachine machine = new();
        var memory = machine.Memory;
        memory.Dispose();
        memory.TryWrite(_somewhere, 1u).ShouldBeTrue("its processor may still run");

        machine.Dispose();
        IsGone(memory).ShouldBeTrue();
    }

    [Fact]
    public void Holders_on_many_threads_let_go_of_it_exactly_once()
    {
        for (int round = 0; round < 200; round++)
        {
            GuestMemory memory = new(GuestMemory.PageSize);
            int wrong = 0;
            using (memory.Hold())
            {
                memory.Dispose();
                Parallel.For(0, 8, _ =>
                {
                    using var hold = memory.Hold();
                    if (!memory.TryWrite(default, 7u))
                        Interlocked.Increment(ref wrong);
                });
            }

            wrong.ShouldBe(0);
            IsGone(memory).ShouldBeTrue();
        }
    }

    private static unsafe bool IsGone(GuestMemory memory) => memory.Base == null && memory.TryHold() is null;
}
