// From command line options to files that have been read and checked: every error that can be found before there is a Guest is found here.
// A plan can be built again, for a Guest that restarts.

using System.Security.Cryptography;
using Lguest.Guest.Memory;
using Lguest.Host.Devices;
using Lguest.Host.Devices.Block;
using Lguest.Host.Devices.Console;
using Lguest.Host.Devices.Generation1;
using Lguest.Host.Devices.Net;
using Lguest.Host.Devices.Rng;
using Lguest.Host.Images;
using Lguest.Host.Virtio;
using Lguest.Net.Frames;
using Lguest.Net.Lans;

namespace Lguest.Host.Launcher;

/// <summary>A Guest that could be built: its kernel with all that it boots with, and its device options.</summary>
internal sealed class GuestPlan
{
    private const long LargestFile = 1L << 30;

    private readonly BootImage _boot;
    private readonly IReadOnlyList<DeviceOption> _devices;
    private readonly string _name;
    private readonly BoardBuilder? _board;

    private GuestPlan(BootImage boot, LauncherOptions options)
    {
        _boot = boot;
        _devices = options.Devices;
        _name = options.Name;
        if (Generation.IsGeneration1)
            _board = new BoardBuilder(boot, options);
        else if (_devices.Any(device => device is DeviceOption.SharedNet))
            throw new RefusedException(
                "a shared page (--sharenet, or a lan of kind dma) needs Linux 2.6.23, and this kernel is another; "
                + "use a network of another kind");
        DiskPace = options.DiskBytesPerSecond is { } rate ? new TokenBucket(rate) : null;
        CpuPercent = options.CpuPercent;
    }

    /// <summary>What all its disks together may move; null for no limit.</summary>
    public TokenBucket? DiskPace { get; }

    /// <summary>Most processor time in percent of one core; null for no limit.</summary>
    public double? CpuPercent { get; }

    /// <summary>The interface that its kernel speaks.</summary>
    public GuestGeneration Generation => _boot.Kernel.Generation;

    /// <summary>Which Linux its kernel says it is, or null.</summary>
    public LinuxRelease? Release => _boot.Kernel.Release;

    /// <summary>Reads and checks the files that the options name.</summary>
    /// <exception cref="RefusedException">One of them cannot be used as asked.</exception>
    public static GuestPlan Read(LauncherOptions options)
    {
        byte[] kernel = EmbeddedKernel.Names.Contains(options.Kernel) ? EmbeddedKernel.Read(options.Kernel)
            : ReadFile("kernel", options.Kernel);
        byte[] initrd = options.Initrd is null ? [] : ReadFile("initrd", options.Initrd);
        if (options.Initrd is not null)
            InitialRamdisk.Check(initrd, options.Initrd);
        var image = KernelImage.Read(kernel, options.Kernel);
        return new GuestPlan(new BootImage(image, options.Kernel, initrd, options.KernelArguments, options.MemoryMegabytes), options);
    }

    /// <summary>Makes memory, fills it, opens disks: everything but the running.</summary>
    /// <param name="terminal">Takes what the Guest prints.</param>
    /// <exception cref="RefusedException">A disk cannot be opened, or there is no memory for the Guest.</exception>
    public BuiltGuest Build(Stream terminal)
    {
        var disks = new Dictionary<DeviceOption, IDisk>(ReferenceEqualityComparer.Instance);
        GuestMemory? memory = null;
        try
        {
            foreach (var option in _devices.OfType<DeviceOption.Block>())
                disks.Add(option, option.Layer is { } layer ? OverlayDisk.Open(option.Path, layer, option.KeepLayer)
                    : FileDisk.Open(option.Path));
            if (_board is not null)
                return BuildGeneration1(_board, disks, ref memory, terminal) with { Warnings = Warnings() };
            DeviceDescription[] descriptions =
            [
                .. _devices.Select(option => option switch
                {
                    DeviceOption.Block => BlockDescription.Of(disks[option], Generation),
                    DeviceOption.Net net => NetDescription.Of(MacOf(net), Generation),
                    _ => RngDescription.Create(),
                }),
                ConsoleDescription.Create(),
            ];
            var pages = new DevicePages(descriptions, Generation, _boot.RamBytes);
            memory = MakeMemory(pages.Pages);
            _boot.LoadInto(memory);
            pages.WriteInto(memory);
            var made = memory;
            var guest = new BuiltGuest(
                memory,
                _boot.Kernel.Start,
                pages,
                [.. pages.Devices.Select((device, index) => Make(made, device, index < _devices.Count ? _devices[index] : null, disks,
                    terminal))])
            {
                Warnings = Warnings(),
            };
            disks.Clear();
            memory = null;
            return guest;
        }
        finally
        {
            // Whatever stopped us half-way, nothing stays open.
            foreach (var disk in disks.Values)
                disk.Dispose();
            memory?.Dispose();
        }
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

    private BuiltGuest BuildGeneration1(BoardBuilder board, Dictionary<DeviceOption, IDisk> disks, ref GuestMemory? memory, Stream terminal)
    {
        memory = MakeMemory(board.Pages);
        _boot.LoadInto(memory);
        var devices = board.Build(memory, disks, terminal);
        BuiltGuest guest = new(memory, _boot.Kernel.Start, new DevicePages([], Generation, _boot.RamBytes), []) { Board = devices };
        disks.Clear();
        memory = null;
        return guest;
    }

    /// <summary>The name of the network that a card is to be plugged into.</summary>
    /// <param name="device">Index of the card in bus order.</param>
    public string LanOf(int device) => ((DeviceOption.Net)_devices[device]).Lan;

    /// <summary>The port that a card is to be plugged into, by its index in bus order; null for a perfect one.</summary>
    public PortSettings? PortOf(int device) => ((DeviceOption.Net)_devices[device]).Port;

    private MacAddress MacOf(DeviceOption.Net card)
    {
        int index = _devices.OfType<DeviceOption.Net>().TakeWhile(other => !ReferenceEquals(other, card)).Count();
        return card.Mac ?? MacAddress.ForName($"{_name}/eth{index}");
    }

    private IVirtioDevice Make(
        GuestMemory memory, BusDevice device, DeviceOption? option, IReadOnlyDictionary<DeviceOption, IDisk> disks, Stream terminal)
    {
        bool indirect = (device.Description.Features & NetDescription.Indirect) != 0 && device.Description.Type == DeviceType.Net;
        SplitQueue[] queues = [.. device.Rings.Select(ring => new SplitQueue(memory, ring, Generation.Suppression, indirect))];
        return option switch
        {
            DeviceOption.Block => new BlockDevice(memory, disks[option], queues[0], Generation),
            DeviceOption.Rng => new RngDevice(memory, queues[0], RandomNumberGenerator.Fill),
            DeviceOption.Net net => new NetDevice(
                memory,
                queues[NetDescription.ReceiveQueue],
                queues[NetDescription.TransmitQueue],
                MacOf(net),
                Generation,
                () => device.Accepted(memory)),
            _ => new ConsoleDevice(memory, queues[ConsoleDescription.InputQueue], queues[ConsoleDescription.OutputQueue], terminal),
        };
    }

    private GuestMemory MakeMemory(int devicePages)
    {
        try
        {
            return new GuestMemory(_boot.RamBytes, devicePages);
        }
        catch (OutOfMemoryException)
        {
            throw new RefusedException(
                $"the host does not have {_boot.RamBytes >> 20} MB of memory for this Guest; give it less, or end other programs");
        }
    }

    private static byte[] ReadFile(string what, string path)
    {
        try
        {
            if (Directory.Exists(path))
                throw new RefusedException($"{what} {path} is a directory; name a file");
            if (new FileInfo(path) is { Exists: true, Length: > LargestFile })
                throw new RefusedException($"{what} {path} is larger than a gigabyte, which no Guest can load; name another file");
            return File.ReadAllBytes(path);
        }
        catch (Exception problem) when (problem is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new RefusedException($"there is no {what} {path}; check the path");
        }
        catch (UnauthorizedAccessException)
        {
            throw new RefusedException($"{what} {path} cannot be read: no permission; change its rights or name another file");
        }
        catch (Exception problem) when (problem is IOException or ArgumentException or NotSupportedException)
        {
            throw new RefusedException($"{what} {path} cannot be read: {problem.Message.TrimEnd('.')}; name another file");
        }
    }
}
