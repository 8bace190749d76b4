// A mark tells two machines apart by anything that matters, and by nothing else.
using System.Runtime.CompilerServices;
using Lguest.Guest.Memory;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;

namespace Lguest.Switcher.Tests.Slots;

public sealed unsafe class MachineMarkSpec
{
    [Fact]
    public void Machines_that_are_the_same_have_the_same_mark()
    {
        var mark = Of();
        Of().ShouldBe(mark);
        mark.ToString().ShouldStartWith("0 instructions, SHA-256 of registers ");
    }

    [Fact]
    public void A_byte_of_a_register_of_memory_or_of_the_board_shows_in_its_part()
    {
        var mark = Of();
        var changed = Of(slot => slot.Processor.State->Gpr[7] = 0x8000_0000);
        (changed with { Registers = mark.Registers }).ShouldBe(mark);
        changed.Registers.ShouldNotBe(mark.Registers);
        var written = Of(slot => slot.Memory.TryWrite(new GuestPhysical(0xfffff), [1]));
        (written with { Memory = mark.Memory }).ShouldBe(mark);
        written.Memory.ShouldNotBe(mark.Memory);
        object[] others =
        [
            new Chip { Small = 2, Large = 5 }, new Chip { Small = 1, Large = 6 }, new Chip { Small = 1, Large = 5, Lines = Third(8) },
            new Record([1, 2], null), new Record([1, 3], null), new Record([1, 2], "x"),
        ];
        var boards = others.Select(state => Of(state: state).Board).ToList();
        boards.Add(mark.Board);
        boards.Distinct().Count().ShouldBe(boards.Count);
    }

    private static MachineMark Of(Action<MachineSlot>? change = null, object? state = null)
    {
        using GuestMemory memory = new(1 << 20);
        FakeBoard board = new() { State = [state ?? new Chip { Small = 1, Large = 5 }] };
        using BoardSlot slot = new(memory, board, _ => { }, new FakeClock());
        change?.Invoke(slot);
        return MachineMark.Of(slot);
    }

    private static Inputs Third(byte value)
    {
        Inputs inputs = default;
        inputs[2] = value;
        return inputs;
    }

    private struct Chip
    {
        public byte Small;
        public long Large;
        public Inputs Lines;
    }

    private sealed record Record(byte[] Bytes, string? Text);

    [InlineArray(3)]
    private struct Inputs
    {
        private byte _first;
    }
}
