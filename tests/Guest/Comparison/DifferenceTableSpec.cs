// A table of excuses needs a judge of its own: each bit of an answer that no row opens is flipped once, under both vendors' rules, and
// the comparison must see it.
using Iced.Intel;
using Lguest.Guest.Tests.Native;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Comparison;

public sealed unsafe class DifferenceTableSpec : IDisposable
{
    /// <summary>Status flags, TF, DF, NT, AC and ID: what is compared where the manuals define it.</summary>
    private const uint Flags = StatusFlags.All | 0x100 | 0x400 | 0x4000 | 0x4_0000 | 0x20_0000;
    private const ushort AllMasked = 0x37f;
    private const ushort NoneMasked = 0x340;

    private readonly CoreRunner _core = new();
    private readonly byte[] _image = OperandBytes.Image(new Dice(5));

    private static readonly Dictionary<string, (Action<Assembler> Code, ushort Control)> _cases = new()
    {
        ["add eax, ecx"] = (a => a.add(eax, ecx), AllMasked),
        ["mov [data], eax"] = (a => a.mov(__dword_ptr[Sandbox.Data + 0x104], eax), AllMasked),
        ["mov eax, [nothing]"] = (a => a.mov(eax, __dword_ptr[Sandbox.DataEnd + 8]), AllMasked),
        ["mov [read-only], eax"] = (a => a.mov(__dword_ptr[Sandbox.ReadOnly], eax), AllMasked),
        ["hlt"] = (a => a.hlt(), AllMasked),
        ["paddd xmm1, xmm2"] = (a => a.paddd(xmm1, xmm2), AllMasked),
        ["fadd st0, st1"] = (a => a.fadd(st0, st1), AllMasked),
        ["fld dword [data]"] = (a => a.fld(__dword_ptr[Sandbox.Data + 0x20]), AllMasked),
        ["fdiv st0, st1, unmasked"] = (a => a.fdiv(st0, st1), NoneMasked),
        ["fadd dword [data], unmasked"] = (a => a.fadd(__dword_ptr[Sandbox.Data + 0x20]), NoneMasked),
        ["paddb mm1, mm2"] = (a => a.paddb(mm1, mm2), AllMasked),
    };

    public void Dispose() => _core.Dispose();

    public static TheoryData<string, string> Cases
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string name in _cases.Keys)
            {
                foreach (string vendor in Enum.GetNames<Vendor>()) data.Add(name, vendor);
            }
            return data;
        }
    }

    [Fact]
    public void Each_row_says_what_differs_where_both_manuals_speak_of_it_and_what_the_core_does()
    {
        foreach (var row in DifferenceTable.Rows)
        {
            foreach (string text in (string[])[row.Instructions, row.What, row.Core]) text.ShouldNotBeNullOrWhiteSpace();
            row.Sdm.ShouldStartWith("vol. ", Case.Sensitive, row.What);
            row.Apm.ShouldStartWith("vol. ", Case.Sensitive, row.What);
        }
    }

    [Fact]
    public void An_unknown_vendor_gets_only_what_the_manuals_leave_open()
    {
        foreach (var mnemonic in Enum.GetValues<Mnemonic>())
            DifferenceTable.For(Vendor.Unknown, mnemonic).ShouldAllBe(row => row.Only == null);
        HostVendor.Of("CentaurHauls").ShouldBe(Vendor.Unknown);
        HostVendor.Of("GenuineIntel").ShouldBe(Vendor.Intel);
        HostVendor.Of("AuthenticAMD").ShouldBe(Vendor.Amd);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_flipped_bit_of_what_is_defined_is_seen(string name, string vendorName)
    {
        var vendor = Enum.Parse<Vendor>(vendorName);
        var (given, instruction) = Make(_cases[name].Code, _cases[name].Control);
        var core = Ask(given);
        var right = OutcomeComparer.Expect(vendor, given, instruction, _image, core);
        OutcomeComparer.Difference(vendor, given, instruction, _image, right, core).ShouldBeNull();

        foreach (var (what, at, bits) in Places(right))
        {
            for (int bit = 0; bit < bits; bit++)
            {
                var wrong = right;
                ((byte*)&wrong)[at + (bit / 8)] ^= (byte)(1 << (bit % 8));
                if (what == "eflags" && ((Flags >> bit) & 1) == 0) continue;
                OutcomeComparer.Difference(vendor, given, instruction, _image, wrong, core).ShouldNotBeNull($"{what}, bit {bit}");
            }
        }
    }

    [Theory]
    [InlineData("add eax, ecx", 0)]
    [InlineData("and eax, ecx", StatusFlags.Adjust)]
    [InlineData("shl eax, 1", StatusFlags.Adjust)]
    [InlineData("shl eax, 3", StatusFlags.Adjust | StatusFlags.Overflow)]
    [InlineData("shl ax, 17", StatusFlags.Adjust | StatusFlags.Overflow | StatusFlags.Carry)]
    [InlineData("sar ax, 17", StatusFlags.Adjust | StatusFlags.Overflow)]
    [InlineData("rol eax, 1", 0)]
    [InlineData("rol eax, 3", StatusFlags.Overflow)]
    [InlineData("shld eax, ecx, 3", StatusFlags.Adjust | StatusFlags.Overflow)]
    [InlineData("shld ax, cx, 16", StatusFlags.Adjust | StatusFlags.Overflow)]
    [InlineData("shld ax, cx, 17", StatusFlags.All)]
    [InlineData("mul ecx", StatusFlags.Sign | StatusFlags.Zero | StatusFlags.Adjust | StatusFlags.Parity)]
    [InlineData("bsf eax, ecx", StatusFlags.All & ~StatusFlags.Zero)]
    public void Just_those_flags_are_open_that_the_manual_leaves_open(string name, uint open)
    {
        var (given, instruction) = Make(_flagCases[name], AllMasked);
        var core = Ask(given);
        foreach (var vendor in Enum.GetValues<Vendor>())
        {
            uint unseen = 0u;
            for (int bit = 0; bit < 32; bit++)
            {
                var other = OutcomeComparer.Expect(vendor, given, instruction, _image, core);
                other.Eflags ^= 1u << bit;
                if (OutcomeComparer.Difference(vendor, given, instruction, _image, other, core) is null) unseen |= 1u << bit;
            }
            unseen.ShouldBe(open | ~Flags, vendor.ToString());
        }
    }

    private static readonly Dictionary<string, Action<Assembler>> _flagCases = new()
    {
        ["add eax, ecx"] = a => a.add(eax, ecx),
        ["and eax, ecx"] = a => a.and(eax, ecx),
        ["shl eax, 1"] = a => a.shl(eax, 1),
        ["shl eax, 3"] = a => a.shl(eax, 3),
        ["shl ax, 17"] = a => a.shl(ax, 17),
        ["sar ax, 17"] = a => a.sar(ax, 17),
        ["rol eax, 1"] = a => a.rol(eax, 1),
        ["rol eax, 3"] = a => a.rol(eax, 3),
        ["shld eax, ecx, 3"] = a => a.shld(eax, ecx, 3),
        ["shld ax, cx, 16"] = a => a.shld(ax, cx, 16),
        ["shld ax, cx, 17"] = a => a.shld(ax, cx, 17),
        ["mul ecx"] = a => a.mul(ecx),
        ["bsf eax, ecx"] = a => a.bsf(eax, ecx),
    };

    /// <summary>Fields of an outcome that a comparison looks at: name, offset in the record, bits.</summary>
    private static IEnumerable<(string What, int At, int Bits)> Places(TestOutcome outcome)
    {
        for (int i = 0; i < 8; i++) yield return ($"register {i}", 4 * i, 32);
        yield return ("eflags", TestOutcomeLayout.Eflags, 32);
        for (int i = 0; i < 6; i++) yield return ($"segment {i}", TestOutcomeLayout.Ds + (2 * i), 16);
        yield return ("trap", TestOutcomeLayout.Trap, 32);
        if (outcome.Trap != TestOutcomeLayout.Landed) yield return ("error", TestOutcomeLayout.Error, 32);
        yield return ("eip", TestOutcomeLayout.Eip, 32);
        if (outcome.Trap == 14) yield return ("cr2", TestOutcomeLayout.Cr2, 32);
        (string, int, int)[] words =
            [("fcw", 0, 16), ("fsw", 2, 16), ("ftw", 4, 8), ("fop", 6, 16), ("fip", 8, 32), ("fdp", 16, 32), ("mxcsr", 24, 32)];
        foreach (var (what, at, bits) in words) yield return (what, TestOutcomeLayout.Fx + at, bits);
        for (int i = 0; i < 8; i++) yield return ($"st{i}", TestOutcomeLayout.Fx + 32 + (16 * i), 80);
        for (int i = 0; i < 8; i++) yield return ($"xmm{i}", TestOutcomeLayout.Fx + 160 + (16 * i), 128);
        for (int i = 0; i < outcome.ChunkCount; i++) yield return ($"chunk {i}", TestOutcomeLayout.Chunks + (Sandbox.ChunkSize * i), 128);
    }

    private static (TestCase Given, Instruction Instruction) Make(Action<Assembler> write, ushort control)
    {
        var assembler = new Assembler(32);
        write(assembler);
        using var bytes = new MemoryStream();
        assembler.Assemble(new StreamCodeWriter(bytes), Sandbox.Code + 0x100);
        var given = CaseBuilder.Create(bytes.ToArray());
        given.Fs = Sandbox.LimitedSelector;
        given.Gs = Sandbox.ExpandDownSelector;
        given.Gpr[0] = 0x1234_5678;
        given.Gpr[1] = 0x9abc_def1;
        byte[] fx = new byte[512];
        FpuStates.Roll(new Dice(9), fx);
        BitConverter.TryWriteBytes(fx.AsSpan(0), control);
        BitConverter.TryWriteBytes(fx.AsSpan(2), (ushort)0);
        fx[4] = 0x7f; // one register is free to be pushed to
        ((ReadOnlySpan<byte>)[1, 0, 0, 0, 0, 0, 0, 0x80, 0xff, 0x3f]).CopyTo(fx.AsSpan(32));
        ((ReadOnlySpan<byte>)[3, 0, 0, 0, 0, 0, 0, 0xc0, 0x00, 0x40]).CopyTo(fx.AsSpan(48));
        CaseBuilder.SetFx(ref given, fx);
        var decoder = Iced.Intel.Decoder.Create(32, new ByteArrayCodeReader(bytes.ToArray()), Sandbox.Code + 0x100);
        return (given, decoder.Decode());
    }

    private TestOutcome Ask(TestCase given)
    {
        var outcomes = new TestOutcome[1];
        _core.Run(_image, [given], outcomes);
        return outcomes[0];
    }
}
