// Emitted code may write a segment register, but only what the interpreter noted of a load of that very register, each half in its place.
using Lguest.Guest.Cpu;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Translator;

public sealed class SegmentRefusalSpec
{
    private const string NotGuests = "not the Guest's";

    public static TheoryData<string, Action<CodeSketch>> Blocks => new()
    {
        { "a number", s => s.A.mov(__qword_ptr[r14 + CodeSketch.DsBase], r11) },
        { "another register's", s => Copy(s, SegmentRegister.Fs, 0, CodeSketch.DsBase) },
        { "the other half", s => Copy(s, SegmentRegister.Ds, 8, CodeSketch.DsBase) },
        { "the code segment", s => Copy(s, SegmentRegister.Cs, 0, CodeSketch.EsBase + 16) },
        { "the stack segment", s => Copy(s, SegmentRegister.Ss, 0, CodeSketch.EsBase + 32) },
        { "half of a half", s => s.A.mov(r11d, __dword_ptr[r14 + MemoOf(SegmentRegister.Ds)]) },
        { "a note", s => s.A.mov(__dword_ptr[r14 + CodeSketch.Memos], ecx) },
    };

    [Theory]
    [MemberData(nameof(Blocks))]
    public void What_else_is_written_is_refused(string what, Action<CodeSketch> body) =>
        CodeSketch.Whole(body).Why().ShouldContain(NotGuests, Case.Sensitive, what);

    [Fact]
    public void What_was_noted_is_accepted() =>
        CodeSketch.Whole(s => Copy(s, SegmentRegister.Ds, 8, CodeSketch.DsBase + 8)).Why().ShouldBe("");

    private static void Copy(CodeSketch s, SegmentRegister from, int half, int to)
    {
        s.A.mov(r11, __qword_ptr[r14 + MemoOf(from) + half]);
        s.A.mov(__qword_ptr[r14 + to], r11);
    }

    private static int MemoOf(SegmentRegister register) => CodeSketch.Memos + ((int)register * 40) + 4;
}
