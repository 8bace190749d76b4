// The engine that compares the other two while a Guest runs: it finds nothing where nothing is wrong, and where something is, it tells what
// and where.
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using Lguest.Guest.Lockstep;
using Lguest.Guest.Memory;
using Lguest.Guest.Tests.Cpu;
using Lguest.Guest.Translator;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Translator;

public sealed unsafe class LockstepEngineSpec
{
    private const uint DataAt = 0x20000;

    public LockstepEngineSpec() =>
        Skip.IfNot(Engines.TranslatorProblem is null, $"this host has no translator: {Engines.TranslatorProblem}");

    [SkippableFact]
    public void It_does_what_the_others_do()
    {
        ulong Life(EngineKind engine, out uint sum)
        {
            using var m = Loop(engine);
            m.Run();
            m.Traps.Count.ShouldBe(1);
            m.Memory.TryRead(new GuestPhysical(DataAt), out sum).ShouldBeTrue();
            m.Cpu.EngineKind.ShouldBe(engine);
            return m.Cpu.Instructions;
        }

        Life(EngineKind.Lockstep, out uint sum).ShouldBe(Life(EngineKind.Interpreter, out uint expected));
        sum.ShouldBe(expected);
    }

    [SkippableFact]
    public void It_goes_on_over_polls_and_the_ends_of_slices()
    {
        using var m = Loop(EngineKind.Lockstep);
        int polls = 0;
        m.OnPoll = () =>
        {
            if (++polls < 100)
                m.Cpu.RequestPoll();
        };
        m.Cpu.RequestPoll();
        while (m.Traps.Count == 0)
            m.Run(97);
        polls.ShouldBe(100);
        m.Cpu.Pair!.Compared.ShouldBeGreaterThan(100);
        ((TranslatorEngine)m.Cpu.Pair.Second.Engine).Translated.ShouldBeGreaterThan(0ul);
    }

    [SkippableFact]
    public void What_a_device_writes_between_two_stretches_both_engines_see()
    {
        using var m = Loop(EngineKind.Lockstep);
        m.OnPoll = () => m.Memory.TryWrite(new GuestPhysical(DataAt), 1_000_000u);
        m.Run(1000);
        m.Cpu.RequestPoll();
        m.Run();
        m.Memory.TryRead(new GuestPhysical(DataAt), out uint sum).ShouldBeTrue();
        sum.ShouldBeGreaterThan(1_000_000u);
    }

    [SkippableFact]
    public void A_writer_from_outside_waits_for_the_end_of_a_stretch()
    {
        using var m = Loop(EngineKind.Lockstep);
        m.OnPoll = m.Cpu.RequestPoll;
        m.Cpu.RequestPoll();
        bool over = false;
        Thread device = new(() =>
        {
            for (uint i = 0; !Volatile.Read(ref over); i++)
                m.Memory.TryWrite(new GuestPhysical(DataAt + 64), i);
        });
        device.Start();
        for (int i = 0; i < 200; i++)
            m.Run(1000);
        Volatile.Write(ref over, true);
        device.Join();
    }

    [SkippableTheory]
    [InlineData(0x12345678u, "eax ")]
    [InlineData(0x01155110u, "memory from 00020000 on: ")]
    public void A_block_that_was_translated_wrongly_is_told_with_its_code(uint constant, string what)
    {
        using var m = Loop(EngineKind.Lockstep);
        m.Run(1000);
        Spoil(m.Cpu.Pair!.Second, constant);
        string told = Should.Throw<EngineDifferenceException>(() => m.Run()).Message;
        told.ShouldStartWith("translator and interpreter differ between 000100");
        told.ShouldContain(what);
        told.ShouldContain("first in these blocks: ");
        told.ShouldContain("guest:\n");
        told.ShouldContain("xor eax,12345678h");
        told.ShouldContain("host:\n");
    }

    /// <summary>Sums up what a register counts, with a data word in memory.</summary>
    private static TestMachine Loop(EngineKind engine) => new TestMachine(engine: engine).Load(a =>
    {
        var loop = a.CreateLabel();
        a.mov(ecx, 5000);
        a.Label(ref loop);
        a.imul(eax, ecx, 7);
        a.add(__dword_ptr[DataAt], eax);
        a.add(__dword_ptr[DataAt + 4], 0x01155110);
        a.xor(eax, 0x12345678);
        a.dec(ecx);
        a.jne(loop);
    });

    /// <summary>Makes another constant of one in the loop's code.</summary>
    private static void Spoil(Processor second, uint constant)
    {
        var head = second.Blocks.Find(TestMachine.CodeAt + 5);
        var code = ((TranslatorEngine)second.Engine).Inspector!.CodeOf((Block*)head - 1);
        int found = 0;
        for (int at; (at = code.IndexOf(BitConverter.GetBytes(constant))) >= 0; found++)
            code[at] ^= 2; // in each turn of the loop that was written out
        found.ShouldBeGreaterThan(0);
    }
}
