// What a generation 1 Guest prints: one piece or several, a terminal that has gone, and malformed pieces (ABI sheet 9.6).

using System.Text;
using Lguest.Devices.Generation1;
using Lguest.Guest.Memory;

namespace Lguest.Devices.Tests.Generation1;

public sealed class DmaConsoleSpec : IDisposable
{
    private readonly GuestMemory _memory = DmaMemory.Make();
    private readonly MemoryStream _terminal = new();

    [Fact]
    public void Pieces_are_printed_one_after_the_other_and_counted()
    {
        using DmaConsole console = new(_memory, 1, _terminal);
        DmaMemory.Write(_memory, DmaMemory.Data, "woof,");
        DmaMemory.Write(_memory, DmaMemory.Data + 0x2000, " Host\n");

        console.Print(DmaMemory.Describe(_memory, (DmaMemory.Data, 5), (DmaMemory.Data + 0x2000, 6))).ShouldBe(new DmaAnswer(11));

        Encoding.ASCII.GetString(_terminal.ToArray()).ShouldBe("woof, Host\n");
        console.Key.Value.ShouldBe(0u);
    }

    [Fact]
    public void An_empty_list_prints_nothing()
    {
        using DmaConsole console = new(_memory, 1, _terminal);

        console.Print(DmaMemory.Describe(_memory)).ShouldBe(new DmaAnswer(0));

        _terminal.Length.ShouldBe(0);
    }

    [Fact]
    public void The_longest_text_is_sixteen_pages()
    {
        using DmaConsole console = new(_memory, 1, _terminal);
        var pieces = Enumerable.Range(0, 16).Select(page => (DmaMemory.Data + (uint)(page * 0x1000), 0x1000)).ToArray();

        console.Print(DmaMemory.Describe(_memory, pieces)).ShouldBe(new DmaAnswer(0x10000));

        _terminal.Length.ShouldBe(0x10000);
    }

    [Fact]
    public void A_bad_piece_is_an_offence_and_nothing_is_printed()
    {
        using DmaConsole console = new(_memory, 1, _terminal);

        console.Print(DmaMemory.Describe(_memory, (DmaMemory.Data, 5), (0xf0000000, 5)))
            .ShouldBe(new DmaAnswer(0, "bad DMA entry: 5@0xf0000000"));

        _terminal.Length.ShouldBe(0);
    }

    [Fact]
    public void A_terminal_that_has_gone_is_written_once_and_then_left_alone()
    {
        BrokenStream gone = new();
        using DmaConsole console = new(_memory, 1, gone);

        for (int i = 0; i < 3; i++)
            console.Print(DmaMemory.Describe(_memory, (DmaMemory.Data, 5))).ShouldBe(new DmaAnswer(5));

        gone.Writes.ShouldBe(1);
    }

    public void Dispose()
    {
        _terminal.Dispose();
        _memory.Dispose();
    }

    private sealed class BrokenStream : MemoryStream
    {
        public int Writes { get; private set; }

        public override void Write(byte[] buffer, int offset, int count)
        {
            Writes++;
            throw new IOException("the reader has gone");
        }
    }
}
