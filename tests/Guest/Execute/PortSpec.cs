// Ports: who may use them, how wide an access is, and that a machine without a bus has none.
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Tests.Cpu;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Execute;

public sealed unsafe class PortSpec
{
    private const uint Tss = 0x30000;
    private const ushort BitmapAt = 0x70;

    [Fact]
    public void An_access_reaches_the_bus_as_wide_as_the_instruction_has_it()
    {
        using var m = new BusMachine();
        m.Load(a =>
        {
            a.mov(eax, -1);
            a.mov(edx, 0xcfc);
            a.@in(al, dx);
            a.mov(ebx, eax);
            a.@in(ax, dx);
            a.mov(ecx, eax);
            a.@in(eax, dx);
            a.@in(al, 0x71);
            a.@out(0x70, al);
            a.@out(dx, ax);
            a.@out(dx, eax);
        });
        m.Run();
        m.Traps.ShouldHaveSingleItem().Vector.ShouldBe(Vectors.InvalidOpcode);
        m.Asked.ShouldBe(["in cfc/1", "in cfc/2", "in cfc/4", "in 71/1", "out 70/1=11", "out cfc/2=2211", "out cfc/4=44332211"]);
        m.Cpu.State->Gpr[3].ShouldBe(0xffffff11u);
        m.Cpu.State->Gpr[1].ShouldBe(0xffff2211u);
    }

    [Fact]
    public void Strings_go_element_by_element()
    {
        using var m = new BusMachine();
        m.Load(a =>
        {
            a.mov(edx, 0x1f0);
            a.mov(edi, 0x20000);
            a.mov(ecx, 2);
            a.rep.insd();
            a.mov(esi, 0x20000);
            a.mov(ecx, 3);
            a.rep.outsw();
            a.insb();
        });
        m.Run();
        m.Traps.ShouldHaveSingleItem().Vector.ShouldBe(Vectors.InvalidOpcode);
        m.Asked.ShouldBe(["in 1f0/4", "in 1f0/4", "out 1f0/2=2211", "out 1f0/2=4433", "out 1f0/2=2211", "in 1f0/1"]);
        m.Cpu.State->Gpr[7].ShouldBe(0x20009u);
        m.Cpu.State->Gpr[1].ShouldBe(0u);
    }

    [Fact]
    public void A_string_asks_no_port_for_what_it_has_no_place_for()
    {
        using var m = new BusMachine();
        m.Load(a =>
        {
            a.mov(edx, 0x1f0);
            a.mov(edi, 0x20000);
            a.insd();
        });
        Page(m, 0x20000, present: false);
        m.Run();
        m.Traps.ShouldHaveSingleItem().Vector.ShouldBe(Vectors.PageFault);
        m.Asked.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(0u, 0x00, false)]
    [InlineData(3u, 0x00, true)]
    [InlineData(0u, 0x01, true)]
    public void A_program_may_use_ports_by_its_privilege_or_by_the_bitmap(uint privilege, int bitmap, bool may)
    {
        using var m = new BusMachine();
        m.Load(a => a.@in(al, 0x71));
        m.Memory.TryWrite(new GuestPhysical(Tss + 0x66), BitmapAt);
        for (uint i = 0; i < 0x20; i++)
            m.Memory.TryWrite(new GuestPhysical(Tss + BitmapAt + i), (byte)0xff);
        m.Memory.TryWrite(new GuestPhysical(Tss + BitmapAt + (0x71 / 8)), (byte)(bitmap == 0 ? 0xff : 0xfd));
        var c = m.Cpu.State;
        c->Tr = new SegmentCache { Base = Tss, Limit = 0xff, Attributes = SegmentCache.Present | 0xb };
        c->Cpl = 3;
        m.Cpu.Eflags = 2 | (privilege << 12);
        m.Run();
        m.Traps.ShouldHaveSingleItem().Vector.ShouldBe(may ? Vectors.InvalidOpcode : Vectors.GeneralProtection);
        m.Asked.Count.ShouldBe(may ? 1 : 0);
    }

    [Fact]
    public void A_machine_without_a_bus_faults_in_every_ring()
    {
        using var m = new TestMachine();
        m.Load(a => a.@in(al, 0x71)).Run();
        m.Traps.ShouldHaveSingleItem().Vector.ShouldBe(Vectors.GeneralProtection);
    }

    [Fact]
    public void The_bus_is_asked_at_the_instruction_that_asks_and_may_stop_the_processor_there()
    {
        using var m = new BusMachine();
        ulong count = 0;
        m.OnAccess = () =>
        {
            count = m.Cpu.Instructions;
            m.Cpu.Stop();
        };
        m.Load(a =>
        {
            a.nop();
            a.nop();
            a.@out(0x80, al);
            a.nop();
        });
        m.Run();
        count.ShouldBe(2ul);
        m.Cpu.State->Eip.ShouldBe(TestMachine.CodeAt + 4);
        m.Cpu.Instructions.ShouldBe(3ul);
    }

    /// <summary>Switches paging on with the first 4 MiB as they are, but for one page.</summary>
    internal static void Page(TestMachine m, uint linear, bool present, uint? entry = null)
    {
        m.Memory.TryWrite(new GuestPhysical(0x40000), 0x41007u);
        for (uint page = 0; page < 1024; page++)
            m.Memory.TryWrite(new GuestPhysical(0x41000 + (page * 4)), (page << 12) | 7u);
        m.Memory.TryWrite(new GuestPhysical(0x41000 + ((linear >> 12) * 4)), entry ?? ((linear & ~0xfffu) | (present ? 7u : 6u)));
        var c = m.Cpu.State;
        c->Cr3 = 0x40000;
        c->Cr0 |= ControlRegisters.Cr0Paging | ControlRegisters.Cr0WriteProtect;
        m.Cpu.FlushTlb();
        m.Cpu.RefreshMode();
    }
}
