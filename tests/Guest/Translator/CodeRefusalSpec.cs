// Blocks that would let a Guest out, each bad in one way only: the same block without the fault is accepted, so that it is the fault that
// is seen and nothing else.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Translator;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Translator;

public sealed class CodeRefusalSpec
{
    private const string NoWriteTest = "a write without a test";
    private const string NoReadTest = "a read without a test";
    private const string NotListed = "not on the list";
    private const string Forbidden = "must not touch";
    private const string Kept = "has to keep its value";
    private const string NotAWord = "not to a word";
    private const string NotNumbers = "not for numbers";
    private const string NotGuests = "not the Guest's";

    [Fact]
    public void Tested_accesses_guarded_jumps_and_numbers_are_accepted()
    {
        var whole = CodeSketch.Whole(s =>
        {
            s.Check(eax, 4, write: false);
            s.A.add(ebx, __dword_ptr[r10 + r8]);
            s.Check(ebx, 8, write: true);
            s.A.mov(__qword_ptr[r10 + r8], rdx);
            s.A.mov(__dword_ptr[r10 + r8 + 4], edx);
            s.A.add(__word_ptr[r10 + r8], 5);
            s.A.mov(__dword_ptr[r14 + CodeSketch.Temp], ecx);
            s.A.cmp(edx, esi);
            s.A.jae(s.Out);
            s.A.div(esi);
        });

        whole.Why().ShouldBe("");
    }

    public static TheoryData<string, string, Action<CodeSketch>> Accesses => new()
    {
        { "a store without a check", "not to a word and its addend", s => s.A.mov(__dword_ptr[r10 + r8], eax) },
        { "a store through a Guest register", NotGuests, s => s.A.mov(__dword_ptr[rax], ecx) },
        { "a load through a Guest register", NotGuests, s => s.A.mov(ecx, __dword_ptr[rax + 8]) },
        { "a write after a check for reads", NoWriteTest, s => { s.Check(eax, 4, false); s.A.mov(__dword_ptr[r10 + r8], ecx); } },
        { "a read and write after a check for reads", NoWriteTest, s => { s.Check(eax, 4, false); s.A.xchg(__dword_ptr[r10 + r8], ecx); } },
        {
            "a compare and exchange after a check for reads", NoWriteTest,
            s => { s.Check(eax, 4, false); s.A.cmpxchg(__dword_ptr[r10 + r8], ecx); }
        },
        { "8 bytes after a check for 4", NoReadTest, s => { s.Check(eax, 4, false); s.A.mov(rcx, __qword_ptr[r10 + r8]); } },
        { "2 bytes written after a check for 1", NoWriteTest, s => { s.Check(eax, 1, true); s.A.mov(__word_ptr[r10 + r8], cx); } },
        { "4 bytes behind the 4 of the check", NoReadTest, s => { s.Check(eax, 4, false); s.A.mov(ecx, __dword_ptr[r10 + r8 + 1]); } },
        { "a byte in front of the check", NoReadTest, s => { s.Check(eax, 4, false); s.A.mov(cl, __byte_ptr[r10 + r8 - 1]); } },
        { "another scale", "not to a word and its addend", s => { s.Check(eax, 4, false); s.A.mov(ecx, __dword_ptr[r10 + (r8 * 2)]); } },
        {
            "the address changed after the check", NotAWord,
            s => { s.Check(eax, 4, false); s.A.mov(r10d, ebx); s.A.mov(ecx, __dword_ptr[r10 + r8]); }
        },
        {
            "the address moved after the check", NotAWord,
            s => { s.Check(eax, 4, false); s.A.lea(r10d, __[r10 + 4]); s.A.mov(ecx, __dword_ptr[r10 + r8]); }
        },
        {
            "the upper half of the address set", NotAWord,
            s => { s.Check(eax, 4, false); s.A.lea(r10, __[r10 + rbx]); s.A.mov(ecx, __dword_ptr[r10 + r8]); }
        },
        {
            "16 bits of the address changed", NotAWord,
            s => { s.Check(eax, 4, false); s.A.mov(r10w, bx); s.A.mov(ecx, __dword_ptr[r10 + r8]); }
        },
        {
            "the addend changed after the check", "for a number",
            s => { s.Check(eax, 4, false); s.A.add(r8, 4); s.A.mov(ecx, __dword_ptr[r10 + r8]); }
        },
        {
            "the low byte of the addend changed", NotAWord,
            s => { s.Check(eax, 4, false); s.A.mov(r8b, cl); s.A.mov(ecx, __dword_ptr[r10 + r8]); }
        },
        {
            "an addend used without its test", NoReadTest,
            s => { s.Check(eax, 4, false, test: false); s.A.mov(ecx, __dword_ptr[r10 + r8]); }
        },
        {
            "a test that is jumped over", NoReadTest,
            s => { s.A.test(eax, eax); s.Check(eax, 4, false, skips: true); s.A.mov(ecx, __dword_ptr[r10 + r8]); }
        },
        {
            "an addend of another address", NotAWord,
            s => { s.Check(eax, 4, false); s.Check(ebx, 4, false, load: false); s.A.mov(ecx, __dword_ptr[r10 + r8]); }
        },
        {
            "the tag of another address", NotNumbers,
            s => { s.Check(eax, 4, false, distanceTo: ebx); s.A.mov(ecx, __dword_ptr[r10 + r8]); }
        },
        { "an entry of another page", NotNumbers, s => { s.Check(eax, 4, false, rotate: 11); s.A.mov(ecx, __dword_ptr[r10 + r8]); } },
        { "an entry beyond the soft TLB", "beyond it", s => { s.Check(eax, 4, false, mask: false); s.A.mov(ecx, __dword_ptr[r10 + r8]); } },
        { "a shift by less than a page", "", s => { s.Check(eax, 4, false, shift: r11d); s.A.mov(ecx, __dword_ptr[r10 + r8]); } },
        { "a check for no bytes", NotNumbers, s => { s.Check(eax, 0, false); s.A.mov(ecx, __dword_ptr[r10 + r8]); } },
        { "a check for a whole page and more", NotNumbers, s => { s.Check(eax, 5000, false); s.A.mov(ecx, __dword_ptr[r10 + r8]); } },
        {
            "a store into the soft TLB", "there to be looked up",
            s => { s.Check(eax, 4, true); s.A.mov(__dword_ptr[r14 + (r8 * 8) + CodeSketch.UserTlb], ecx); }
        },
        { "the soft TLB of ring 0", "not a field", s => s.Check(eax, 4, false, tlb: CodeSketch.SupervisorTlb) },
        { "a field in front of the soft TLB", "not a field", s => s.Check(eax, 4, false, tlb: CodeSketch.UserTlb - 16) },
        { "an access through the constant in R9", "no base", s => s.A.mov(ecx, __dword_ptr[r9]) },
        { "a bit far from its word", NotListed, s => { s.Check(eax, 4, true); s.A.bts(__dword_ptr[r10 + r8], ecx); } },
        { "a string instruction", NotListed, s => s.A.movsd() },
        { "an absolute address", "without a base", s => s.A.mov(ecx, __dword_ptr[0x1000]) },
        { "an address by RIP", "without a base", s => s.A.db(0x8b, 0x0d, 0, 0, 0, 0) },
        { "an address of RIP", "host's code", s => s.A.db(0x48, 0x8d, 0x0d, 0, 0, 0, 0) },
        { "an access of the stack", "host's code or stack", s => s.A.mov(ecx, __dword_ptr[rsp]) },
        { "a vector of indexes", NotListed, s => s.A.db(0xc4, 0x82, 0x75, 0x90, 0x14, 0x02) }, // vpgatherdd
    };

    [Theory]
    [MemberData(nameof(Accesses))]
    public void An_access_out_of_bounds_is_refused(string what, string rule, Action<CodeSketch> body) => Refuses(what, rule, body);

    [Fact]
    public void Accesses_of_the_window_are_accepted()
    {
        var whole = CodeSketch.Whole(
            s =>
            {
                s.A.add(ebx, __dword_ptr.gs[ebx + (ecx * 4) + 8]);
                s.A.mov(__dword_ptr.gs[r15d - 4], eax);
                s.A.lea(r10d, __[rax + rbx]);
                s.A.@lock.xadd(__dword_ptr.gs[r10d], eax);
                s.A.db(0x65, 0x67, 0x8b, 0x04, 0x25, 0, 0, 1, 0x80); // mov eax, gs:[0x80010000], an address of 32 bits
                s.A.mov(ah, __byte_ptr.gs[ebx - 1]);
            },
            window: true);

        whole.Why().ShouldBe("");
    }

    public static TheoryData<string, string, Action<CodeSketch>> Windows => new()
    {
        { "an address of 64 bits", "64 bits", s => s.A.mov(eax, __dword_ptr.gs[rbx]) },
        { "an absolute address of 64 bits", "64 bits", s => s.A.db(0x65, 0x8b, 0x04, 0x25, 0, 0, 1, 0) },
        { "an offset of 64 bits", "64 bits", s => s.A.db(0x65, 0xa1, 0, 0, 0, 0, 0, 0, 1, 0) },
        { "an address of 32 bits without GS", "address size prefix", s => s.A.mov(eax, __dword_ptr[ebx]) },
        { "FS in place of GS", "segment or repeat prefix", s => s.A.mov(eax, __dword_ptr.fs[ebx]) },
        { "GS behind another segment", "segment or repeat prefix", s => s.A.db(0x65, 0x64, 0x67, 0x8b, 0x03) },
        { "GS twice", "a prefix twice", s => s.A.db(0x65, 0x65, 0x67, 0x8b, 0x03) },
        { "an address of EIP", "without a base", s => s.A.db(0x65, 0x67, 0x8b, 0x05, 0, 0, 0, 0) },
        { "an address of the host's stack", "not for numbers", s => s.A.mov(eax, __dword_ptr.gs[esp]) },
        { "an address that tells where the state is", "not for numbers", s => s.A.mov(eax, __dword_ptr.gs[r14d]) },
        { "an index that tells the budget", "not for numbers", s => s.A.mov(eax, __dword_ptr.gs[ebx + r12d]) },
        {
            "an address that tells of a host address", "host address",
            s => { s.A.mov(r8, __qword_ptr[r14 + CodeSketch.Jumps]); s.A.mov(eax, __dword_ptr.gs[r8d]); }
        },
        { "an address only", "no memory", s => s.A.db(0x65, 0x67, 0x8d, 0x03) },
        { "no memory at all", "no memory", s => s.A.db(0x65, 0x67, 0x89, 0xd8) },
        { "a jump through the window", "not through an operation", s => s.A.db(0x65, 0x67, 0xff, 0x23) },
        { "a bit far from its word", NotListed, s => s.A.bts(__dword_ptr.gs[ebx], ecx) },
        { "a string instruction", NotListed, s => s.A.db(0x65, 0x67, 0xa5) },
        { "GS changed", NotListed, s => s.A.wrgsbase(rax) },
        {
            "a host address stored", "host address",
            s => { s.A.mov(r8, __qword_ptr[r14 + CodeSketch.Jumps]); s.A.mov(__qword_ptr.gs[ebx], r8); }
        },
    };

    [Theory]
    [MemberData(nameof(Windows))]
    public void What_reaches_beyond_the_window_is_refused(string what, string rule, Action<CodeSketch> body) =>
        Refuses(what, rule, body, window: true);

    [Fact]
    public void The_window_of_a_block_without_one_is_refused() =>
        Refuses("GS", "a block without a window", s => s.A.mov(eax, __dword_ptr.gs[ebx]));

    public static TheoryData<string, string, Action<CodeSketch>> States => new()
    {
        { "far behind the state", NotGuests, s => s.A.mov(ecx, __dword_ptr[r14 + 0x10000]) },
        { "in front of the state", NotGuests, s => s.A.mov(ecx, __dword_ptr[r14 - 8]) },
        { "between two fields", NotGuests, s => s.A.mov(__dword_ptr[r14 + 0x1e], ecx) },
        { "the pointer to the soft TLB read", NotGuests, s => s.A.mov(rcx, __qword_ptr[r14 + CodeSketch.Tlb]) },
        { "the pointer to the soft TLB written", NotGuests, s => s.A.mov(__qword_ptr[r14 + CodeSketch.Tlb], rcx) },
        { "the privilege level written", NotGuests, s => s.A.mov(__dword_ptr[r14 + CodeSketch.Cpl], ecx) },
        { "the mode written", NotGuests, s => s.A.mov(__dword_ptr[r14 + CodeSketch.Mode], ecx) },
        { "EFLAGS written", NotGuests, s => s.A.mov(__dword_ptr[r14 + CodeSketch.FlagsOther], ecx) },
        { "a segment base written", NotGuests, s => s.A.mov(__dword_ptr[r14 + CodeSketch.DsBase], ecx) },
        { "the wish for attention written", NotGuests, s => s.A.mov(__dword_ptr[r14 + CodeSketch.Poll], 0) },
        { "the state by an index", "beyond it", s => s.A.mov(ecx, __dword_ptr[r14 + (rax * 4)]) },
        { "the table of jumps in a Guest register", "a host address", s => s.A.mov(rcx, __qword_ptr[r14 + CodeSketch.Jumps]) },
        { "the table of jumps written", NotGuests, s => s.A.mov(__qword_ptr[r14 + CodeSketch.Jumps], rcx) },
        { "an addend given to the Guest", "for a number", s => { s.Check(eax, 4, false); s.A.mov(ecx, r8d); } },
        { "an addend stored", "for a number", s => { s.Check(eax, 8, true); s.A.mov(__qword_ptr[r10 + r8], r8); } },
        { "scratch from before the block given to the Guest", "for a number", s => s.A.mov(ecx, r10d) },
        { "the state's address given to the Guest", NotNumbers, s => s.A.mov(rcx, r14) },
        { "a host address as a constant", "not the address of an operation", s => s.A.mov(r10, 0x7f00_0000_1000) },
        { "an operation in a Guest register", "a host address", s => s.A.mov(rcx, CodeSketch.Branch) },
        { "a store into an operation", NotGuests, s => { s.A.mov(r10, CodeSketch.Branch); s.A.mov(__dword_ptr[r10 + 8], ecx); } },
        { "the handler of an operation", NotGuests, s => { s.A.mov(r10, CodeSketch.Branch); s.A.mov(r11, __qword_ptr[r10]); } },
    };

    [Theory]
    [MemberData(nameof(States))]
    public void What_is_the_hosts_is_refused(string what, string rule, Action<CodeSketch> body) => Refuses(what, rule, body);

    public static TheoryData<string, string, Action<CodeSketch>> Instructions => new()
    {
        { "syscall", NotListed, s => s.A.syscall() },
        { "sysenter", NotListed, s => s.A.sysenter() },
        { "int 0x80", NotListed, s => s.A.@int(0x80) },
        { "int3", NotListed, s => s.A.int3() },
        { "hlt", NotListed, s => s.A.hlt() },
        { "in", NotListed, s => s.A.@in(al, dx) },
        { "out", NotListed, s => s.A.@out(dx, al) },
        { "cli", NotListed, s => s.A.cli() },
        { "std", NotListed, s => s.A.std() },
        { "popfq", NotListed, s => s.A.popfq() },
        { "wrgsbase", NotListed, s => s.A.wrgsbase(rax) },
        { "xgetbv", NotListed, s => s.A.xgetbv() },
        { "ud2", NotListed, s => s.A.ud2() },
        { "mov gs, ax", Forbidden, s => s.A.mov(gs, ax) },
        { "mov eax, ds", Forbidden, s => s.A.mov(eax, ds) },
        { "mov rax, cr3", Forbidden, s => s.A.mov(rax, cr3) },
        { "push", NotListed, s => s.A.push(rax) },
        { "pop", NotListed, s => s.A.pop(rcx) },
        { "call", NotListed, s => s.A.call(CodeSketch.Leave) },
        { "ret", NotListed, s => s.A.ret() },
        { "leave", NotListed, s => s.A.leave() },
        { "mov esp, eax", Forbidden, s => s.A.mov(esp, eax) },
        { "mov rcx, rsp", Forbidden, s => s.A.mov(rcx, rsp) },
        { "mov spl, al", Forbidden, s => s.A.mov(spl, al) },
        { "xchg r13, rcx", NotNumbers, s => s.A.xchg(r13, rcx) },
        { "mov r13d, eax", Kept, s => s.A.mov(r13d, eax) },
        { "mov r13, imm", "not the address", s => s.A.mov(r13, 0x1_0000_0000) },
        { "mov r9, rax", Kept, s => s.A.mov(r9, rax) },
        { "mov r14, rax", Kept, s => s.A.mov(r14, rax) },
        { "mov r14b, al", Kept, s => s.A.mov(r14b, al) },
        { "seto r9b", Kept, s => s.A.seto(r9b) },
        { "lea r12, [r12 + 5]", NotNumbers, s => s.A.lea(r12, __[r12 + 5]) },
        { "lea r12d, [r12 - 5]", NotNumbers, s => s.A.lea(r12d, __[r12 - 5]) },
        { "lea r12, [r12 - 1000000]", NotNumbers, s => s.A.lea(r12, __[r12 - 1_000_000]) },
        { "lea r12, [rax - 5]", Kept, s => s.A.lea(r12, __[rax - 5]) },
        { "mov r12, rax", Kept, s => s.A.mov(r12, rax) },
        { "shrx with a count that is not r13", "", s => { s.A.shrx(rcx, r12, rax); } },
        { "div by anything", "division", s => s.A.div(esi) },
        { "div after a comparison with another register", "division", s => { s.A.cmp(edx, edi); s.A.jae(s.Out); s.A.div(esi); } },
        { "div after the wrong branch", "division", s => { s.A.cmp(edx, esi); s.A.jb(s.Out); s.A.div(esi); } },
        { "div after EDX has changed", "division", s => { s.A.cmp(edx, esi); s.A.jae(s.Out); s.A.mov(edx, ecx); s.A.div(esi); } },
        { "div of 64 bits", "division", s => { s.A.cmp(edx, esi); s.A.jae(s.Out); s.A.div(rsi); } },
        { "idiv without CQO", "division", s => { s.Divisor(); s.A.idiv(r11); } },
        { "idiv by what was not tested", "division", s => { s.A.movsxd(r11, esi); s.A.cqo(); s.A.idiv(r11); } },
        { "idiv of 32 bits", "division", s => { s.Divisor(); s.A.cdq(); s.A.idiv(r11d); } },
    };

    [Theory]
    [MemberData(nameof(Instructions))]
    public void An_instruction_that_is_not_allowed_is_refused(string what, string rule, Action<CodeSketch> body) =>
        Refuses(what, rule, body);

    public static TheoryData<string, string, byte[]> Encodings => new()
    {
        { "lock without memory", "", [0xf0, 0x01, 0xc8] },
        { "lock on a comparison", "", [0xf0, 0x39, 0x0c, 0x24] },
        { "lock on a load", "", [0xf0, 0x41, 0x8b, 0x0e] },
        { "gs in front of a load", "a block without a window", [0x65, 0x41, 0x8b, 0x0e] },
        { "cs in front of a load", "segment or repeat", [0x2e, 0x41, 0x8b, 0x0e] },
        { "67 in front of a load", "address size", [0x67, 0x41, 0x8b, 0x0e] },
        { "67 in front of lea", "address size", [0x67, 0x8d, 0x48, 0x01] },
        { "67 in front of a move", "address size", [0x67, 0x89, 0xc1] },
        { "66 in front of a jump", "", [0x66, 0xe9, 0, 0, 0, 0] },
        { "66 in front of a short branch", "operand size", [0x66, 0x74, 0x00] },
        { "66 with REX.W", "operand size", [0x66, 0x48, 0x89, 0xc1] },
        { "66 in front of bytes", "operand size", [0x66, 0x88, 0xc1] },
        { "66 twice", "twice", [0x66, 0x66, 0x89, 0xc1] },
        { "REX in front of a prefix", "", [0x48, 0x66, 0x89, 0xc1] },
        { "REX twice", "", [0x48, 0x41, 0x89, 0xc1] },
        { "rep in front of a move", "segment or repeat", [0xf3, 0x89, 0xc1] },
        { "a pause with a prefix", "repeat prefix", [0xf3, 0xf3, 0x90] },
        { "a long no-operation", NotListed, [0x0f, 0x1f, 0x40, 0x00] },
        { "EVEX", "", [0x62, 0xf1, 0x7c, 0x48, 0x28, 0xc1] },
        { "REX in front of VEX", "", [0x48, 0xc4, 0x43, 0x7b, 0xf0, 0xc2, 0x0c] },
        { "bswap of 16 bits", NotListed, [0x66, 0x0f, 0xc8] },
        { "a reserved opcode", "no instruction", [0x06] },
        { "jrcxz with 67 and REX", "", [0x67, 0x48, 0xe3, 0x00] },
        { "loop", NotListed, [0xe2, 0x00] },
        { "a far jump", "", [0x41, 0xff, 0x2e] },
        { "a jump through the state", "not through an operation", [0x41, 0xff, 0x26] },
        { "a jump through a register", "not through an operation", [0xff, 0xe0] },
        { "a call through a register", NotListed, [0xff, 0xd0] },
        { "iretq", NotListed, [0x48, 0xcf] },
        { "enter", NotListed, [0xc8, 0, 0, 0] },
        { "an instruction cut off", "", [0xb8, 0x00] },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public void An_encoding_that_is_not_allowed_is_refused(string what, string rule, byte[] bytes) =>
        Refuses(what, rule, s => s.A.db(bytes));

    public static TheoryData<string, string, Func<CodeSketch>> Flows => new()
    {
        { "the block goes on past its end", "past its end", () => new CodeSketch(s => { s.Guard(); s.Leaves(); s.A.mov(eax, ecx); }) },
        {
            "a branch at the very end", "past its end",
            () => new CodeSketch(s => { s.Guard(); s.Leaves(); s.A.mov(r10, CodeSketch.Branch); s.A.je(CodeSketch.Leave); })
        },
        {
            "a jump past the end", "not to a way out",
            () => new CodeSketch(s => { s.Guard(); s.A.jmp(CodeSketch.Address + 0x1000); s.Leaves(); })
        },
        {
            "a jump in front of the block", "not to a way out",
            () => new CodeSketch(s => { s.Guard(); s.A.jmp(CodeSketch.Leave + 1); s.Leaves(); })
        },
        {
            "a jump forward into an instruction", "middle of an instruction",
            () => new CodeSketch(s => { s.Guard(); s.A.db(0xeb, 0x01); s.A.mov(eax, 0x90909090); s.Leaves(); })
        },
        {
            "a jump back into an instruction", "middle of an instruction",
            () => new CodeSketch(s => { s.Guard(); s.Spend(); s.A.mov(eax, 0x90909090); s.A.db(0xeb, 0xfc); s.Leaves(); })
        },
        {
            "leaving without an operation", "without an operation",
            () => new CodeSketch(s => { s.Guard(); s.A.mov(r10d, eax); s.A.jmp(CodeSketch.Leave); s.Leaves(); })
        },
        { "an endless loop", "a jump back", () => new CodeSketch(s => { s.A.db(0xeb, 0xfe); s.Leaves(); }) },
        { "a loop that spends nothing", "a jump back", () => new CodeSketch(s => { s.Guard(); s.A.jmp(s.Head); s.Leaves(); }) },
        { "a loop that asks nobody", "a jump back", () => new CodeSketch(s => { s.Spend(); s.A.jmp(s.Head); s.Leaves(); }) },
        {
            "a jump through an operation inside a block", "inside a block",
            () => new CodeSketch(s => { s.Guard(); s.Spend(); s.GoThrough(CodeSketch.Branch); s.Leaves(); })
        },
        {
            "a jump through an operation before the question", "before the question",
            () => new CodeSketch(s => { s.Spend(); s.GoThrough(CodeSketch.End); s.Leaves(); })
        },
        {
            "a jump to a target for nothing", "takes nothing",
            () => new CodeSketch(s => { s.Guard(); s.GoToTarget(CodeSketch.Branch); s.Leaves(); })
        },
        {
            "a jump to a target that is not there", "without a target",
            () => new CodeSketch(s => { s.Guard(); s.Spend(); s.GoToTarget(CodeSketch.End); s.Leaves(); })
        },
        { "a guess with a wrong key", "not tested", () => new CodeSketch(s => { s.Guard(); s.Indirect(key: false); s.Leaves(); }) },
        { "a guess for another address", "not tested", () => new CodeSketch(s => { s.Guard(); s.Indirect(eip: false); s.Leaves(); }) },
        {
            "a guess taken where it is wrong", "not tested",
            () => new CodeSketch(s => { s.Guard(); s.Indirect(tested: false); s.Leaves(); })
        },
        { "a guess beyond the table", "", () => new CodeSketch(s => { s.Guard(); s.Indirect(left: 16); s.Leaves(); }) },
        { "a guess found by another mixture", "", () => new CodeSketch(s => { s.Guard(); s.Indirect(turn: 8); s.Leaves(); }) },
        {
            "an entry between check and access", NotAWord,
            () => new CodeSketch(s => { s.Guard(); s.Check(eax, 4, false); s.Entry(); s.A.mov(ecx, __dword_ptr[r10 + r8]); s.Leaves(); })
        },
        { "an entry inside an instruction", "not the start", () => new CodeSketch(s => { s.Guard(); s.Leaves(); }) { OddEntry = true } },
    };

    [Theory]
    [MemberData(nameof(Flows))]
    public void A_way_that_is_not_allowed_is_refused(string what, string rule, Func<CodeSketch> make)
    {
        string why = make().Why();
        why.ShouldNotBe("", what);
        why.ShouldContain(rule, Case.Sensitive, what);
    }

    [Fact]
    public void Loops_links_and_guesses_are_accepted_as_they_should_be()
    {
        new CodeSketch(s => { s.Guard(); s.Spend(); s.A.jmp(s.Head); s.Leaves(); }).Why().ShouldBe("");
        new CodeSketch(s => { s.Guard(); s.Spend(); s.GoToTarget(CodeSketch.Branch); s.Leaves(); }).Why().ShouldBe("");
        new CodeSketch(s => { s.Guard(); s.GoThrough(CodeSketch.End); s.Leaves(); }).Why().ShouldBe("");
        new CodeSketch(s => { s.Guard(); s.Indirect(); s.Leaves(); }).Why().ShouldBe("");
        new CodeSketch(s =>
        {
            s.Guard();
            s.Entry();
            s.Check(eax, 4, false);
            s.A.mov(ecx, __dword_ptr[r10 + r8]);
            s.Leaves();
        }).Why().ShouldBe("");
        CodeSketch.Whole(s => { s.Divisor(); s.A.cqo(); s.A.idiv(r11); }).Why().ShouldBe("");
    }

    private static void Refuses(string what, string rule, Action<CodeSketch> body, bool window = false)
    {
        string why = CodeSketch.Whole(body, window).Why();
        why.ShouldNotBe("", what);
        why.ShouldContain(rule, Case.Sensitive, what);
    }
}
