// Two outcomes, one verdict: the table of differences says what is open and what a vendor's processors do in a way of their own, all
// else must be equal. What differs is said in words that a person can act on: the register, the bit, the byte.
using System.Text;
using Iced.Intel;
using Lguest.Guest.Tests.Native;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>Compares a processor's answer with the core's.</summary>
internal static unsafe class OutcomeComparer
{
    private const int PageFault = 14;
    private static readonly string[] _names = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"];

    /// <summary>Null if all that is defined is equal, else one line a difference.</summary>
    /// <param name="vendor">Whose processor answered.</param>
    /// <param name="given">The case.</param>
    /// <param name="instruction">Its only or last instruction.</param>
    /// <param name="image">The sandbox's data before the case.</param>
    /// <param name="host">That processor's outcome.</param>
    /// <param name="core">The core's outcome.</param>
    /// <param name="undefinedFlags">EFLAGS bits that earlier instructions left undefined.</param>
    public static string? Difference(
        Vendor vendor, in TestCase given, in Instruction instruction, ReadOnlySpan<byte> image, in TestOutcome host,
            in TestOutcome core, uint undefinedFlags = 0)
    {
        var expected = core;
        var verdict = new Verdict(in given, in instruction, image, in host, ref expected) { OpenFlags = undefinedFlags };
        Apply(vendor, ref verdict);
        StringBuilder? text = null;
        Check(ref text, "trap", (uint)host.Trap, (uint)expected.Trap);
        if (host.Trap != TestOutcomeLayout.Landed && host.Trap == expected.Trap)
        {
            Check(ref text, "error code", host.Error, expected.Error, verdict.OpenError);
            if (host.Trap == PageFault) Check(ref text, "cr2", host.Cr2, expected.Cr2);
        }
        Check(ref text, "eip", host.Eip, expected.Eip);
        for (int i = 0; i < 8; i++)
            Check(ref text, _names[i], host.Gpr[i], expected.Gpr[i], (verdict.OpenRegisters & (1 << i)) != 0 ? verdict.OpenBits : 0);
        Check(ref text, "eflags", host.Eflags, expected.Eflags, verdict.OpenFlags);
        CheckData(ref text, "ds", host.Ds, expected.Ds, verdict);
        CheckData(ref text, "es", host.Es, expected.Es, verdict);
        CheckData(ref text, "fs", host.Fs, expected.Fs, verdict);
        CheckData(ref text, "gs", host.Gs, expected.Gs, verdict);
        Check(ref text, "cs", host.Cs, expected.Cs);
        Check(ref text, "ss", host.Ss, expected.Ss);
        if (verdict.HasFpu) CheckFx(ref text, verdict);
        CheckMemory(ref text, verdict);
        return text?.ToString();
    }

    /// <summary>The answer of a vendor's processors, as the table has it from the core's; memory that a row speaks of excepted.</summary>
    public static TestOutcome Expect(
        Vendor vendor, in TestCase given, in Instruction instruction, ReadOnlySpan<byte> image, in TestOutcome core)
    {
        var expected = core;
        var verdict = new Verdict(in given, in instruction, image, in core, ref expected);
        Apply(vendor, ref verdict);
        return expected;
    }

    private static void Apply(Vendor vendor, ref Verdict verdict)
    {
        foreach (var row in DifferenceTable.For(vendor, verdict.Instruction.Mnemonic))
        {
            if (row.When(ref verdict)) row.Then(ref verdict);
        }
    }

    private static void Check(ref StringBuilder? text, string what, uint host, uint expected, uint open = 0)
    {
        if (((host ^ expected) & ~open) == 0) return;
        (text ??= new StringBuilder()).AppendLine($"    {what,-10} host {host:x8}  expected {expected:x8}{(open == 0
            ? "" : $"  open {open:x8}")}");
    }

    private static void CheckData(ref StringBuilder? text, string what, ushort host, ushort expected, in Verdict verdict)
    {
        if (verdict.NullSelectorsAreOne && host <= 3 && expected <= 3) return;
        Check(ref text, what, host, expected);
    }

    private static void CheckFx(ref StringBuilder? text, in Verdict verdict)
    {
        fixed (byte* h = verdict.Host.Fx, e = verdict.Expected.Fx)
        {
            Check(ref text, "fcw", *(ushort*)h, *(ushort*)e);
            Check(ref text, "fsw", *(ushort*)(h + Verdict.StatusAt), *(ushort*)(e + Verdict.StatusAt), verdict.OpenStatus);
            Check(ref text, "ftw", h[Verdict.TagsAt], e[Verdict.TagsAt]);
            Check(ref text, "fop", *(ushort*)(h + Verdict.OpcodeAt), *(ushort*)(e + Verdict.OpcodeAt));
            Check(ref text, "fip", *(uint*)(h + Verdict.InstructionPointerAt), *(uint*)(e + Verdict.InstructionPointerAt));
            Check(ref text, "fdp", *(uint*)(h + Verdict.OperandPointerAt), *(uint*)(e + Verdict.OperandPointerAt));
            Check(ref text, "mxcsr", *(uint*)(h + Verdict.MxcsrAt), *(uint*)(e + Verdict.MxcsrAt));
            for (int i = 0; i < 8; i++)
            {
                int at = Verdict.StackAt + (16 * i);
                var host = new ReadOnlySpan<byte>(h + at, Verdict.StackRegisterSize);
                var expected = new ReadOnlySpan<byte>(e + at, Verdict.StackRegisterSize);
                if (!(verdict.LastUnitIsOpen && i < 2
                    && Transcendental.AreClose(host, expected))) CheckBytes(ref text, $"st{i}", host, expected);
                at = Verdict.XmmAt + (16 * i);
                CheckBytes(ref text, $"xmm{i}", new ReadOnlySpan<byte>(h + at, 16), new ReadOnlySpan<byte>(e + at, 16));
            }
        }
    }

    /// <summary>Chunks that one side reports and the other does not are the image's on that other side.</summary>
    private static void CheckMemory(ref StringBuilder? text, in Verdict verdict)
    {
        if (verdict.Host.ChunkCount > TestOutcomeLayout.ChunkCapacity || verdict.Expected.ChunkCount > TestOutcomeLayout.ChunkCapacity)
        {
            Check(ref text, "chunks", (uint)verdict.Host.ChunkCount, (uint)verdict.Expected.ChunkCount);
            if (verdict.Host.ChunkCount != verdict.Expected.ChunkCount) return;
        }
        var (hostCount, expectedCount) = (Kept(verdict.Host.ChunkCount), Kept(verdict.Expected.ChunkCount));
        if (verdict.ChangedCount == 0 && verdict.OpenBytes == 0 && HasSameChunks(verdict, hostCount)) return;
        Span<byte> host = stackalloc byte[Sandbox.ChunkSize];
        Span<byte> expected = stackalloc byte[Sandbox.ChunkSize];
        var chunks = new SortedSet<uint>();
        for (int i = 0; i < hostCount; i++) chunks.Add(verdict.Host.ChunkIndex[i]);
        for (int i = 0; i < expectedCount; i++) chunks.Add(verdict.Expected.ChunkIndex[i]);
        for (uint i = 0u; i < verdict.ChangedCount; i++) AddChunkAt(chunks, verdict.ChangedFrom + i);
        foreach (uint chunk in chunks)
        {
            uint address = Sandbox.Data + (chunk * Sandbox.ChunkSize);
            Read(verdict.Host, verdict.Image, chunk, host);
            Read(verdict.Expected, verdict.Image, chunk, expected);
            for (uint i = 0u; i < Sandbox.ChunkSize; i++)
            {
                if (address + i - verdict.ChangedFrom < verdict.ChangedCount)
                    expected[(int)i] = (byte)(verdict.ChangedBytes >> (int)(8 * (address + i - verdict.ChangedFrom)));
                if (address + i - verdict.OpenFrom < verdict.OpenBytes) expected[(int)i] = host[(int)i];
            }
            CheckBytes(ref text, $"{address:x8}", host, expected);
        }
    }

    private static int Kept(int chunks) => Math.Min(chunks, TestOutcomeLayout.ChunkCapacity);

    private static void AddChunkAt(SortedSet<uint> chunks, uint address)
    {
        if (address - Sandbox.Data < Sandbox.WritableSize) chunks.Add((address - Sandbox.Data) / Sandbox.ChunkSize);
    }

    private static bool HasSameChunks(in Verdict verdict, int count)
    {
        if (verdict.Host.ChunkCount != verdict.Expected.ChunkCount) return false;
        fixed (TestOutcome* h = &verdict.Host, e = &verdict.Expected)
        {
            return new ReadOnlySpan<uint>(h->ChunkIndex, count).SequenceEqual(new ReadOnlySpan<uint>(e->ChunkIndex, count))
                && new ReadOnlySpan<byte>(h->Chunks, count * Sandbox.ChunkSize).SequenceEqual(new ReadOnlySpan<byte>(e->Chunks,
                    count * Sandbox.ChunkSize));
        }
    }

    private static void Read(in TestOutcome outcome, ReadOnlySpan<byte> image, uint chunk, Span<byte> bytes)
    {
        image.Slice((int)chunk * Sandbox.ChunkSize, Sandbox.ChunkSize).CopyTo(bytes);
        fixed (TestOutcome* o = &outcome)
        {
            for (int i = 0; i < Kept(o->ChunkCount); i++)
            {
                if (o->ChunkIndex[i] == chunk) new ReadOnlySpan<byte>(o->Chunks + (i * Sandbox.ChunkSize), Sandbox.ChunkSize).CopyTo(bytes);
            }
        }
    }

    private static void CheckBytes(ref StringBuilder? text, string what, ReadOnlySpan<byte> host, ReadOnlySpan<byte> expected)
    {
        if (host.SequenceEqual(expected)) return;
        (text ??= new StringBuilder()).AppendLine($"    {what,-10} host     {Convert.ToHexString(host)}")
            .AppendLine($"               expected {Convert.ToHexString(expected)}");
    }
}
