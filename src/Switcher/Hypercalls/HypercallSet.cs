// Which kernel may make which call. A number that a kernel of its family cannot know is as fatal as one that nobody knows.
using Lguest.Guest.Abi;

namespace Lguest.Switcher.Hypercalls;

/// <summary>The columns of the sheet's table 3.2 that this Host runs.</summary>
internal static class HypercallSet
{
    private const uint Common =
        (1u << (int)Hypercall.FlushAsync) | (1u << (int)Hypercall.LguestInit) | (1u << (int)Hypercall.Shutdown)
            | (1u << (int)Hypercall.NewPageTable) |
        (1u << (int)Hypercall.FlushTlb) | (1u << (int)Hypercall.LoadIdtEntry) | (1u << (int)Hypercall.SetStack)
            | (1u << (int)Hypercall.TaskSwitched) |
        (1u << (int)Hypercall.SetClockEvent) | (1u << (int)Hypercall.Halt) | (1u << (int)Hypercall.SetPageTableEntry) |
        (1u << (int)Hypercall.SetPageDirectory) | (1u << (int)Hypercall.LoadTls) | (1u << (int)Hypercall.Notify);

    private const uint Linux2623 =
        (Common & ~(1u << (int)Hypercall.Notify)) | (1u << (int)Hypercall.LoadGdt) | (1u << (int)Hypercall.BindDma)
            | (1u << (int)Hypercall.SendDma);

    private const uint Linux2624 = Common | (1u << (int)Hypercall.LoadGdt);
    private const uint Linux2630 = Common | (1u << (int)Hypercall.LoadGdtEntry);
    private const uint Linux2631 = Linux2630 | (1u << (int)Hypercall.SendInterrupts);
    private const uint Linux4 = Linux2631 & ~(1u << (int)Hypercall.Notify);
    private const uint PaeOnly = 1u << (int)Hypercall.SetPageMiddleDirectory;

    /// <summary>Hypercall numbers are below this.</summary>
    public const int Numbers = (int)Hypercall.SendInterrupts + 1;

    /// <summary>Whether a kernel of <paramref name="family"/> may make this call.</summary>
    public static bool Offers(AbiFamily family, bool pae, Hypercall number)
    {
        uint set = family switch
        {
            AbiFamily.Linux2623 => Linux2623,
            AbiFamily.Linux2624 => Linux2624,
            AbiFamily.Linux2630 => Linux2630,
            AbiFamily.Linux2631 or AbiFamily.Linux3 => Linux2631,
            AbiFamily.Linux4 => Linux4,
            _ => 0,
        };
        if (pae && family >= AbiFamily.Linux2631)
            set |= PaeOnly;
        return (uint)number < Numbers && (set & (1u << (int)number)) != 0;
    }
}
