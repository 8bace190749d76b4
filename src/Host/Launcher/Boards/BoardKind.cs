// Which board a kernel gets is seen from the kernel. Here is the one place where that is decided.

using Lguest.Guest.Memory;
using Lguest.Host.Images;

namespace Lguest.Host.Launcher.Boards;

/// <summary>Makes the board for a kernel.</summary>
internal static class BoardKind
{
    /// <summary>The words of <c>--board</c>.</summary>
    public static IReadOnlyList<string> Words { get; } = [Lguest, Pc];

    /// <summary>A machine that lguest's kernels know.</summary>
    public const string Lguest = "lguest";

    /// <summary>A plain PC.</summary>
    public const string Pc = "pc";

    /// <summary>The board that a kernel wants, or that its user wants for it.</summary>
    /// <param name="kernel">What is to boot.</param>
    /// <param name="initrd">An initrd that was checked, or empty.</param>
    /// <param name="options">What was asked for.</param>
    /// <exception cref="RefusedException">The kernel, the devices and the memory do not go together.</exception>
    public static IBoard Make(KernelFile kernel, byte[] initrd, LauncherOptions options)
    {
        switch (kernel)
        {
            case PcKernel pc when options.Board != Lguest:
                return new PcBoardPlan(pc, initrd, options);
            case PcKernel pc when pc.Release is { } linux && GuestGeneration.Of(linux) is null:
                throw new RefusedException(
                    $"kernel {options.Kernel} is Linux {linux}, which lguest's board does not support; leave --board=lguest out");
            case PcKernel:
                throw new RefusedException($"kernel {options.Kernel} has no lguest support; leave --board=lguest out, or build it with "
                    + "CONFIG_LGUEST_GUEST=y");
            case KernelImage when options.Board == Pc:
                throw new RefusedException(
                    $"kernel {options.Kernel} was built for lguest and is not started as a PC's; leave --board=pc out");
            case KernelImage { Generation.IsGeneration1: true } first:
                return new DmaBoardPlan(Boot(first), options);
            default:
                return new VirtioBoardPlan(Boot((KernelImage)kernel), options);
        }

        BootImage Boot(KernelImage image) => new(image, options.Kernel, initrd, options.KernelArguments, options.MemoryMegabytes);
    }

    /// <summary>A Guest's memory.</summary>
    /// <exception cref="RefusedException">The host does not have so much.</exception>
    public static GuestMemory MakeMemory(uint ramBytes, int devicePages = 0)
    {
        try
        {
            return new GuestMemory(ramBytes, devicePages);
        }
        catch (OutOfMemoryException)
        {
            throw new RefusedException(
                $"the host does not have {ramBytes >> 20} MB of memory for this Guest; give it less, or end other programs");
        }
    }
}
