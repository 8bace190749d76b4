// From the files of a set to a machine that boots them: which disk, which network, which words for the kernel. The user's words come last,
// and win.

using System.Collections.Immutable;
using Lguest.Launcher;
using Lguest.Linux.Store;

namespace Lguest.Host.Programs;

/// <summary>Completes the options of a machine.</summary>
internal static class LinuxMachine
{
    private const string Nat = "nat";

    /// <summary>The machine that boots a set.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="set">Kernel and root file system.</param>
    /// <param name="hasNat">Whether this host can give it a way out.</param>
    public static LauncherOptions Complete(LinuxOptions options, LinuxSet set, bool hasNat)
    {
        var machine = options.Machine;
        if (hasNat && !machine.Devices.Any(device => device is DeviceOption.Net) && OutsideWire.Parse(Nat, 0, out _) is { } wire)
            machine = machine with { Devices = machine.Devices.Add(new DeviceOption.Net(wire.Lan)), Wires = [wire] };
        if (options.Image is { } image)
            machine = machine with { Devices = machine.Devices.Insert(0, new DeviceOption.Block(image)) };
        return machine with
        {
            Kernel = set.Kernel,
            Initrd = options.Image is null ? set.Root : set.Mounter,
            KernelArguments = [.. Words(machine, options.Image is not null), .. machine.KernelArguments],
        };
    }

    private static IEnumerable<string> Words(LauncherOptions machine, bool hasDisk)
    {
        foreach (string word in LinuxSet.Quiet)
            yield return word;
        yield return "hostname=lguest";
        if (hasDisk)
            yield return "root=/dev/vda";
        if (machine.KernelArguments.Any(word => word.StartsWith("ip=", StringComparison.Ordinal)))
            yield break;

        // Where there is a router of ours, there is an address to be had; at a tap there may be nobody to ask.
        ImmutableArray<DeviceOption.Net> cards = [.. machine.Devices.OfType<DeviceOption.Net>()];
        for (int i = 0; i < cards.Length; i++)
            if (machine.Wires.Any(wire => wire.Lan == cards[i].Lan && wire.Tunnel is null))
                yield return $"ip=:::::eth{i}:dhcp";
    }
}
