// What x87, MMX and SSE could do to this process: show what .NET left in the registers, raise an exception, reach memory. Each block is bad
// in one way only, as in CodeRefusalSpec.
using Iced.Intel;
using Lguest.Guest.Execute;
using Lguest.Guest.Translator;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Translator;

public sealed class UnitRefusalSpec
{
    private const HostUnits Both = HostUnits.X87 | HostUnits.Xmm;
    private const string MayBeAway = "may not hold the Guest's registers";
    private const string Unmasks = "may unmask exceptions";
    private const string NotListed = "not on the list";
    private const string Forbidden = "must not touch";
    private const string Unaligned = "may not be aligned";

    [Fact]
    public void Computing_on_units_that_are_there_is_accepted() => CodeSketch.Whole(
        s =>
        {
            s.Check(eax, 8, write: false);
            s.A.fld(__qword_ptr[r10 + r8]);
            s.A.faddp(st1, st0);
            s.A.fcomip(st0, st3);
            s.A.fnstsw(ax);
            s.Check(ebx, 10, write: true);
            s.A.fstp(__tbyte_ptr[r10 + r8]);
            s.A.mov(__dword_ptr[r14 + CodeSketch.Control + 8], 0x1000);
            s.A.paddb(mm0, mm7);
            s.A.movd(ecx, mm2);
            s.Check(ecx, 2, write: false);
            s.A.movzx(r11d, __word_ptr[r10 + r8]);
            s.LoadControl();
            s.CheckAlignment(eax);
            s.Check(eax, 16, write: false, again: true);
            s.A.addps(xmm1, __xmmword_ptr[r10 + r8]);
            s.A.movups(xmm7, __xmmword_ptr[r10 + r8]);
            s.A.cvttsd2si(eax, xmm1);
            s.A.pshufd(xmm0, xmm1, 0x1b);
        },
        units: Both).Why().ShouldBe("");

    [Fact]
    public void A_vector_of_the_window_need_not_be_known_to_be_aligned() => CodeSketch.Whole(
        s =>
        {
            s.A.mulpd(xmm0, __xmmword_ptr.gs[ebx + (ecx * 8)]);
            s.A.movaps(__xmmword_ptr.gs[r15d - 32], xmm0);
        },
        window: true, units: HostUnits.Xmm).Why().ShouldBe("");

    [Fact]
    public void Code_that_is_entered_with_its_units_needs_no_question() => new CodeSketch(s =>
    {
        s.Guard();
        s.Leaves();
        s.Entry();
        s.A.fabs();
        s.A.movaps(xmm0, xmm1);
        s.A.mov(r10, CodeSketch.Branch);
        s.A.jmp(CodeSketch.Leave);
    })
    { UnitsAtEntry = Both }.Why().ShouldBe("");

    [Fact]
    public void Code_that_is_entered_without_its_units_is_refused() => new CodeSketch(s =>
    {
        s.Guard(Both);
        s.A.nop();
        s.Entry();
        s.A.fabs();
        s.Leaves();
    })
    { UnitsAtEntry = HostUnits.Xmm }.Why().ShouldContain(MayBeAway);

    public static TheoryData<string, string, HostUnits, Action<CodeSketch>> Bodies => new()
    {
        { "x87 without a question", MayBeAway, HostUnits.None, s => s.A.fabs() },
        { "x87 after the question for XMM", MayBeAway, HostUnits.Xmm, s => s.A.fabs() },
        { "MMX after the question for XMM", MayBeAway, HostUnits.Xmm, s => s.A.pxor(mm0, mm1) },
        { "SSE after the question for x87", MayBeAway, HostUnits.X87, s => s.A.movaps(xmm0, xmm1) },
        { "SSE where a branch came without its question", MayBeAway, HostUnits.None, SseAfterBranch },
        {
            "a word of its own saying that a unit is there", "not the Guest's", HostUnits.None,
            s => s.A.mov(__dword_ptr[r14 + CodeSketch.X87Away], 0)
        },
        { "XMM8", Forbidden, Both, s => s.A.movaps(xmm0, xmm8) },
        { "XMM15", Forbidden, Both, s => s.A.paddb(xmm15, xmm0) },
        { "64 bits of a general register", NotListed, Both, s => s.A.movq(rcx, xmm0) },
        { "64 bits of an MM register", NotListed, Both, s => s.A.movq(rcx, mm0) },
        { "64 bits as a result", NotListed, Both, s => s.A.cvttsd2si(rcx, xmm0) },
        { "scratch in a vector", "a host address", Both, s => s.A.movd(xmm0, r10d) },
        { "the state's address in a vector", "not for numbers", Both, s => s.A.movd(xmm0, r14d) },
        { "the stack's address in a vector", Forbidden, Both, s => s.A.movd(xmm0, esp) },
        { "a result in a kept register", "has to keep", Both, s => s.A.movmskps(r13d, xmm0) },
        { "VEX", NotListed, Both, s => s.A.vaddps(xmm0, xmm1, xmm2) },
        { "YMM", NotListed, Both, s => s.A.vaddps(ymm0, ymm1, ymm2) },
        { "SSSE3", NotListed, Both, s => s.A.pshufb(xmm0, xmm1) },
        { "both register files", NotListed, Both, s => s.A.movq2dq(xmm0, mm1) },
        { "a store by EDI", NotListed, Both, s => s.A.maskmovdqu(xmm0, xmm1) },
        { "a store of MMX by EDI", NotListed, Both, s => s.A.maskmovq(mm0, mm1) },
        { "MXCSR", NotListed, Both, s => s.A.ldmxcsr(__dword_ptr[r14 + CodeSketch.Temp]) },
        { "a whole state stored", NotListed, Both, s => { s.Check(eax, 64, true); s.A.fxsave(__[r10 + r8]); } },
        { "a whole state loaded", NotListed, Both, s => { s.Check(eax, 64, false); s.A.fxrstor(__[r10 + r8]); } },
        { "an environment, which has the host's addresses", NotListed, Both, s => { s.Check(eax, 28, true); s.A.fnstenv(__[r10 + r8]); } },
        { "an environment loaded", NotListed, Both, s => { s.Check(eax, 28, false); s.A.fldenv(__[r10 + r8]); } },
        { "a sine", NotListed, Both, s => s.A.fsin() },
        { "a wait", NotListed, Both, s => s.A.wait() },
        { "a control word of the Guest's", Unmasks, Both, s => { s.Check(eax, 2, false); s.A.fldcw(__word_ptr[r10 + r8]); } },
        { "a control word from elsewhere in the state", Unmasks, Both, s => s.A.fldcw(__word_ptr[r14 + CodeSketch.Temp]) },
        { "a control word of the Guest's stored", "not the Guest's", Both, s => s.A.mov(__word_ptr[r14 + CodeSketch.Control], ax) },
        { "a control word with one mask less", "not the Guest's", Both, s => { s.A.mov(r11d, eax); s.LoadControl(masks: 0x7e); } },
        { "a control word with bits below", "not the Guest's", Both, s => { s.A.mov(r11d, eax); s.LoadControl(shift: 7); } },
        { "a control word made of an address", "not for numbers", Both, s => s.LoadControl(from: r14d) },
        { "a control word and what is behind it", "not the Guest's", Both, WideControl },
        {
            "a vector without a test for its address", Unaligned, Both,
            s => { s.Check(eax, 16, false); s.A.addps(xmm0, __xmmword_ptr[r10 + r8]); }
        },
        { "a vector tested for eight bytes", Unaligned, Both, s => Aligned(s, 29, 0) },
        { "a vector beside the tested address", Unaligned, Both, s => Aligned(s, 28, 8) },
        {
            "a vector of another address", Unaligned, Both,
            s => { s.CheckAlignment(ebx); s.Check(eax, 32, true); s.A.movaps(__xmmword_ptr[r10 + r8], xmm0); }
        },
        { "a vector of the state", Unaligned, Both, s => s.A.movaps(xmm0, __xmmword_ptr[r14 + CodeSketch.Temp]) },
        {
            "16 bytes after a check for 8", "without a test for this size", Both,
            s => { s.Check(eax, 8, false); s.A.movups(xmm0, __xmmword_ptr[r10 + r8]); }
        },
        {
            "10 bytes after a check for 8", "without a test for this size", Both,
            s => { s.Check(eax, 8, false); s.A.fld(__tbyte_ptr[r10 + r8]); }
        },
        {
            "8 bytes of MMX after a check for 4", "without a test for this size", Both,
            s => { s.Check(eax, 4, false); s.A.punpcklbw(mm0, __dword_ptr[r10 + r8]); }
        },
        {
            "a store after a check for reads", "without a test for a write", Both,
            s => { s.Check(eax, 8, false); s.A.fstp(__qword_ptr[r10 + r8]); }
        },
        {
            "a store of SSE after a check for reads", "without a test for a write", Both,
            s => { s.Check(eax, 8, false); s.A.movsd(__qword_ptr[r10 + r8], xmm0); }
        },
        { "a load through a register of the Guest", "not the Guest's", Both, s => s.A.fld(__qword_ptr[rax]) },
        { "66 in front of x87", "not a part", Both, s => s.A.db(0x66, 0xd9, 0xe1) },
        { "REX.W in front of x87", "makes an operand wide", Both, s => s.A.db(0x48, 0xd9, 0xe1) },
        { "lock in front of MMX", "no instruction", Both, s => s.A.db(0xf0, 0x0f, 0xfc, 0xc1) },
        { "66 and F3", "twice", Both, s => s.A.db(0x66, 0xf3, 0x0f, 0x58, 0xc1) },
        { "F3 twice", "twice", Both, s => s.A.db(0xf3, 0xf3, 0x0f, 0x58, 0xc1) },
        { "F3 in front of MMX", "", Both, s => s.A.db(0xf3, 0x0f, 0xfc, 0xc1) },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public void What_would_let_a_Guest_out_is_refused(string what, string rule, HostUnits units, Action<CodeSketch> body)
    {
        string why = CodeSketch.Whole(body, units: units).Why();
        why.ShouldNotBeEmpty(what);
        why.ShouldContain(rule, Case.Sensitive, what);
    }

    private static void Aligned(CodeSketch s, int shift, int displacement)
    {
        s.CheckAlignment(eax, shift);
        s.Check(eax, 32, write: false, again: true);
        s.A.movaps(xmm0, __xmmword_ptr[r10 + r8 + displacement]);
    }

    private static void WideControl(CodeSketch s)
    {
        s.A.mov(r8d, 8);
        s.A.shlx(r10d, eax, r8d);
        s.A.lea(r10d, __[r10 + 0x7f]);
        s.A.mov(__dword_ptr[r14 + CodeSketch.Control], r10d);
    }

    private static void SseAfterBranch(CodeSketch s)
    {
        var over = s.A.CreateLabel();
        s.A.je(over);
        s.Guard(HostUnits.Xmm);
        s.A.Label(ref over);
        s.A.movaps(xmm0, xmm1);
    }
}
