// The part of the oracle's child that is the same in 32-bit and in 64-bit mode: laying a case down, and finding the memory that it
// changed. Addresses are below 2 GB and kept in 32-bit registers, so both assemblers take the same lines.
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Native;

/// <summary>Emits the loop around the cases of a batch.</summary>
internal static class CaseLoop
{
    /// <summary>What a batch begins with, in either mode: the image, and where the first case is.</summary>
    public static void Prepare(Assembler a)
    {
        a.mov(al, __byte_ptr[Sandbox.ReadOnly]); // brings the page in: until it is touched a write to it faults as "not present"
        a.mov(esi, NativeProgram.Shared + NativeProgram.ImageOffset);
        a.mov(edi, Sandbox.Data);
        a.mov(ecx, Sandbox.WritableSize / 4);
        a.rep.movsd();
        a.mov(__dword_ptr[NativeProgram.CasePointer], NativeProgram.Shared + NativeProgram.CasesOffset);
        a.mov(__dword_ptr[NativeProgram.OutcomePointer], NativeProgram.Shared + NativeProgram.OutcomesOffset);
        a.mov(eax, __dword_ptr[NativeProgram.Command]);
        a.mov(__dword_ptr[NativeProgram.Remaining], eax);
    }

    /// <summary>The next case's bytes and FPU state, in either mode.</summary>
    public static void Lay(Assembler a, ref Label next, Label batch)
    {
        var noFpu = a.CreateLabel("noFpu");
        a.Label(ref next);
        a.cmp(__dword_ptr[NativeProgram.Remaining], 0);
        a.je(batch);
        a.dec(__dword_ptr[NativeProgram.Remaining]);
        a.mov(ebx, __dword_ptr[NativeProgram.CasePointer]);
        a.lea(esi, __[ebx + TestCaseLayout.Patch]);
        a.mov(edi, __dword_ptr[ebx + TestCaseLayout.PatchAddress]);
        a.mov(ecx, __dword_ptr[ebx + TestCaseLayout.PatchLength]);
        a.rep.movsb();
        a.lea(esi, __[ebx + TestCaseLayout.Code]);
        a.mov(edi, __dword_ptr[ebx + TestCaseLayout.CodeAddress]);
        a.mov(ecx, __dword_ptr[ebx + TestCaseLayout.CodeLength]);
        a.rep.movsb();
        a.mov(esi, ebx);
        a.mov(edi, NativeProgram.Input);
        a.mov(ecx, TestCaseLayout.CodeLength / 4);
        a.rep.movsd();
        a.test(__dword_ptr[ebx + TestCaseLayout.Options], (uint)CaseOptions.Fx);
        a.je(noFpu);
        a.fxrstor(__[ebx + TestCaseLayout.Fx]);
        a.Label(ref noFpu);
    }

    /// <summary>Compares the data pages with the image and goes to the next case, in either mode.</summary>
    public static void Finish(Assembler a, ref Label common, Label next)
    {
        var scan = a.CreateLabel("scan");
        var one = a.CreateLabel("one");
        var same = a.CreateLabel("same");
        var full = a.CreateLabel("full");
        var clean = a.CreateLabel("clean");
        var done = a.CreateLabel("done");

        a.Label(ref common);
        a.mov(esi, NativeProgram.Output);
        a.mov(edi, __dword_ptr[NativeProgram.OutcomePointer]);
        a.mov(ebp, edi);
        a.mov(ecx, TestOutcomeLayout.ChunkCount / 4);
        a.rep.movsd();

        // EDX counts chunks that differ, ESI walks the image by offset.
        a.xor(esi, esi);
        a.xor(edx, edx);
        a.Label(ref scan);
        a.movdqa(xmm0, __[esi + Sandbox.Data]);
        a.pcmpeqd(xmm0, __[esi + (NativeProgram.Shared + NativeProgram.ImageOffset)]);
        for (int i = 1; i < 4; i++)
        {
            var register = i switch { 1 => xmm1, 2 => xmm2, _ => xmm3 };
            a.movdqa(register, __[esi + (Sandbox.Data + (16 * i))]);
            a.pcmpeqd(register, __[esi + (NativeProgram.Shared + NativeProgram.ImageOffset + (16 * i))]);
            a.pand(xmm0, register);
        }
        a.pmovmskb(eax, xmm0);
        a.cmp(eax, 0xffff);
        a.je(clean);
        a.mov(ecx, 4);
        a.Label(ref one);
        a.movdqa(xmm0, __[esi + Sandbox.Data]);
        a.movdqa(xmm1, __[esi + (NativeProgram.Shared + NativeProgram.ImageOffset)]);
        a.movdqa(xmm2, xmm0);
        a.pcmpeqd(xmm2, xmm1);
        a.pmovmskb(eax, xmm2);
        a.cmp(eax, 0xffff);
        a.je(same);
        a.movdqa(__[esi + Sandbox.Data], xmm1);
        a.cmp(edx, TestOutcomeLayout.ChunkCapacity);
        a.jae(full);
        a.mov(eax, esi);
        a.shr(eax, 4);
        a.mov(__dword_ptr[ebp + (edx * 4) + TestOutcomeLayout.ChunkIndex], eax);
        a.mov(eax, edx);
        a.shl(eax, 4);
        a.movdqa(__[ebp + eax + TestOutcomeLayout.Chunks], xmm0);
        a.Label(ref full);
        a.inc(edx);
        a.Label(ref same);
        a.add(esi, 16);
        a.dec(ecx);
        a.jne(one);
        a.cmp(esi, Sandbox.WritableSize);
        a.jb(scan);
        a.jmp(done);
        a.Label(ref clean);
        a.add(esi, 64);
        a.cmp(esi, Sandbox.WritableSize);
        a.jb(scan);
        a.Label(ref done);
        a.mov(__dword_ptr[ebp + TestOutcomeLayout.ChunkCount], edx);

        a.mov(ebx, __dword_ptr[NativeProgram.CasePointer]);
        a.mov(edi, __dword_ptr[ebx + TestCaseLayout.CodeAddress]);
        a.mov(ecx, __dword_ptr[ebx + TestCaseLayout.CodeLength]);
        a.mov(al, 0xcc);
        a.rep.stosb();
        a.add(__dword_ptr[NativeProgram.CasePointer], TestCaseLayout.Size);
        a.add(__dword_ptr[NativeProgram.OutcomePointer], TestOutcomeLayout.Size);
        a.jmp(next);
    }
}
