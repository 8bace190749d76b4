// Debug registers, which the real Host does not emulate: what a kernel writes it reads back, each register for itself but for the bits that
// cannot be set and the two names that are others', and nobody else may.
using Iced.Intel;
using Lguest.Guest.Abi;
using Lguest.Switcher.Tests.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Traps;

public sealed unsafe class DebugRegisterSpec
{
    [Theory]
    [InlineData(0, 0, 0x1234_5678)]
    [InlineData(1, 1, 0x1234_5678)]
    [InlineData(2, 2, 0x1234_5678)]
    [InlineData(3, 3, 0x1234_5678)]
    [InlineData(4, 6, 0xffff_4ff8)]
    [InlineData(5, 7, 0x1234_0678)]
    [InlineData(6, 6, 0xffff_4ff8)]
    [InlineData(7, 7, 0x1234_0678)]
    public void Each_is_kept_for_itself(int register, int kept, uint value)
    {
        using var guest = TestGuest.Of(AbiFamily.Linux3);
        uint[] before = [.. new ReadOnlySpan<uint>(guest.Cpu->Dr, 8)];
        guest.Boot(a =>
        {
            a.mov(edi, 0x1234_5678);
            a.db(0x0f, 0x23, (byte)(0xc0 | (register << 3) | 7));
            a.db(0x0f, 0x21, (byte)(0xc0 | (register << 3) | 5));
            a.mov(__dword_ptr[TestGuest.ResultAt], ebp);
        }).RunToDone();
        guest.Result().ShouldBe(value);
        for (int i = 0; i < 8; i++)
            guest.Cpu->Dr[i].ShouldBe(i == kept ? value : before[i]);
    }

    [Theory]
    [InlineData(0x0f, 0x22, 0xd8)] // mov cr3, eax
    [InlineData(0xf4, 0x23, 0xd8)] // hlt, before something that looks like the rest of one of theirs
    public void An_instruction_that_begins_or_ends_like_theirs_is_a_general_protection_fault(int first, int second, int third)
    {
        using var guest = Faulting(TestGuest.Of(AbiFamily.Linux3));
        guest.Boot(a => a.db((byte)first, (byte)second, (byte)third)).RunToDone();
        guest.Result().ShouldBe(0u, "error code");
        guest.Cpu->Dr[3].ShouldBe(0u);
    }

    [Theory]
    [InlineData(0x21)]
    [InlineData(0x23)]
    public void A_user_program_has_none(int opcode)
    {
        using var guest = Faulting(TestGuest.Of(AbiFamily.Linux3).UserSegments());
        guest.Assemble(TestGuest.UserAt, a => a.db(0x0f, (byte)opcode, 0xd8));
        guest.Boot(a =>
        {
            guest.Call(a, Hypercall.SetStack, 0x69, TestGuest.TrapStackTop, 1);
            TestGuest.EnterUser(a);
        }).RunToDone();
        guest.Result(1).ShouldBe(TestGuest.UserAt);
        guest.Cpu->Dr[3].ShouldBe(0u);
    }

    /// <summary>A handler of general protection faults that keeps error code and EIP and ends the program.</summary>
    private static TestGuest Faulting(TestGuest guest) => guest.Gate(13).Assemble(TestGuest.HandlerAt, a =>
    {
        a.pop(__dword_ptr[TestGuest.ResultAt]);
        a.pop(__dword_ptr[TestGuest.ResultAt + 4]);
        guest.Done(a);
    });
}
