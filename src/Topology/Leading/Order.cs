// An order of the leader. Its state decides and returns orders; its actor only carries them out.

namespace Lguest.Topology.Leading;

/// <summary>Something to be done: a closed set.</summary>
internal abstract record Order
{
    private Order()
    {
    }

    /// <summary>Ask a node what it has.</summary>
    internal sealed record AskReport(string Node) : Order;

    /// <summary>Tell a node who leads now, and give it the ledger.</summary>
    internal sealed record Lead(string Node) : Order;

    /// <summary>A node is to run a Guest.</summary>
    internal sealed record Start(string Node, string Guest, int Incarnation) : Order;

    /// <summary>A node is to stop a Guest.</summary>
    internal sealed record Stop(string Node, string Guest, int Incarnation, string By) : Order;

    /// <summary>The node need not tell this end again.</summary>
    internal sealed record Noted(string Node, string Guest, int Incarnation) : Order;

    /// <summary>Give every node a copy of the ledger.</summary>
    internal sealed record Share : Order;

    /// <summary>A node that wants to go has nothing left and may.</summary>
    internal sealed record MayLeave(string Node) : Order;

    /// <summary>Tell the user.</summary>
    internal sealed record Say(string Text) : Order;

    /// <summary>All Guests have come to their end; every node is to end as well.</summary>
    internal sealed record Finish(int ExitCode) : Order;
}
