// KVM's clock as a kernel finds it in its memory: what is written there, when, and that nothing is written anywhere else.

using Lguest.Guest.Memory;
using Lguest.Machine;

namespace Lguest.Pc.Tests;

public sealed class ParavirtualClockSpec : IDisposable
{
    private readonly GuestMemory _memory = new(1 << 20);
    private readonly PcBoard _board;

    public ParavirtualClockSpec() => _board = new PcBoard(_memory, new SerialLine());

    [Fact]
    public void The_paravirtual_clock_tells_time_in_the_words_of_KVM()
    {
        MachineTime time = new(3_000_000_001, 3_000_000_001, 1_600_000_003, 1);
        _board.TryWriteRegister(ParavirtualClock.SystemTime, 0x1001, time).ShouldBeTrue();
        _board.TryReadRegister(ParavirtualClock.SystemTime, out ulong register).ShouldBeTrue();
        register.ShouldBe(0x1001ul);
        _memory.TryRead(new GuestPhysical(0x1000), out uint version).ShouldBeTrue();
        _memory.TryRead(new GuestPhysical(0x1008), out ulong stamp).ShouldBeTrue();
        _memory.TryRead(new GuestPhysical(0x1010), out long now).ShouldBeTrue();
        _memory.TryRead(new GuestPhysical(0x1018), out uint multiplier).ShouldBeTrue();
        _memory.TryRead(new GuestPhysical(0x101C), out ushort shiftAndFlags).ShouldBeTrue();
        (version & 1).ShouldBe(0u);
        ulong later = stamp + 1000;
        ((ulong)now + ((((later - stamp) << (shiftAndFlags & 0xFF)) * multiplier) >> 32)).ShouldBe(3_000_001_001ul);
        (shiftAndFlags >> 8).ShouldBe(1, "the counter is stable");

        _board.TryWriteRegister(ParavirtualClock.WallClock, 0x2000, time).ShouldBeTrue();
        _memory.TryRead(new GuestPhysical(0x2004), out uint seconds).ShouldBeTrue();
        _memory.TryRead(new GuestPhysical(0x2008), out uint nanoseconds).ShouldBeTrue();
        (seconds, nanoseconds).ShouldBe((1_600_000_000u, 0u));
        _board.TryWriteRegister(ParavirtualClock.WallClock, 0x2000, time);
        _memory.TryRead(new GuestPhysical(0x2000), out uint next).ShouldBeTrue();
        next.ShouldBe(4u);
    }

    [Fact]
    public void The_paravirtual_clock_writes_nothing_while_it_is_not_enabled()
    {
        _board.TryWriteRegister(ParavirtualClock.SystemTime, 0x1000, new MachineTime(1000, 1000, 0, 0)).ShouldBeTrue();
        _board.TryWriteRegister(ParavirtualClock.TimeStamp, 5, new MachineTime(2000, 5, 0, 0)).ShouldBeTrue();
        _memory.Span(new GuestPhysical(0x1000), 32).ToArray().ShouldAllBe(one => one == 0);
    }

    [Fact]
    public void The_paravirtual_wall_clock_has_nanoseconds_and_can_be_read_back()
    {
        _board.TryWriteRegister(ParavirtualClock.WallClock, 0x2000, new MachineTime(250, 250, 1_600_000_003, 750)).ShouldBeTrue();
        _memory.TryRead(new GuestPhysical(0x2008), out uint nanoseconds).ShouldBeTrue();
        nanoseconds.ShouldBe(500u);
        _board.TryReadRegister(ParavirtualClock.WallClock, out ulong place).ShouldBeTrue();
        place.ShouldBe(0x2000ul);
    }

    [Fact]
    public void The_paravirtual_clock_is_told_anew_when_the_time_stamp_counter_is_set()
    {
        _board.TryWriteRegister(ParavirtualClock.TimeStamp, 5, new MachineTime(10, 5, 0, 0)).ShouldBeTrue();
        _board.TryWriteRegister(ParavirtualClock.SystemTime, 0x1001, new MachineTime(1000, 1000, 0, 0)).ShouldBeTrue();

        _board.TryWriteRegister(ParavirtualClock.TimeStamp, 77, new MachineTime(2000, 77, 0, 0)).ShouldBeTrue();

        _memory.TryRead(new GuestPhysical(0x1008), out ulong stamp).ShouldBeTrue();
        _memory.TryRead(new GuestPhysical(0x1010), out long now).ShouldBeTrue();
        _memory.TryRead(new GuestPhysical(0x1000), out uint version).ShouldBeTrue();
        (stamp, now, version).ShouldBe((77ul, 2000L, 4u));
    }

    [Theory]
    [InlineData(0xFFFF_FFFFul)]
    [InlineData(0x1_0000_0000ul)]
    [InlineData(0xF_FFF1ul)]
    public void A_time_page_outside_of_memory_is_nobody_s(ulong address)
    {
        _board.TryWriteRegister(ParavirtualClock.SystemTime, address, default).ShouldBeTrue();
        _board.TryWriteRegister(ParavirtualClock.WallClock, address, default).ShouldBeTrue();
    }

    [Fact]
    public void Other_registers_are_not_there()
    {
        _board.TryReadRegister(0x179, out _).ShouldBeFalse();
        _board.TryWriteRegister(0x11, 0, default).ShouldBeFalse();
    }

    public void Dispose() => _memory.Dispose();
}
