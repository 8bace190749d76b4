// A distribution's kernel for i386 has no tickless idle: such a Guest is never quite at rest, and what a rack of them costs is what its
// ticks cost. For some fifteen seconds after a boot the runtime compiles in the background, better and for good, what the boot has run, and
// once more after half a minute: a method is compiled better after thirty calls, and many are called once a second. That belongs to the
// start, so what is measured begins after it.

using System.Globalization;
using Lguest.Bench.Booting;

namespace Lguest.Bench.Idle;

/// <summary>Processor time of a process whose one node has idle Debian Guests, in percent of a core for each.</summary>
/// <param name="guests">How many.</param>
internal sealed class IdleDebian(int guests) : IBenchmark
{
    private static readonly TimeSpan _settling = TimeSpan.FromSeconds(45);

    public string Name => guests == 1 ? "processor time of an idle Debian Guest"
        : $"processor time of each of {guests} idle Debian Guests on one node";

    public Target Target { get; } = Target.AtMost(1.5, "%");

    public Measurement Run()
    {
        if (!DebianKernels.AreHere)
            return Measurement.Unavailable(DebianKernels.Missing);
        const string Flavour = "686";
        string guest = $"kernel = \"{DebianKernels.Kernel(Flavour)}\", initrd = \"{DebianKernels.Initrd(Flavour)}\", memory = 256M";
        var found = IdleRack.Run(guests, guest, "as init process", _settling);
        return Measurement.Of(found.Processor * 100 / guests, string.Create(CultureInfo.InvariantCulture,
            $"686 of 256 MB, the whole process with its node; {found.ResidentBytes / 1e6 / guests:F0} MB resident for each"));
    }
}
