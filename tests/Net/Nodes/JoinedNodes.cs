// Some nodes that know each other, as membership would tell them, until one is lost.

using Lguest.Net.Lans;

namespace Lguest.Net.Tests.Nodes;

/// <summary>Nodes by name, all with the same lan.</summary>
internal sealed class JoinedNodes : IDisposable
{
    private readonly Dictionary<string, LanNode> _nodes;

    public JoinedNodes(LanSettings lan, params string[] names)
    {
        _nodes = names.ToDictionary(name => name, name => new LanNode(name, lan));
        Tell();
    }

    public LanNode this[string name] => _nodes[name];

    /// <summary>A node is gone, and the others have been told.</summary>
    public void Loses(string name)
    {
        _nodes.Remove(name, out var lost);
        lost!.Dispose();
        Tell();
    }

    public void Dispose()
    {
        foreach (var node in _nodes.Values)
            node.Dispose();
    }

    private void Tell()
    {
        foreach (var node in _nodes.Values)
            node.Introduce(_nodes.Values);
    }
}
