// What the run loop leaves for the garbage collector: nothing, or a Guest would stop now and then for reasons that it cannot know.

namespace Lguest.Bench.Machine;

/// <summary>Managed bytes allocated on the running thread, for each million Guest instructions.</summary>
internal sealed class RunLoopAllocation : IBenchmark
{
    private static readonly TimeSpan _window = TimeSpan.FromMilliseconds(500);

    public string Name => "Guest instructions, allocation in the run loop";

    // The harness itself makes a clock for each window; an allocation per slice of 2 ms would already be some thirty bytes a million.
    public Target Target { get; } = Target.AtMost(1, "bytes/million");

    public Measurement Run()
    {
        using var guest = new BenchGuest(Loops.Sieve);
        guest.RunFor(_window);
        ulong instructions = guest.Slot.Processor.Instructions;
        long bytes = GC.GetAllocatedBytesForCurrentThread();
        guest.RunFor(_window);
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;
        return Measurement.Of(bytes / ((guest.Slot.Processor.Instructions - instructions) / 1e6), $"{bytes} bytes in all");
    }
}
