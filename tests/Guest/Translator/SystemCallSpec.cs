// A program of ring 3 that calls a kernel of ring 1 again and again, as under lguest: in by a gate, segment registers saved, loaded and
// brought back, out by IRET. What the processor remembers of descriptors must come to what it reads in them. So one machine has to read
// them each time, and another remembers, in emitted code too; their kernels are rolled, and both must do the same at every count.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Tests.Comparison;
using Lguest.Guest.Tests.Cpu;
using Lguest.Guest.Translator;
using Xunit.Abstractions;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Translator;

public sealed unsafe class SystemCallSpec(ITestOutputHelper output) : IDisposable
{
    private const uint Tables = 0xffc00000;
    private const uint GdtAt = 0x800;
    private const uint TssAt = 0x900;
    private const uint KernelAt = 0x18000;
    private const uint KernelStack = 0x30000;
    private const uint UserStack = 0x28000;
    private const uint Data = 0x40000;
    private const int KernelCode = 0x09;
    private const int KernelData = 0x11;
    private const int UserCode = 0x1b;
    private const int UserData = 0x23;
    private const int Thread = 0x2b;
    private const int PerCpu = 0x31;
    private const int Small = 0x3b;
    private const int Host = 0x40;
    private const int Absent = 0x4b;
    private const int ThreadEntry = Thread >> 3;
    private static readonly AssemblerRegisterSegment[] _data = [ds, es, fs, gs];
    private readonly List<NativePages> _pages = [];
    private readonly List<(byte[] Code, ulong Address, VerifierContext Context)> _seen = [];

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(2)]
    public void What_is_remembered_of_descriptors_is_what_is_in_them(uint hotAfter)
    {
        Skip.IfNot(Engines.TranslatorProblem is null, $"this host has no translator: {Engines.TranslatorProblem}");
        Dice dice = new(ComparisonBench.Seed + 100 + hotAfter);
        output.WriteLine($"seed {ComparisonBench.Seed}");
        for (int i = 0; i < 60; i++)
        {
            using TestMachine left = new(engine: EngineKind.Interpreter);
            using TestMachine right = new(
                engine: EngineKind.Translator, settings: new TranslatorSettings(hotAfter, 1, CodeBytes: 1 << 20, Verify: true));
            Prepare(left);
            Prepare(right);
            ((TranslatorEngine)right.Cpu.Engine).Inspector!.Seen = (code, address, context) => _seen.Add((code, address, context));
            byte[] kernel = Kernel(dice);
            left.Memory.TryWrite(new GuestPhysical(KernelAt), kernel).ShouldBeTrue();
            right.Memory.TryWrite(new GuestPhysical(KernelAt), kernel).ShouldBeTrue();
            for (int slice = 0; slice < 300 && left.Traps.Count == 0; slice++)
            {
                long instructions = dice.Percent(70) ? 1 : 1 + dice.Below(100);
                left.Cpu.ForgetDescriptors();
                left.Run(instructions);
                right.Run(instructions);
                LockstepSpec.Difference(left, right).ShouldBeNull($"program {i}, slice {slice}, seed {ComparisonBench.Seed}");
                if (dice.Percent(3))
                    ChangeThread(dice, left, right);
            }
        }

        _seen.Count(block => IsLoad(block.Code)).ShouldBeGreaterThan(50);
    }

    [SkippableFact]
    public void A_mutation_of_a_load_that_is_accepted_still_tests_what_it_accesses()
    {
        What_is_remembered_of_descriptors_is_what_is_in_them(0);
        var loads = _seen.Where(block => IsLoad(block.Code)).ToList();
        Dice dice = new(17);
        int refused = 0;
        for (int i = 0; i < 5_000; i++)
        {
            var (code, address, context) = loads[dice.Below(loads.Count)];
            byte[] damaged = [.. code];
            damaged[dice.Below(code.Length)] ^= (byte)(1 << dice.Below(8));
            if (CodeVerifier.TryVerify(damaged, address, context, out _))
                PatternReader.Fault(damaged, address).ShouldBeNull();
            else
                refused++;
        }

        output.WriteLine($"{loads.Count} blocks, {refused} of 5000 mutations refused");
        refused.ShouldBeGreaterThan(2_500);
    }

    [SkippableFact]
    public void A_load_after_the_machine_has_changed_a_descriptor_finds_the_new_one()
    {
        Skip.IfNot(Engines.TranslatorProblem is null, $"this host has no translator: {Engines.TranslatorProblem}");
        using TestMachine m = new(engine: EngineKind.Translator, settings: new TranslatorSettings(HotAfter: 2, ShortestStretch: 1));
        Prepare(m);
        Assembler a = new(32);
        a.mov(ecx, Thread);
        a.mov(gs, ecx);
        a.iretd();
        m.Memory.TryWrite(new GuestPhysical(KernelAt), Bytes(a)).ShouldBeTrue();
        m.Run(1000).Cpu.State->Gs.Base.ShouldBe(0x50000u);
        Gdt()[ThreadEntry] = Descriptor(0x51000, 0xf3);
        m.Cpu.ForgetDescriptors();
        m.Run(1000).Cpu.State->Gs.Base.ShouldBe(0x51000u);
    }

    public void Dispose() => _pages.ForEach(page => page.Dispose());

    /// <summary>Whether a block copies what was noted into a segment register.</summary>
    private static bool IsLoad(byte[] code)
    {
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(code));
        while (decoder.IP < (ulong)code.Length)
        {
            var i = decoder.Decode();
            if (i.Code == Code.Mov_rm64_r64 && i.Op0Kind == OpKind.Memory && i.MemoryBase == Register.R14
                && (long)i.MemoryDisplacement64 >= CodeSketch.EsBase && (long)i.MemoryDisplacement64 <= CodeSketch.EsBase + (5 * 16) + 8)
                return true;
        }

        return false;
    }

    private ulong* Gdt() => (ulong*)(_pages[^1].Base + GdtAt);

    /// <summary>Another base for the thread's segment, as a kernel has it at each switch of threads.</summary>
    private void ChangeThread(Dice dice, params ReadOnlySpan<TestMachine> machines)
    {
        ulong descriptor = Descriptor(0x50000 + (uint)dice.Below(0x1000), 0xf3);
        for (int i = 0; i < 2; i++)
            ((ulong*)(_pages[^(1 + i)].Base + GdtAt))[ThreadEntry] = descriptor;
        foreach (var machine in machines)
            machine.Cpu.ForgetDescriptors();
    }

    private static ulong Descriptor(uint start, byte access) => 0x00cf_0000_0000_ffff | ((ulong)(start & 0xffffff) << 16)
        | ((ulong)access << 40) | ((ulong)(start >> 24) << 56);

    /// <summary>Tables in a page of the machine's, and a program in ring 3.</summary>
    private void Prepare(TestMachine m)
    {
        NativePages page = new(GuestMemory.PageSize);
        _pages.Add(page);
        ulong* gdt = Gdt(), idt = (ulong*)page.Base;
        gdt[KernelCode >> 3] = Descriptor(0, 0xbb);
        gdt[KernelData >> 3] = Descriptor(0, 0xb3);
        gdt[UserCode >> 3] = Descriptor(0, 0xfb);
        gdt[UserData >> 3] = Descriptor(0, 0xf3);
        gdt[ThreadEntry] = Descriptor(0x50000, 0xf3);
        gdt[PerCpu >> 3] = Descriptor(0x60000, 0xb3);
        gdt[Small >> 3] = 0x0040_f300_0000_0fff | (4UL << 48);
        gdt[Host >> 3] = Descriptor(0, 0x9b);
        gdt[Absent >> 3] = Descriptor(0, 0x73);
        for (int vector = 0; vector < 64; vector++)
            idt[vector] = ((ulong)Host << 16) | (0x8eUL << 40);
        idt[0x80] = (KernelAt & 0xffff) | ((ulong)KernelCode << 16) | (0xefUL << 40) | ((ulong)(KernelAt >> 16) << 48);
        *(uint*)(page.Base + TssAt + 12) = KernelStack;
        *(uint*)(page.Base + TssAt + 16) = KernelData;
        m.Cpu.MapWindow(new GuestVirtual(Tables), page.Base, GuestMemory.PageSize);
        var c = m.Cpu.State;
        (c->IdtBase, c->IdtLimit, c->GdtBase, c->GdtLimit) = (Tables, 0x407, Tables + GdtAt, 0x4f);
        c->Tr = new SegmentCache { Base = Tables + TssAt, Limit = 0x67, Selector = 8, Attributes = 0x8b };
        m.InRing3();
        m.Cpu.SetFlatSegment(SegmentRegister.Cs, UserCode, true, 3);
        m.Load(a =>
        {
            var again = a.CreateLabel();
            a.Label(ref again);
            foreach (var (register, selector) in new[] { (ds, UserData), (es, UserData), (fs, 0), (gs, Thread) })
            {
                a.mov(ecx, selector);
                a.mov(register, ecx);
            }

            a.inc(esi);
            a.@int(0x80);
            a.add(edi, eax);
            a.adc(__dword_ptr[Data], esi);
            a.jmp(again);
        });
        c->Gpr[4] = UserStack;
    }

    /// <summary>A way into the kernel and out of it, with loads of all kinds in between.</summary>
    private static byte[] Kernel(Dice dice)
    {
        Assembler a = new(32);
        AssemblerRegisterSegment[] saved = [.. _data.OrderBy(_ => dice.Word())];
        foreach (var register in saved)
            a.push(register);
        a.push(eax);
        a.push(edx);
        for (int i = 4 + dice.Below(12); i > 0; i--)
            Roll(a, dice);
        a.pop(edx);
        a.pop(eax);
        foreach (var register in saved.Reverse())
            Pop(a, register);
        a.iretd();
        return Bytes(a);
    }

    private static void Roll(Assembler a, Dice dice)
    {
        var register = dice.Pick<AssemblerRegisterSegment>(_data);
        int selector = dice.Percent(2) ? dice.Pick<int>([Absent, KernelCode, 0x1003, Small])
            : register == ds || register == es ? dice.Pick<int>([UserData, UserData, KernelData])
            : dice.Pick<int>([UserData, 0, PerCpu, PerCpu, Thread]);
        switch (dice.Below(9))
        {
            case 0:
                a.mov(edx, selector);
                a.mov(register, edx);
                break;
            case 1:
                a.mov(eax, selector | 0x5a0000);
                a.mov(register, ax);
                break;
            case 2:
                a.mov(__dword_ptr[Data + 16], selector);
                a.add(eax, edx);
                a.mov(register, __word_ptr[Data + 16]);
                break;
            case 3:
                a.push(selector);
                a.push(edx);
                a.pop(eax);
                Pop(a, register);
                break;
            case 4:
                a.push(register);
                a.push(dice.Pick<AssemblerRegisterSegment>([ds, es, ss, cs]));
                a.pop(eax);
                a.pop(edx);
                break;
            case 5:
                a.mov(dice.Pick<AssemblerRegister32>([eax, edx, edi]), register);
                break;
            case 6:
                a.mov(dice.Pick<AssemblerRegister16>([ax, dx]), register);
                break;
            case 7:
                a.sub(eax, 0x123);
                a.sbb(__dword_ptr[Data + 32], edx);
                break;
            default:
                a.adc(eax, dice.Pick<AssemblerMemoryOperand>([__dword_ptr.es[Data + 32], __dword_ptr[Data + 36], __dword_ptr.ss[Data]]));
                break;
        }
    }

    private static void Pop(Assembler a, AssemblerRegisterSegment register)
    {
        if (register == ds)
            a.db(0x1f);
        else if (register == es)
            a.db(0x07);
        else
            a.pop(register);
    }

    private static byte[] Bytes(Assembler a)
    {
        using MemoryStream stream = new();
        a.Assemble(new StreamCodeWriter(stream), KernelAt);
        return stream.ToArray();
    }
}
