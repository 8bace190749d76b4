// The notes that other threads leave for a Guest's devices: none is lost, each is taken once.

using Lguest.Switcher.Slots;

namespace Lguest.Switcher.Tests.Slots;

public sealed class DeviceAttentionSpec
{
    private int _polls;

    [Fact]
    public void A_note_is_taken_once()
    {
        var attention = new DeviceAttention(() => _polls++);
        attention.Take().ShouldBeFalse();

        attention.Want();

        attention.IsWanted.ShouldBeTrue();
        attention.Take().ShouldBeTrue();
        attention.IsWanted.ShouldBeFalse();
        attention.Take().ShouldBeFalse();
        attention.TakeSignal().ShouldBeNull();
        _polls.ShouldBe(1);
    }

    [Fact]
    public void Signals_come_lowest_first_and_each_once_however_often_it_was_given()
    {
        var attention = new DeviceAttention(() => _polls++);
        foreach (int number in (int[])[31, 4, 31, 0, 4])
            attention.Signal(number);

        attention.Take().ShouldBeTrue();

        Enumerable.Range(0, 4).Select(_ => attention.TakeSignal()).ShouldBe([0, 4, 31, null]);
    }

    [Fact]
    public void A_signal_that_comes_while_others_are_taken_makes_a_note_of_its_own()
    {
        var attention = new DeviceAttention(() => _polls++);
        attention.Signal(1);
        attention.Take().ShouldBeTrue();
        attention.TakeSignal().ShouldBe(1);

        attention.Signal(2);

        attention.Take().ShouldBeTrue();
        attention.TakeSignal().ShouldBe(2);
    }
}
