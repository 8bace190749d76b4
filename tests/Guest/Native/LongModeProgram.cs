// The oracle's child for kernels that start no 32-bit programs (some hypervisors run 64-bit user code only). Most instructions are the
// same bytes and mean the same in 64-bit mode, once their addresses are cut to 32 bits; LongModeCase says which and how. The parts are
// those of NativeProgram; no translated instruction can name R8 to R15, so they need no saving here, and segment registers stay as they
// are.
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Native;

/// <summary>Assembles the 64-bit child program; memory layout and records are those of <see cref="NativeProgram"/>.</summary>
internal static class LongModeProgram
{
    /// <summary>Offsets in the x86-64 signal frame: <c>uc_mcontext</c> of the third argument, and what it has (Linux
    /// asm/sigcontext.h).</summary>
    private const int ContextOffset = 40;
    private const int ContextRip = 128;
    private const int ContextFlags = 136;
    private const int ContextError = 152;
    private const int ContextTrap = 160;
    private const int ContextCr2 = 176;
    private const int ContextFpState = 184;

    private static readonly AssemblerRegister32[] _registers = [eax, ecx, edx, ebx, esp, ebp, esi, edi];

    /// <summary>Where the frame keeps RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI.</summary>
    private static readonly int[] _saved = [104, 112, 96, 88, 120, 80, 72, 64];

    /// <summary>The executable file's bytes.</summary>
    public static byte[] BuildExecutable()
    {
        var a = new Assembler(64);
        var common = a.CreateLabel("common");
        var handler = a.CreateLabel("handler");
        var entry = a.CreateLabel("entry");
        var next = a.CreateLabel("next");
        var batch = a.CreateLabel("batch");
        EmitLanding(a, common);
        EmitHandler(a, ref handler, common);
        EmitEntry(a, ref entry, handler, batch);
        EmitBatch(a, ref batch);
        EmitCase(a, ref next, batch);
        CaseLoop.Finish(a, ref common, next);

        using var stream = new MemoryStream();
        var result = a.Assemble(new StreamCodeWriter(stream), Sandbox.Landing, BlockEncoderOptions.ReturnNewInstructionOffsets);
        return Elf64Image.Build(stream.ToArray(), Sandbox.Landing, (uint)result.GetLabelRIP(entry), Sandbox.Oracle, Sandbox.OracleSize);
    }

    private static void EmitLanding(Assembler a, Label common)
    {
        for (int i = 0; i < _registers.Length; i++)
            a.mov(__dword_ptr[NativeProgram.Output + (4 * (uint)i)], _registers[i]);
        a.mov(esp, NativeProgram.StackTop);
        a.pushfq();
        a.pop(rax);
        a.mov(__dword_ptr[NativeProgram.Output + TestOutcomeLayout.Eflags], eax);
        EmitSaneFlags(a);
        a.mov(__dword_ptr[NativeProgram.Output + TestOutcomeLayout.Trap], TestOutcomeLayout.Landed);
        a.mov(__dword_ptr[NativeProgram.Output + TestOutcomeLayout.Error], 0);
        a.mov(__dword_ptr[NativeProgram.Output + TestOutcomeLayout.Eip], Sandbox.Landing);
        a.mov(__dword_ptr[NativeProgram.Output + TestOutcomeLayout.Cr2], 0);
        a.mov(ebx, __dword_ptr[NativeProgram.CasePointer]);
        a.test(__dword_ptr[rbx + TestCaseLayout.Options], (uint)CaseOptions.Fx);
        a.je(common);
        a.mov(edi, __dword_ptr[NativeProgram.OutcomePointer]);
        a.fxsave(__[rdi + TestOutcomeLayout.Fx]);
        a.jmp(common);
    }

    private static void EmitHandler(Assembler a, ref Label handler, Label common)
    {
        a.Label(ref handler);
        a.add(rdx, ContextOffset);
        EmitSaneFlags(a);
        for (int i = 0; i < _saved.Length; i++) Copy(a, _saved[i], 4 * i);
        Copy(a, ContextFlags, TestOutcomeLayout.Eflags);
        Copy(a, ContextTrap, TestOutcomeLayout.Trap);
        Copy(a, ContextError, TestOutcomeLayout.Error);
        Copy(a, ContextRip, TestOutcomeLayout.Eip);
        Copy(a, ContextCr2, TestOutcomeLayout.Cr2);
        a.mov(ebx, __dword_ptr[NativeProgram.CasePointer]);
        a.test(__dword_ptr[rbx + TestCaseLayout.Options], (uint)CaseOptions.Fx);
        a.je(common);
        a.mov(rsi, __qword_ptr[rdx + ContextFpState]);
        a.mov(edi, __dword_ptr[NativeProgram.OutcomePointer]);
        a.add(edi, TestOutcomeLayout.Fx);
        a.mov(ecx, 512 / 4);
        a.rep.movsd();
        a.jmp(common);
    }

    private static void Copy(Assembler a, int from, int to)
    {
        a.mov(eax, __dword_ptr[rdx + from]);
        a.mov(__dword_ptr[NativeProgram.Output + (uint)to], eax);
    }

    private static void EmitSaneFlags(Assembler a)
    {
        a.push(0x202);
        a.popfq();
    }

    private static void EmitEntry(Assembler a, ref Label entry, Label handler, Label batch)
    {
        var failed = a.CreateLabel("failed");
        int step = 1;
        a.Label(ref entry);
        a.mov(rdi, __qword_ptr[rsp + 16]); // argv[1]: the shared file
        a.mov(esi, 2); // O_RDWR
        Call(a, failed, ref step, 2); // open
        a.mov(r12d, eax);
        Map(a, failed, ref step, NativeProgram.Shared, NativeProgram.SharedSize, 3, shared: true, 0);
        Map(a, failed, ref step, Sandbox.Data, Sandbox.WritableSize, 3, shared: false, 0);
        Map(a, failed, ref step, Sandbox.ReadOnly, Sandbox.PageSize, 1, shared: true, NativeProgram.ImageOffset + Sandbox.WritableSize);
        Map(a, failed, ref step, Sandbox.Code, Sandbox.CodeSize, 7, shared: false, 0);
        a.mov(edi, Sandbox.Code);
        a.mov(ecx, Sandbox.CodeSize);
        a.mov(al, 0xcc);
        a.rep.stosb();

        const uint scratch = NativeProgram.Scratch;
        a.mov(__qword_ptr[scratch], (int)NativeProgram.SignalStack);
        a.mov(__qword_ptr[scratch + 8], 0);
        a.mov(__qword_ptr[scratch + 16], (int)NativeProgram.SignalStackSize);
        a.mov(edi, scratch);
        a.xor(esi, esi);
        Call(a, failed, ref step, 131); // sigaltstack

        a.lea(rax, __[handler]);
        a.mov(__qword_ptr[scratch], rax);
        a.mov(__qword_ptr[scratch + 8], 0x4c00_0004); // SA_NODEFER | SA_ONSTACK | SA_RESTORER | SA_SIGINFO
        a.mov(__qword_ptr[scratch + 16], rax); // a restorer must be named, though we never return from a signal
        a.mov(__qword_ptr[scratch + 24], 0);
        foreach (int signal in (ReadOnlySpan<int>)[4, 5, 7, 8, 11]) // ILL, TRAP, BUS, FPE, SEGV
        {
            a.mov(edi, signal);
            a.mov(esi, scratch);
            a.xor(edx, edx);
            a.mov(r10d, 8);
            Call(a, failed, ref step, 13); // rt_sigaction
        }
        a.jmp(batch);

        a.Label(ref failed);
        a.mov(edi, ebp);
        a.mov(eax, 231); // exit_group(step)
        a.syscall();
    }

    private static void Map(Assembler a, Label failed, ref int step, uint address, uint size, uint rights, bool shared, uint offset)
    {
        a.mov(edi, address);
        a.mov(esi, size);
        a.mov(edx, rights);
        a.mov(r10d, shared ? 0x11 : 0x32); // MAP_FIXED with MAP_SHARED, or with MAP_PRIVATE | MAP_ANONYMOUS
        if (shared) a.mov(r8d, r12d);
        else a.mov(r8, -1);
        a.mov(r9d, offset);
        Call(a, failed, ref step, 9);
    }

    private static void Call(Assembler a, Label failed, ref int step, int number)
    {
        a.mov(ebp, step++);
        a.mov(eax, number);
        a.syscall();
        a.cmp(rax, -4095);
        a.jae(failed);
    }

    private static void EmitBatch(Assembler a, ref Label batch)
    {
        var work = a.CreateLabel("work");
        a.Label(ref batch);
        a.mov(esp, NativeProgram.StackTop);
        a.mov(eax, 1); // write
        a.mov(edi, 1);
        a.mov(esi, NativeProgram.Command);
        a.mov(edx, 4);
        a.syscall();
        a.xor(eax, eax); // read
        a.xor(edi, edi);
        a.mov(esi, NativeProgram.Command);
        a.mov(edx, 4);
        a.syscall();
        a.cmp(eax, 4);
        a.je(work);
        a.xor(edi, edi);
        a.mov(eax, 231);
        a.syscall();
        a.Label(ref work);
        CaseLoop.Prepare(a);
    }

    private static void EmitCase(Assembler a, ref Label next, Label batch)
    {
        CaseLoop.Lay(a, ref next, batch);
        a.mov(esp, NativeProgram.StackTop);
        a.mov(eax, __dword_ptr[NativeProgram.Input + TestCaseLayout.Eflags]);
        a.push(rax);
        a.mov(r8d, __dword_ptr[NativeProgram.Input + TestCaseLayout.CodeAddress]);
        a.popfq();
        for (int i = 0; i < _registers.Length; i++)
            a.mov(_registers[i], __dword_ptr[NativeProgram.Input + (4 * (uint)i)]);
        a.jmp(r8);
    }
}
