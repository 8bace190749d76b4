// A node of a topology: where it listens, and its limits.

using System.Collections.Immutable;
using System.Net;
using Lguest.Topology.Hocon;

namespace Lguest.Topology;

/// <summary>One node, as its file describes it.</summary>
/// <param name="Name">Unique in the topology.</param>
/// <param name="Host">Address on which the others reach it.</param>
/// <param name="Port">TCP port; 0 for any.</param>
/// <param name="Roles">Words that Guests may ask for.</param>
/// <param name="MemoryBytes">Most memory of its Guests together; null: no limit.</param>
/// <param name="MostGuests">Most Guests; null: no limit.</param>
internal sealed record NodeDefinition(string Name, string Host, int Port, ImmutableArray<string> Roles, long? MemoryBytes, int? MostGuests)
{
    /// <summary>Address on which it listens, where that is another than <see cref="Host"/>: behind a container's or a router's port
    /// mapping; null: the same.</summary>
    public string? ListenHost { get; init; }

    /// <summary>The port there; null: the same as <see cref="Port"/>.</summary>
    public int? ListenPort { get; init; }

    /// <summary>Where the file says at which address it listens.</summary>
    public Place HostPlace { get; init; }

    /// <summary>Where the file says at which port.</summary>
    public Place PortPlace { get; init; }

    /// <summary>Whether nobody but this machine can reach it.</summary>
    public bool IsLoopback => (ListenHost ?? Host) is var host
        && (host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address)));

    /// <summary>TCP port on which the others reach its trunks; null: any that is free.</summary>
    public int? TrunkPort { get; init; }

    /// <summary>The port there; null: the same as <see cref="TrunkPort"/>.</summary>
    public int? ListenTrunkPort { get; init; }
}
