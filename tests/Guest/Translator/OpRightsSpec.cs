// What emitted code may do with the operations of its block. Only a branch has a destination to follow; of an instruction, the same bytes
// are a displacement that the Guest has chosen.
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using Lguest.Guest.Execute;
using Lguest.Guest.Tests.Cpu;
using Lguest.Guest.Translator;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Translator;

public sealed unsafe class OpRightsSpec
{
    [SkippableFact]
    public void Only_branches_may_be_followed()
    {
        Skip.If(Engines.TranslatorProblem is not null, $"no translator: {Engines.TranslatorProblem}");
        using TestMachine m = new(
            engine: EngineKind.Translator, settings: new TranslatorSettings(HotAfter: 0, ShortestStretch: 1, Verify: true));
        VerifierContext? context = null;
        ((TranslatorEngine)m.Cpu.Engine).Inspector!.Seen = (_, _, seen) => context ??= seen;
        m.Load(a =>
        {
            var elsewhere = a.CreateLabel();
            a.mov(eax, __dword_ptr[ebx + 0x12345678]);
            a.@lock.inc(__dword_ptr[ebx + 0x9000]);
            a.test(eax, eax);
            a.jne(elsewhere);
            a.nop();
            a.Label(ref elsewhere);
        });
        m.Cpu.State->Gpr[3] = unchecked(0x9000u - 0x12345678u);
        m.Run(2);

        var head = m.Cpu.Blocks.Find(TestMachine.CodeAt);
        uint count = ((Block*)head - 1)->Ops;
        List<(OpRole, OpRights)> found = [];
        for (uint i = 0; i < count; i++)
            found.Add((head[i].Role, context.ShouldNotBeNull().RightsOf((ulong)(head + i))));
        found.ShouldBe(
        [
            (OpRole.Instruction, OpRights.Leave),
            (OpRole.Instruction, OpRights.Leave),
            (OpRole.Fence, OpRights.Leave),
            (OpRole.Instruction, OpRights.Leave),
            (OpRole.Branch, OpRights.Leave | OpRights.Follow),
            (OpRole.Instruction, OpRights.Leave),
            (OpRole.Instruction, OpRights.Leave),
            (OpRole.Link, OpRights.Leave),
        ]);
    }
}
