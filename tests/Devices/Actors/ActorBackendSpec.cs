// A device on PCI through its actor: what the driver writes into registers goes to the actor as messages, and the end of a reset comes back
// to the owner of the registers.

using Lguest.Devices.Actors;
using Lguest.Devices.Rng;
using Lguest.Devices.Rng.Actors;
using Lguest.Devices.Tests.Virtio;
using Lguest.Devices.Tests.Virtio.Pci;
using Lguest.Devices.Virtio;
using Lguest.Devices.Virtio.Pci;
using Lguest.Guest.Memory;

namespace Lguest.Devices.Tests.Actors;

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
            if (_function.Registers.IsResetting)
            {
                queueAt.ShouldBe(0x20000u, "a device that was never started is as new");
                ExpectMsg<DeviceProtocol.ResetDone>();
                _function.Registers.FinishReset();
            }

            _driver.Get(1, 20, 1).ShouldBe(0u);

            var queue = Negotiate(queueAt);
            queue.Offer((0x1000, 10, true));
            _driver.Kick(0);

            ExpectInterrupt(Number);
            queue.Reap()!.Value.Written.ShouldBe(10u);
        }
    }

    [Fact]
    public void A_guest_that_comes_out_for_a_reset_has_its_launcher_ask_for_it()
    {
        ActorBackend backend = new(null) { Device = TestActor };
        VirtioRegisters registers = new(RngDescription.Create(), 256, RamBytes, Strictness.Lguest, backend, new TestWire(), Number);
        backend.Start(0, []);
        ExpectMsg<DeviceProtocol.Start>();

        registers.Write(20, 1, 0, 0);
        registers.IsResetting.ShouldBeTrue();
        registers.FinishReset();
        registers.Write(20, 1, 0, 0);

        registers.IsResetting.ShouldBeFalse("the store is made again, and there is nothing more to do");
        backend.Kick(0);
        ExpectMsg<DeviceProtocol.Kicked>(); // and nothing before it: nobody was told of the resets
    }

    [Fact]
    public void What_is_written_into_a_consoles_configuration_is_printed_and_into_another_is_not()
    {
        ActorBackend console = new(null) { Device = TestActor, Prints = true };
        ActorBackend disk = new(null) { Device = TestActor };

        (disk.WriteConfig(8, 4, 'x'), console.WriteConfig(4, 4, 'x'), console.WriteConfig(8, 1, 'x')).ShouldBe((false, false, false));
        console.WriteConfig(8, 4, 0x12345678).ShouldBeTrue();

        ExpectMsg<DeviceProtocol.Print>().Text.ShouldBe([0x78]);
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
