// Explains why a node cannot listen: a port in use, an address of another machine, an unknown name. It finds the socket's error inside the
// exceptions of the actor system and reports it as one line with the place of the setting.

using System.Net.Sockets;
using Lguest.Topology.Hocon;

namespace Lguest.Topology;

/// <summary>Tells why a node does not listen.</summary>
internal static class ListenProblem
{
    /// <param name="problem">What went wrong as the node started.</param>
    /// <param name="node">The node.</param>
    /// <param name="topology">Its topology.</param>
    /// <returns>The fault to tell; null if no socket is after it.</returns>
    public static MisconfiguredException? Of(Exception problem, NodeDefinition node, TopologyDefinition topology)
    {
        if (Socket(problem) is not { } socket)
            return null;
        string host = node.ListenHost ?? node.Host;
        int port = PortOf(node);
        var (place, words) = socket.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse => (node.PortPlace,
                $"port {port} of {host} is in use{By(node, topology)}; choose another port, or end the program that uses it"),
            SocketError.AddressNotAvailable => (node.HostPlace,
                $"{host} is not an address of this machine; "
                + "start the node on the machine that has it, or set listen-host to an address of this machine"),
            SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery => (node.HostPlace,
                $"host {SectionReader.Short(host)} is not known here; write an address, or a name that this machine can resolve"),
            SocketError.AccessDenied => (node.PortPlace, $"port {port} is reserved for root; choose one above 1023"),
            SocketError.TooManyOpenSockets => (node.PortPlace, "there are too many open files to listen; raise the limit with ulimit -n"),
            _ => (node.HostPlace, $"it cannot listen at {host}:{port}: {socket.Message}"),
        };
        return new MisconfiguredException(place, $"node '{node.Name}': {words}");
    }

    /// <summary>The socket's own error among the causes; null if there is none.</summary>
    public static SocketException? Socket(Exception problem) => problem switch
    {
        SocketException socket => socket,
        AggregateException many => many.InnerExceptions.Select(Socket).FirstOrDefault(found => found is not null),
        { InnerException: { } inner } => Socket(inner),
        _ => null,
    };

    private static string By(NodeDefinition node, TopologyDefinition topology) =>
        topology.Nodes.TakeWhile(other => other != node).LastOrDefault(other => PortOf(other) == PortOf(node)) is { } other
            ? $", perhaps by node '{other.Name}'"
            : "";

    private static int PortOf(NodeDefinition node) => node.ListenPort ?? node.Port;
}
