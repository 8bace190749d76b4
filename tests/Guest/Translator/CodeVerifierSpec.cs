// The verifier must accept everything that the translator emits, or it could not be switched on; and among mutations of that, thousands of
// them, it must accept none that a second, simpler reading of the code finds fault with. Blocks that are bad by hand are in
// CodeRefusalSpec.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Tests.Comparison;
using Lguest.Guest.Tests.Cpu;
using Lguest.Guest.Tests.Native;
using Lguest.Guest.Translator;
using Xunit.Abstractions;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Translator;

public sealed unsafe class CodeVerifierSpec(ITestOutputHelper output)
{
    private static readonly TranslatorSettings _everything = new(HotAfter: 0, ShortestStretch: 1, CodeBytes: 1 << 20, Verify: true);

    private const uint Function = 0x18000;

    private readonly List<(byte[] Code, ulong Address, VerifierContext Context)> _seen = [];

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_code_of_every_single_instruction_is_accepted(bool window)
    {
        SkipWithoutTranslator();
        using CoreRunner runner = new(
            EngineKind.Translator, _everything with { Windows = window, WindowAfter = 0, InstructionsAFault = 0 });
        Listen(runner.Processor);
        foreach (var form in InstructionForm.All.Where(form => form.IsImplemented))
        {
            var (image, cases, _) = Recording.Roll(form, 6);
            runner.Run(image, cases, new TestOutcome[cases.Length]);
        }

        output.WriteLine($"{_seen.Count} blocks");
        _seen.Count.ShouldBeGreaterThan(500);
        _seen.Exists(block => block.Context.HasWindow).ShouldBe(window && Engines.WindowsProblem is null);
    }

    [SkippableFact]
    public void The_code_of_rolled_programs_is_accepted()
    {
        SkipWithoutTranslator();
        RollPrograms(1_500, new Dice(7));
        output.WriteLine($"{_seen.Count} blocks, {_seen.Sum(block => block.Code.Length)} bytes");
        _seen.Count.ShouldBeGreaterThan(500);
    }

    [SkippableFact]
    public void The_code_of_a_program_with_loops_calls_and_divisions_is_accepted_and_does_its_work()
    {
        SkipWithoutTranslator();
        using var m = WithProgram();
        Listen(m.Cpu);

        m.Run(100_000);

        m.Traps.Count.ShouldBe(1);
        m.Cpu.State->Gpr[6].ShouldBe(390u);
        _seen.Count.ShouldBeGreaterThan(4);
    }

    [SkippableFact]
    public void A_mutation_that_is_accepted_still_tests_what_it_accesses()
    {
        SkipWithoutTranslator();
        RollPrograms(400, new Dice(11), windows: false);
        RollPrograms(400, new Dice(12), window: true);
        RollPrograms(400, new Dice(14));
        using var m = WithProgram();
        Listen(m.Cpu);
        m.Run(100_000);
        Dice dice = new(13);
        var (accepted, refused) = (0, 0);
        for (int i = 0; i < 20_000; i++)
        {
            var (code, address, context) = _seen[dice.Below(_seen.Count)];
            byte[] damaged = Mutate(code, dice);
            if (!CodeVerifier.TryVerify(damaged, address, context, out string why))
            {
                why.ShouldNotBeEmpty();
                refused++;
                continue;
            }

            accepted++;
            PatternReader.Fault(damaged, address).ShouldBeNull();
        }

        output.WriteLine($"{accepted} accepted, {refused} refused");
        refused.ShouldBeGreaterThan(accepted);
    }

    [SkippableFact]
    public void Most_bits_of_an_address_check_cannot_change_unnoticed()
    {
        SkipWithoutTranslator();
        using var m = new TestMachine(engine: EngineKind.Translator, settings: _everything).Load(a => a.mov(__dword_ptr[ebx + 0x100], ecx));
        m.Cpu.State->Gpr[3] = 0x20000;
        Listen(m.Cpu);
        m.Run(1);
        var (code, address, context) = _seen[0];
        int start = 0;
        while (code[start] == 0x90)
            start++;
        List<string> survivors = [];
        for (int bit = start * 8; bit < code.Length * 8; bit++)
        {
            byte[] damaged = [.. code];
            damaged[bit / 8] ^= (byte)(1 << (bit & 7));
            if (CodeVerifier.TryVerify(damaged, address, context, out _))
                survivors.Add($"{bit / 8:x}.{bit & 7}");
        }

        output.WriteLine(string.Join(' ', survivors));
        output.WriteLine($"{survivors.Count} of {(code.Length - start) * 8}");
        survivors.Count.ShouldBeLessThan((code.Length - start) * 8 / 4);
    }

    private static void SkipWithoutTranslator() =>
        Skip.IfNot(OperatingSystem.IsLinux() && System.Runtime.Intrinsics.X86.Bmi2.X64.IsSupported);

    private void Listen(Processor processor) =>
        ((TranslatorEngine)processor.Engine).Inspector!.Seen = (code, address, context) => _seen.Add((code, address, context));

    private static byte[] Mutate(byte[] code, Dice dice)
    {
        byte[] damaged = [.. code];
        int start = 0;
        while (start < code.Length - 1 && code[start] == 0x90)
            start++;
        for (int changes = 1 + dice.Below(2); changes > 0; changes--)
        {
            int at = start + dice.Below(code.Length - start);
            switch (dice.Below(4))
            {
                case 0:
                    damaged[at] = (byte)dice.Word();
                    break;
                case 1:
                    damaged[at] = dice.Pick<byte>(
                        [0x90, 0x41, 0x49, 0x4d, 0x66, 0xf0, 0x0f, 0x05, 0xc3, 0x8b, 0x89, 0x04, 0x12, 0x24, 0x64, 0x65]);
                    break;
                default:
                    damaged[at] ^= (byte)(1 << dice.Below(8));
                    break;
            }
        }

        return damaged;
    }

    /// <summary>Runs programs of instructions rolled from all forms.</summary>
    private void RollPrograms(int count, Dice dice, bool window = false, bool windows = true)
    {
        using TestMachine m = new(
            engine: EngineKind.Translator, settings: _everything with { Windows = windows, WindowAfter = 0, InstructionsAFault = 0 });
        if (window)
            m.InRing3();
        Listen(m.Cpu);
        InstructionForm[] forms = [.. InstructionForm.All.Where(form => form.IsImplemented && form.Family is Family.Integer)];
        InstructionForm[] units = [.. InstructionForm.All.Where(form => form.IsImplemented
            && form.Family is Family.X87 or Family.Mmx or Family.Sse or Family.Sse2)];
        FormEncoder encoder = new(dice);
        for (int program = 0; program < count; program++)
        {
            uint at = TestMachine.CodeAt + ((uint)program % 64 * 0x100);
            byte[] code = new byte[0x80];
            dice.Fill(code);
            int length = 0;
            while (length < code.Length - 20)
            {
                var form = dice.Pick<InstructionForm>(dice.Percent(50) ? units : forms);
                if (!encoder.TryEncode(form, at + (uint)length, out var instruction, out _))
                    continue;
                encoder.Bytes[..instruction.Length].CopyTo(code.AsSpan(length));
                length += instruction.Length;
            }

            m.Memory.TryWrite(new GuestPhysical(at), code).ShouldBeTrue();
            m.Memory.Written(new GuestPhysical(at), (uint)code.Length);
            for (int i = 0; i < 8; i++)
                m.Cpu.State->Gpr[i] = 0x40000 + (dice.Word() & 0x3ffff);
            m.Cpu.State->Eip = at;
            m.Run(1_000);
        }
    }

    private static TestMachine WithProgram()
    {
        var m = new TestMachine(engine: EngineKind.Translator, settings: _everything).Load(Program);
        // lea eax, [eax + 1]; ret
        m.Memory.TryWrite(new GuestPhysical(Function), (ReadOnlySpan<byte>)[0x8d, 0x40, 0x01, 0xc3]).ShouldBeTrue();
        return m;
    }

    private static void Program(Assembler a)
    {
        var loop = a.CreateLabel();
        var function = a.CreateLabel();
        var other = a.CreateLabel();
        var end = a.CreateLabel();
        a.mov(ebp, 20);
        a.xor(esi, esi);
        a.Label(ref loop);
        a.push(ebp);
        a.mov(eax, ebp);
        a.call(function);
        a.add(esi, eax);
        a.pop(ebp);
        a.push(__dword_ptr[esp - 4]);
        a.pop(ecx);
        a.mov(ebx, Function);
        a.lea(eax, __[ebp + 1]);
        a.call(ebx);
        a.mov(eax, ebp);
        a.mov(edx, 0);
        a.mov(ecx, 7);
        a.div(ecx);
        a.imul(edx, ecx);
        a.mov(eax, -50);
        a.cdq();
        a.idiv(ecx);
        a.shl(eax, cl);
        a.shrd(eax, edx, 5);
        a.mul(ecx);
        a.mov(__byte_ptr[0x30000], al);
        a.bts(__dword_ptr[0x30004], 3);
        a.@lock.xadd(__dword_ptr[0x30008], eax);
        a.jecxz(other);
        a.dec(ebp);
        a.jnz(loop);
        a.Label(ref other);
        a.jmp(end);
        a.Label(ref function);
        a.push(ebx);
        a.mov(ebx, eax);
        a.imul(eax, eax, 4);
        a.lea(eax, __[eax + ebx]);
        a.sub(eax, ebx);
        a.add(eax, 9);
        a.sub(eax, ebx);
        a.sub(eax, ebx);
        a.sub(eax, ebx);
        a.pop(ebx);
        a.ret();
        a.Label(ref end);
    }
}
