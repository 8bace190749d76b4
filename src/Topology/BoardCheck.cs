// What a Guest of a topology is to have is held against what its kernel's family of machines can have, which one table tells (BoardFamily):
// here is added where the file asks for it. As far as the file and the kernels on this machine tell; the Launcher on the Guest's node
// refuses the rest.

using System.Collections.Immutable;
using Lguest.Devices;
using Lguest.Launcher;
using Lguest.Launcher.Boards;
using Lguest.Launcher.Images;
using Lguest.Net.Dma;
using Lguest.Topology.Hocon;

namespace Lguest.Topology;

/// <summary>Checks one Guest after the other.</summary>
/// <param name="kernels">The kernel in a file; null where that cannot be known. Throws where the file is no kernel.</param>
/// <param name="nodes">Where it may run.</param>
internal sealed class BoardCheck(Func<string, SeenKernel?> kernels, ImmutableArray<NodeDefinition> nodes)
{
    private const ulong Megabyte = 1 << 20;

    private readonly Dictionary<string, SeenKernel> _embedded = [];

    /// <summary>A port of a Guest as the file has it.</summary>
    /// <param name="Reader">Its settings.</param>
    /// <param name="LanPlace">Where its lan is named.</param>
    /// <param name="Lan">The lan.</param>
    /// <param name="Port">What came of it.</param>
    public sealed record Written(SectionReader Reader, Place LanPlace, LanDefinition Lan, PortDefinition Port);

    /// <exception cref="MisconfiguredException">It asks for something that cannot be had.</exception>
    public void Check(SectionReader guest, GuestDefinition definition, ImmutableArray<Written> ports)
    {
        if (!nodes.Any(node => definition.Home.Allows(node) && node.MostGuests != 0 && !(definition.MemoryBytes > node.MemoryBytes)))
            throw guest.Wrong("memory", $"{definition.MemoryMegabytes} MB of memory fits on no node where it may live; give it less, or a "
                + "node more memory");
        foreach (var port in ports)
            if (port.Lan.Kind == LanKind.Dma)
                CheckPage(guest, port);
        if (!definition.Shares.IsEmpty && definition.EmbeddedKernel is not null)
            throw guest.Wrong("shares",
                "the kernel inside the program has no driver for folders of the host; use kernel = linux, or remove shares");
        ImmutableArray<DeviceOption> cards = [.. ports.Select(port => GuestBuilding.Card(port.Lan, port.Port))];
        DeviceOption[] rng = definition.Rng is true ? [new DeviceOption.Rng()] : [];
        LauncherOptions options = new(definition.MemoryMegabytes, SectionReader.Short(definition.Kernel), [],
            [.. cards, .. rng, .. definition.Shares.Select(share => new DeviceOption.Share(share.Folder, share.Tag))])
        {
            Board = definition.Board,
            Boot = definition.Boot,
            IsKvm = definition.IsKvm,
        };

        // A kernel that is elsewhere, and is to have a shared page, can be but one.
        var kernel = Kernel(guest, definition.Kernel);
        var known = kernel?.Family ?? (ports.Any(port => port.Lan.Kind == LanKind.Dma) ? BoardFamily.Dma : null);
        if (known is not null && BoardRules.Find(known, options) is { } refusal)
            throw Refused(guest, definition, ports, refusal);
        if (kernel?.End > (ulong)definition.MemoryBytes)
            throw guest.Wrong("memory", $"{definition.MemoryMegabytes} MB of memory is too little for kernel {options.Kernel}, which takes "
                + $"{(kernel.End + Megabyte - 1) / Megabyte} MB to load; give the Guest more");
        if (LinuxGuests.Is(definition.Kernel) && definition.MemoryMegabytes < LinuxGuests.LeastMegabytes)
            throw guest.Wrong("memory", $"{definition.MemoryMegabytes} MB of memory is too little for the distribution's Linux, whose "
                + $"files are in memory; write {LinuxGuests.LeastMegabytes}M at least, and more with packages");
    }

    private static MisconfiguredException Refused(
        SectionReader guest, GuestDefinition definition, ImmutableArray<Written> ports, BoardRefusal refusal) =>
        refusal.Subject switch
        {
            BoardSubject.Lan => new MisconfiguredException(ports[refusal.Device].LanPlace,
                $"guest '{definition.Name}': {refusal.Problem}"),
            BoardSubject.Address => ports[refusal.Device].Reader.Wrong("mac", refusal.Problem),
            BoardSubject.Entropy => guest.Wrong("rng", refusal.Problem),
            BoardSubject.Folder => guest.Wrong("shares", refusal.Problem),
            BoardSubject.Memory => guest.Wrong("memory", refusal.Problem),
            BoardSubject.Boot => guest.Wrong("boot", refusal.Problem),
            BoardSubject.Kvm => guest.Wrong("kvm", refusal.Problem),
            _ => guest.Wrong("board", refusal.Problem),
        };

    /// <summary>What a shared page cannot have, whatever Guests are on it.</summary>
    private static void CheckPage(SectionReader guest, Written port)
    {
        string lan = port.Lan.Name;
        if (GuestBuilding.SlotOf(port.Lan, port.Port) >= SharedPage.Slots)
            throw port.Reader.Wrong("address",
                $"{port.Port.Address} is beyond the {SharedPage.Slots} Guests that lan '{lan}' of kind dma can have; choose up to "
                + $"{port.Lan.Subnet.Address(SharedPage.Slots)}");
        if (guest.RateOrOff("net-rate") is not null)
            throw guest.Wrong("net-rate",
                $"lan '{lan}' is of kind dma, which cannot limit a rate; write net-rate = off, or choose kind = ethernet");
        foreach (string word in LinkReader.Words)
            if (port.Reader.Changes(word))
                throw port.Reader.Wrong(word,
                    $"lan '{lan}' is of kind dma, which is shared memory and has no {word}; remove it, or choose kind = ethernet");
    }

    private SeenKernel? Kernel(SectionReader guest, string kernel)
    {
        if (LinuxGuests.Is(kernel))
            return new SeenKernel(BoardFamily.PlainPc, 0);
        if (kernel.StartsWith(GuestDefinition.Builtin, StringComparison.Ordinal))
            return _embedded.TryGetValue(kernel, out var seen) ? seen : _embedded[kernel] = SeenKernel.Of(
                KernelFile.Read(EmbeddedKernel.Read(kernel[GuestDefinition.Builtin.Length..]), kernel));
        try
        {
            return kernels(kernel);
        }
        catch (RefusedException refused)
        {
            throw guest.Wrong("kernel", refused.Message);
        }
    }
}
