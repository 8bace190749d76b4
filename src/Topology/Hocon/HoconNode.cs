// A setting during evaluation: every value that it was given, in order, and the results so far.

namespace Lguest.Topology.Hocon;

/// <summary>One setting with all its values.</summary>
/// <param name="layers">The values, the one that was written last at the end.</param>
internal sealed class HoconNode(IReadOnlyList<HoconNode.Layer> layers)
{
    public IReadOnlyList<Layer> Layers => layers;

    /// <summary>What the first so many layers come to; null where that is nothing.</summary>
    public Dictionary<int, HoconMeaning?> Known { get; } = [];

    /// <summary>The layer whose meaning is being worked out; -1 if none is. A reference that leads here from there means the layers before
    /// it.</summary>
    public int Current { get; set; } = -1;

    /// <summary>Whether its setting is being put together, so that a reference which leads here would never end.</summary>
    public bool IsOpen { get; set; }

    /// <summary>The setting, once it has been put together.</summary>
    public HoconResult? Result { get; set; }

    /// <summary>One value: as it was written, or what another setting comes to.</summary>
    /// <param name="Key">Where its key stands.</param>
    /// <param name="Written">The value; null if it is another setting's.</param>
    /// <param name="Other">The other setting, or null.</param>
    internal readonly record struct Layer(Place Key, WrittenValue? Written, HoconNode? Other);
}
