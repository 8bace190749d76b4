// Guests of a topology whose kernel is a stock Linux's: what they boot is got before the first of them starts, once for all that want the
// same, and what is each one's own (its name, the names of the others, its script) is laid over that as a second archive.

using System.Collections.Immutable;
using Lguest.Devices;
using Lguest.Launcher;
using Lguest.Linux;
using Lguest.Linux.Root;
using Lguest.Linux.Store;

namespace Lguest.Topology;

/// <summary>Makes a stock Linux of a Guest.</summary>
internal static class LinuxGuests
{
    private const string Plain = "linux";
    private const string Pae = "linux-pae";

    /// <summary>With less the root file system, which is in memory, is full before the shell is there.</summary>
    public const int LeastMegabytes = 96;

    private const uint Program = 0x1ed; // 755

    /// <summary>The words for a kernel that stand for the distribution's; a file of such a name is reached as ./linux.</summary>
    public static ImmutableArray<string> Words { get; } = [Plain, Pae];

    public static bool Is(string kernel) => Words.Contains(kernel);

    /// <summary>Gets what the Guests boot that may run on these nodes.</summary>
    /// <param name="topology">Whose.</param>
    /// <param name="nodes">Where they may run.</param>
    /// <param name="builder">Gets it; not asked for where no Guest wants any.</param>
    /// <exception cref="RefusedException">It cannot be got.</exception>
    public static void Prepare(TopologyDefinition topology, IReadOnlyList<NodeDefinition> nodes, Func<LinuxBuilder> builder)
    {
        LinuxRequest[] requests = [.. topology.Guests.Where(guest => Is(guest.Kernel) && nodes.Any(guest.Home.Allows)).Select(RequestOf)
            .DistinctBy(request => request.Mark(""))];
        if (requests.Length == 0)
            return;
        var made = builder();
        foreach (var request in requests)
            made.Get(request, update: false);
    }

    /// <summary>Completes the options of such a Guest.</summary>
    /// <param name="topology">Whose.</param>
    /// <param name="guest">Which.</param>
    /// <param name="options">With its devices and the arguments of its file.</param>
    /// <exception cref="RefusedException">What it boots is not here.</exception>
    public static LauncherOptions Complete(TopologyDefinition topology, GuestDefinition guest, LauncherOptions options)
    {
        var set = LinuxBuilder.Find(LinuxStore.OfUser(), RequestOf(guest)) ?? throw new RefusedException(
            $"what guest '{guest.Name}' boots is not in this machine's cache any more; start the topology again");
        return options with
        {
            Kernel = set.Kernel,
            Initrd = set.Root,
            InitrdMore = Archive(topology, guest),
            KernelArguments = [.. LinuxSet.Quiet, $"hostname={guest.Name}", .. guest.Ports.Select((port, index) =>
                Address(topology.FindLan(port.Lan)!, port, index)), .. options.KernelArguments],
        };
    }

    /// <summary>What is a Guest's own.</summary>
    public static RootTree OwnFiles(TopologyDefinition topology, GuestDefinition guest)
    {
        var tree = new RootTree();
        tree.Add("etc/hostname", RootEntry.File($"{guest.Name}\n"));
        string others = string.Concat(topology.Guests.SelectMany(other => other.Ports.Take(1)
            .Select(port => $"{port.Address} {other.Name}\n")));
        tree.Add("etc/hosts", RootEntry.File($"127.0.0.1 localhost\n{others}"));
        if (guest.Script is { } script)
            tree.Add("etc/lguest/run", RootEntry.File(script.TrimEnd() + "\n", Program));
        return tree;
    }

    /// <summary>A card's address, in the form of the kernel's own ip=.</summary>
    public static string Address(LanDefinition lan, PortDefinition port, int index) =>
        $"ip={port.Address}::{(lan.Nat ? lan.Subnet.Gateway : "")}:{lan.Subnet.Mask}::eth{index}:off";

    private static LinuxRequest RequestOf(GuestDefinition guest) => LinuxRequest.Of(guest.Kernel == Pae, guest.Packages);

    private static byte[] Archive(TopologyDefinition topology, GuestDefinition guest)
    {
        using var archive = new MemoryStream();
        CpioWriter.Write(OwnFiles(topology, guest), archive);
        return archive.ToArray();
    }
}
