// A node of a topology in this process: its actor system with remoting and cluster, and its actors. Here the topology's settings become the
// settings of the actor system.

using System.Globalization;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote.Transport.DotNetty;
using Lguest.Machine;
using Lguest.Machine.Actors;
using Lguest.Net.Tls;
using Lguest.Net.Trunks;
using Lguest.Net.Trunks.Actors;
using Lguest.Switcher.Actors;
using Lguest.Topology.Hocon;
using Lguest.Topology.Nodes.Actors;
using Lguest.Topology.Peers.Actors;
using Serilog;

namespace Lguest.Topology.Actors;

/// <summary>One node, from construction to <see cref="Close"/>.</summary>
internal sealed class ClusterNode
{
    private const string Dispatcher = "lguest.cluster-dispatcher";
    private static readonly TimeSpan _guestsStopWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _logPeriod = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _withoutMembers = TimeSpan.FromSeconds(1);

    private readonly ActorSystem _system;
    private readonly IActorRef _agent;
    private readonly IActorRef _rejoin;
    private readonly LocalNodes _local;
    private readonly string _name;
    private volatile bool _disposing;

    /// <param name="file">The topology.</param>
    /// <param name="node">Which of its nodes.</param>
    /// <param name="local">Where it reports.</param>
    /// <param name="log">Takes what the actors report.</param>
    /// <exception cref="MisconfiguredException">It cannot listen where the topology says, or its certificate is no good.</exception>
    public ClusterNode(TopologyFile file, NodeDefinition node, LocalNodes local, ILogger log)
    {
        _local = local;
        _name = node.Name;
        End = local.Expect(node.Name);
        _system = Start(file, node);
        var logger = LogActor.Start(_system, log);
        _system.EventStream.Subscribe(logger, typeof(LogEvent));
        _system.ActorOf(TrunkActor.Props(TrunkSettings.From(_system.Settings.Config), Tls(file, node)), TrunkActor.Name);
        var guests = _system.ActorOf(NodeActor.Props(SwitcherActor.Props(SwitcherSettings.From(_system.Settings.Config))), "node");
        _agent = _system.ActorOf(NodeAgentActor.Props(file, node.Name, guests, local).WithDispatcher(Dispatcher), NodeAgentActor.Name);
        _rejoin = _system.ActorOf(RejoinActor.Props(node.Name, local.Say).WithDispatcher(Dispatcher), RejoinActor.Name);
        _system.ActorOf(QuarantineActor.Props(node.Name, local.Say).WithDispatcher(Dispatcher), QuarantineActor.Name);
        _system.ActorOf(
            ClusterSingletonManager.Props(
                TopologyActor.Props(file.Topology, file.Digest, local.Say).WithDispatcher(Dispatcher), PoisonPill.Instance,
                    ClusterSingletonManagerSettings.Create(_system)),
            "topology");

        Cluster.Get(_system).RegisterOnMemberUp(() => local.Joined(node.Name));

        // Guests first, then the node, however it comes to its end.
        CoordinatedShutdown.Get(_system).AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "guests", async () =>
        {
            try
            {
                await _agent.Ask<NodeAgentActor.Stopped>(NodeAgentActor.StopNow.Instance, _guestsStopWithin).ConfigureAwait(false);
            }
            catch (AskTimeoutException)
            {
                log.Warning("the Guests of node {Node} did not end in time; they end with it", node.Name);
            }

            return Akka.Done.Instance;
        });
        _ = _system.WhenTerminated.ContinueWith(
            _ =>
            {
                if (!_disposing)
                    _local.CutOff(_name);
            },
            TaskScheduler.Default);
    }

    /// <summary>Completes when the node has nothing more to do.</summary>
    public Task<NodeEnd> End { get; }

    /// <summary>Where the node listens.</summary>
    public string Address => Cluster.Get(_system).SelfAddress.ToString();

    /// <summary>Joins the cluster, or founds it if the first seed is this node and no other answers.</summary>
    public void Join(IEnumerable<string> seeds) => Cluster.Get(_system).JoinSeedNodes(seeds.Select(Akka.Actor.Address.Parse));

    /// <summary>Joins the cluster from which it was taken out.</summary>
    /// <param name="others">The other nodes of the file with their present addresses; asked again and again, on any thread.</param>
    /// <param name="mayFound">Whether it founds one when all others say that there is none.</param>
    public void JoinAgain(Func<IReadOnlyList<(string Node, string Address)>> others, bool mayFound) =>
        _rejoin.Tell(new RejoinActor.Look(others, mayFound));

    /// <summary>Asks the leader to stop the whole topology. Any thread.</summary>
    public void StopAll(string by) => _agent.Tell(new TopologyProtocol.StopAll(by));

    /// <summary>Asks the leader to let this node go; one that is no member yet, or no more, has none to ask and goes. Any
    /// thread.</summary>
    public void Leave()
    {
        if (IsMember)
            _agent.Tell(new TopologyProtocol.Leave(_name));
        else
            _local.Left(_name);
    }

    private bool IsMember => Cluster.Get(_system).SelfMember.Status is not (MemberStatus.Removed or MemberStatus.Joining);

    /// <summary>Ends the node.</summary>
    /// <param name="isGraceful">Whether it takes leave of the others, which takes some seconds, or just goes.</param>
    public async Task Close(bool isGraceful)
    {
        _disposing = true;
        if (isGraceful)
        {
            // Who is about to become a member takes leave too, but nobody may be there to hear it.
            var leave = IsMember ? Timeout.InfiniteTimeSpan : _withoutMembers;
            var end = CoordinatedShutdown.Get(_system).Run(CoordinatedShutdown.ClrExitReason.Instance);
            if (await Task.WhenAny(end, Task.Delay(leave)).ConfigureAwait(false) == end)
                await end.ConfigureAwait(false);
        }

        await _system.Terminate().ConfigureAwait(false);
        await _system.WhenTerminated.ConfigureAwait(false);
    }

    /// <summary>The address of a node that has a port of its own.</summary>
    public static string AddressOf(TopologyDefinition topology, NodeDefinition node) =>
        new Address(topology.Cluster.Tls is null ? "akka.tcp" : "akka.ssl.tcp", topology.Name, node.Host, node.Port).ToString();

    /// <summary>A node's actor system, with nothing in it yet.</summary>
    /// <exception cref="MisconfiguredException">It cannot listen where the topology says, or its certificate is no good.</exception>
    internal static ActorSystem Start(TopologyFile file, NodeDefinition node)
    {
        var setup = ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(Settings(file, node)));
        if (Tls(file, node) is { } tls)
            setup = setup.And(
                new DotNettySslSetup(tls.Certificate, suppressValidation: false, requireMutualAuthentication: true, Validator(tls)));
        try
        {
            return ActorSystem.Create(file.Topology.Name, setup);
        }
        catch (Exception problem) when (ListenProblem.Of(problem, node, file.Topology) is { } told)
        {
            // Akka wraps what the socket said in exceptions of many kinds.
            throw told;
        }
    }

    private static TlsSettings? Tls(TopologyFile file, NodeDefinition node) =>
        file.Topology.Cluster.Tls?.Read(node.Name, file.Topology.Nodes.Select(one => one.Name));

    private static CertificateValidationCallback Validator(TlsSettings tls)
    {
        // Strangers may call again and again, on several threads at once. This is handed to the system before there is one, with its clock.
        var clock = SystemClock.Instance;
        var refusals = new RareLine(_logPeriod);
        return (certificate, _, peer, _, log) =>
        {
            if (tls.Problem(certificate) is not { } problem)
                return true;
            string? line;
            lock (refusals)
            {
                line = refusals.Happened($"the connection with {peer} was refused: {problem}", clock.Monotonic.Span);
            }

            if (line is not null)
                log.Warning("{0}", line);
            return false;
        };
    }

    private static Config Settings(TopologyFile file, NodeDefinition node)
    {
        string roles = string.Join(", ", node.Roles.Prepend(TopologyActor.NodeRole + node.Name).Select(role => $"\"{role}\""));
        string stable = file.Topology.Cluster.StableAfter.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture);
        return ConfigurationFactory.ParseString(string.Create(CultureInfo.InvariantCulture, $$"""
            akka.actor.provider = cluster
            akka.remote.dot-netty.tcp.hostname = "{{node.ListenHost ?? node.Host}}"
            akka.remote.dot-netty.tcp.port = {{node.ListenPort ?? node.Port}}
            akka.remote.dot-netty.tcp.public-hostname = "{{node.Host}}"
            akka.remote.dot-netty.tcp.public-port = {{node.Port}}
            akka.remote.dot-netty.tcp.enable-ssl = {{(file.Topology.Cluster.Tls is null ? "off" : "on")}}
            {{Port("port", node.ListenTrunkPort ?? node.TrunkPort)}}
            {{Port("public-port", node.TrunkPort)}}
            akka.cluster.roles = [{{roles}}]
            akka.cluster.split-brain-resolver.stable-after = {{stable}}ms
            """)).WithFallback(file.Config).WithFallback(Common);
    }

    private static string Port(string setting, int? port) =>
        port is { } number ? string.Create(CultureInfo.InvariantCulture, $"lguest.net.trunk.{setting} = {number}") : "";

    /// <summary>What all nodes of all topologies have.</summary>
    public static Config Common => ConfigurationFactory.ParseString($$"""
        akka.actor.serializers.lguest-topology = "Lguest.Topology.Actors.TopologySerializer, Lguest.Topology"
        akka.actor.serialization-bindings."Lguest.Topology.Actors.TopologyProtocol+IBetweenNodes, Lguest.Topology" = lguest-topology
        akka.cluster.use-dispatcher = "{{Dispatcher}}"
        akka.cluster.downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
        akka.cluster.split-brain-resolver.active-strategy = keep-majority
        akka.cluster.run-coordinated-shutdown-when-down = on
        # A connection that broke is tried again well within a lease, so that it costs the Guests nothing.
        akka.remote.retry-gate-closed-for = 500ms
        akka.coordinated-shutdown.exit-clr = off
        akka.coordinated-shutdown.run-by-actor-system-terminate = off
        """).WithFallback(PeerSettings.Clustered);
}
