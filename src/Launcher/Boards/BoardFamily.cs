// What each family of machines can have. This table is the one place that tells them apart: the Launcher makes the board of a family and
// asks no further, and what a Guest is to have is held against its family by one set of rules (BoardRules), for the command line as for
// topologies.

using Lguest.Devices;
using Lguest.Guest.Memory;
using Lguest.Launcher.Images;
using Lguest.Net.Frames;

namespace Lguest.Launcher.Boards;

/// <summary>A family of machines. The values that are not said are those of a machine that can have everything.</summary>
/// <param name="Board">What it is called on the command line, a word of <see cref="Words"/>.</param>
/// <param name="Kernels">What its kernels are called.</param>
/// <param name="Make">Makes the board for a kernel of the family, with what was asked for.</param>
internal sealed record BoardFamily(string Board, string Kernels, Func<KernelFile, byte[], LauncherOptions, IBoard> Make)
{
    /// <summary>A machine that lguest's kernels know.</summary>
    public const string Lguest = "lguest";

    /// <summary>A plain PC.</summary>
    public const string Pc = "pc";

    /// <summary>The words of <c>--board</c>.</summary>
    public static IReadOnlyList<string> Words { get; } = [Lguest, Pc];

    /// <summary>Whether its kernels have a driver for an entropy source.</summary>
    public bool HasEntropy { get; private init; } = true;

    /// <summary>Whether its kernels can have a driver for folders of the host.</summary>
    public bool HasFolders { get; private init; } = true;

    /// <summary>Whether it has cards on shared pages.</summary>
    public bool HasSharedPages { get; private init; }

    /// <summary>Whether its kernels choose their hardware address themselves, one for all cards, out of the Guest's number.</summary>
    public bool ChoosesAddress { get; private init; }

    /// <summary>The largest packet of its cards.</summary>
    public int MostMtu { get; private init; } = ushort.MaxValue;

    /// <summary>The most memory, in megabytes. An lguest Guest's leaves the last gigabyte of 32 bits to devices and to the Switcher's
    /// reserved top (ABI sheet 1.1); a PC's goes on behind its hole.</summary>
    public int MostMegabytes { get; private init; } = 3072;

    /// <summary>Whether its kernels can be entered in several ways.</summary>
    public bool HasDoors { get; private init; }

    /// <summary>Whether it can tell its kernel, in KVM's words, that it is a virtual machine.</summary>
    public bool HasKvm { get; private init; }

    /// <summary>Whether its kernels are Linux.</summary>
    public bool IsLinux { get; private init; } = true;

    /// <summary>lguest of Linux 2.6.23.</summary>
    public static BoardFamily Dma { get; } = new(
        Lguest, "Linux 2.6.23", (kernel, initrd, options) => new DmaBoardPlan(Boot(kernel, initrd, options), options))
    {
        HasEntropy = false,
        HasFolders = false,
        HasSharedPages = true,
        ChoosesAddress = true,
        MostMtu = Frame.OrdinaryMtu,
    };

    /// <summary>lguest of Linux 2.6.24 to 2.6.36. Their 9P is that of other systems; the one of Linux is begun in 2.6.36, and does not
    /// understand yet that something went wrong.</summary>
    public static BoardFamily EarlyVirtio { get; } = new(
        Lguest, "Linux before 2.6.37", (kernel, initrd, options) => new VirtioBoardPlan(Boot(kernel, initrd, options), options))
    {
        HasFolders = false,
    };

    /// <summary>lguest of Linux 2.6.37 to 3.x.</summary>
    public static BoardFamily Virtio { get; } = new(
        Lguest, "lguest's Linux", (kernel, initrd, options) => new VirtioBoardPlan(Boot(kernel, initrd, options), options));

    /// <summary>lguest of Linux 4.x.</summary>
    public static BoardFamily Pci { get; } = new(
        Lguest, "lguest's Linux", (kernel, initrd, options) => new PciBoardPlan(Boot(kernel, initrd, options), options));

    /// <summary>Kernels that know no lguest.</summary>
    public static BoardFamily PlainPc { get; } = new(
        Pc, "a PC's kernel", (kernel, initrd, options) => new PcBoardPlan(kernel, initrd, options))
    {
        HasDoors = true,
        HasKvm = true,
        MostMegabytes = LauncherOptions.LargestMemoryMegabytes,
    };

    /// <summary>Kernels that expect a boot loader of the Multiboot Specification.</summary>
    public static BoardFamily Multiboot { get; } = new(
        Pc, "a Multiboot kernel", (kernel, initrd, options) => new PcBoardPlan(kernel, initrd, options))
    {
        HasKvm = true,
        IsLinux = false,
    };

    /// <summary>All there are.</summary>
    public static IReadOnlyList<BoardFamily> All { get; } = [Dma, EarlyVirtio, Virtio, Pci, PlainPc, Multiboot];

    /// <summary>The family of a kernel, which is seen from the kernel.</summary>
    public static BoardFamily Of(KernelFile kernel) => kernel switch
    {
        PcKernel => PlainPc,
        MultibootKernel => Multiboot,
        KernelImage { Generation.IsGeneration1: true } => Dma,
        KernelImage { Generation.IsVirtio1: true } => Pci,
        KernelImage { Release: { Major: 2, Patch: < 37 } } => EarlyVirtio,
        _ => Virtio,
    };

    /// <summary>A Guest's memory.</summary>
    /// <exception cref="RefusedException">The host does not have so much.</exception>
    public static GuestMemory MakeMemory(uint ramBytes, int devicePages = 0, uint? lowBytes = null)
    {
        try
        {
            return new GuestMemory(ramBytes, devicePages, lowBytes);
        }
        catch (OutOfMemoryException)
        {
            throw new RefusedException(
                $"the host does not have {ramBytes >> 20} MB of memory for this Guest; give it less, or end other programs");
        }
    }

    private static BootImage Boot(KernelFile kernel, byte[] initrd, LauncherOptions options) =>
        new((KernelImage)kernel, options.Kernel, initrd, options.KernelArguments, options.MemoryMegabytes);
}
