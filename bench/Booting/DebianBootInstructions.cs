// What a boot costs that no engine can make cheaper: the instructions of the kernel itself. They are few because of the words that we put
// on its command line and of what the processor says that it is. In virtual time they are the same in each run.

using System.Globalization;

namespace Lguest.Bench.Booting;

/// <summary>Millions of instructions of the longer of the boots of Debian's kernels, to their programs; the power-off included, with which
/// the first of these answers.</summary>
internal sealed class DebianBootInstructions : IBenchmark
{
    public string Name => "instructions of a Debian kernel to its programs and off";

    public Target Target { get; } = Target.AtMost(260, "million");

    public Measurement Run()
    {
        if (!DebianKernels.AreHere)
            return Measurement.Unavailable(DebianKernels.Missing);
        ShippedProgram.Prepare();
        var found = DebianKernels.Flavours.Select(flavour => (Flavour: flavour, Millions: ShippedProgram.Run(
            "Run /bin/busybox", "",
            "--clock=virtual", "--rng", $"--initrd={DebianKernels.Initrd(flavour)}", "256", DebianKernels.Kernel(flavour),
            "rdinit=/bin/busybox", "--", "poweroff", "-f").Instructions / 1e6)).ToList();
        return Measurement.Of(found.Max(kernel => kernel.Millions), string.Join(", ",
            found.Select(kernel => string.Create(CultureInfo.InvariantCulture, $"{kernel.Flavour}: {kernel.Millions:F1}"))));
    }
}
