// How a node that knows only the seed nodes finds its cluster: it asks all of them whether they are in one, again and again, and joins the
// first that says yes. The first seed node founds a cluster when nobody has said so in time.

using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Daemon;

/// <summary>Asks until somebody says yes.</summary>
internal sealed class JoinSeedNodeProcess : ReceiveActor, IWithTimers
{
    private readonly Cluster _cluster;
    private readonly ImmutableList<Address> _others;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private int _attempts;

    public JoinSeedNodeProcess(Cluster cluster, ImmutableList<Address> seeds)
    {
        _cluster = cluster;
        _others = seeds.Remove(cluster.SelfAddress);
        Receive<AskAgain>(_ => Ask());
        Receive<InitJoinAck>(yes =>
        {
            Context.Parent.Tell(new JoinTo(yes.Address));
            Timers.CancelAll();
            // The parent stops this process when it tries to join; later answers do not matter.
            Become(() => ReceiveAny(_ => { }));
        });
        Receive<InitJoinNack>(_ => { });
    }

    public ITimerScheduler Timers { get; set; }

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(AskAgain.Instance, AskAgain.Instance, _cluster.Settings.SeedNodeTimeout);
        Ask();
    }

    private void Ask()
    {
        if (_attempts++ >= 2)
            _log.Warning("Couldn't join seed nodes after [{0}] attempts, will try again. seed-nodes=[{1}]", _attempts - 1, string.Join(",", _others));
        foreach (var seed in _others) Context.ActorSelection(Context.Parent.Path.ToStringWithAddress(seed)).Tell(new InitJoin());
    }
}

/// <summary>Asks until all others have said no or their time is over, and founds a cluster then.</summary>
internal sealed class FirstSeedNodeProcess : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);

    private readonly Cluster _cluster;
    private readonly long _giveUpAt;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private ImmutableList<Address> _others;

    public FirstSeedNodeProcess(Cluster cluster, ImmutableList<Address> seeds)
    {
        _cluster = cluster;
        _others = seeds.Remove(cluster.SelfAddress);
        _giveUpAt = Environment.TickCount64 + (long)cluster.Settings.SeedNodeTimeout.TotalMilliseconds;
        Receive<AskAgain>(_ => Ask());
        Receive<InitJoinAck>(yes =>
        {
            _cluster.LogInfo("Received InitJoinAck message from [{0}] to [{1}]", yes.Address, _cluster.SelfAddress);
            JoinAndStop(yes.Address);
        });
        Receive<InitJoinNack>(no =>
        {
            _cluster.LogInfo("Received InitJoinNack message from [{0}] to [{1}]", no.Address, _cluster.SelfAddress);
            _others = _others.Remove(no.Address);
            if (_others.IsEmpty) JoinAndStop(_cluster.SelfAddress);
        });
    }

    public ITimerScheduler Timers { get; set; }

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(AskAgain.Instance, AskAgain.Instance, _interval);
        Ask();
    }

    private void Ask()
    {
        if (Environment.TickCount64 >= _giveUpAt)
        {
            _log.Debug("Couldn't join other seed nodes, will join myself. Silent: [{0}]", string.Join(",", _others));
            JoinAndStop(_cluster.SelfAddress);
            return;
        }

        foreach (var seed in _others) Context.ActorSelection(Context.Parent.Path.ToStringWithAddress(seed)).Tell(new InitJoin());
    }

    private void JoinAndStop(Address address)
    {
        Context.Parent.Tell(new JoinTo(address));
        Context.Stop(Self);
    }
}

/// <summary>Time to ask the silent ones again.</summary>
internal sealed class AskAgain : IDirective
{
    internal static readonly AskAgain Instance = new();
}
