// What a board is made of, beside memory: what the Launcher's actor wires up, and gives back if the Guest will not run after all.

using Lguest.Devices;
using Lguest.Devices.Generation1;
using Lguest.Devices.Virtio;

namespace Lguest.Launcher.Boards;

/// <summary>The devices of one life of a Guest, in the form of its board.</summary>
internal abstract record BoardParts
{
    /// <summary>Each to be disposed by the actor that serves it, or together if there will be none.</summary>
    public abstract IEnumerable<IDisposable> Owned { get; }

    /// <summary>Called when the Guest has been ended: nothing of it may wait for its terminal any longer.</summary>
    public Action LetGo { get; init; } = () => { };
}

/// <summary>Devices on lguest's bus.</summary>
/// <param name="Pages">The bus.</param>
/// <param name="Devices">One for each entry of the bus, in its order.</param>
internal sealed record VirtioParts(DevicePages Pages, IReadOnlyList<IVirtioDevice> Devices) : BoardParts
{
    public override IEnumerable<IDisposable> Owned => Devices;
}

/// <summary>What a generation 1 Guest has instead of rings.</summary>
internal sealed record DmaParts(DmaBoard Board) : BoardParts
{
    public override IEnumerable<IDisposable> Owned => Board.Devices;
}
