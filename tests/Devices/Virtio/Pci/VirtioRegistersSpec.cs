// The registers as a driver finds them, and what becomes of one that breaks a rule: nothing on a PC, the end of the device under lguest.

using Lguest.Devices.Virtio;
using Lguest.Devices.Virtio.Pci;
using Lguest.Guest.Memory;

namespace Lguest.Devices.Tests.Virtio.Pci;

public sealed class VirtioRegistersSpec
{
    private const uint Ram = 1 << 20;
    private const byte Irq = 5;

    private static readonly DeviceDescription _description = new(DeviceType.Block, 2, 0x204, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], []);

    private readonly DirectBackend _backend = new();
    private readonly TestWire _wire = new();
    private VirtioRegisters _registers;

    public VirtioRegistersSpec() => _registers = Make(Strictness.Forgiving);

    [Fact]
    public void A_driver_that_keeps_the_rules_starts_under_either_strictness()
    {
        foreach (object? strictness in Enum.GetValues<Strictness>())
        {
            _registers = Make((Strictness)strictness);
            Start();

            (_registers.Fault, Get(20, 1)).ShouldBe((null, 15u));
            _backend.Features.ShouldBe(0x1_0000_0204ul);
            _backend.Rings.ShouldBe(
                [null, RingLayout.Modern(new GuestPhysical(0x1000), new GuestPhysical(0x2002), new GuestPhysical(0x3004), 8, Irq)]);
            _backend.Told.ShouldBe(["reset", "start"]);
            _backend.Told.Clear();
        }
    }

    [Fact]
    public void Features_are_offered_in_two_words_and_version_1_is_among_them()
    {
        Put(20, 1, 1);
        Put(20, 1, 3);

        uint[] words = [.. new uint[] { 0, 1, 2 }.Select(word =>
        {
            Put(0, 4, word);
            return Get(4, 4);
        })];

        words.ShouldBe([0x204u, 1, 0]);
    }

    [Theory]
    [InlineData(0x204u, 0u)]
    [InlineData(0x205u, 1u)]
    [InlineData(0u, 3u)]
    public void Features_without_version_1_or_that_were_not_offered_are_not_accepted(uint low, uint high)
    {
        Begin(low, high);

        (Get(20, 1), _registers.Fault).ShouldBe((3u, null));
        Put(20, 1, 15);
        Get(20, 1).ShouldBe(3u);
        _backend.Told.ShouldBe(["reset"]);
    }

    [Fact]
    public void An_interrupt_is_up_until_its_status_is_read()
    {
        Start();

        _registers.InterruptForUsed();
        _registers.InterruptForUsed();

        _wire.Level.ShouldBeTrue();
        (Get(58, 1), _wire.Level, Get(58, 1)).ShouldBe((1u, false, 0u));
    }

    [Fact]
    public void An_interrupt_that_comes_after_a_reset_has_nobody_to_read_it_and_is_lost()
    {
        Start();
        Put(20, 1, 0);

        _registers.InterruptForUsed();
        _registers.ChangeConfig(0, [1]);

        (_wire.Level, Get(58, 1)).ShouldBe((false, 0u));
    }

    [Fact]
    public void A_changed_configuration_counts_up_and_interrupts()
    {
        Start();

        _registers.ChangeConfig(4, [0x50, 0x60]);

        (Get(21, 1), Get(64, 4), _wire.Level, Get(58, 1)).ShouldBe((1u, 0x08076050u, true, 2u));
    }

    [Fact]
    public void The_devices_own_configuration_is_read_in_any_width_and_ends_where_it_ends()
    {
        Begin();

        (Get(60, 1), Get(61, 1), Get(62, 2), Get(64, 4), Get(68, 2), Get(68, 4), Get(70, 4)).ShouldBe(
            (1u, 2u, 0x0403u, 0x08070605u, 0x0a09u, 0x0a09u, 0u));
    }

    [Fact]
    public void A_reset_forgets_all_but_is_seen_only_when_it_is_done()
    {
        Start();
        _backend.IsSlow = true;
        _registers.InterruptForUsed();

        Put(20, 1, 0);

        Get(20, 1).ShouldBe(15u);
        Put(20, 1, 1);
        _registers.InterruptForUsed();
        _registers.FinishReset();
        (Get(20, 1), Get(58, 1), _wire.Level, Get(28, 2), Get(24, 2)).ShouldBe((0u, 0u, false, 0u, 256u));
    }

    [Fact]
    public void Queues_are_kicked_only_while_they_are_served()
    {
        Put(56, 2, 1);
        Start();
        _backend.Told.Clear();

        Put(56, 2, 1);
        Put(56, 2, 0);
        Put(56, 2, 9);
        Put(56, 4, 1);
        Put(56, 1, 1);

        _backend.Told.ShouldBe(["kick 1"]);
    }

    [Theory]
    [InlineData(0x1008ul, 0x2002ul, 0x3004ul)]
    [InlineData(0x1000ul, 0x2001ul, 0x3004ul)]
    [InlineData(0x1000ul, 0x2002ul, 0x3002ul)]
    [InlineData(Ram - 0x70ul, 0x2002ul, 0x3004ul)]
    [InlineData(0x1000ul, Ram - 0x14ul, 0x3004ul)]
    [InlineData(0x1000ul, 0x2002ul, Ram - 0x40ul)]
    [InlineData(0x1_0000_1000ul, 0x2002ul, 0x3004ul)]
    [InlineData(0xffff_fff0ul, 0x2002ul, 0x3004ul)]
    public void A_ring_that_is_not_aligned_or_not_in_memory_cannot_be_enabled(ulong descriptors, ulong available, ulong used)
    {
        foreach (object? strictness in Enum.GetValues<Strictness>())
        {
            _registers = Make((Strictness)strictness);
            Begin();
            Place(descriptors, available, used);

            Put(28, 2, 1);

            Get(28, 2).ShouldBe(0u);
            (_registers.Fault is not null).ShouldBe((Strictness)strictness == Strictness.Lguest);
        }
    }

    [Fact]
    public void A_queue_that_is_enabled_stays_as_it_is()
    {
        Begin();
        Place(0x1000, 0x2002, 0x3004);
        Put(28, 2, 1);

        Put(24, 2, 16);
        Put(32, 4, 0x5000);
        Put(28, 2, 0);

        (Get(24, 2), Get(32, 4), Get(28, 2)).ShouldBe((8u, 0x1000u, 1u));
    }

    public static TheoryData<string, int, int, uint> Violations => new()
    {
        { "a read of 1 bytes at 0", 0, -1, 0 },
        { "a read of 4 bytes at 18", 18, -4, 0 },
        { "a read of 2 bytes at 16", 16, -2, 0 },
        { "a read of 2 bytes at 58", 58, -2, 0 },
        { "a read of 1 bytes at 59", 59, -1, 0 },
        { "a read of 4 bytes at 8 of the configuration", 68, -4, 0 },
        { "a write of 2 bytes at 16", 16, 2, 1 },
        { "a write of 2 bytes at 26", 26, 2, 1 },
        { "a write of 1 bytes at 58", 58, 1, 0 },
        { "a write of 2 bytes at 30", 30, 2, 0 },
        { "a write of 4 bytes at 60", 60, 4, 0 },
        { "feature word 2 was selected", 8, 4, 2 },
        { "features were written before DRIVER was set or after FEATURES_OK", 0, 4, 0 },
        { "features were written before DRIVER was set or after FEATURES_OK", 8, 4, 1 },
        { "features were written before DRIVER was set or after FEATURES_OK", 12, 4, 0 },
        { "status 7 after 15", 20, 1, 7 },
        { "status 143 after 15", 20, 1, 0x8f },
        { "a queue size of 6", 24, 2, 6 },
        { "0 in queue_enable", 28, 2, 0 },
        { "1 in queue_enable", 28, 2, 1 },
        { "a queue's address is above 4 GB", 36, 4, 1 },
        { "queue 2 was notified", 56, 2, 2 },
    };

    [Theory, MemberData(nameof(Violations))]
    public void A_broken_rule_ends_a_strict_device_and_does_nothing_to_another(string why, int at, int width, uint value)
    {
        foreach (object? strictness in Enum.GetValues<Strictness>())
        {
            _registers = Make((Strictness)strictness);
            Start();
            Put(22, 2, 0);
            var before = _registers.State;

            if (width < 0)
                Get(at, -width);
            else
                Put(at, width, value);

            if ((Strictness)strictness == Strictness.Lguest)
            {
                _registers.Fault.ShouldBe(why);
                (Get(20, 1), Get(58, 1)).ShouldBe((0u, 0u));
            }
            else if (at >= 12 && why is not ("a queue's address is above 4 GB" or "status 143 after 15"))
            {
                var after = _registers.State;
                (_registers.Fault, after).ShouldBe((null, before with { Queues = after.Queues }));
                after.Queues.ShouldBe(before.Queues);
            }
        }
    }

    [Theory]
    [InlineData("status 2 after 0", 20, 2u)]
    [InlineData("status 3 after 0", 20, 3u)]
    [InlineData("features were written before DRIVER was set or after FEATURES_OK", 0, 0u)]
    [InlineData("features were written before DRIVER was set or after FEATURES_OK", 8, 0u)]
    [InlineData("features were written before DRIVER was set or after FEATURES_OK", 12, 0u)]
    [InlineData("a queue's address was written before FEATURES_OK was read back", 32, 0x1000u)]
    public void A_step_before_its_turn_ends_a_strict_device(string why, int at, uint value)
    {
        _registers = Make(Strictness.Lguest);

        Put(at, at == 20 ? 1 : 4, value);

        _registers.Fault.ShouldBe(why);
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(4, 4)]
    [InlineData(8, 4)]
    [InlineData(12, 4)]
    [InlineData(24, 2)]
    [InlineData(52, 4)]
    public void A_strict_device_shows_nothing_before_its_driver_has_come(int at, int bytes)
    {
        _registers = Make(Strictness.Lguest);
        Put(20, 1, 1);
        (Get(18, 2), Get(20, 1), Get(21, 1), _registers.Fault).ShouldBe((2u, 1u, 0u, null));

        Get(at, bytes);

        _registers.Fault.ShouldBe($"{at} was read before DRIVER was set");
    }

    [Fact]
    public void A_strict_device_wants_its_answer_to_the_features_to_be_read()
    {
        _registers = Make(Strictness.Lguest);
        Begin();
        _registers.Fault.ShouldBeNull();

        _registers = Make(Strictness.Lguest);
        Begin(read: false);
        Put(20, 1, 15);
        _registers.Fault.ShouldBe("status 15 after 11");
    }

    [Fact]
    public void A_broken_device_asks_for_a_reset_and_gets_out_of_it_by_one()
    {
        Start();

        _registers.GiveUp();

        (Get(20, 1), _wire.Level).ShouldBe((0x4fu, true));
        Put(20, 1, 0);
        (Get(20, 1), _wire.Level).ShouldBe((0u, false));
    }

    [Fact]
    public void A_snapshot_of_the_registers_is_all_of_them()
    {
        Start();
        _registers.InterruptForUsed();
        var state = _registers.State;
        var restored = Make(Strictness.Forgiving);

        restored.State = state;

        _wire.Level.ShouldBeTrue();
        for (uint at = 0; at < 70; at++)
            foreach (int bytes in new[] { 1, 2, 4 })
                restored.Read(at, bytes, 0).ShouldBe(_registers.Read(at, bytes, 0), $"{bytes} bytes at {at}");
    }

    private VirtioRegisters Make(Strictness strictness) => new(_description, 256, Ram, strictness, _backend, _wire, Irq);

    private uint Get(int at, int bytes) => _registers.Read((uint)at, bytes, 0);

    private void Put(int at, int bytes, uint value) => _registers.Write((uint)at, bytes, value, 0);

    private void Begin(uint low = 0x204, uint high = 1, bool read = true)
    {
        Put(20, 1, 0);
        Put(20, 1, 1);
        Put(20, 1, 3);
        Put(8, 4, 0);
        Put(12, 4, low);
        Put(8, 4, 1);
        Put(12, 4, high);
        Put(20, 1, 11);
        if (read)
            Get(20, 1);
    }

    private void Place(ulong descriptors, ulong available, ulong used)
    {
        Put(22, 2, 1);
        Put(24, 2, 8);
        foreach (var (at, address) in new[] { (32, descriptors), (40, available), (48, used) })
        {
            Put(at, 4, (uint)address);
            Put(at + 4, 4, (uint)(address >> 32));
        }
    }

    private void Start()
    {
        Begin();
        Place(0x1000, 0x2002, 0x3004);
        Put(28, 2, 1);
        Put(20, 1, 15);
    }
}
