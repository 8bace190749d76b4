// The parsed classic command line, as one value for the Launcher. The command line checks the form of the options; the Launcher, which
// opens the files, checks the files.

using System.Collections.Immutable;
using System.Security.Cryptography;
using Lguest.Devices.Rng;
using Lguest.Guest.Cpu;
using Lguest.Launcher.Images;
using Lguest.Net.Frames;
using Lguest.Net.Outside;
using Lguest.Switcher.Time;

namespace Lguest.Launcher;

/// <summary>One Guest as asked for on the command line: <c>lguest [options] MEMORY_MB KERNEL [kernel args...]</c>.</summary>
/// <param name="MemoryMegabytes">Guest RAM in units of 1 MiB, 1 to <see cref="LargestMemoryMegabytes"/>.</param>
/// <param name="Kernel">Path of an ELF vmlinux or a bzImage, or a word of <see cref="EmbeddedKernel"/>'s.</param>
/// <param name="KernelArguments">The kernel's arguments in order, to be joined by single blanks (ABI sheet 1.5).</param>
/// <param name="Devices">The devices in command line order, which decides descriptors, interrupts and names such as vda, vdb
/// (ABI sheet 10.3). The console is not among them: every Guest has one, and it comes last.</param>
/// <param name="Initrd">Path of an initial RAM disk, or null.</param>
/// <param name="Verbose">Whether the Launcher tells on stderr what it does, as the classic <c>--verbose</c>.</param>
internal sealed record LauncherOptions(
    int MemoryMegabytes,
    string Kernel,
    ImmutableArray<string> KernelArguments,
    ImmutableArray<DeviceOption> Devices,
    string? Initrd = null,
    bool Verbose = false)
{
    /// <summary>An archive that follows the initial RAM disk: what is one Guest's own where several boot the same.</summary>
    public ReadOnlyMemory<byte> InitrdMore { get; init; }

    /// <summary>File to which the console is written as well; null for none.</summary>
    public string? Log { get; init; }

    /// <summary>Most processor time, in percent of one core; null for no limit.</summary>
    public double? CpuPercent { get; init; }

    /// <summary>Most bytes per second between the Guest and all its disks; null for no limit.</summary>
    public long? DiskBytesPerSecond { get; init; }

    /// <summary>Wires that lead out, of which each has a card of the Guest's at its other end.</summary>
    public ImmutableArray<OutsideWire> Wires { get; init; } = [];

    /// <summary>Ports of this machine that lead into the Guest, by the first of the wires that has a router.</summary>
    public ImmutableArray<PortForward> Forwards { get; init; } = [];

    /// <summary>The Guest's name, from which the addresses of its network cards are made; unique on its networks.</summary>
    public string Name { get; init; } = "guest";

    /// <summary>The number of a Guest of Linux 2.6.23, from which it makes its network address, 02:00 and the number's bytes, lower first;
    /// unique on its
    /// networks. Null makes one out of the name.</summary>
    public ushort? Number { get; init; }

    /// <summary>What executes the Guest's code; null for what the reference says.</summary>
    public EngineKind? Engine { get; init; }

    /// <summary>The kind of machine, a word of <see cref="Boards.BoardFamily.Words"/>; null for what the kernel wants.</summary>
    public string? Board { get; init; }

    /// <summary>Which time it lives in.</summary>
    public ClockKind Clock { get; init; }

    /// <summary>What its random bytes are made from; null for the Host's own, or, in virtual time, 0.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Where a Guest's random bytes come from.</summary>
    /// <param name="purpose">What they are for, since no two uses of a Guest's may get the same ones.</param>
    public Action<Span<byte>> RandomBytes(string purpose) => (Seed ?? (Clock == ClockKind.Virtual ? 0 : null)) is { } seed
        ? new SeededBytes($"{seed}/{Name}/{purpose}").Fill
        : RandomNumberGenerator.Fill;

    /// <summary>The way into a PC's kernel.</summary>
    public PcEntry Boot { get; init; }

    /// <summary>Whether a PC tells its kernel, in KVM's words, that it is a virtual one with a clock.</summary>
    public bool IsKvm { get; init; } = true;

    /// <summary>The address of a card of this Guest.</summary>
    public MacAddress MacOf(DeviceOption.Net card)
    {
        int index = Devices.OfType<DeviceOption.Net>().TakeWhile(other => !ReferenceEquals(other, card)).Count();
        return card.Mac ?? MacAddress.ForName($"{Name}/eth{index}");
    }

    /// <summary>Most RAM of a PC that is below the hole for its devices; the rest goes on at 4 GiB.</summary>
    public uint LowBytes { get; init; } = PcMemoryMap.Hole;

    /// <summary>What addresses of 32 bits reach, all but a little.</summary>
    public const int LargestMemoryMegabytes = 4095;
}
