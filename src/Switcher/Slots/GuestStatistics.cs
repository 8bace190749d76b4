// What a Guest costs: counted where it happens, shown by the demo, the benchmarks and the comparison with the reference figures.

using System.Collections.Immutable;
using System.Globalization;
using Lguest.Guest.Cpu;

namespace Lguest.Switcher.Slots;

/// <summary>Counters of one Guest since its start.</summary>
/// <param name="Instructions">Retired.</param>
/// <param name="Entries">World switches into the Guest: returns from traps and slices.</param>
/// <param name="DirectHypercalls">Made by the hypercall instruction.</param>
/// <param name="QueuedHypercalls">Taken from the asynchronous ring.</param>
/// <param name="HypercallsByNumber">Direct and queued, indexed by hypercall number (0 to 19).</param>
/// <param name="PageFaults">Reflected to the Guest.</param>
/// <param name="Traps">Everything else reflected.</param>
/// <param name="Interrupts">Delivered.</param>
/// <param name="SwitchesOut">Exits to the Switcher.</param>
/// <param name="RunningNanoseconds">Time spent between world switch in and world switch out, by the Host's clock.</param>
public sealed record GuestStatistics(
    ulong Instructions,
    long Entries,
    long DirectHypercalls,
    long QueuedHypercalls,
    ImmutableArray<long> HypercallsByNumber,
    long PageFaults,
    long Traps,
    long Interrupts,
    long SwitchesOut,
    long RunningNanoseconds)
{
    /// <summary>What executed its code; never <see cref="EngineKind.Auto"/>.</summary>
    public EngineKind Engine { get; init; } = EngineKind.Interpreter;

    /// <summary>What it costs its engine beside its own memory, in bytes: decoded blocks, code of the host, and their tables. Windows are
    /// addresses, not memory.</summary>
    public long EngineBytes { get; init; }

    /// <summary>The most that <see cref="EngineBytes"/> has been.</summary>
    public long MostEngineBytes { get; init; }

    /// <summary>What its machine is, where that was asked for.</summary>
    public MachineMark? Mark { get; init; }

    /// <summary>In words, without what has a line of its own.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Entries} entries, {DirectHypercalls} direct and {QueuedHypercalls} queued hypercalls, "
        + $"{PageFaults} page faults and {Traps} other traps, {Interrupts} interrupts, {SwitchesOut} exits to the Switcher; "
        + $"{Engine} with {EngineBytes} bytes beside its memory, {MostEngineBytes} at most");

    /// <summary>Million instructions in each second that the Guest had the processor; 0 if it never had.</summary>
    public double Mips => RunningNanoseconds == 0 ? 0 : Instructions * 1e3 / RunningNanoseconds;
}
