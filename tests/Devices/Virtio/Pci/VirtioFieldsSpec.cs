// Each field of the common configuration by itself: what is written is what is read, a half leaves the other half alone, and what does not
// exist is neither read nor written.

using Lguest.Devices.Virtio;
using Lguest.Devices.Virtio.Pci;
using Lguest.Guest.Memory;

namespace Lguest.Devices.Tests.Virtio.Pci;

public sealed class VirtioFieldsSpec
{
    private const uint Ram = 1 << 20;

    private static readonly DeviceDescription _description = new(DeviceType.Block, 2, 0x204, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], []);

    private readonly DirectBackend _backend = new();
    private readonly TestWire _wire = new();
    private VirtioRegisters _registers;

    public VirtioFieldsSpec() => _registers = Make(Strictness.Forgiving);

    [Fact]
    public void Features_are_selected_and_written_in_two_words_and_there_is_no_third()
    {
        Get(4, 4).ShouldBe(0x204u, "the first word is selected from the start");
        Put(20, 1, 3);
        foreach (var (select, features) in new[] { (0u, 0xffu), (1u, 0xffffffffu), (0u, 0x204u), (1u, 1u), (2u, 0xffffffffu) })
        {
            Put(8, 4, select);
            Get(8, 4).ShouldBe(select);
            Put(12, 4, features);
            Get(12, 4).ShouldBe(select > 1 ? 0 : features);
        }

        Put(0, 4, 1);
        Get(0, 4).ShouldBe(1u);
        _registers.State.DriverFeatures.ShouldBe(0x1_0000_0204ul);
    }

    [Fact]
    public void A_strict_device_shows_features_only_once_a_word_of_them_is_selected()
    {
        _registers = Make(Strictness.Lguest);
        Put(20, 1, 1);
        Put(20, 1, 3);
        uint[] seen = [Get(4, 4), Select(0), Select(1), Select(2)];
        seen.ShouldBe([0u, 0x204u, 1u, 0u]);

        uint Select(uint word)
        {
            Put(0, 4, word);
            return Get(4, 4);
        }
    }

    [Fact]
    public void Addresses_have_two_halves_and_three_kinds()
    {
        Ready();
        Put(22, 2, 1);
        Get(22, 2).ShouldBe(1u);
        ulong[] addresses = [0x11111111_22222222, 0x33333333_44444444, 0x55555555_66666666];
        foreach (int kind in new[] { 0, 1, 2 })
        {
            int at = 32 + (8 * kind);
            foreach (var (half, value) in new[] { (0, uint.MaxValue), (4, uint.MaxValue), (4, 0u), (0, 0u) })
                Put(at + half, 4, value);
            Put(at + 4, 4, (uint)(addresses[kind] >> 32));
            Put(at, 4, uint.MaxValue);
            Put(at, 4, (uint)addresses[kind]);
            Put(at + 4, 4, uint.MaxValue);
            Put(at + 4, 4, (uint)(addresses[kind] >> 32));
        }

        ulong[] read = [.. new[] { 32, 40, 48 }.Select(at => Get(at, 4) | ((ulong)Get(at + 4, 4) << 32))];
        read.ShouldBe(addresses);
        (Get(16, 2), Get(26, 2)).ShouldBe((0xffffu, 0xffffu), "there are no MSI-X vectors");
    }

    [Theory]
    [InlineData(24, 512u, 256u)]
    [InlineData(24, 255u, 256u)]
    [InlineData(24, 0u, 256u)]
    [InlineData(28, 0u, 0u)]
    [InlineData(28, 2u, 0u)]
    public void A_queue_takes_no_size_beyond_its_own_and_is_enabled_by_a_1(int at, uint value, uint after)
    {
        Ready();
        Put(at, 2, value);
        Get(at, 2).ShouldBe(after);
    }

    [Fact]
    public void A_queue_that_there_is_not_has_no_size_and_keeps_nothing()
    {
        Ready();
        Put(22, 2, 2);
        Put(24, 2, 8);
        Put(32, 4, 0x1000);
        Put(28, 2, 1);
        (Get(24, 2), Get(28, 2), Get(32, 4)).ShouldBe((0u, 0u, 0u));
    }

    [Fact]
    public void A_ring_may_end_where_memory_ends()
    {
        (uint, uint, uint)[] places = [(Ram - 0x80, 0x2000, 0x3000), (0x1000, Ram - 0x16, 0x3000), (0x1000, 0x2000, Ram - 0x48)];
        foreach (var (descriptors, available, used) in places)
        {
            Put(20, 1, 0);
            Ready();
            Put(24, 2, 8);
            Put(32, 4, descriptors);
            Put(40, 4, available);
            Put(48, 4, used);
            Put(28, 2, 1);
            Get(28, 2).ShouldBe(1u);
        }
    }

    [Fact]
    public void A_forgiving_device_takes_several_steps_at_once_and_no_bit_that_is_not_the_drivers()
    {
        Put(20, 1, 0x43);
        Get(20, 1).ShouldBe(3u);
        Features();
        Put(20, 1, 15);
        Get(20, 1).ShouldBe(15u);
        Put(20, 1, 0x8f);
        Get(20, 1).ShouldBe(0x8fu, "the driver has given up");
    }

    [Fact]
    public void A_queue_is_not_kicked_before_the_driver_is_ready_nor_while_a_reset_goes_on()
    {
        Ready();
        Put(28, 2, 1);
        Put(56, 2, 0);
        Put(20, 1, 15);
        _backend.Told.Clear();
        _backend.IsSlow = true;
        Put(20, 1, 0);
        Put(56, 2, 0);
        int raised = _wire.Raised;
        _registers.InterruptForUsed();
        _wire.Raised.ShouldBe(raised);
        _backend.Told.ShouldBe(["reset"]);
    }

    [Fact]
    public void A_strict_device_that_was_offended_hears_and_says_nothing_any_more()
    {
        _registers = Make(Strictness.Lguest);
        foreach (uint status in new uint[] { 0, 1, 3 })
            Put(20, 1, status);
        Features();
        Put(20, 1, 11);
        Get(20, 1);
        Put(28, 2, 1);
        Put(20, 1, 15);
        Put(16, 2, 1);
        _registers.Fault.ShouldNotBeNull();
        _backend.Told.Clear();
        Put(56, 2, 0);
        _registers.InterruptForUsed();
        (_backend.Told.Count, _wire.Raised).ShouldBe((0, 0));
    }

    [Fact]
    public void The_devices_own_configuration_is_written_up_to_its_end()
    {
        Ready();
        _backend.Told.Clear();
        Put(62, 2, 5);
        Put(69, 1, 6);
        Put(70, 1, 7);
        Put(58, 2, 8);
        _backend.Told.ShouldBe(["config 2 2 5", "config 9 1 6"]);
        Get(72, 4).ShouldBe(0u);
    }

    [Fact]
    public void Both_causes_of_an_interrupt_are_told_and_the_generation_outlives_a_reset()
    {
        Ready();
        Put(28, 2, 1);
        Put(20, 1, 15);
        _registers.InterruptForUsed();
        _registers.ChangeConfig(0, [9]);
        Get(58, 1).ShouldBe(3u);
        Put(20, 1, 0);
        Get(21, 1).ShouldBe(1u);
        (Get(32, 4), Get(40, 4), Get(48, 4)).ShouldBe((0u, 0u, 0u));
    }

    [Fact]
    public void Restored_registers_drive_their_wire()
    {
        Ready();
        Put(20, 1, 15);
        _registers.InterruptForUsed();
        TestWire wire = new();
        _ = new VirtioRegisters(_description, 256, Ram, Strictness.Forgiving, _backend, wire, 5) { State = _registers.State };
        wire.Level.ShouldBeTrue();
    }

    private VirtioRegisters Make(Strictness strictness) => new(_description, 256, Ram, strictness, _backend, _wire, 5);

    private uint Get(int at, int bytes) => _registers.Read((uint)at, bytes, 0);

    private void Put(int at, int bytes, uint value) => _registers.Write((uint)at, bytes, value, 0);

    private void Features()
    {
        foreach (var (word, features) in new[] { (0u, 0x204u), (1u, 1u) })
        {
            Put(8, 4, word);
            Put(12, 4, features);
        }
    }

    /// <summary>As far as the features.</summary>
    private void Ready()
    {
        Put(20, 1, 3);
        Features();
        Put(20, 1, 11);
        Get(20, 1).ShouldBe(11u);
    }
}
