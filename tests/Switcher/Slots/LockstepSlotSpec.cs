// What becomes of a Guest at which the engines differ: it ends, and the reason has all that was found.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using Lguest.Guest.Memory;
using Lguest.Guest.Translator;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Slots;

public sealed unsafe class LockstepSlotSpec
{
    private const uint Code = 0x1000;
    private const uint Constant = 0x12345678;
    private static readonly RunSettings _slice = new(2_000_000, 20_000);

    [SkippableFact]
    public void A_guest_ends_where_the_engines_differ_and_the_reason_says_how()
    {
        Skip.IfNot(Engines.TranslatorProblem is null, $"this host has no translator: {Engines.TranslatorProblem}");
        using GuestMemory memory = new(1 << 20);
        Assembler a = new(32);
        var loop = a.CreateLabel();
        a.Label(ref loop);
        a.add(eax, Constant);
        a.jmp(loop);
        using MemoryStream stream = new();
        a.Assemble(new StreamCodeWriter(stream), Code);
        memory.TryWrite(new GuestPhysical(Code), stream.ToArray()).ShouldBeTrue();
        FakeClock clock = new() { Step = 100_000 };
        using BoardSlot slot = new(memory, new FakeBoard(), processor => processor.State->Eip = Code, clock, engine: EngineKind.Lockstep);
        slot.Enter(_slice).ShouldBe(ExitReason.BudgetSpent);
        slot.Statistics().Engine.ShouldBe(EngineKind.Lockstep);

        var second = slot.Processor.Pair!.Second;
        var code = ((TranslatorEngine)second.Engine).Inspector!.CodeOf((Block*)second.Blocks.Find(Code) - 1);
        for (int at; (at = code.IndexOf(BitConverter.GetBytes(Constant))) >= 0;)
            code[at] ^= 1; // in each turn of the loop that was written out

        slot.Enter(_slice).ShouldBeOfType<ExitReason.Died>();
        string reason = slot.End.ShouldBeOfType<GuestEnd.Killed>().Detail;
        reason.ShouldContain("differ between 00001000 after ");
        reason.ShouldContain("first in these blocks: eax ");
        reason.ShouldContain("add eax,12345678h");
        reason.ShouldContain("host:");
    }
}
