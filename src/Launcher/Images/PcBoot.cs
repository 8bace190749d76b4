// Decides where everything goes in the memory of a PC that has no firmware, and how its CPU starts. It is worked out from files and numbers
// alone, before there is a Guest; what is left to do is a list of writes. (Linux boot protocol, 32-bit; PC board sheet 4.)

using System.Text;
using Lguest.Devices;
using Lguest.Guest.Memory;

namespace Lguest.Launcher.Images;

/// <summary>Registers at the first instruction; all others are zero, but ESP, which is not used before it is set.</summary>
/// <param name="Eip">Where execution starts.</param>
/// <param name="Esi">Physical address of boot_params, or 0.</param>
/// <param name="Ebx">Physical address of hvm_start_info or of Multiboot's information, or 0.</param>
/// <param name="Eax">What tells a Multiboot kernel who has loaded it, or 0.</param>
internal readonly record struct PcStart(GuestPhysical Eip, uint Esi, uint Ebx, uint Eax = 0)
{
    /// <summary>Protected mode without paging.</summary>
    public const uint Cr0 = 0x11;

    /// <summary>Only the bit that is always set: interrupts are off.</summary>
    public const uint EFlags = 2;

    /// <summary>CS: execute and read, base 0, 4 GiB, 32 bits, ring 0. No table in memory has to have it.</summary>
    public const ushort CodeSelector = 0x10;

    /// <summary>DS, ES, SS, FS and GS: read and write, base 0, 4 GiB, ring 0.</summary>
    public const ushort DataSelector = 0x18;
}

/// <summary>All that is written into a PC Guest's memory before it starts.</summary>
/// <param name="Writes">Bytes and their places, in RAM, none over another. The rest of memory is zero.</param>
/// <param name="Start">How the CPU starts.</param>
internal sealed record PcBoot(IReadOnlyList<KernelSegment> Writes, PcStart Start)
{
    /// <summary>What every PC Guest is told, unless its user's words say otherwise: most of it spares work that makes no sense here, the
    /// self tests of the ciphers above all.</summary>
    public const string DefaultCommandLine =
        "console=ttyS0 reboot=t tsc=reliable cryptomgr.notests noisapnp mitigations=off highres=off io_delay=none init_on_alloc=0 "
        + "8250.nr_uarts=1 audit=0";

    private const uint Megabyte = 1 << 20;
    private const uint CommandLineAddress = 0x20000;

    // A 32-bit kernel maps the first 896 MB and has to copy an initrd from above.
    private const uint LowMemory = 0x38000000;

    //J:Launcher:110 A PC without a BIOS
    // A PC's kernel expects to find what a BIOS and a boot loader have left. Most of it is in one page, boot_params: a copy of the header
    // of the kernel's own file, in which the loader has filled in where the initrd and the command line are, and the map of memory. A Guest
    // gets just that, and starts where the boot loader would have jumped to. RAM below 640 KB is free for such things, the hole above it
    // belongs to a video card that is not there, the kernel is at the addresses that its file names, and the initrd as high as the kernel
    // can reach without effort.

    /// <summary>Lays out a PC Guest's memory.</summary>
    /// <param name="kernel">What to boot.</param>
    /// <param name="name">How the user calls it.</param>
    /// <param name="ramBytes">RAM, in whole pages.</param>
    /// <param name="words">The user's kernel arguments; they follow the default ones, and a later word wins.</param>
    /// <param name="initrd">An initrd that was checked, or empty.</param>
    /// <param name="seed">Random bytes for the kernel's generator, or empty.</param>
    /// <param name="door">Where to enter.</param>
    /// <param name="lowBytes">Most RAM that is below the hole.</param>
    /// <exception cref="RefusedException">It does not fit into that memory, or has no such door.</exception>
    public static PcBoot Plan(
        PcKernel kernel, string name, uint ramBytes, IReadOnlyList<string> words, ReadOnlyMemory<byte> initrd, ReadOnlyMemory<byte> seed,
        PcEntry door = PcEntry.Unpacked, uint lowBytes = PcMemoryMap.Hole)
    {
        var map = PcMemoryMap.Of(ramBytes, lowBytes);
        uint low = Math.Min(ramBytes, lowBytes);
        var (image, entry) = door switch
        {
            PcEntry.Unpacked => (kernel, kernel.Entry),
            PcEntry.Packed when kernel.Packed is { } packed => (packed, packed.Entry),
            PcEntry.Pvh when kernel.PvhEntry is { } pvh => (kernel, pvh),
            _ => throw new RefusedException(
                $"kernel {name} has no entry for --boot={PcEntries.WordOf(door)}; leave that out (in a topology: boot = linux)"),
        };
        BootParams parameters = new(kernel.SetupHeader);
        byte[] line = Encoding.UTF8.GetBytes(string.Join(' ', [DefaultCommandLine, .. words]));
        if (line.Length > parameters.LongestCommandLine)
            throw new RefusedException($"kernel {name} reads at most {parameters.LongestCommandLine} bytes of arguments; with those that "
                + $"every PC Guest gets, it would have {line.Length}: leave some out");
        CheckRoom(image, name, low);
        uint start = PlaceInitrd(image, name, low, initrd.Length, parameters.HighestInitrd);

        List<KernelSegment> writes = [.. image.Segments.Where(segment => !segment.Content.IsEmpty), Write(CommandLineAddress, line)];
        if (!initrd.IsEmpty)
            writes.Add(Write(start, initrd));
        var ramdisk = initrd.IsEmpty ? default : (Start: start, Length: (uint)initrd.Length);
        if (door == PcEntry.Pvh)
        {
            writes.Add(Write(PvhInfo.Address, PvhInfo.Make(map, CommandLineAddress, ramdisk.Start, ramdisk.Length)));
            return new PcBoot(writes, new PcStart(entry, 0, PvhInfo.Address));
        }

        if (!seed.IsEmpty && parameters.KnowsSetupData)
            writes.Add(Write(BootParams.SetupDataAddress, BootParams.MakeSeed(seed.Span)));
        writes.Add(Write(BootParams.Address, parameters.Make(
            map, CommandLineAddress, ramdisk.Start, ramdisk.Length, hasSetupData: !seed.IsEmpty)));
        return new PcBoot(writes, new PcStart(entry, BootParams.Address, 0));
    }

    private static void CheckRoom(PcKernel image, string name, uint ramBytes)
    {
        foreach (var segment in image.Segments)
            if (segment.Address.Value < Megabyte)
                throw new RefusedException($"kernel {name} overlaps its boot parameters at physical address 0x{segment.Address.Value:x}; "
                    + "link it to 0x100000 or above");
        CheckOverlap(image, name);
        if (image.End > ramBytes)
            throw TooLittle(name, ramBytes, "", image.End);
    }

    /// <exception cref="RefusedException">Two of its segments want the same place.</exception>
    public static void CheckOverlap(KernelFile image, string name)
    {
        var ordered = image.Segments.OrderBy(segment => segment.Address.Value).ToList();
        if (ordered.Zip(ordered.Skip(1)).Any(pair => pair.First.End > pair.Second.Address.Value))
            throw new RefusedException($"kernel {name} is damaged: its segments overlap; build or copy it again");
    }

    private static uint PlaceInitrd(PcKernel image, string name, uint ramBytes, int bytes, uint highest)
    {
        if (bytes == 0)
            return 0;
        const uint PageMask = GuestMemory.PageSize - 1;
        ulong top = Math.Min(Math.Min(ramBytes, LowMemory), (ulong)highest + 1);
        ulong end = (image.End + PageMask) & ~(ulong)PageMask;
        if (end + (ulong)bytes > top)
            throw TooLittle(name, ramBytes, " and its initrd", end + (ulong)bytes);
        return (uint)(top - (ulong)bytes) & ~PageMask;
    }

    /// <summary>The refusal of a kernel that does not fit.</summary>
    public static RefusedException TooLittle(string name, uint ramBytes, string what, ulong needed) => new(
        $"{ramBytes / Megabyte} MB of memory is too little for kernel {name}{what}, which {(what.Length > 0 ? "take" : "takes")} "
        + $"{(needed + Megabyte - 1) / Megabyte} MB to load; give the Guest more");

    /// <summary>Bytes and their place.</summary>
    public static KernelSegment Write(uint address, ReadOnlyMemory<byte> content) =>
        new(new GuestPhysical(address), content, (uint)content.Length);
}
