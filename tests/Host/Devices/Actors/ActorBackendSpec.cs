// A device on PCI through its actor: what the driver writes into registers goes to the actor as messages, and the end of a reset comes back
// to the owner of the registers.

using Lguest.Guest.Memory;
using Lguest.Host.Devices.Actors;
using Lguest.Host.Devices.Rng;
using Lguest.Host.Devices.Rng.Actors;
using Lguest.Host.Tests.Virtio;
using Lguest.Host.Tests.Virtio.Pci;
using Lguest.Host.Virtio;
using Lguest.Host.Virtio.Pci;

namespace Lguest.Host.Tests.Devices.Actors;

public sealed class ActorBackendSpec : DeviceTestKit
{
    private const byte Number = 7;

    private readonly ActorBackend _backend;
    private readonly VirtioFunction _function;
    private readonly PciDriver _driver;

    public ActorBackendSpec()
    {
        _backend = new ActorBackend(TestActor);
        _function = new VirtioFunction(RngDescription.Create(), RamBytes, _backend, new TestWire(), 11, Number);
        _driver = new PciDriver(_function);
        _backend.Device = StartChild(
            RngActor.Props(Guest, Switcher, new RngDevice(Memory, new SplitQueue(Memory), bytes => bytes.Fill(0x7e)), "rng"));
    }

    [Fact]
    public void A_driver_starts_kicks_and_resets_its_device_and_starts_it_again()
    {
        foreach (uint queueAt in new uint[] { 0x10000, 0x20000 })
        {
            _driver.Put(1, 20, 1, 0);
            ExpectMsg<DeviceProtocol.ResetDone>();
            _function.Registers.FinishReset();
            _driver.Get(1, 20, 1).ShouldBe(0u);

            var queue = Negotiate(queueAt);
            queue.Offer((0x1000, 10, true));
            _driver.Kick(0);

            ExpectInterrupt(Number);
            queue.Reap()!.Value.Written.ShouldBe(10u);
        }
    }

    [Fact]
    public void Buffers_that_were_there_before_the_driver_was_ready_are_served_without_a_kick()
    {
        Memory.TryWrite(new GuestPhysical(0x10400 + 2), (ushort)1);
        Memory.TryWrite(new GuestPhysical(0x10000), 0x1000UL);
        Memory.TryWrite(new GuestPhysical(0x10008), 8u);
        Memory.TryWrite(new GuestPhysical(0x1000c), (ushort)2);

        Negotiate(0x10000);

        ExpectInterrupt(Number);
        Memory.Span(new GuestPhysical(0x1000), 8).ToArray().ShouldBe(Enumerable.Repeat((byte)0x7e, 8));
    }

    private DriverSide Negotiate(uint queueAt) => _driver.Negotiate(Memory, 0, queueAt)[0];
}
