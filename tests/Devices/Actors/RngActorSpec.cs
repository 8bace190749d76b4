// The entropy source's actor: the smallest there is, and so the plainest test of what all device actors share.

using Lguest.Devices.Actors;
using Lguest.Devices.Rng;
using Lguest.Devices.Rng.Actors;

namespace Lguest.Devices.Tests.Actors;

public sealed class RngActorSpec : DeviceTestKit
{
    [Fact]
    public void A_ring_that_is_kept_full_is_served_portion_by_portion_from_one_kick()
    {
        var driver = First;
        var rng = StartChild(RngActor.Props(Guest, Switcher, new RngDevice(Memory, Queue(driver), bytes => bytes.Fill(0x7e)), "rng"));
        for (int i = 0; i < 16; i++)
            driver.Offer(((uint)(0x1000 + (i * 16)), 16, true));

        Kick(rng, driver);

        ExpectInterrupt(FirstIrq);
        AwaitAssert(() => driver.Get(0x1000, 256).ShouldBe(Enumerable.Repeat((byte)0x7e, 256)));
    }

    [Fact]
    public void Something_to_read_breaks_its_queue_and_says_so_by_name()
    {
        var driver = First;
        var rng = StartChild(RngActor.Props(Guest, Switcher, new RngDevice(Memory, Queue(driver), bytes => bytes.Clear()), "rng"));
        driver.Offer((0x1000, 16, false));

        Kick(rng, driver);

        ExpectMsg<DeviceProtocol.QueueBroken>().Reason.ShouldBe("rng, queue 0: the entropy source was given something to read");
    }
}
