// The sheet's checklist 13.1, line 12: ports read as all ones, CLI is skipped by late hosts, everything else privileged is a #GP for the
// Guest.
using Iced.Intel;
using Lguest.Guest.Abi;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Traps;

public sealed unsafe class PortSpec
{
    private const uint Behind = 0x1c0000;

    [Theory]
    [InlineData(AbiFamily.Linux3, 0xec, 0x123400ffu)] // in al, dx
    [InlineData(AbiFamily.Linux3, 0x66ed, 0x1234ffffu)] // in ax, dx
    [InlineData(AbiFamily.Linux3, 0xed, 0xffffffffu)] // in eax, dx
    [InlineData(AbiFamily.Linux2631, 0xec, 0x1234ffffu)]
    [InlineData(AbiFamily.Linux2631, 0x66ed, 0xffffffffu)]
    [InlineData(AbiFamily.Linux2631, 0x66ec, 0xffff0000u)]
    [InlineData(AbiFamily.Linux2624, 0xed, 0xffffffffu)]
    public void Reads_give_ones(AbiFamily family, int opcode, uint expected)
    {
        using var guest = TestGuest.Of(family);
        guest.Boot(a =>
        {
            a.mov(eax, 0x12340000);
            if (opcode > 0xff)
                a.db((byte)(opcode >> 8));
            a.db((byte)opcode);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
        }).RunToDone();
        guest.Result().ShouldBe(expected & (expected == 0xffff0000u ? 0xffff0000u : uint.MaxValue));
    }

    [Fact]
    public void Immediate_forms_and_writes_are_stepped_over()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Boot(a =>
        {
            a.mov(eax, 0x11223344);
            a.@out(0x80, al);
            a.@out(0x80, ax);
            a.@out(0x80, eax);
            a.@out(dx, al);
            a.@out(dx, ax);
            a.@out(dx, eax);
            a.mov(ecx, eax);
            a.@in(al, 0x80);
            a.mov(__dword_ptr[TestGuest.ResultAt], ecx);
            a.mov(__dword_ptr[TestGuest.ResultAt + 4], eax);
        }).RunToDone();
        guest.Result(0).ShouldBe(0x11223344u);
        guest.Result(1).ShouldBe(0x112233ffu);
    }

    [Theory]
    [InlineData(AbiFamily.Linux3, true)]
    [InlineData(AbiFamily.Linux2631, true)]
    [InlineData(AbiFamily.Linux2630, false)]
    [InlineData(AbiFamily.Linux2624, false)]
    public void Cli_is_skipped_from_2_6_31_on(AbiFamily family, bool skipped)
    {
        using var guest = TestGuest.Of(family);
        Handler(guest).Boot(a => a.cli()).Gate(13).RunToDone();
        guest.Result().ShouldBe(skipped ? 0u : 1u);
    }

    [Theory]
    [InlineData("sti", new byte[] { 0xfb })]
    [InlineData("hlt", new byte[] { 0xf4 })]
    [InlineData("insb", new byte[] { 0x6c })]
    [InlineData("outsb", new byte[] { 0x6e })]
    [InlineData("rdmsr", new byte[] { 0x0f, 0x32 })]
    [InlineData("wrmsr", new byte[] { 0x0f, 0x30 })]
    [InlineData("mov eax, cr0", new byte[] { 0x0f, 0x20, 0xc0 })]
    [InlineData("mov cr3, eax", new byte[] { 0x0f, 0x22, 0xd8 })]
    [InlineData("clts", new byte[] { 0x0f, 0x06 })]
    [InlineData("invd", new byte[] { 0x0f, 0x08 })]
    [InlineData("wbinvd", new byte[] { 0x0f, 0x09 })]
    [InlineData("invlpg [eax]", new byte[] { 0x0f, 0x01, 0x38 })]
    [InlineData("lgdt [eax]", new byte[] { 0x0f, 0x01, 0x10 })]
    [InlineData("lidt [eax]", new byte[] { 0x0f, 0x01, 0x18 })]
    [InlineData("lldt ax", new byte[] { 0x0f, 0x00, 0xd0 })]
    [InlineData("ltr ax", new byte[] { 0x0f, 0x00, 0xd8 })]
    [InlineData("lmsw ax", new byte[] { 0x0f, 0x01, 0xf0 })]
    [InlineData("rdpmc", new byte[] { 0x0f, 0x33 })]
    [InlineData("sysenter", new byte[] { 0x0f, 0x34 })]
    [InlineData("sysexit", new byte[] { 0x0f, 0x35 })]
    public void Other_privileged_instructions_are_general_protection_faults_of_the_guest(string name, byte[] code)
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        Handler(guest).Boot(a => a.db(code)).Gate(13).RunToDone();
        guest.Result().ShouldBe(1u, name);
        guest.Result(1).ShouldBe(0u, "error code");
    }

    [Fact]
    public void Debug_registers_read_back_what_the_kernel_wrote()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        guest.Boot(a =>
        {
            a.mov(ecx, 0x1234);
            a.mov(dr3, ecx);
            a.mov(eax, dr3);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
        }).RunToDone();
        guest.Result().ShouldBe(0x1234u);
    }

    [Fact]
    public void A_kernel_of_generation_1_finds_ports_from_its_first_byte_on()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2623);
        guest.Boot(a =>
        {
            a.xor(eax, eax);
            a.jmp(TestGuest.KernelAddress);
        }).Assemble(0, a =>
        {
            a.@in(al, 0x80);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
            guest.Done(a);
        }).RunToDone();
        guest.Result().ShouldBe(0xffffu);
    }

    [Theory]
    [InlineData(0x66)] // a prefix
    [InlineData(0xe4)] // in al, and the port is missing
    public void An_instruction_that_its_segment_cuts_off_before_a_page_that_is_not_there_is_the_guests_fault(int last)
    {
        using var guest = CutOff(last, pageBehind: 0);
        guest.RunToDone();
        (guest.Result(), guest.Result(1)).ShouldBe((1u, 0u));
    }

    [Fact]
    public void One_that_dies_of_that_page_stays_where_it_was()
    {
        using var guest = CutOff(0xe4, pageBehind: 0x7fff_f007);
        guest.RunToDeath().ShouldBe(new GuestEnd.Killed(KillReason.BadPageTableEntry, "bad page table entry 7ffff007 for 1c0000"));
        guest.Cpu->Eip.ShouldBe(Behind - 1);
    }

    [Fact]
    public void Ports_are_not_emulated_for_ring_3()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3).UserSegments();
        guest.Assemble(TestGuest.UserAt, a => a.@in(al, dx));
        guest.Assemble(TestGuest.HandlerAt, a => guest.Done(a));
        guest.Boot(a =>
        {
            guest.Call(a, Hypercall.SetStack, 0x69, TestGuest.TrapStackTop, 1);
            TestGuest.EnterUser(a);
        }).Gate(13).RunToDone();
        guest.Word(TestGuest.TrapStackTop - 20).ShouldBe(TestGuest.UserAt);
    }

    /// <summary>A Guest that comes to an instruction whose first byte is the last of its code segment and of a page.</summary>
    private static TestGuest CutOff(int last, uint pageBehind)
    {
        const uint Root = 0x400000;
        var guest = TestGuest.Of(AbiFamily.Linux3);
        new TwoLevelTables(guest.Memory, Root).MapIdentity(0, 8).Map(Behind, 0, pageBehind);
        guest.Memory.TryWrite(new(Behind - 1), [(byte)last]);
        return Handler(guest).Boot(a =>
        {
            guest.Call(a, Hypercall.NewPageTable, Root);
            guest.Call(a, Hypercall.LoadGdtEntry, GuestSelectors.KernelCodeEntry, (Behind - 1) >> 12, 0x00c09a00);
            a.jmp(Behind - 1);
        }).Gate(13);
    }

    /// <summary>Counts the fault, keeps its error code, and ends the program.</summary>
    private static TestGuest Handler(TestGuest guest) => guest.Assemble(TestGuest.HandlerAt, a =>
    {
        a.inc(__dword_ptr[TestGuest.ResultAt]);
        a.mov(eax, __dword_ptr[esp]);
        a.mov(__dword_ptr[TestGuest.ResultAt + 4], eax);
        guest.Done(a);
    });
}
