// What Guests of the first generation and shared pages (kind = dma) do not support. A topology that asks for it is refused at that setting,
// as far as the file and the kernels on this machine tell; the Launcher on the Guest's node refuses the rest.

using System.Collections.Immutable;
using Lguest.Host.Launcher;
using Lguest.Host.Topologies.Hocon;
using Lguest.Net.Dma;
using Lguest.Net.Frames;

namespace Lguest.Host.Topologies;

/// <summary>Checks one Guest after the other.</summary>
/// <param name="isFirst">Whether the kernel in a file is of the first generation; null where that cannot be known.</param>
internal sealed class FirstGeneration(Func<string, bool?> isFirst)
{
    private const string Auto = "auto";

    /// <summary>A port of a Guest as the file has it.</summary>
    /// <param name="Reader">Its settings.</param>
    /// <param name="LanPlace">Where its lan is named.</param>
    /// <param name="Lan">The lan.</param>
    /// <param name="Port">What came of it.</param>
    public sealed record Written(SectionReader Reader, Place LanPlace, LanDefinition Lan, PortDefinition Port);

    /// <exception cref="MisconfiguredException">It asks for something that cannot be had.</exception>
    public void Check(SectionReader guest, string name, string kernel, bool? rng, ImmutableArray<Written> ports)
    {
        foreach (var port in ports)
            if (port.Lan.Kind == LanKind.Dma)
                CheckPage(guest, name, kernel, port);
        if ((rng is true || ports.Any(port => port.Port.IsMacChosen))
            && (ports.Any(port => port.Lan.Kind == LanKind.Dma) || IsFirstGeneration(kernel) is true))
            CheckFirst(guest, rng, ports);
    }

    private static void CheckFirst(SectionReader guest, bool? rng, ImmutableArray<Written> ports)
    {
        if (rng is true)
            throw guest.Wrong("rng", "Linux 2.6.23 has no driver for an entropy source; write rng = auto or off");
        Written? first = null;
        foreach (var port in ports)
        {
            if (!port.Port.IsMacChosen)
                continue;
            if (NumberIn(port.Port) is null)
                throw port.Reader.Wrong("mac",
                    $"Linux 2.6.23 chooses its own hardware address, and cannot have {port.Port.Mac}; "
                    + $"write one like 02:00:12:34:00:00 (12:34 is free), or {Auto}");
            first ??= port;
            if (port.Port.Mac != first.Port.Mac)
                throw port.Reader.Wrong("mac",
                    $"Linux 2.6.23 has one hardware address for all its cards, and this Guest has {first.Port.Mac} on lan "
                    + $"'{first.Lan.Name}'; write that, or {Auto}");
        }
    }

    /// <summary>The number that a Guest of the first generation must have for the address that a port asks for; null if it asks for none
    /// that such a Guest can have.</summary>
    public static ushort? NumberIn(PortDefinition port) => port.IsMacChosen && MacAddress.TryParse(port.Mac, out var mac) ? mac.GuestNumber
        : null;

    /// <summary>The slot of a Guest in a shared page, which goes with its address.</summary>
    public static int SlotOf(LanDefinition lan, PortDefinition port) => (int)(Subnet.Number(port.Address)!.Value - lan.Subnet.Base) - 1;

    private void CheckPage(SectionReader guest, string name, string kernel, Written port)
    {
        string lan = port.Lan.Name;
        if (IsFirstGeneration(kernel) is false)
            throw new MisconfiguredException(port.LanPlace,
                $"guest '{name}': lan '{lan}' is of kind dma, for which only Linux 2.6.23 has a driver, and "
                + $"{SectionReader.Short(kernel)} is another kernel; choose kind = ethernet, or "
                + $"{GuestDefinition.Builtin}{EmbeddedKernel.FirstPuppy}");
        if (SlotOf(port.Lan, port.Port) >= SharedPage.Slots)
            throw port.Reader.Wrong("address",
                $"{port.Port.Address} is beyond the {SharedPage.Slots} Guests that lan '{lan}' of kind dma can have; choose up to "
                + $"{port.Lan.Subnet.Address(SharedPage.Slots)}");
        if (guest.RateOrOff("net-rate") is not null)
            throw guest.Wrong("net-rate",
                $"lan '{lan}' is of kind dma, which cannot limit a rate; write net-rate = off, or choose kind = ethernet");
    }

    private bool? IsFirstGeneration(string kernel) => kernel.StartsWith(GuestDefinition.Builtin, StringComparison.Ordinal)
        ? kernel == GuestDefinition.Builtin + EmbeddedKernel.FirstPuppy
        : isFirst(kernel);
}
