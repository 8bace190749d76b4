// The spine of the core: blocks, links, budget, polls and precise faults, on programs small enough to count by hand.
using Lguest.Guest.Cpu;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Cpu;

public sealed unsafe class RunLoopSpec
{
    [Fact]
    public void A_loop_computes_and_counts_its_instructions()
    {
        using var m = new TestMachine().Load(a =>
        {
            var top = a.CreateLabel();
            a.mov(eax, 0);
            a.mov(ecx, 1000);
            a.Label(ref top);
            a.add(eax, ecx);
            a.dec(ecx);
            a.jne(top);
        });
        m.Run();
        m.Cpu.State->Gpr[0].ShouldBe(500500u);
        m.Traps.ShouldBe([(Vectors.InvalidOpcode, 0u, TrapCause.Fault, 0u)]);
        m.Cpu.Instructions.ShouldBe(2ul + 3000);
    }

    [Fact]
    public void A_sieve_finds_the_primes()
    {
        using var m = Sieve(1 << 20, 1);
        m.Run();
        m.Cpu.State->Gpr[6].ShouldBe(6542u);
    }

    [Fact]
    public void Code_that_rewrites_its_own_block_executes_the_new_bytes()
    {
        using var m = new TestMachine().Load(a =>
        {
            // mov eax, 1 is rewritten to mov eax, 2 by the instruction in front of it, in the same block.
            a.mov(__byte_ptr[TestMachine.CodeAt + 8], 2);
            a.mov(eax, 1);
        });
        m.Run();
        m.Cpu.State->Gpr[0].ShouldBe(2u);
    }

    [Fact]
    public void Code_that_a_device_overwrites_is_decoded_anew_even_at_the_same_address()
    {
        using var m = new TestMachine().Load(a => a.mov(eax, 1));
        m.Run();
        m.Memory.TryWrite(new Lguest.Guest.Memory.GuestPhysical(TestMachine.CodeAt + 1), (byte)7).ShouldBeTrue();
        m.Cpu.State->Eip = TestMachine.CodeAt;
        m.Run();
        m.Cpu.State->Gpr[0].ShouldBe(7u);
    }

    [Fact]
    public void A_call_and_its_return_balance_the_stack()
    {
        using var m = new TestMachine().Load(a =>
        {
            var function = a.CreateLabel();
            var end = a.CreateLabel();
            a.call(function);
            a.call(function);
            a.jmp(end);
            a.Label(ref function);
            a.inc(ebx);
            a.ret();
            a.Label(ref end);
        });
        m.Run();
        m.Cpu.State->Gpr[3].ShouldBe(2u);
        m.Cpu.State->Gpr[4].ShouldBe(0x8000u);
    }

    [Fact]
    public void An_instruction_that_is_not_implemented_is_told_of_when_it_is_executed_and_only_then()
    {
        using var m = new TestMachine().Load(a =>
        {
            var behind = a.CreateLabel();
            a.test(eax, eax);
            a.je(behind);
            a.xrstor(__[ebx]);
            a.Label(ref behind);
            a.inc(ecx);
        });
        List<string> told = [];
        m.Cpu.Missing = told.Add;

        m.Run();
        m.Cpu.State->Gpr[1].ShouldBe(1u);
        told.ShouldBeEmpty();

        for (int again = 0; again < 2; again++)
        {
            m.Cpu.State->Gpr[0] = 1;
            m.Cpu.State->Eip = TestMachine.CodeAt;
            m.Run();
        }

        told.ShouldHaveSingleItem().ShouldContain("xrstor");
        m.Cpu.State->Gpr[1].ShouldBe(1u);
    }

    /// <summary>Counts primes below 65536 into ESI, <paramref name="rounds"/> times; flags at 128 KiB.</summary>
    internal static TestMachine Sieve(long memory, uint rounds) => new TestMachine(memory).Load(a =>
    {
        Iced.Intel.Label round = a.CreateLabel(), clear = a.CreateLabel(), outer = a.CreateLabel(), inner = a.CreateLabel(), next =
            a.CreateLabel();
        a.mov(edx, rounds);
        a.Label(ref round);
        a.mov(edi, 0x20000);
        a.mov(ecx, 65536 / 4);
        a.Label(ref clear);
        a.mov(__dword_ptr[edi], 0);
        a.add(edi, 4);
        a.dec(ecx);
        a.jne(clear);
        a.xor(esi, esi);
        a.mov(eax, 2);
        a.Label(ref outer);
        a.cmp(__byte_ptr[eax + 0x20000], 0);
        a.jne(next);
        a.inc(esi);
        a.lea(ebx, __[eax + eax]);
        a.Label(ref inner);
        a.cmp(ebx, 65536);
        a.jae(next);
        a.mov(__byte_ptr[ebx + 0x20000], 1);
        a.add(ebx, eax);
        a.jmp(inner);
        a.Label(ref next);
        a.inc(eax);
        a.cmp(eax, 65536);
        a.jb(outer);
        a.dec(edx);
        a.jne(round);
    });
}
