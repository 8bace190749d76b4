// What is different with generation 1, rule by rule: how it is recognised and started, its gates, its ring, its DMA calls, its end. What it
// has in common with the others is tested for all families together.
using System.Text;
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Tests.Machine;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Switcher.Tests.Generation1;

public sealed unsafe class Generation1Spec
{
    private const uint Key = 0x2000;
    private const uint Text = 0x250000;

    [Fact]
    public void Init_tells_number_clock_and_reserve_and_the_kernel_runs_at_its_page_offset()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2623);
        guest.Boot(a =>
        {
            a.mov(ebx, TestGuest.KernelAddress + TestGuest.DataAt + 1108);
            a.mov(eax, __dword_ptr[ebx]);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
        }).RunToDone();
        guest.Slot.Family.ShouldBe(AbiFamily.Linux2623);
        guest.Result().ShouldBe(0x400000u);
        (guest.Field(1112) & 0xffff).ShouldBe(TestGuest.Number);
        guest.Field(1116).ShouldBe(1_000_000u);
        (guest.Cpu->Cr0 & ControlRegisters.Cr0Paging).ShouldNotBe(0u);
    }

    [Fact]
    public void Lguest_data_without_a_fresh_ring_or_outside_of_memory_is_none()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2623);
        guest.Raw(a => guest.Call(a, Hypercall.LguestInit, TestGuest.DataAt + 4)).RunToDeath().Reason.ShouldBe(KillReason.BadGuestPage);
        using var beyond = TestGuest.Of(AbiFamily.Linux2623);
        beyond.Raw(a => beyond.Call(a, Hypercall.LguestInit, 0x7ffff0)).RunToDeath().Reason.ShouldBe(KillReason.BadGuestPage);
    }

    [Fact]
    public void One_that_was_not_announced_is_told_so()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2624);
        guest.SetField(1128, 1).SetField(1132, 1);
        guest.Boot(_ => { }).RunToDeath().Reason.ShouldBe(KillReason.UnsupportedGeneration);
    }

    [Theory]
    [InlineData(Hypercall.Notify)]
    [InlineData(Hypercall.LoadGdtEntry)]
    [InlineData(Hypercall.SendInterrupts)]
    [InlineData((Hypercall)11)]
    public void Calls_of_later_kernels_are_unknown(Hypercall number)
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2623);
        guest.Boot(a => guest.Call(a, number)).RunToDeath().Reason.ShouldBe(KillReason.UnknownHypercall);
    }

    [Theory]
    [InlineData(AbiFamily.Linux2624)]
    [InlineData(AbiFamily.Linux3)]
    public void Dma_calls_are_unknown_to_later_kernels(AbiFamily family)
    {
        foreach (var number in (Hypercall[])[Hypercall.BindDma, Hypercall.SendDma])
        {
            using var guest = TestGuest.Of(family);
            guest.Boot(a => guest.Call(a, number)).RunToDeath().Reason.ShouldBe(KillReason.UnknownHypercall);
        }
    }

    [Theory]
    [InlineData("Power down", true)]
    [InlineData("Attempted to kill init!", false)]
    public void Crash_with_the_text_of_a_power_off_is_one(string text, bool inOrder)
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2623);
        guest.Memory.TryWrite(new GuestPhysical(Text), Encoding.ASCII.GetBytes(text));

        // EBX is whatever it is: there was no reason to give one yet.
        guest.Boot(a => guest.Call(a, Hypercall.Shutdown, Text, (uint)ShutdownReason.Restart)).Run();
        guest.Slot.End.ShouldBe(inOrder ? new GuestEnd.PowerOff() : new GuestEnd.Crash(text));
    }

    [Fact]
    public void Gates_above_its_interrupts_are_ignored_whatever_they_are()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2623);
        guest.Boot(a =>
        {
            guest.Call(a, Hypercall.LoadIdtEntry, 0x3f, 0x1000, 0x8e00);
            guest.Call(a, Hypercall.LoadIdtEntry, 0x40, 0x1000, 0x8e00);
            guest.Call(a, Hypercall.LoadIdtEntry, 0x41, 0x1000, 0x8500);
            guest.Call(a, Hypercall.LoadIdtEntry, 0x80, 0x1000, 0xef00);
            guest.Call(a, Hypercall.LoadIdtEntry, 500, 0x1000, 0x8e00);
        }).RunToDone();
        guest.Slot.Idt[0x3f].Present.ShouldBeTrue();
        guest.Slot.Idt[0x40].Present.ShouldBeFalse();
        guest.Slot.Idt[0x41].Present.ShouldBeFalse();
        guest.Slot.Idt[0x80].Present.ShouldBeTrue();
    }

    [Fact]
    public void Ports_are_emulated_for_kernel_code_only()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2623);
        guest.Gate(13).Assemble(TestGuest.HandlerAt, a =>
        {
            a.mov(__dword_ptr[TestGuest.ResultAt + 4], 1);
            a.add(esp, 4);
            a.add(__dword_ptr[esp], 2);
            a.iretd();
        });
        guest.Boot(a =>
        {
            a.xor(eax, eax);
            a.@in(al, 0x71);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
        }).RunToDone();
        guest.Result(1).ShouldBe(1u);
        guest.Result().ShouldBe(0u);
    }

    [Fact]
    public void The_ring_is_drained_at_every_exit_not_only_at_calls()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2623);
        guest.Gate(6).Assemble(TestGuest.HandlerAt, a =>
        {
            a.mov(al, __byte_ptr[TestGuest.DataAt + 20]);
            a.mov(__byte_ptr[TestGuest.ResultAt], al);
            a.add(__dword_ptr[esp], 2);
            a.iretd();
        });
        guest.Queue(0, Hypercall.SetStack, 0x69, 0x1000, 0);
        guest.SetField(20, 0xffffffff);
        guest.Boot(a =>
        {
            a.mov(__byte_ptr[TestGuest.DataAt + 20], 0);
            a.ud2();
        }).RunToDone();
        (guest.Result() & 0xff).ShouldBe(0xffu);
        guest.Slot.TrapStackPointer.ShouldBe(0x1000u);
        guest.Slot.Statistics().QueuedHypercalls.ShouldBe(1);
    }

    [Fact]
    public void It_is_drained_when_the_guest_is_entered_as_well()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2623);
        guest.Boot(a =>
        {
            var again = a.CreateLabel();
            a.Label(ref again);
            a.jmp(again);
        });
        guest.Run(2).ShouldBe(ExitReason.BudgetSpent);
        guest.Queue(0, Hypercall.SetStack, 0x69, 0x1000, 0);
        guest.Run(1);
        guest.Status(0).ShouldBe((byte)0xff);
        guest.Slot.TrapStackPointer.ShouldBe(0x1000u);
    }

    [Theory]
    [MemberData(nameof(TestGuest.Generation2Families), MemberType = typeof(TestGuest))]
    public void Later_kernels_have_it_drained_at_calls_only(AbiFamily family)
    {
        using var guest = TestGuest.Of(family);
        uint status = (uint)(TestGuest.DataAt + guest.Layout.HcallStatus);
        guest.Gate(6).Assemble(TestGuest.HandlerAt, a =>
        {
            a.add(__dword_ptr[esp], 2);
            a.iretd();
        });
        guest.Boot(a =>
        {
            guest.Call(a, Hypercall.Notify, 0x1000);
            a.ud2();
            a.mov(al, __byte_ptr[status]);
            a.mov(__byte_ptr[TestGuest.ResultAt], al);
        });
        guest.Run().ShouldBe(new ExitReason.Notify(new GuestPhysical(0x1000)));
        guest.Queue(0, Hypercall.FlushAsync);
        guest.RunToDone();
        (guest.Result() & 0xff).ShouldBe(0u, "neither at its entry nor at a trap");
        guest.Status(0).ShouldBe((byte)0xff);
    }

    [Fact]
    public void A_queued_send_leaves_first_and_the_direct_call_comes_after_it()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2623);
        guest.Boot(a =>
        {
            a.mov(__byte_ptr[TestGuest.DataAt + 20], 0);
            guest.Call(a, Hypercall.SetStack, 0x69, 0x3000, 0);
        });
        guest.Queue(0, Hypercall.SendDma, Key, 0x4000);
        guest.SetField(20, 0xffffffff);
        guest.Run().ShouldBe(new ExitReason.SendDma(new GuestPhysical(Key), new GuestPhysical(0x4000)));
        guest.Slot.TrapStackPointer.ShouldBe(0u);
        guest.Slot.FinishDma(null);
        guest.RunToDone();
        guest.Slot.TrapStackPointer.ShouldBe(0x3000u);
    }

    [Theory]
    [InlineData(1u)]
    [InlineData(0u)]
    public void Bind_leaves_with_its_arguments_and_comes_back_with_its_result_in_eax(uint result)
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2623);
        guest.Boot(a =>
        {
            guest.Call(a, Hypercall.BindDma, Key, 0x3000, (8 << 8) | 5);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
        });
        guest.Run().ShouldBe(new ExitReason.BindDma(new GuestPhysical(Key), new GuestPhysical(0x3000), 8, 5));
        guest.Slot.FinishDma(result);
        guest.RunToDone();
        guest.Result().ShouldBe(result);
    }

    [Fact]
    public void A_direct_bind_after_a_queued_send_has_its_register()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2623);
        guest.Boot(a =>
        {
            a.mov(__byte_ptr[TestGuest.DataAt + 20], 0);
            guest.Call(a, Hypercall.BindDma, Key, 0x3000, (8 << 8) | 5);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
        });
        guest.Queue(0, Hypercall.SendDma, Key, 0x4000);
        guest.SetField(20, 0xffffffff);
        guest.Run().ShouldBeOfType<ExitReason.SendDma>();
        guest.Slot.FinishDma(null);
        guest.Run().ShouldBeOfType<ExitReason.BindDma>();
        guest.Slot.FinishDma(7);
        guest.RunToDone();
        guest.Result().ShouldBe(7u);
    }

    [Fact]
    public void A_queued_bind_has_no_register_for_its_result()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2623);
        guest.Boot(a =>
        {
            a.mov(__byte_ptr[TestGuest.DataAt + 20], 0);
            guest.Call(a, Hypercall.FlushAsync);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
        });
        guest.Queue(0, Hypercall.BindDma, Key, 0x3000, (1 << 8) | 5);
        guest.SetField(20, 0xffffffff);
        guest.Run().ShouldBeOfType<ExitReason.BindDma>();
        guest.Slot.FinishDma(1);
        guest.RunToDone();
        guest.Result().ShouldBe(0u);
    }

    [Fact]
    public void A_bind_that_is_found_in_the_ring_at_a_trap_has_none_either()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2623);
        guest.Gate(6).Assemble(TestGuest.HandlerAt, a =>
        {
            a.add(__dword_ptr[esp], 2);
            a.iretd();
        });
        guest.Boot(a =>
        {
            guest.Call(a, Hypercall.FlushAsync);
            a.mov(eax, 0x77);
            a.mov(__byte_ptr[TestGuest.DataAt + 20], 0);
            a.ud2();
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
        });
        guest.Queue(0, Hypercall.BindDma, Key, 0x3000, (1 << 8) | 5);
        guest.SetField(20, 0xffffffff);
        guest.Run().ShouldBeOfType<ExitReason.BindDma>();
        guest.Slot.FinishDma(1);
        guest.RunToDone();
        guest.Result().ShouldBe(0x77u);
    }

    [Theory]
    [InlineData(32u)]
    [InlineData(128u)]
    [InlineData(255u)]
    public void An_irq_above_31_is_refused_without_asking_anybody_even_for_a_bad_key(uint irq)
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2623);
        guest.Boot(a =>
        {
            guest.Call(a, Hypercall.BindDma, 1, 0x3000, (1 << 8) | irq);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
        }).RunToDone();
        guest.Result().ShouldBe(0u);
    }

    [Fact]
    public void A_send_goes_on_with_all_registers()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2623);
        guest.Boot(a =>
        {
            guest.Call(a, Hypercall.SendDma, Key, 0x4000, 77);
            a.mov(__dword_ptr[TestGuest.ResultAt], eax);
            a.mov(__dword_ptr[TestGuest.ResultAt + 4], ecx);
        });
        guest.Run().ShouldBe(new ExitReason.SendDma(new GuestPhysical(Key), new GuestPhysical(0x4000)));
        guest.Slot.FinishDma(null);
        guest.RunToDone();
        guest.Result().ShouldBe((uint)Hypercall.SendDma);
        guest.Result(1).ShouldBe(77u);
    }

    [Fact]
    public void The_last_word_of_memory_may_be_a_key()
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2623);
        guest.Boot(a => guest.Call(a, Hypercall.SendDma, 0x7ffffc, 0x4000)).Run()
            .ShouldBe(new ExitReason.SendDma(new GuestPhysical(0x7ffffc), new GuestPhysical(0x4000)));
    }

    [Theory]
    [InlineData(Hypercall.BindDma, 2u, "bad dma key 0x2")]
    [InlineData(Hypercall.BindDma, 0x800000u, "bad dma key 0x800000")]
    [InlineData(Hypercall.SendDma, 3u, "bad sending DMA key 0x3")]
    [InlineData(Hypercall.SendDma, 0xfffffffcu, "bad sending DMA key 0xfffffffc")]
    public void A_key_that_is_no_address_of_a_word_kills(Hypercall number, uint key, string detail)
    {
        using var guest = TestGuest.Of(AbiFamily.Linux2623);
        guest.Boot(a => guest.Call(a, number, key, 0x3000, (1 << 8) | 1)).RunToDeath()
            .ShouldBe(new GuestEnd.Killed(KillReason.BadDmaKey, detail));
    }
}
