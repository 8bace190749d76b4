// From command line options to files that have been read and checked: every error that can be found before there is a Guest is found here.
// A plan can be built again, for a Guest that restarts.

using Lguest.Devices;
using Lguest.Devices.Block;
using Lguest.Guest.Abi;
using Lguest.Launcher.Boards;
using Lguest.Launcher.Images;
using Lguest.Launcher.Images.Packed;
using Lguest.Net.Lans;
using Lguest.Switcher.Time;

namespace Lguest.Launcher;

/// <summary>A Guest that could be built: its board, with a kernel and all that it boots with, and its device options.</summary>
internal sealed class GuestPlan
{
    private const int ArchiveUnit = 4;

    private readonly IBoard _board;
    private readonly IReadOnlyList<DeviceOption> _devices;

    private GuestPlan(IBoard board, LauncherOptions options)
    {
        _board = board;
        _devices = options.Devices;
        DiskPace = options.DiskBytesPerSecond is { } rate ? new TokenBucket(rate) : null;
        CpuPercent = options.CpuPercent;
        Clock = options.Clock;
        WantsMark = options.Verbose && options.Clock == ClockKind.Virtual;
    }

    /// <summary>What all its disks together may move; null for no limit.</summary>
    public TokenBucket? DiskPace { get; }

    /// <summary>Most processor time in percent of one core; null for no limit.</summary>
    public double? CpuPercent { get; }

    /// <summary>Which time it lives in.</summary>
    public ClockKind Clock { get; }

    /// <summary>Whether its user wants to know what its machine is at the end, to compare it with another run.</summary>
    public bool WantsMark { get; }

    /// <summary>The kind of its machine in a few words.</summary>
    public string Kind => _board.Kind;

    /// <summary>Which Linux its kernel says it is, or null.</summary>
    public LinuxRelease? Release => _board.Release;

    /// <summary>Reads and checks the files that the options name.</summary>
    /// <exception cref="RefusedException">One of them cannot be used as asked.</exception>
    public static GuestPlan Read(LauncherOptions options)
    {
        byte[] kernel = EmbeddedKernel.Names.Contains(options.Kernel) ? EmbeddedKernel.Read(options.Kernel)
            : BootFile.Read("kernel", options.Kernel);
        byte[] initrd = options.Initrd is null ? [] : BootFile.Read("initrd", options.Initrd);
        var file = KernelFile.Read(kernel, options.Kernel, KernelStore.OfUser());
        if (options.Initrd is not null && file is not MultibootKernel)
            InitialRamdisk.Check(initrd, options.Initrd);
        if (!options.InitrdMore.IsEmpty)
            initrd = Joined(initrd, options.InitrdMore.Span);
        var family = BoardFamily.Of(file);
        if (BoardRules.Find(family, options, file.Release) is { } refusal)
            throw new RefusedException(refusal.Problem);
        return new GuestPlan(family.Make(file, initrd, options), options);
    }

    /// <summary>One archive behind another: Linux looks for a plain one at a multiple of four bytes, behind any number of zeros.</summary>
    internal static byte[] Joined(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) =>
        [.. first, .. new byte[-first.Length & (ArchiveUnit - 1)], .. second];

    /// <summary>Makes memory, fills it, opens disks and folders: everything but the running.</summary>
    /// <param name="terminal">Takes what the Guest prints.</param>
    /// <exception cref="RefusedException">A disk or a folder cannot be opened, or there is no memory for the Guest.</exception>
    public BuiltGuest Build(Stream terminal)
    {
        using var files = GuestFiles.Open(_devices);
        var guest = _board.Build(files, terminal) with { Warnings = Warnings() };
        files.HandOver();
        return guest;
    }

    /// <summary>A disk has whole sectors; of a file whose last one is cut short the Guest would miss the end without a word.</summary>
    private List<string> Warnings()
    {
        List<string> warnings = [];
        foreach (var disk in _devices.OfType<DeviceOption.Block>())
        {
            long tail = new FileInfo(disk.Path).Length % FileDisk.SectorBytes;
            if (tail != 0)
            {
                warnings.Add($"disk {disk.Path}: the Guest does not see the last {tail} bytes, which are less than a sector of "
                    + $"{FileDisk.SectorBytes}; fill it up with: truncate -s %{FileDisk.SectorBytes} {disk.Path}");
            }
        }

        return warnings;
    }

    /// <summary>The name of the network that a card is to be plugged into.</summary>
    /// <param name="device">Index of the card in bus order.</param>
    public string LanOf(int device) => ((DeviceOption.Net)_devices[device]).Lan;

    /// <summary>The port that a card is to be plugged into, by its index in bus order; null for a perfect one.</summary>
    public PortSettings? PortOf(int device) => ((DeviceOption.Net)_devices[device]).Port;
}
