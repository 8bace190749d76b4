// The machine of a generation 1 Guest. Its devices need memory that is there already, so that BoardBuilder plans them first and makes
// them afterwards.

using Lguest.Host.Devices.Block;
using Lguest.Host.Images;
using Lguest.Host.Virtio;

namespace Lguest.Host.Launcher.Boards;

/// <summary>lguest of Linux 2.6.23.</summary>
/// <exception cref="RefusedException">A device that it cannot have.</exception>
internal sealed class DmaBoardPlan(BootImage boot, LauncherOptions options) : IBoard
{
    private readonly BoardBuilder _builder = new(boot, options);

    public string Kind => $"generation {boot.Kernel.Generation.Name}";

    public LinuxRelease? Release => boot.Kernel.Release;

    public BuiltGuest Build(IReadOnlyDictionary<DeviceOption, IDisk> disks, Stream terminal)
    {
        var memory = BoardKind.MakeMemory(boot.RamBytes, _builder.Pages);
        boot.LoadInto(memory);
        var devices = _builder.Build(memory, disks, terminal);
        return new BuiltGuest(memory, boot.Kernel.Start, new DevicePages([], boot.Kernel.Generation, boot.RamBytes), [])
        {
            Board = devices
        };
    }
}
