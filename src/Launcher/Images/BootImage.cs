// Places a kernel, its initrd, command line and boot parameters in the Guest's RAM as the ABI says, and refuses what does not fit.
// Afterwards RAM is as a boot loader leaves it; only the device pages above it are still empty.

using System.Text;
using Lguest.Devices;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;

namespace Lguest.Launcher.Images;

/// <summary>A kernel with all that it boots with, checked against the memory that it is to have.</summary>
internal sealed class BootImage
{
    private const uint Megabyte = 1 << 20;
    private const uint BytesPerTable = 4 * Megabyte;

    private readonly string _name;
    private readonly byte[] _initrd;
    private readonly byte[] _commandLine;

    /// <param name="kernel">What to boot.</param>
    /// <param name="name">How the user calls it.</param>
    /// <param name="initrd">An initrd that was checked, or empty.</param>
    /// <param name="arguments">Kernel arguments, joined by single blanks.</param>
    /// <param name="ramMegabytes">RAM in units of 1 MiB.</param>
    /// <exception cref="RefusedException">It does not fit into that memory.</exception>
    public BootImage(KernelImage kernel, string name, byte[] initrd, IReadOnlyList<string> arguments, int ramMegabytes)
    {
        Kernel = kernel;
        RamBytes = (uint)ramMegabytes * Megabyte;
        _name = name;
        _initrd = initrd;

        // The launchers of 2.6.23 and 2.6.24 put a blank after every argument, the last one included; nobody minds, and the Guest's
        // /proc/cmdline is the same.
        string line = string.Join(' ', arguments) + ((kernel.Generation.IsGeneration1 || kernel.Generation == GuestGeneration.Linux2624)
            && arguments.Count > 0 ? " " : "");
        _commandLine = Encoding.UTF8.GetBytes(line);
        if (_commandLine.Length >= ZeroPage.CommandLineBytes)
            throw new RefusedException($"the kernel's arguments are {_commandLine.Length} bytes long; a kernel reads at most "
                + $"{ZeroPage.CommandLineBytes - 1}, leave some out");
        CheckRoom();
    }

    public KernelImage Kernel { get; }

    /// <summary>RAM in bytes.</summary>
    public uint RamBytes { get; }

    /// <summary>Root of the page tables that <see cref="LoadInto"/> has made; null for a kernel that starts without, or on the
    /// Switcher's.</summary>
    public GuestPhysical? PageTable => Kernel.PageOffset is null ? null : new GuestPhysical(InitrdStart - GuestMemory.PageSize);

    private uint InitrdStart => RamBytes - (InitrdPages * GuestMemory.PageSize);

    private uint InitrdPages => (uint)((_initrd.LongLength + GuestMemory.PageSize - 1) / GuestMemory.PageSize);

    //J:Launcher:100 Where everything goes
    // A fresh Guest's memory has four things in it. At the very bottom are two pages of boot parameters: the zero page, which says how much
    // RAM there is, and the command line. The kernel follows at whatever physical addresses its file names, 1 MB as a rule. At the very
    // top, so that it ends exactly where RAM ends, lies the initrd; and right below it are the page tables that kernels before 3.x start
    // on: the Launcher's for 2.6.23, for the others the Switcher's. After RAM comes what a kernel finds only by knowing that it runs under
    // lguest: the page of device descriptors, and the rings.

    /// <summary>Fills a Guest's RAM.</summary>
    /// <param name="memory">Fresh memory with <see cref="RamBytes"/> of RAM.</param>
    public void LoadInto(GuestMemory memory)
    {
        foreach (var segment in Kernel.Segments)
            memory.TryWrite(segment.Address, segment.Content.Span);
        uint top = InitrdStart;
        if (Kernel.PageOffset is { } pageOffset)
            FirstPageTables.Write(memory, top, pageOffset);
        memory.TryWrite(new GuestPhysical(top), _initrd);
        memory.TryWrite(new GuestPhysical(ZeroPage.CommandLineAddress), _commandLine);
        ZeroPage.Write(
            memory.Span(default, GuestMemory.PageSize), RamBytes, InitrdPages == 0 ? 0 : top, InitrdPages * GuestMemory.PageSize,
            Kernel.InitialBytes, old: Kernel.Generation.IsGeneration1);
    }

    private void CheckRoom()
    {
        foreach (var segment in Kernel.Segments)
            if (segment.Address.Value < ZeroPage.End)
                throw new RefusedException(
                    $"kernel {_name} overlaps its boot parameters at physical address 0x{segment.Address.Value:x}; link it to 0x100000");

        // A table for every 4 MiB, and the directory.
        uint tables = Kernel.Generation.StartsOnTables ? (RamBytes / BytesPerTable) + 2 : 0;
        ulong above = ((ulong)InitrdPages + tables) * GuestMemory.PageSize;
        ulong needed = Kernel.End + above;
        if (needed > RamBytes)
            throw new RefusedException(
                $"{RamBytes / Megabyte} MB of memory is too little for kernel {_name}{(InitrdPages > 0 ? " and its initrd" : "")}, "
                + $"which {(InitrdPages > 0 ? "take" : "takes")} {(needed + Megabyte - 1) / Megabyte} MB to load; give the Guest more");
        if (Kernel.Entry.Value >= RamBytes)
            throw new RefusedException($"kernel {_name} is damaged: its entry point 0x{Kernel.Entry.Value:x} lies outside memory; build "
                + "or copy it again");
    }
}
