// Code that changes while it is known in decoded form: by a device in the middle of decoding, by the instruction in front of it, by a page
// table. The core must never execute what was there before, and an instruction that rewrites its own block must itself come to its proper
// end.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Cpu;

public sealed unsafe class ChangedCodeSpec
{
    private const uint Function = 0x18003;
    private const uint FunctionValue = Function + 1;
    private const uint FunctionNoise = Function + 6;
    private const uint Published = 0x20000;
    private const uint Laps = 0x20040;

    /// <summary>Milliseconds after which a loop is taken for endless.</summary>
    private const long Patience = 120_000;

    [Fact]
    public void What_a_device_has_written_into_code_before_it_said_so_is_what_is_executed()
    {
        const uint Rounds = 500;
        using var m = new TestMachine().Load(a =>
        {
            // Each lap makes the core forget the function, lets it decode it once more, looks at what the device has announced, and calls
            // again.
            var lap = a.CreateLabel();
            var stale = a.CreateLabel();
            var end = a.CreateLabel();
            a.Label(ref lap);
            a.inc(__byte_ptr[FunctionNoise]);
            a.call(Function);
            a.mov(ebx, __dword_ptr[Published]);
            a.call(Function);
            a.cmp(eax, ebx);
            a.jb(stale);
            a.inc(__dword_ptr[Laps]);
            a.cmp(ebx, Rounds);
            a.jb(lap);
            a.jmp(end);
            a.Label(ref stale);
            a.mov(esi, 1);
            a.Label(ref end);
        });

        // mov eax, value; mov dl, noise; ret. The value is aligned, so it is never seen half.
        m.Memory.TryWrite(new GuestPhysical(Function), (ReadOnlySpan<byte>)[0xb8, 0, 0, 0, 0, 0xb2, 0, 0xc3]).ShouldBeTrue();
        uint* published = (uint*)(m.Memory.Base + Published);
        uint* laps = (uint*)(m.Memory.Base + Laps);
        int ended = 0;
        Thread device = new(() =>
        {
            for (uint round = 1; round <= Rounds; round++)
            {
                Thread.SpinWait((int)(round % 97));
                m.Memory.TryWrite(new GuestPhysical(FunctionValue), round);
                Volatile.Write(ref *published, round);
                uint lap = Volatile.Read(ref *laps);
                SpinWait spin = default;
                while (Volatile.Read(ref *laps) == lap && Volatile.Read(ref ended) == 0)
                    spin.SpinOnce(-1);
            }
        });
        device.Start();
        long begin = Environment.TickCount64;
        do
            m.Cpu.Run(100_000);
        while (m.Traps.Count == 0 && Environment.TickCount64 - begin < Patience);
        Volatile.Write(ref ended, 1);
        device.Join();
        m.Traps.ShouldNotBeEmpty("the Guest goes round in circles");

        m.Cpu.State->Gpr[6].ShouldBe(0u, $"the core called what was there before, in round {m.Cpu.State->Gpr[3]}: {m.Cpu.State->Gpr[0]}");
    }

    [Fact]
    public void A_wish_for_attention_is_never_lost_while_an_earlier_one_is_being_served()
    {
        const int Rounds = 4_000;
        Listener listener = new();
        using GuestMemory memory = new(1 << 20);
        using Processor cpu = new(memory, listener) { HostOwnsRing0 = true };
        memory.TryWrite(new GuestPhysical(TestMachine.CodeAt), (ReadOnlySpan<byte>)[0xeb, 0xfe]).ShouldBeTrue();
        cpu.State->Eip = TestMachine.CodeAt;
        int lost = 0;
        int ended = 0;
        int stopped = 0;
        Thread others = new(() =>
        {
            for (int round = 1; round <= Rounds; round++)
            {
                cpu.RequestPoll();
                Thread.SpinWait(round % 23);
                Volatile.Write(ref listener.Wanted, round);
                cpu.RequestPoll();
                SpinWait spin = default;
                for (long begin = Environment.TickCount64; Volatile.Read(ref listener.Heard) != round; spin.SpinOnce(-1))
                {
                    if (Environment.TickCount64 - begin < 10_000 && Volatile.Read(ref stopped) == 0)
                        continue;
                    lost++;
                    round = Rounds;
                    break;
                }
            }

            Volatile.Write(ref ended, 1);
        });
        others.Start();
        for (long begin = Environment.TickCount64; Volatile.Read(ref ended) == 0 && Environment.TickCount64 - begin < Patience;)
            cpu.Run(1_000_000);
        Volatile.Write(ref stopped, 1);
        others.Join();

        lost.ShouldBe(0);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_locked_instruction_that_rewrites_the_next_one_goes_on_with_the_new_one(bool exchanges)
    {
        using var m = new TestMachine().Load(a =>
        {
            // The imm32 of MOV EAX lies one byte after the end of an instruction of 8 (LOCK ADD) or 6 (XCHG) bytes.
            if (exchanges)
                a.xchg(__dword_ptr[TestMachine.CodeAt + 7], ecx);
            else
                a.@lock.add(__dword_ptr[TestMachine.CodeAt + 9], 6);
            a.mov(eax, 1);
        });
        m.Cpu.State->Gpr[1] = 7;

        m.Run(100);

        m.Cpu.State->Gpr[0].ShouldBe(7u);
        m.Cpu.Instructions.ShouldBe(2ul);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_string_instruction_without_prefix_that_rewrites_the_next_one_leaves_the_counter_alone(bool moves)
    {
        using var m = new TestMachine().Load(a =>
        {
            a.mov(edi, TestMachine.CodeAt + 7);
            if (moves)
                a.movsb();
            else
                a.stosb();
            a.mov(bl, 1);
        });
        m.Memory.TryWrite(new GuestPhysical(Published), (byte)5).ShouldBeTrue();
        m.Cpu.State->Gpr[0] = 5;
        m.Cpu.State->Gpr[1] = 9;
        m.Cpu.State->Gpr[6] = Published;

        m.Run(100);

        m.Cpu.State->Gpr[3].ShouldBe(5u);
        m.Cpu.State->Gpr[1].ShouldBe(9u);
    }

    [Theory]
    [InlineData(0x1803e, 0x18040, "the second of two granules")]
    [InlineData(0x18ffe, 0x19000, "the second of two pages")]
    [InlineData(0x180bf, 0x180bd, "the first of two granules")]
    [InlineData(0x18fff, 0x18ffd, "the first of two pages")]
    public void A_store_across_a_border_forgets_code_on_either_side_of_it(uint store, uint function, string where)
    {
        // MOV EAX, imm32; RET. The store writes four bytes, of which some are the immediate's; what it writes elsewhere is what is there.
        using var m = new TestMachine().Load(a =>
        {
            a.call(function);
            a.mov(ebx, eax);
            a.mov(__dword_ptr[store], ecx);
            a.call(function);
        });
        byte[] before = [0x90, 0x90, 0x90, 0xb8, 1, 1, 1, 1, 0xc3, 0x90, 0x90, 0x90];
        m.Memory.TryWrite(new GuestPhysical(function - 3), before).ShouldBeTrue();
        byte[] stored = new byte[4];
        m.Memory.TryRead(new GuestPhysical(store), stored).ShouldBeTrue();
        for (int i = 0; i < stored.Length; i++)
        {
            if (stored[i] == 1)
                stored[i] = 2;
        }

        m.Cpu.State->Gpr[1] = BitConverter.ToUInt32(stored);

        m.Run(1_000);

        m.Cpu.State->Gpr[3].ShouldBe(0x01010101u);
        m.Memory.TryRead(new GuestPhysical(function + 1), out uint immediate).ShouldBeTrue();
        immediate.ShouldNotBe(0x01010101u);
        m.Cpu.State->Gpr[0].ShouldBe(immediate, where);
    }

    [Fact]
    public void An_instruction_across_two_pages_is_read_anew_when_its_second_page_becomes_another()
    {
        const uint Directory = 0x40000;
        const uint Table = 0x41000;
        const uint Crossing = 0x11ffe;
        using TestMachine m = new(1 << 20);
        m.Memory.TryWrite(new GuestPhysical(Directory), Table | 7).ShouldBeTrue();
        for (uint frame = 0; frame < 256; frame++)
            m.Memory.TryWrite(new GuestPhysical(Table + (frame * 4)), (frame << 12) | 7).ShouldBeTrue();

        // JMP rel32, one byte of the distance in the first page, three in the second: to 0x14003 by one frame, to 0x15003 by the other.
        m.Memory.TryWrite(new GuestPhysical(Crossing), (ReadOnlySpan<byte>)[0xe9, 0x00, 0x20, 0x00, 0x00]).ShouldBeTrue();
        m.Memory.TryWrite(new GuestPhysical(0x22000), (ReadOnlySpan<byte>)[0x30, 0x00, 0x00]).ShouldBeTrue();
        m.Memory.TryWrite(new GuestPhysical(0x14003), (ReadOnlySpan<byte>)[0xb0, 0x01, 0x0f, 0x0b]).ShouldBeTrue();
        m.Memory.TryWrite(new GuestPhysical(0x15003), (ReadOnlySpan<byte>)[0xb0, 0x02, 0x0f, 0x0b]).ShouldBeTrue();
        m.Cpu.State->Cr3 = Directory;
        m.Cpu.State->Cr0 |= ControlRegisters.Cr0Paging;
        m.Cpu.FlushTlb();
        m.Cpu.State->Eip = Crossing;
        m.Run(100);
        m.Cpu.State->Gpr[0].ShouldBe(1u);

        m.Memory.TryWrite(new GuestPhysical(Table + (0x12 * 4)), 0x22007u).ShouldBeTrue();
        m.Cpu.FlushTlbPage(new GuestVirtual(0x12000));
        m.Cpu.State->Eip = Crossing;
        m.Run(100);

        m.Cpu.State->Gpr[0].ShouldBe(2u);
    }

    /// <summary>Notes at each poll what it finds.</summary>
    private sealed class Listener : IMachine
    {
        public int Wanted;
        public int Heard;

        public void Trap(Processor processor, byte vector, uint errorCode, TrapCause cause, GuestVirtual address) => processor.Stop();

        public void Poll(Processor processor) => Volatile.Write(ref Heard, Volatile.Read(ref Wanted));

        public bool AcceptEntry(Processor processor, PagingLevel level, ulong entry, GuestVirtual address) => true;

        public ulong ReadTimeStamp(Processor processor) => 0;
    }
}
