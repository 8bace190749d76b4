// The entropy source fills what it is given, within reason.

using Lguest.Devices.Rng;
using Lguest.Devices.Tests.Virtio;
using Lguest.Devices.Virtio;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;

namespace Lguest.Devices.Tests;

public sealed class RngDeviceSpec : IDisposable
{
    private const uint RamBytes = 1 << 20;

    private readonly GuestMemory _memory = new(RamBytes, 4);
    private readonly DriverSide _driver;
    private readonly RngDevice _rng;

    public RngDeviceSpec()
    {
        _driver = new DriverSide(_memory, new RingLayout(new GuestPhysical(RamBytes), 8, 1));
        _rng = new RngDevice(_memory, new SplitQueue(_memory, _driver.Ring, SuppressionRule.Flag), bytes => bytes.Fill(0x7e));
    }

    public void Dispose() => _memory.Dispose();

    [Fact]
    public void Posted_buffers_are_filled_completely_and_nothing_beside_them()
    {
        ushort head = _driver.Offer((0x1000, 10, true), (0x2000, 5, true));

        _rng.Serve(0).ShouldBeFalse();

        _driver.Reap().ShouldBe((head, 15u));
        _driver.Get(0x1000, 11).ShouldBe([.. Enumerable.Repeat((byte)0x7e, 10), 0]);
        _driver.Get(0x2000, 6).ShouldBe([.. Enumerable.Repeat((byte)0x7e, 5), 0]);
        _rng.Metrics.ShouldBe(new RngMetrics(1, 15));
    }

    [Fact]
    public void A_chain_that_names_all_of_memory_many_times_gets_a_bounded_gift()
    {
        _driver.Offer([.. Enumerable.Repeat((0x1000u, RamBytes - 0x1000u, true), 8)]);

        _rng.Serve(0).ShouldBeFalse();

        _driver.Reap().ShouldNotBeNull().Written.ShouldBe((uint)RngDevice.MostBytes);
    }

    [Fact]
    public void Something_to_read_breaks_the_queue()
    {
        _driver.Offer((0x1000, 10, false));

        _rng.Serve(0).ShouldBeFalse();

        _rng.Queues[0].Fault.ShouldNotBeNull().ShouldContain("entropy source");
    }
}
