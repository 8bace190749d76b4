// One set of rules refuses what a family of machines cannot have. The caller knows where the thing was asked for, on a command line or in
// a topology, and adds that.

using Lguest.Guest.Abi;
using Lguest.Launcher.Images;
using Lguest.Net.Frames;

namespace Lguest.Launcher.Boards;

/// <summary>What of a Guest's options a refusal is about.</summary>
internal enum BoardSubject
{
    /// <summary>The kind of machine.</summary>
    Board,

    /// <summary>How much memory.</summary>
    Memory,

    /// <summary>The network of a card.</summary>
    Lan,

    /// <summary>The hardware address of a card.</summary>
    Address,

    /// <summary>The entropy source.</summary>
    Entropy,

    /// <summary>A folder of the host.</summary>
    Folder,

    /// <summary>The way to enter the kernel.</summary>
    Boot,

    /// <summary>What it tells its kernel of itself.</summary>
    Kvm,
}

/// <summary>Something that cannot be had.</summary>
/// <param name="Subject">What it is about.</param>
/// <param name="Device">Which of the devices; -1 if it is about none.</param>
/// <param name="Problem">A sentence with the remedy.</param>
internal sealed record BoardRefusal(BoardSubject Subject, int Device, string Problem);

/// <summary>Holds options against a family.</summary>
internal static class BoardRules
{
    /// <summary>The first thing that a Guest of a family cannot have; null if it can have everything.</summary>
    /// <param name="family">Its kernel's.</param>
    /// <param name="options">What it is to have.</param>
    /// <param name="release">Which Linux its kernel says it is, or null.</param>
    public static BoardRefusal? Find(BoardFamily family, LauncherOptions options, LinuxRelease? release = null)
    {
        if (options.Board is { } board && board != family.Board)
            return new BoardRefusal(BoardSubject.Board, -1, OtherBoard(family, options.Kernel, board, release));
        if (options.MemoryMegabytes > family.MostMegabytes)
            return new BoardRefusal(BoardSubject.Memory, -1, $"{options.MemoryMegabytes} MB of memory is too much for {family.Kernels}; "
                + $"give it at most {family.MostMegabytes} MB");
        if (!family.HasDoors && options.Boot != PcEntry.Unpacked)
            return new BoardRefusal(BoardSubject.Boot, -1,
                $"there is one way to start {family.Kernels}; leave --boot out (in a topology: boot)");
        if (!family.HasKvm && !options.IsKvm)
            return new BoardRefusal(BoardSubject.Kvm, -1, $"{family.Kernels} does not look for KVM; leave --kvm out (in a topology: kvm)");
        for (int i = 0; i < options.Devices.Length; i++)
            if (Find(family, options.Devices[i]) is var (subject, problem))
                return new BoardRefusal(subject, i, problem);
        return family.ChoosesAddress ? TwoAddresses(family, options) : null;
    }

    private static (BoardSubject Subject, string Problem)? Find(BoardFamily family, DeviceOption device) => device switch
    {
        DeviceOption.SharedNet when !family.HasSharedPages => (BoardSubject.Lan,
            "a shared page (--sharenet, or a lan of kind dma) needs Linux 2.6.23, and this kernel is another; "
            + "use a network of another kind"),
        DeviceOption.Rng { IsOptional: false } when !family.HasEntropy => (BoardSubject.Entropy,
            $"{family.Kernels} has no driver for an entropy source; leave --rng out (in a topology: rng = auto)"),
        DeviceOption.Share when !family.HasFolders => (BoardSubject.Folder,
            $"{family.Kernels} has no driver for a folder of the host; leave --share out (in a topology: shares)"),
        DeviceOption.Net card when card.Mtu > family.MostMtu => (BoardSubject.Lan,
            $"{family.Kernels} has cards for packets of {family.MostMtu} bytes at most, and lan '{card.Lan}' has mtu = {card.Mtu}; "
            + "choose another lan"),
        { Asked: { GuestNumber: null } mac } when family.ChoosesAddress => (BoardSubject.Address,
            $"{family.Kernels} chooses its own hardware address, and cannot have {mac}; "
            + "ask for one like 02:00:12:34:00:00 (12:34 is free), or for none"),
        _ => null,
    };

    private static BoardRefusal? TwoAddresses(BoardFamily family, LauncherOptions options)
    {
        MacAddress? first = null;
        for (int i = 0; i < options.Devices.Length; i++)
        {
            if (options.Devices[i].Asked is not { } mac)
                continue;
            if (first is { } other && other != mac)
                return new BoardRefusal(BoardSubject.Address, i,
                    $"{family.Kernels} has one hardware address for all its cards, not {other} and {mac}; ask for one of them");
            first = mac;
        }

        return null;
    }

    private static string OtherBoard(BoardFamily family, string kernel, string board, LinuxRelease? release) =>
        board == BoardFamily.Pc
            ? $"kernel {kernel} was built for lguest and is not started as a PC's; leave --board=pc out (in a topology: board = auto)"
        : !family.IsLinux
            ? $"kernel {kernel} is {family.Kernels}, for a PC; leave --board=lguest out (in a topology: board = auto)"
        : release is { } linux && GuestGeneration.Of(linux) is null
            ? $"kernel {kernel} is Linux {linux}, which lguest's board does not support; leave --board=lguest out (in a topology: board = "
                + "auto)"
            : $"kernel {kernel} has no lguest support; leave --board=lguest out (in a topology: board = auto), or build it with "
                + "CONFIG_LGUEST_GUEST=y";
}
