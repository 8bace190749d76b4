// Code of a kernel that reaches memory through its window: what the verifier accepts there, and each way in which it could reach further.
using Lguest.Guest.Translator;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Translator;

public sealed class OpenCodeRefusalSpec
{
    [Fact]
    public void Accesses_of_the_kernels_window_are_accepted() => Why(s =>
    {
        s.Open(__[rbx + 8]);
        s.A.mov(eax, __dword_ptr[r10 + r8]);
        s.A.add(__dword_ptr[r10 + r8], ecx);
        s.Open(__[rax + (rcx * 4) - 0x40000000]);
        s.A.@lock.xadd(__dword_ptr[r10 + r8], eax);
    }).ShouldBe("");

    public static TheoryData<string, string, Action<CodeSketch>> Refused => new()
    {
        {
            "an operand behind the address", "beyond the window",
            s => { s.Open(__[rbx + 8]); s.A.mov(eax, __dword_ptr[r10 + r8 + 0x20000]); }
        },
        {
            "an operand in front of it", "beyond the window",
            s => { s.Open(__[rbx + 8]); s.A.mov(eax, __dword_ptr[r10 + r8 - 4]); }
        },
        {
            "an address of 64 bits", "not to a word",
            s => { s.Open(__[rbx + 8]); s.A.lea(r10, __[rbx + 8]); s.A.mov(eax, __dword_ptr[r10 + r8]); }
        },
        {
            "a register of the Guest's that may have 64", "not to a word",
            s => { s.Open(__[rbx + 8]); s.A.mov(eax, __dword_ptr[rbx + r8]); }
        },
        {
            "a scaled base", "not to a word",
            s => { s.Open(__[rbx + 8]); s.A.mov(eax, __dword_ptr[r10 + (r8 * 2)]); }
        },
        {
            "the base alone", "not the Guest's",
            s => { s.Open(__[rbx + 8]); s.A.mov(eax, __dword_ptr[r8]); }
        },
        {
            "the base as a number", "host address",
            s => { s.Open(__[rbx + 8]); s.A.mov(eax, r8d); }
        },
        {
            "half of the base", "what is not the Guest's",
            s => s.A.mov(r8d, __dword_ptr[r14 + CodeSketch.KernelWindow])
        },
        {
            "the base changed", "what is not the Guest's",
            s => s.A.mov(__qword_ptr[r14 + CodeSketch.KernelWindow], rax)
        },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_reaches_beyond_the_window_is_refused(string what, string rule, Action<CodeSketch> body) =>
        Why(body).ShouldContain(rule, customMessage: what);

    [Fact]
    public void A_program_does_not_reach_it() =>
        Why(s => s.Open(__[rbx + 8]), user: true).ShouldContain("what is not the Guest's");

    private static string Why(Action<CodeSketch> body, bool user = false) => CodeSketch.Whole(body, user: user).Why();
}
