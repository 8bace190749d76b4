// What the 8259 pair remembers of its lines and its modes, and what an initialisation or an operation word leaves alone.
using Lguest.Pc.Chips;

namespace Lguest.Pc.Tests.Chips;

public sealed class InterruptStateSpec
{
    private readonly TestBus _bus = new();
    private readonly InterruptController _pic = new();

    public InterruptStateSpec() => _pic.Attach(_bus.Ports);

    [Fact]
    public void A_line_that_stays_up_asks_once_unless_its_level_is_what_counts()
    {
        Initialise();
        _bus.Out(0x4D0, 0x20); // IRQ 5
        _pic.Line(4).Set(true);
        _pic.Acknowledge().ShouldBe((byte)0x34);
        End(4);
        _pic.Line(4).Set(true);
        _pic.Pending.ShouldBeFalse();
        _pic.Line(5).Set(true);
        _pic.Acknowledge().ShouldBe((byte)0x35);
        _pic.Line(5).Set(true);
        End(5);
        _pic.Pending.ShouldBeTrue();
    }

    [Fact]
    public void A_line_that_is_up_asks_when_its_level_begins_to_count()
    {
        Initialise();
        foreach (int irq in (int[])[5, 6])
        {
            _pic.Line(irq).Set(true);
            _pic.Acknowledge();
            End(irq);
        }

        _bus.Out(0x4D0, 0x20);
        _pic.Acknowledge().ShouldBe((byte)0x35);
        _bus.Out(0x20, 0x0A);
        _bus.In(0x20).ShouldBe((byte)0x20, "IRR: of input 6 nothing is known any more");
    }

    [Fact]
    public void An_initialisation_leaves_the_lines_and_what_their_levels_mean()
    {
        _bus.Out(0x4D0, 0x20);
        _pic.Line(4).Set(true);
        _pic.Line(5).Set(true);

        Initialise(wordTwo: 0xA0);

        _bus.In(0x4D0).ShouldBe((byte)0x20);
        _pic.Acknowledge().ShouldBe((byte)0xA5, "its level counts");
        _pic.Line(5).Set(false);
        End(5);
        _pic.Line(4).Set(true);
        _pic.Pending.ShouldBeFalse("it was up all the time");
    }

    [Fact]
    public void Before_its_initialisation_everything_is_masked() => _bus.InWord(0x20).ShouldBe((ushort)0xFF00);

    [Fact]
    public void Rotation_at_automatic_ends_can_be_turned_off_again()
    {
        Initialise(wordFour: 0x03);
        _bus.Out(0x20, 0x80);
        _bus.Out(0x20, 0x00);
        foreach (string expected in (string[])["33", "33"])
        {
            _pic.Line(3).Set(true);
            _pic.Line(4).Set(true);
            _pic.Acknowledge().ToString("X2").ShouldBe(expected);
            _pic.Line(3).Set(false);
        }
    }

    [Fact]
    public void What_an_operation_word_does_not_speak_of_stays_as_it_is()
    {
        Initialise();
        _bus.Out(0x21, 0x10);
        _bus.Out(0x20, 0x68); // special mask
        _pic.Line(4).Set(true);
        _bus.Out(0x21, 0);
        _pic.Acknowledge();
        _bus.Out(0x21, 0x10);
        _bus.Out(0x20, 0x0B); // ISR
        _bus.Out(0x20, 0x08);
        _pic.Line(6).Set(true);
        _pic.Pending.ShouldBeTrue("the special mask is on");
        _bus.In(0x20).ShouldBe((byte)0x10, "ISR");
        _bus.Out(0x20, 0x0A);
        _bus.In(0x20).ShouldBe((byte)0x40, "IRR");
        _bus.Out(0x20, 0x0C);
        _bus.In(0x20).ShouldBe((byte)0x86);
        _bus.In(0x21).ShouldBe((byte)0x10, "a poll is for one read");
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
