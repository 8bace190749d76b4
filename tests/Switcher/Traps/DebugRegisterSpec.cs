// Debug registers, which the real Host does not emulate: what a kernel writes it reads back, each register for itself, and nobody else may.
using Iced.Intel;
using Lguest.Guest.Abi;
using Lguest.Switcher.Tests.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Traps;

public sealed unsafe class DebugRegisterSpec
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(6)]
    [InlineData(7)]
    public void Each_is_kept_for_itself(int register)
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
        guest.Result().ShouldBe(0x1234_5678u);
        for (int i = 0; i < 8; i++)
            guest.Cpu->Dr[i].ShouldBe(i == register ? 0x1234_5678u : before[i]);
    }

    [Fact]
    public void An_instruction_that_begins_like_theirs_is_a_general_protection_fault()
    {
        using var guest = Faulting(TestGuest.Of(AbiFamily.Linux3));
        guest.Boot(a => a.db(0x0f, 0x22, 0xd8)).RunToDone();
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
