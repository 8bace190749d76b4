// How finely a Guest's time is cut: the numbers come from configuration, the pure core only obeys.
namespace Lguest.Switcher.Slots;

/// <summary>Slices and chunks.</summary>
/// <param name="SliceNanoseconds">Longest stay in the Guest, after which mailboxes are served.</param>
/// <param name="ChunkInstructions">Instructions between two looks at the clock: the bound on how late an alarm is noticed.</param>
public sealed record RunSettings(long SliceNanoseconds, long ChunkInstructions);
