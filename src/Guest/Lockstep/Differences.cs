// What it is that two processors do not have in common, in words: the first thing found, with both values.
using System.Runtime.InteropServices;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;

namespace Lguest.Guest.Lockstep;

/// <summary>Compares a processor with the interpreter's.</summary>
internal static unsafe class Differences
{
    private static readonly string[] _registers = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"];

    /// <summary>Whether it came to the trap that was expected, by the questions that were expected; null if so.</summary>
    public static string? OfWay(SecondMachine replay, TrapTold? trap)
    {
        if (replay.Astray is { } astray)
            return astray;
        if (replay.Told != trap)
            return $"it came to {Text(replay.Told)}, the other to {Text(trap)}";
        return replay.IsAtEnd ? null : "it asked the machine less than the other";
    }

    /// <summary>The state at its trap, or as it is.</summary>
    public static CpuState StateOf(Processor processor, SecondMachine replay)
    {
        var state = replay.Told is null ? *processor.State : replay.AtTrap;
        state.Retired = replay.Told is null ? processor.Instructions : replay.CountAtTrap;
        return state;
    }

    /// <summary>The first difference between two states, that of the interpreter first; null if there is none.</summary>
    public static string? OfStates(CpuState one, CpuState other)
    {
        // The same flags are the same bytes.
        Flags.SetStatus(&one, Flags.Status(&one));
        Flags.SetStatus(&other, Flags.Status(&other));
        if (one.Retired != other.Retired)
            return $"{one.Retired} instructions, translated {other.Retired}";
        if (one.Eip != other.Eip)
            return $"eip {one.Eip:x8}, translated {other.Eip:x8}";
        List<string> found = [];
        for (int i = 0; i < _registers.Length; i++)
        {
            if (one.Gpr[i] != other.Gpr[i])
                found.Add($"{_registers[i]} {one.Gpr[i]:x8}, translated {other.Gpr[i]:x8}");
        }

        uint flags = Flags.All(&one), otherFlags = Flags.All(&other);
        if (flags != otherFlags)
            found.Add($"eflags {flags:x8}, translated {otherFlags:x8}");
        ReadOnlySpan<byte> bytes = new(&one, sizeof(CpuState)), otherBytes = new(&other, sizeof(CpuState));
        int same = bytes.CommonPrefixLength(otherBytes);
        if (found.Count == 0 && same < bytes.Length)
        {
            int from = same & ~15, to = Math.Min(from + 16, bytes.Length);
            found.Add($"{FieldAt(same)}, bytes {from:x} to {to:x} of the state: {Convert.ToHexString(bytes[from..to])}, "
                + $"translated {Convert.ToHexString(otherBytes[from..to])}");
        }

        return found.Count == 0 ? null : string.Join("; ", found);
    }

    /// <summary>The first difference in the pages that either has written, the interpreter's first; null if there is none.</summary>
    public static string? OfMemories(Processor one, Processor other) =>
        OfFrames(one.Memory, other.Memory, one.Notes!.Frames) ?? OfFrames(one.Memory, other.Memory, other.Notes!.Frames);

    private static string? OfFrames(GuestMemory one, GuestMemory other, ReadOnlySpan<uint> frames)
    {
        foreach (uint frame in frames)
        {
            var page = LockstepPair.Page(one, frame);
            var otherPage = LockstepPair.Page(other, frame);
            int same = page.CommonPrefixLength(otherPage);
            if (same == page.Length)
                continue;
            int from = same & ~15;
            return $"memory from {(frame << GuestMemory.PageShift) + (uint)from:x8} on: {Convert.ToHexString(page.Slice(from, 16))}, "
                + $"translated {Convert.ToHexString(otherPage.Slice(from, 16))}";
        }

        return null;
    }

    private static string Text(TrapTold? trap) =>
        trap is { } t ? $"trap {t.Vector:x2} ({t.Cause}, error {t.Error:x}, {t.Address:x8})" : "no trap";

    private static string FieldAt(int offset) => typeof(CpuState).GetFields()
        .Select(field => (field.Name, At: (int)Marshal.OffsetOf<CpuState>(field.Name)))
        .Where(field => field.At <= offset).MaxBy(field => field.At).Name;
}
