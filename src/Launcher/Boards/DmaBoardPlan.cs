// The machine of a generation 1 Guest. Its devices need memory that is there already, so that BoardBuilder plans them first and makes
// them afterwards.

using Lguest.Devices;
using Lguest.Guest.Abi;
using Lguest.Launcher.Images;

namespace Lguest.Launcher.Boards;

/// <summary>lguest of Linux 2.6.23.</summary>
/// <exception cref="RefusedException">Too many devices.</exception>
internal sealed class DmaBoardPlan(BootImage boot, LauncherOptions options) : IBoard
{
    private readonly BoardBuilder _builder = new(boot, options);

    public string Kind => $"generation {boot.Kernel.Generation.Name}";

    public LinuxRelease? Release => boot.Kernel.Release;

    public BuiltGuest Build(GuestFiles files, Stream terminal)
    {
        var memory = BoardFamily.MakeMemory(boot.RamBytes, _builder.Pages);
        boot.LoadInto(memory);
        var devices = _builder.Build(memory, files, terminal);
        return new BuiltGuest(memory, boot.Kernel.Start, new DmaParts(devices));
    }
}
