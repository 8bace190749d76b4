// Two outcomes, one verdict. What differs is said in words that a person can act on: the register, the bit, the byte.
using System.Text;
using Iced.Intel;
using Lguest.Guest.Tests.Native;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>Compares the host's outcome with the core's.</summary>
internal static unsafe class OutcomeComparer
{
    private static readonly string[] _names = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"];

    /// <summary>Null if all that is defined is equal, else one line a difference.</summary>
    /// <param name="given">The case.</param>
    /// <param name="instruction">Its only or last instruction.</param>
    /// <param name="host">The host's outcome.</param>
    /// <param name="core">The core's outcome.</param>
    /// <param name="undefinedFlags">EFLAGS bits that earlier instructions left undefined.</param>
    public static string? Difference(in TestCase given, in Instruction instruction, in TestOutcome host, in TestOutcome core, uint undefinedFlags = 0)
    {
        StringBuilder? text = null;
        if (UndefinedResults.OrderIsOpen(instruction, host, core)) return null;
        Check(ref text, "trap", (uint)host.Trap, (uint)core.Trap);
        if (host.Trap != TestOutcomeLayout.Landed && host.Trap == core.Trap)
        {
            Check(ref text, "error code", host.Error & UndefinedResults.DefinedError(host), core.Error & UndefinedResults.DefinedError(host));
            if (host.Trap == 14) Check(ref text, "cr2", host.Cr2, core.Cr2);
        }
        Check(ref text, "eip", host.Eip, core.Eip);
        for (var i = 0; i < 8; i++)
        {
            var defined = UndefinedResults.DefinedRegister(given, instruction, host, i);
            Check(ref text, _names[i], host.Gpr[i] & defined, core.Gpr[i] & defined);
        }
        var flags = UndefinedResults.DefinedFlags(given, instruction) & ~undefinedFlags;
        Check(ref text, "eflags", host.Eflags & flags, core.Eflags & flags);
        CheckData(ref text, "ds", host.Ds, core.Ds);
        CheckData(ref text, "es", host.Es, core.Es);
        CheckData(ref text, "fs", host.Fs, core.Fs);
        CheckData(ref text, "gs", host.Gs, core.Gs);
        Check(ref text, "cs", host.Cs, core.Cs);
        Check(ref text, "ss", host.Ss, core.Ss);
        if (given.Options.HasFlag(CaseOptions.Fx)) CheckFx(ref text, given, instruction, host, core);
        if (UndefinedResults.MemoryIsDefined(instruction, host)) CheckMemory(ref text, host, core);
        return text?.ToString();
    }

    private static void Check(ref StringBuilder? text, string what, uint host, uint core)
    {
        if (host == core) return;
        (text ??= new StringBuilder()).AppendLine($"    {what,-10} host {host:x8}  core {core:x8}");
    }

    // Data segment registers that hold a null selector: when an interrupt of the host comes between the instruction and our look at its result, IRET turns
    // selectors 1 to 3 into 0 on its way back to ring 3 (Intel SDM vol. 2, IRET). All four mean the same, so they are compared as that.
    private static void CheckData(ref StringBuilder? text, string what, ushort host, ushort core)
    {
        if (host <= 3 && core <= 3) return;
        Check(ref text, what, host, core);
    }

    private static void CheckFx(ref StringBuilder? text, in TestCase given, in Instruction instruction, in TestOutcome host, in TestOutcome core)
    {
        fixed (byte* h = host.Fx, c = core.Fx)
        {
            var status = FpuComparison.DefinedStatus(instruction, new ReadOnlySpan<byte>(h + 32, 10), new ReadOnlySpan<byte>(c + 32, 10));
            Check(ref text, "fcw", *(ushort*)h, *(ushort*)c);
            Check(ref text, "fsw", *(ushort*)(h + 2) & status, *(ushort*)(c + 2) & status);
            Check(ref text, "ftw", h[4], c[4]);
            // FOP is left out: the core makes it from the decoded operand, which does not tell how an address was encoded.
            Check(ref text, "fip", *(uint*)(h + 8), *(uint*)(c + 8));
            Check(ref text, "fdp", *(uint*)(h + 16), *(uint*)(c + 16));
            Check(ref text, "mxcsr", *(uint*)(h + 24), *(uint*)(c + 24));
            for (var i = 0; i < 8; i++)
            {
                var at = 32 + (16 * i);
                if (!FpuComparison.SameRegister(instruction, i, new ReadOnlySpan<byte>(h + at, 10), new ReadOnlySpan<byte>(c + at, 10)))
                    CheckBytes(ref text, $"st{i}", new ReadOnlySpan<byte>(h + at, 10), new ReadOnlySpan<byte>(c + at, 10));
                CheckBytes(ref text, $"xmm{i}", new ReadOnlySpan<byte>(h + at + 128, 16), new ReadOnlySpan<byte>(c + at + 128, 16));
            }
        }
    }

    private static void CheckMemory(ref StringBuilder? text, in TestOutcome host, in TestOutcome core)
    {
        Check(ref text, "chunks", (uint)host.ChunkCount, (uint)core.ChunkCount);
        if (host.ChunkCount != core.ChunkCount) return;
        fixed (byte* h = host.Chunks, c = core.Chunks)
        {
            for (var i = 0; i < Math.Min(host.ChunkCount, TestOutcomeLayout.ChunkCapacity); i++)
            {
                Check(ref text, "chunk at", Sandbox.Data + (host.ChunkIndex[i] * Sandbox.ChunkSize), Sandbox.Data + (core.ChunkIndex[i] * Sandbox.ChunkSize));
                CheckBytes(ref text, $"{Sandbox.Data + (host.ChunkIndex[i] * Sandbox.ChunkSize):x8}",
                    new ReadOnlySpan<byte>(h + (16 * i), 16), new ReadOnlySpan<byte>(c + (16 * i), 16));
            }
        }
    }

    private static void CheckBytes(ref StringBuilder? text, string what, ReadOnlySpan<byte> host, ReadOnlySpan<byte> core)
    {
        if (host.SequenceEqual(core)) return;
        (text ??= new StringBuilder()).AppendLine($"    {what,-10} host {Convert.ToHexString(host)}").AppendLine($"               core {Convert.ToHexString(core)}");
    }
}
