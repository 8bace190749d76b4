// What a Guest takes beside its memory is more than its engine: devices, actors, what it booted. So a node full of Guests is compared with
// one with a single Guest, by the operating system's account: what is left of the difference when the Guests' own memory is taken off.

using System.Globalization;
using Lguest.Bench.Booting;

namespace Lguest.Bench.Idle;

/// <summary>Megabytes of a process for each further idle Debian Guest, without the memory of the Guests.</summary>
/// <param name="guests">How many.</param>
internal sealed class RackMemory(int guests) : IBenchmark
{
    private static readonly TimeSpan _settling = TimeSpan.FromSeconds(15);

    public string Name => $"memory of each of {guests} idle Debian Guests on one node beside its own";

    public Target Target { get; } = Target.AtMost(8, "MB");

    public Measurement Run()
    {
        if (!DebianKernels.AreHere)
            return Measurement.Unavailable(DebianKernels.Missing);
        if (!OperatingSystem.IsLinux())
            return Measurement.Unavailable("not measured: only Linux tells what memory is for");
        const string Flavour = "686";
        string guest = $"kernel = \"{DebianKernels.Kernel(Flavour)}\", initrd = \"{DebianKernels.Initrd(Flavour)}\", memory = 256M";
        var one = IdleRack.Run(1, guest, "as init process", _settling);
        var all = IdleRack.Run(guests, guest, "as init process", _settling);
        return Measurement.Of((all.BesideBytes - one.BesideBytes) / 1e6 / (guests - 1), string.Create(CultureInfo.InvariantCulture,
            $"the whole process with one: {one.BesideBytes / 1e6:F0} MB, with all {all.BesideBytes / 1e6:F0} MB, shared pages by part"));
    }
}
