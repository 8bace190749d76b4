// The test assembly as a program: a node of its own in a process of its own, for tests that kill, stop and restart processes.

using Lguest.Cluster.Tests.Clustering;
using Lguest.Cluster.Tests.Remote;

namespace Lguest.Cluster.Tests;

internal static class Program
{
    private static Task<int> Main(string[] arguments) => arguments is ["member", var config] ? MemberNode.Run(config)
        : FarNode.Run(arguments);
}
