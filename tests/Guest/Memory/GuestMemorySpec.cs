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
