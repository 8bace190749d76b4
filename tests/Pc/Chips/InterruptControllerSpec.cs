// The 8259 pair as kernels use it: found, initialised, masked, acknowledged, ended, in every mode of the data sheet.
using Lguest.Pc.Chips;

namespace Lguest.Pc.Tests.Chips;

public sealed class InterruptControllerSpec
{
    private readonly TestBus _bus = new();
    private readonly TestLine _processor = new();
    private readonly InterruptController _pic;

    public InterruptControllerSpec()
    {
        _pic = new InterruptController(_processor);
        _pic.Attach(_bus.Ports);
    }

    [Fact]
    public void Linux_finds_the_chip_by_the_mask_that_it_reads_back()
    {
        _bus.Out(0xA1, 0xFF);
        _bus.Out(0x21, 0xFB);

        _bus.In(0x21).ShouldBe((byte)0xFB);
    }

    [Fact]
    public void Nothing_is_asked_of_the_processor_before_the_chips_are_initialised()
    {
        _pic.Line(0).Set(true);
        _pic.Line(9).Set(true);

        _pic.Pending.ShouldBeFalse();
    }

    [Fact]
    public void Every_request_comes_with_its_vector()
    {
        Initialise();
        for (int irq = 0; irq < 16; irq++)
        {
            if (irq == InterruptController.CascadeIrq)
                continue;
            _pic.Line(irq).Set(true);
            _processor.Level.ShouldBeTrue();

            _pic.Acknowledge().ShouldBe((byte)(0x30 + irq));
            _processor.Level.ShouldBeFalse();
            End(irq);
            _pic.Line(irq).Set(false);
        }
    }

    [Fact]
    public void The_wire_of_the_slave_is_not_given_away() =>
        Should.Throw<ArgumentOutOfRangeException>(() => _pic.Line(2));

    [Fact]
    public void A_masked_request_waits()
    {
        Initialise();
        _bus.Out(0x21, 0x10);
        _pic.Line(4).Set(true);
        _pic.Pending.ShouldBeFalse();
        _bus.In(0x20).ShouldBe((byte)0x10, "IRR");

        _bus.Out(0x21, 0);

        _pic.Acknowledge().ShouldBe((byte)0x34);
    }

    [Fact]
    public void The_master_masks_the_whole_slave_by_input_two()
    {
        Initialise();
        _bus.Out(0x21, 0x04);
        _pic.Line(10).Set(true);
        _pic.Pending.ShouldBeFalse();
    }

    [Fact]
    public void An_edge_is_taken_once_and_a_level_again_after_its_end()
    {
        Initialise();
        _bus.Out(0x4D1, 0x08); // IRQ 11
        _bus.In(0x4D1).ShouldBe((byte)0x08);
        _pic.Line(5).Set(true);
        _pic.Line(11).Set(true);
        _pic.Acknowledge().ShouldBe((byte)0x3B, "the slave is at input 2 and comes first");
        End(11);
        _pic.Acknowledge().ShouldBe((byte)0x3B, "its line is up still");
        _pic.Line(11).Set(false);
        End(11);
        _pic.Acknowledge().ShouldBe((byte)0x35);
        End(5);
        _pic.Pending.ShouldBeFalse("its edge is over");
    }

    [Fact]
    public void The_timer_the_keyboard_the_clock_and_the_coprocessor_stay_edge_triggered()
    {
        _bus.OutWord(0x4D0, 0xFFFF);

        _bus.InWord(0x4D0).ShouldBe((ushort)0xDEF8);
    }

    [Fact]
    public void A_request_in_service_holds_back_itself_and_the_lower_ones()
    {
        Initialise();
        _pic.Line(4).Set(true);
        _pic.Acknowledge();
        _pic.Line(5).Set(true);
        _pic.Line(4).Set(false);
        _pic.Line(4).Set(true);
        _pic.Pending.ShouldBeFalse();

        _pic.Line(3).Set(true);
        _pic.Acknowledge().ShouldBe((byte)0x33);
        _bus.Out(0x20, 0x0B);
        _bus.In(0x20).ShouldBe((byte)0x18, "ISR");
        _bus.Out(0x20, 0x20); // the highest
        _bus.In(0x20).ShouldBe((byte)0x10);
        _bus.Out(0x20, 0x64); // input 4 by name
        _pic.Acknowledge().ShouldBe((byte)0x34);
    }

    [Fact]
    public void A_request_that_is_taken_back_is_spurious_and_leaves_nothing_to_end()
    {
        Initialise();
        _pic.Line(3).Set(true);
        _pic.Line(3).Set(false);
        _pic.Pending.ShouldBeFalse();

        _pic.Acknowledge().ShouldBe((byte)0x37);
        _bus.Out(0x20, 0x0B);
        _bus.In(0x20).ShouldBe((byte)0, "so Linux knows that it was none of IRQ 7");
    }

    [Fact]
    public void A_request_that_the_slave_takes_back_is_spurious_at_the_master()
    {
        Initialise();
        _pic.Line(9).Set(true);
        _pic.Pending.ShouldBeTrue();
        _pic.Line(9).Set(false);
        _pic.Pending.ShouldBeFalse("the wire between the two fell with it");

        _pic.Acknowledge().ShouldBe((byte)0x37);
        _bus.Out(0x20, 0x0B);
        _bus.In(0x20).ShouldBe((byte)0, "neither input 2");
        _bus.Out(0xA0, 0x0B);
        _bus.In(0xA0).ShouldBe((byte)0, "nor one of the slave is in service");
    }

    [Fact]
    public void An_automatic_end_leaves_nothing_in_service_and_rotates_when_told()
    {
        Initialise(wordFour: 0x03);
        _bus.Out(0x20, 0x80);
        _pic.Line(3).Set(true);
        _pic.Acknowledge().ShouldBe((byte)0x33);
        _pic.Line(3).Set(false);
        _pic.Line(3).Set(true);
        _pic.Line(4).Set(true);
        _pic.Acknowledge().ShouldBe((byte)0x34, "input 3 went to the end of the queue");
        _pic.Acknowledge().ShouldBe((byte)0x33);
        _bus.Out(0x20, 0x0B);
        _bus.In(0x20).ShouldBe((byte)0);
    }

    [Theory]
    [InlineData(0xA0), InlineData(0xE3)] // rotate on non-specific, on specific end of interrupt
    public void An_end_with_rotation_makes_the_served_input_the_lowest(int command)
    {
        Initialise();
        _pic.Line(3).Set(true);
        _pic.Acknowledge();
        _bus.Out(0x20, command);
        _pic.Line(3).Set(false);
        _pic.Line(3).Set(true);
        _pic.Line(7).Set(true);
        _pic.Line(1).Set(true);

        int[] order = [.. Enumerable.Range(0, 3).Select(_ => Serve())];

        order.ShouldBe([0x37, 0x31, 0x33]);
    }

    [Fact]
    public void Priorities_can_be_set_by_hand()
    {
        Initialise();
        _bus.Out(0x20, 0xC0 | 4);
        foreach (int irq in (int[])[0, 4, 5])
            _pic.Line(irq).Set(true);

        int[] order = [.. Enumerable.Range(0, 3).Select(_ => Serve())];

        order.ShouldBe([0x35, 0x30, 0x34]);
    }

    [Fact]
    public void The_special_mask_lets_lower_inputs_pass_a_masked_one_in_service()
    {
        Initialise();
        _pic.Line(4).Set(true);
        _pic.Acknowledge();
        _bus.Out(0x21, 0x10);
        _pic.Line(6).Set(true);
        _pic.Pending.ShouldBeFalse();

        _bus.Out(0x20, 0x68);
        _pic.Acknowledge().ShouldBe((byte)0x36);
        _bus.Out(0x20, 0x20);
        _bus.Out(0x20, 0x0B);
        _bus.In(0x20).ShouldBe((byte)0x10, "the masked one is not ended without its name");
        _bus.Out(0x20, 0x48);
        _pic.Line(7).Set(true);
        _pic.Pending.ShouldBeFalse();
    }

    [Fact]
    public void A_fully_nested_master_lets_the_slave_interrupt_itself()
    {
        Initialise(wordFour: 0x11);
        _pic.Line(12).Set(true);
        _pic.Acknowledge().ShouldBe((byte)0x3C);
        _pic.Line(9).Set(true);
        _pic.Acknowledge().ShouldBe((byte)0x39);
    }

    [Fact]
    public void A_poll_acknowledges_by_reading()
    {
        Initialise();
        _pic.Line(6).Set(true);
        _bus.Out(0x20, 0x0C);
        _bus.In(0x20).ShouldBe((byte)0x86);
        _pic.Pending.ShouldBeFalse();
        _bus.Out(0x20, 0x0C);
        _bus.In(0x20).ShouldBe((byte)0);
        _bus.Out(0x20, 0x0B);
        _bus.In(0x20).ShouldBe((byte)0x40);
    }

    [Fact]
    public void Two_requests_of_the_slave_come_one_after_the_other()
    {
        Initialise();
        _pic.Line(10).Set(true);
        _pic.Line(11).Set(true);
        _pic.Acknowledge().ShouldBe((byte)0x3A);
        _pic.Pending.ShouldBeFalse();
        End(10);
        _pic.Acknowledge().ShouldBe((byte)0x3B);
    }

    [Fact]
    public void An_initialisation_forgets_masks_and_service_and_old_edges()
    {
        Initialise();
        _pic.Line(4).Set(true);
        _pic.Line(5).Set(true);
        _pic.Acknowledge();
        _bus.Out(0x21, 0x80);

        Initialise(wordTwo: 0x08);

        _bus.In(0x21).ShouldBe((byte)0);
        _pic.Pending.ShouldBeFalse("an edge must come anew");
        _pic.Line(5).Set(false);
        _pic.Line(5).Set(true);
        _pic.Acknowledge().ShouldBe((byte)0x0D);
    }

    [Fact]
    public void Without_a_fourth_word_two_are_enough_for_a_single_chip()
    {
        _bus.Out(0x20, 0x12);
        _bus.Out(0x21, 0x47);
        _bus.Out(0x21, 0xF7); // a mask already

        _bus.In(0x21).ShouldBe((byte)0xF7);
        _pic.Line(3).Set(true);
        _pic.Acknowledge().ShouldBe((byte)0x43);
    }

    [Fact]
    public void What_a_chip_remembers_can_be_put_into_another()
    {
        Initialise();
        _pic.Line(10).Set(true);
        _pic.Acknowledge();
        _pic.Line(3).Set(true);
        var twin = new InterruptController { State = _pic.State };

        twin.Pending.ShouldBeFalse();
        _bus.Out(0x20, 0x62);
        twin.State = _pic.State;
        twin.Acknowledge().ShouldBe((byte)0x33);
    }

    private int Serve()
    {
        int vector = _pic.Acknowledge();
        _bus.Out(0x20, 0x60 | (vector & 7));
        return vector;
    }

    private void End(int irq)
    {
        if (irq >= 8)
            _bus.Out(0xA0, 0x60 | (irq & 7));
        _bus.Out(0x20, irq >= 8 ? 0x62 : 0x60 | irq);
    }

    /// <summary>What Linux's init_8259A writes.</summary>
    private void Initialise(int wordTwo = 0x30, int wordFour = 0x01)
    {
        _bus.Out(0x20, 0x11);
        _bus.Out(0x21, wordTwo);
        _bus.Out(0x21, 0x04);
        _bus.Out(0x21, wordFour);
        _bus.Out(0xA0, 0x11);
        _bus.Out(0xA1, wordTwo + 8);
        _bus.Out(0xA1, 0x02);
        _bus.Out(0xA1, 0x01);
        _bus.Out(0x21, 0);
        _bus.Out(0xA1, 0);
    }
}
