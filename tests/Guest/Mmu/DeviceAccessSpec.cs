// Accesses to frames without RAM: each reaches the bus once, as wide as it is, in every engine, and nothing is asked before all that can
// fault has been looked at.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Tests.Cpu;
using Lguest.Guest.Tests.Execute;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Mmu;

public sealed unsafe class DeviceAccessSpec
{
    private const uint At = BusMachine.Devices + 0x10;

    public static TheoryData<EngineKind> Kinds => [EngineKind.Interpreter, EngineKind.Auto];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Loads_and_stores_of_each_width_are_one_access(EngineKind engine)
    {
        using var m = Run(engine, a =>
        {
            a.mov(al, __byte_ptr[ebx]);
            a.mov(ax, __word_ptr[ebx + 2]);
            a.mov(eax, __dword_ptr[ebx + 4]);
            a.mov(__byte_ptr[ebx], cl);
            a.mov(__word_ptr[ebx], cx);
            a.mov(__dword_ptr[ebx], ecx);
        });
        m.Asked.ShouldBe(Twice("read 100010/1", "read 100012/2", "read 100014/4", "write 100010/1=8", "write 100010/2=708",
            "write 100010/4=5060708"));
        m.Cpu.State->Gpr[0].ShouldBe(0x44332211u);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_reads_and_writes_does_each_once(EngineKind engine)
    {
        using var m = Run(engine, a =>
        {
            a.add(__dword_ptr[ebx], 1);
            a.@lock.xadd(__word_ptr[ebx], cx);
            a.xchg(__byte_ptr[ebx], dl);
            a.bts(__dword_ptr[ebx], 3);
        }, times: 1);
        m.Asked.ShouldBe(["read 100010/4", "write 100010/4=44332212", "read 100010/2", "write 100010/2=2919", "read 100010/1",
            "write 100010/1=0", "read 100010/4", "write 100010/4=44332219"]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Eight_and_sixteen_bytes_go_by_fours(EngineKind engine)
    {
        using var m = Run(engine, a =>
        {
            a.movq(mm0, __qword_ptr[ebx]);
            a.movups(__xmmword_ptr[ebx], xmm0);
        }, times: 1);
        m.Asked.ShouldBe(["read 100010/4", "read 100014/4", "write 100010/4=0", "write 100014/4=0", "write 100018/4=0",
            "write 10001c/4=0"]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_access_over_the_end_of_RAM_is_shared_out(EngineKind engine)
    {
        using var m = Run(engine, a => a.mov(__dword_ptr[BusMachine.Devices - 2], ecx), times: 1);
        m.Asked.ShouldBe(["write 100000/2=506"]);
        m.Memory.TryRead(new GuestPhysical(BusMachine.Devices - 2), out ushort low).ShouldBeTrue();
        low.ShouldBe((ushort)0x0708);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_string_reads_each_element_once_through_whatever_segment(EngineKind engine)
    {
        using var m = Run(engine, a =>
        {
            a.mov(esi, At);
            a.mov(edi, 0x20000);
            a.mov(ecx, 2);
            a.rep.movsd();
            a.mov(esi, 0x20000);
            a.mov(edi, At);
            a.movsb();
            a.mov(esi, 0x10);
            a.mov(edi, 0x20000);
            a.AddInstruction(Instruction.CreateMovsd(32, Register.FS));
        }, times: 1, prepare: m =>
        {
            m.Cpu.State->Fs = m.Cpu.State->Ds;
            m.Cpu.State->Fs.Base = BusMachine.Devices;
        });
        m.Asked.ShouldBe(["read 100010/4", "read 100014/4", "write 100010/1=11", "read 100010/4"]);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_store_that_will_fault_asks_nobody(EngineKind engine)
    {
        using var m = new BusMachine(engine);
        m.Load(a => a.mov(__dword_ptr[0x1ffffe], ecx));
        PortSpec.Page(m, 0x200000, present: false);
        m.Run();
        m.Traps.ShouldHaveSingleItem().ShouldBe((Vectors.PageFault, 2u, TrapCause.Fault, 0x200000u));
        m.Asked.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_jump_to_a_device_is_a_protection_fault(EngineKind engine)
    {
        using var m = Run(engine, a => a.jmp(ebx), times: 1);
        m.Traps.ShouldHaveSingleItem().Vector.ShouldBe(Vectors.GeneralProtection);
        m.Cpu.State->Eip.ShouldBe(At);
        m.Asked.ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Page_tables_without_RAM_read_as_all_ones(EngineKind engine)
    {
        using var m = new BusMachine(engine);
        m.Load(a => a.mov(eax, __dword_ptr[0x0040_0000]));
        PortSpec.Page(m, 0, present: true);
        m.Memory.TryWrite(new GuestPhysical(0x40004), 0xf0000007u);
        m.Run();
        m.Asked.ShouldBe(["read fffff000/4"]);
    }

    [Fact]
    public void A_frame_above_four_gigabytes_is_a_device()
    {
        using var m = new BusMachine();
        m.Load(a => a.mov(eax, __dword_ptr[0x0020_0008]));
        m.Memory.TryWrite(new GuestPhysical(0x50000), 0x51001ul);
        m.Memory.TryWrite(new GuestPhysical(0x51000), 0x87ul);
        m.Memory.TryWrite(new GuestPhysical(0x51008), 0x5_0000_0087ul);
        m.Cpu.State->Cr4 |= ControlRegisters.Cr4PhysicalAddressExtension;
        m.Cpu.State->Cr3 = 0x50000;
        m.Cpu.State->Cr0 |= ControlRegisters.Cr0Paging;
        m.Cpu.FlushTlb();
        m.Run();
        m.Asked.ShouldBe(["read 500000008/4"]);
    }

    private static string[] Twice(params string[] asked) => [.. asked, .. asked];

    /// <summary>EBX at a device, ECX 05060708; the program runs twice, so that the second time is emitted code.</summary>
    private static BusMachine Run(EngineKind engine, Action<Assembler> program, int times = 2, Action<BusMachine>? prepare = null)
    {
        BusMachine m = new(engine);
        m.Load(a =>
        {
            var again = a.CreateLabel();
            a.mov(ebp, times);
            a.Label(ref again);
            a.mov(ebx, At);
            a.mov(ecx, 0x05060708);
            program(a);
            a.dec(ebp);
            a.jnz(again);
        });
        prepare?.Invoke(m);
        m.Run();
        return m;
    }
}
