// The program that the host's processor runs for the oracle: a loop that loads a state, jumps to a case's bytes and stores what came
// out. It is assembled here with Iced, so that the comparison needs no compiler and the program can be read beside the records that
// it works on.
//
// Its parts, in the order of a case:
//   1. main    waits for a batch on its standard input, lays the sandbox image into the data pages;
//   2. next    lays the patch over the data, the bytes into the code pages, loads FPU, flags, segments and registers, jumps;
//   3a. landing  where a case arrives whose instruction ended without an exception. No register can be trusted here, ESP and DS
//              least of all, so everything is stored at absolute addresses through SS, which cases never change;
//   3b. handler  where the kernel brings us after an exception, on a stack of our own: the state is in the signal frame. We never
//              return from the signal: the next case loads everything anew, which saves a system call;
//   4. common  compares the data pages with the image, reports and repairs chunks that differ, goes to the next case.
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Native;

/// <summary>Assembles the oracle's child program.</summary>
internal static class NativeProgram
{
    /// <summary>Where the child maps the shared file: one page unused, the sandbox image, then cases, then outcomes.</summary>
    public const uint Shared = 0x4000_0000;
    public const uint ImageOffset = Sandbox.PageSize;
    public const uint CasesOffset = ImageOffset + Sandbox.ImageSize;
    public const int Capacity = 2048;
    public const uint OutcomesOffset = CasesOffset + (((Capacity * TestCaseLayout.Size) + 0xfffu) & ~0xfffu);
    public const uint SharedSize = OutcomesOffset + (((Capacity * TestOutcomeLayout.Size) + 0xfffu) & ~0xfffu);

    private const uint Bss = Sandbox.Oracle;
    private const uint BssSize = Sandbox.OracleSize;
    internal const uint Input = Bss;
    internal const uint Output = Bss + 0x100;
    internal const uint Command = Bss + 0x200;
    internal const uint CasePointer = Bss + 0x204;
    internal const uint OutcomePointer = Bss + 0x208;
    internal const uint Remaining = Bss + 0x20c;
    private const uint Handler = Bss + 0x210;
    internal const uint Scratch = Bss + 0x240;
    internal const uint StackTop = Bss + 0x1_0000;
    internal const uint SignalStack = Bss + 0x1_0000;
    internal const uint SignalStackSize = 0x3_0000;

    /// <summary>Offsets in the i386 signal frame: the third argument's <c>uc_mcontext</c> and its members (Linux
    /// asm/sigcontext.h).</summary>
    private const int ContextOffset = 20;
    private const int ContextFpState = 76;
    private const int FpStateFxsave = 112;

    private static readonly AssemblerRegister32[] _registers = [eax, ecx, edx, ebx, esp, ebp, esi, edi];

    /// <summary>The executable file's bytes.</summary>
    public static byte[] BuildExecutable()
    {
        var a = new Assembler(32);
        var common = a.CreateLabel("common");
        var entry = a.CreateLabel("entry");
        var setup = a.CreateLabel("setup");
        EmitLanding(a, common);
        EmitHandler(a, ref entry, setup, common);
        var next = a.CreateLabel("next");
        var batch = a.CreateLabel("batch");
        EmitEntry(a, ref setup, batch);
        EmitBatch(a, ref batch);
        EmitCase(a, ref next, batch);
        CaseLoop.Finish(a, ref common, next);

        using var stream = new MemoryStream();
        var result = a.Assemble(new StreamCodeWriter(stream), Sandbox.Landing, BlockEncoderOptions.ReturnNewInstructionOffsets);
        return Elf32Image.Build(stream.ToArray(), Sandbox.Landing, (uint)result.GetLabelRIP(entry), Bss, BssSize);
    }

    private static AssemblerMemoryOperand Field(uint address) => __dword_ptr.ss[address];

    private static void EmitLanding(Assembler a, Label common)
    {
        for (int i = 0; i < _registers.Length; i++)
            a.mov(Field(Output + (4 * (uint)i)), _registers[i]);
        a.mov(__word_ptr.ss[Output + TestOutcomeLayout.Ds], ds);
        a.mov(__word_ptr.ss[Output + TestOutcomeLayout.Ds + 2], es);
        a.mov(__word_ptr.ss[Output + TestOutcomeLayout.Ds + 4], fs);
        a.mov(__word_ptr.ss[Output + TestOutcomeLayout.Ds + 6], gs);
        a.mov(__word_ptr.ss[Output + TestOutcomeLayout.Cs], cs);
        a.mov(__word_ptr.ss[Output + TestOutcomeLayout.Ss], ss);
        a.mov(esp, StackTop);
        a.pushfd();
        a.pop(Field(Output + TestOutcomeLayout.Eflags));
        EmitSaneState(a);
        a.mov(__dword_ptr[Output + TestOutcomeLayout.Trap], TestOutcomeLayout.Landed);
        a.mov(__dword_ptr[Output + TestOutcomeLayout.Error], 0);
        a.mov(__dword_ptr[Output + TestOutcomeLayout.Eip], Sandbox.Landing);
        a.mov(__dword_ptr[Output + TestOutcomeLayout.Cr2], 0);
        a.mov(ebx, __dword_ptr[CasePointer]);
        a.test(__dword_ptr[ebx + TestCaseLayout.Options], (uint)CaseOptions.Fx);
        a.je(common);
        a.mov(edi, __dword_ptr[OutcomePointer]);
        a.fxsave(__[edi + TestOutcomeLayout.Fx]);
        a.jmp(common);
    }

    private static void EmitHandler(Assembler a, ref Label entry, Label setup, Label common)
    {
        // The program starts with a call whose return address is the handler: that is how it learns where the handler lies.
        a.Label(ref entry);
        a.call(setup);
        a.mov(edx, __dword_ptr[esp + 12]);
        a.add(edx, ContextOffset);
        EmitSaneState(a);
        // The frame's order of registers, from offset 16: EDI ESI EBP ESP EBX EDX ECX EAX; ours is the encoding's.
        for (int i = 0; i < _registers.Length; i++)
        {
            a.mov(eax, __dword_ptr[edx + 16 + (4 * (7 - i))]);
            a.mov(__dword_ptr[Output + (4 * (uint)i)], eax);
        }
        CopyWord(a, 12, TestOutcomeLayout.Ds);
        CopyWord(a, 8, TestOutcomeLayout.Ds + 2);
        CopyWord(a, 4, TestOutcomeLayout.Ds + 4);
        CopyWord(a, 0, TestOutcomeLayout.Ds + 6);
        CopyWord(a, 60, TestOutcomeLayout.Cs);
        CopyWord(a, 72, TestOutcomeLayout.Ss);
        CopyDword(a, 64, TestOutcomeLayout.Eflags);
        CopyDword(a, 48, TestOutcomeLayout.Trap);
        CopyDword(a, 52, TestOutcomeLayout.Error);
        CopyDword(a, 56, TestOutcomeLayout.Eip);
        CopyDword(a, 84, TestOutcomeLayout.Cr2);
        a.mov(ebx, __dword_ptr[CasePointer]);
        a.test(__dword_ptr[ebx + TestCaseLayout.Options], (uint)CaseOptions.Fx);
        a.je(common);
        a.mov(esi, __dword_ptr[edx + ContextFpState]);
        a.add(esi, FpStateFxsave);
        a.mov(edi, __dword_ptr[OutcomePointer]);
        a.add(edi, TestOutcomeLayout.Fx);
        a.mov(ecx, 512 / 4);
        a.rep.movsd();
        a.jmp(common);
    }

    private static void CopyWord(Assembler a, int from, int to)
    {
        a.mov(ax, __word_ptr[edx + from]);
        a.mov(__word_ptr[Output + (uint)to], ax);
    }

    private static void CopyDword(Assembler a, int from, int to)
    {
        a.mov(eax, __dword_ptr[edx + from]);
        a.mov(__dword_ptr[Output + (uint)to], eax);
    }

    /// <summary>After a case or a signal: direction up, no alignment checks, flat data.</summary>
    private static void EmitSaneState(Assembler a)
    {
        a.push(0x202);
        a.popfd();
        a.mov(eax, Sandbox.FlatSelector);
        a.mov(ds, ax);
        a.mov(es, ax);
    }

    private static void EmitEntry(Assembler a, ref Label setup, Label batch)
    {
        var failed = a.CreateLabel("failed");
        int step = 1;

        a.Label(ref setup);
        a.pop(__dword_ptr[Handler]);
        a.mov(ebx, __dword_ptr[esp + 8]); // argv[1]: the shared file
        a.mov(eax, 5); // open
        a.mov(ecx, 2); // O_RDWR
        a.xor(edx, edx);
        Checked(a, failed, ref step);
        a.mov(__dword_ptr[Scratch], eax);
        Map(a, failed, ref step, Shared, SharedSize, 3, shared: true, 0);
        Map(a, failed, ref step, Sandbox.Data, Sandbox.WritableSize, 3, shared: false, 0);
        Map(a, failed, ref step, Sandbox.ReadOnly, Sandbox.PageSize, 1, shared: true,
            (ImageOffset + Sandbox.WritableSize) / Sandbox.PageSize);
        Map(a, failed, ref step, Sandbox.Code, Sandbox.CodeSize, 7, shared: false, 0);
        a.mov(edi, Sandbox.Code);
        a.mov(ecx, Sandbox.CodeSize);
        a.mov(al, 0xcc);
        a.rep.stosb();

        a.mov(__dword_ptr[Scratch + 4], SignalStack);
        a.mov(__dword_ptr[Scratch + 8], 0);
        a.mov(__dword_ptr[Scratch + 12], SignalStackSize);
        a.mov(eax, 186); // sigaltstack
        a.mov(ebx, Scratch + 4);
        a.xor(ecx, ecx);
        Checked(a, failed, ref step);

        a.mov(eax, __dword_ptr[Handler]);
        a.mov(__dword_ptr[Scratch + 4], eax);
        a.mov(__dword_ptr[Scratch + 8], 0x4c00_0004); // SA_NODEFER | SA_ONSTACK | SA_RESTORER | SA_SIGINFO
        a.mov(__dword_ptr[Scratch + 12], eax); // a restorer must be named, though we never return from a signal
        foreach (int signal in (ReadOnlySpan<int>)[4, 5, 7, 8, 11]) // ILL, TRAP, BUS, FPE, SEGV
        {
            a.mov(eax, 174); // rt_sigaction
            a.mov(ebx, signal);
            a.mov(ecx, Scratch + 4);
            a.xor(edx, edx);
            a.mov(esi, 8);
            Checked(a, failed, ref step);
        }

        // The bits of user_desc: 1 32-bit, 2..4 contents (2: expand-down), 8 read only, 16 limit in pages.
        Segment(a, failed, ref step, Sandbox.LimitedSelector, Sandbox.LimitedBase, Sandbox.LimitedLimit, 1);
        Segment(a, failed, ref step, Sandbox.ExpandDownSelector, Sandbox.ExpandDownBase, Sandbox.ExpandDownLimit, 1 | 2);
        Segment(a, failed, ref step, Sandbox.ReadOnlySelector, 0, 0xf_ffff, 1 | 8 | 16);
        a.jmp(batch);

        a.Label(ref failed);
        a.mov(ebx, ebp);
        a.mov(eax, 252); // exit_group(step)
        a.@int(0x80);
    }

    private static void Checked(Assembler a, Label failed, ref int step)
    {
        a.mov(ebp, step++);
        a.@int(0x80);
        a.cmp(eax, -4095);
        a.jae(failed);
    }

    private static void Map(Assembler a, Label failed, ref int step, uint address, uint size, uint rights, bool shared, uint filePage)
    {
        a.mov(ebx, address);
        a.mov(ecx, size);
        a.mov(edx, rights);
        a.mov(esi, shared ? 0x11 : 0x32); // MAP_FIXED with MAP_SHARED, or with MAP_PRIVATE | MAP_ANONYMOUS
        if (shared) a.mov(edi, __dword_ptr[Scratch]);
        else a.mov(edi, -1);
        a.mov(ebp, filePage);
        a.mov(eax, 192); // mmap2
        a.@int(0x80);
        a.mov(ebp, step++);
        a.cmp(eax, -4095);
        a.jae(failed);
    }

    private static void Segment(Assembler a, Label failed, ref int step, ushort selector, uint start, uint limit, uint bits)
    {
        a.mov(__dword_ptr[Scratch + 4], selector >> 3);
        a.mov(__dword_ptr[Scratch + 8], start);
        a.mov(__dword_ptr[Scratch + 12], limit);
        a.mov(__dword_ptr[Scratch + 16], bits);
        a.mov(eax, 243); // set_thread_area
        a.mov(ebx, Scratch + 4);
        Checked(a, failed, ref step);
    }

    private static void EmitBatch(Assembler a, ref Label batch)
    {
        var work = a.CreateLabel("work");

        // Reached from the entry and after each batch: say that we are ready, wait for a count.
        a.Label(ref batch);
        a.mov(esp, StackTop);
        a.mov(eax, 4); // write
        a.mov(ebx, 1);
        a.mov(ecx, Command);
        a.mov(edx, 4);
        a.@int(0x80);
        a.mov(eax, 3); // read
        a.xor(ebx, ebx);
        a.mov(ecx, Command);
        a.mov(edx, 4);
        a.@int(0x80);
        a.cmp(eax, 4);
        a.je(work);
        a.xor(ebx, ebx);
        a.mov(eax, 252);
        a.@int(0x80);

        a.Label(ref work);
        CaseLoop.Prepare(a);
    }

    private static void EmitCase(Assembler a, ref Label next, Label batch)
    {
        CaseLoop.Lay(a, ref next, batch);
        a.mov(esp, Input + TestCaseLayout.Eflags);
        a.popfd();
        a.mov(es, __word_ptr.ss[Input + TestCaseLayout.Ds + 2]);
        a.mov(fs, __word_ptr.ss[Input + TestCaseLayout.Ds + 4]);
        a.mov(gs, __word_ptr.ss[Input + TestCaseLayout.Ds + 6]);
        a.mov(ds, __word_ptr.ss[Input + TestCaseLayout.Ds]);
        for (int i = 0; i < _registers.Length; i++)
            a.mov(_registers[i], Field(Input + (4 * (uint)i)));
        a.jmp(Field(Input + TestCaseLayout.CodeAddress));
    }
}
