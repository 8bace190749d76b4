// The leader of a topology as a function: events go in, orders come out. It knows no messages, cluster members or clocks, so a test can
// play every failure minute by minute.

using System.Collections.Immutable;
using System.Globalization;

namespace Lguest.Topology.Leading;

/// <summary>Decides which Guest belongs where, and what becomes of it. All times are the leader's own, steadily running.</summary>
internal sealed class TopologyState
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    private readonly TopologyDefinition _topology;
    private readonly string _digest;
    private readonly LeaseBook _leases;
    private readonly Dictionary<string, KnownMember> _members = [];
    private readonly Dictionary<string, GuestEntry> _entries = [];
    private readonly Dictionary<string, TimeSpan> _notBefore = [];
    private readonly Dictionary<string, TimeSpan> _unanswered = [];
    private readonly HashSet<string> _waitingTold = [];
    private List<Order> _orders = [];
    private long _version;
    private string? _stopping;
    private TimeSpan _stopUntil;
    private bool _waitTold;
    private bool _isFirst;

    /// <param name="topology">What is to be.</param>
    /// <param name="digest">Of its file; a node that read another file is not used.</param>
    /// <param name="now">The leader's time.</param>
    public TopologyState(TopologyDefinition topology, string digest, TimeSpan now)
    {
        _topology = topology;
        _digest = digest;
        _leases = new LeaseBook(topology.Cluster.Lease, now);
    }

    /// <summary>This leader's number; 0 until it leads.</summary>
    public long Term { get; private set; }

    public bool IsLeading => Term > 0;

    public bool IsFinished { get; private set; }

    /// <summary>What is copied to the nodes.</summary>
    public Ledger Ledger => new(Term, _version, [.. _entries.Values]);

    /// <summary>The Guests in the file's order.</summary>
    public IEnumerable<GuestEntry> Entries => _topology.Guests.Select(
        guest => _entries.GetValueOrDefault(guest.Name) ?? GuestEntry.New(guest.Name));

    /// <summary>The orders since the last call.</summary>
    public IReadOnlyList<Order> TakeOrders()
    {
        var orders = _orders;
        _orders = [];
        return orders;
    }

    /// <summary>A node is a member of the cluster.</summary>
    public void MemberUp(string node, TimeSpan now)
    {
        if (_topology.FindNode(node) is null)
        {
            Say($"node '{node}' has joined but is not in {_topology.File}; it gets no Guests");
            return;
        }

        _members[node] = new KnownMember();
        _leases.Forget(node);
        Say($"node {node} is up");
        AskAgain(node, now);
        Advance(now);
    }

    /// <summary>A node is no member any more, however that came.</summary>
    public void MemberGone(string node, TimeSpan now)
    {
        if (!_members.Remove(node, out var member))
            return;
        Say(member.Leaving ? $"node {node} has left" : $"node {node} is lost");
        var safe = _leases.PromisedUntil(node);
        foreach (var entry in _entries.Values.Where(entry => entry.Stage == GuestStage.Placed && entry.Node == node).ToList())
            Lost(entry, now, safe);
        Advance(now);
    }

    /// <summary>A node has said what it has.</summary>
    public void Reported(NodeReport report, TimeSpan now)
    {
        if (!_members.TryGetValue(report.Node, out var member) || member.Report is not null)
            return;
        if (report.Digest != _digest)
        {
            if (!member.Stranger)
                Say($"node {report.Node} has read another topology than {_topology.File}, and gets no Guests; give all nodes the same "
                    + "file and environment variables");
            member.Stranger = true;
            return;
        }

        member.Report = report;
        if (IsLeading)
            Admit(report, now);
        Advance(now);
    }

    /// <summary>A node wants its lease renewed.</summary>
    /// <param name="node">Which.</param>
    /// <param name="echo">The last reading of this leader's clock that it got.</param>
    /// <param name="now">The leader's time.</param>
    /// <param name="lowest">The member with the lowest address.</param>
    public bool Renew(string node, TimeSpan? echo, TimeSpan now, string? lowest) =>
        IsLeading && _leases.Answer(node, echo, now, _members.Keys, lowest);

    /// <summary>A node runs what it was told to.</summary>
    public void Started(string guest, int incarnation)
    {
        if (_entries.GetValueOrDefault(guest) is { } entry && entry.Incarnation == incarnation)
            _unanswered.Remove(guest);
    }

    /// <summary>A Guest has come to its end on a node.</summary>
    public void Ended(string node, GuestEnding ending, TimeSpan now)
    {
        if (!IsLeading)
            return;
        Settle(node, ending, now);
        Advance(now);
    }

    private void Settle(string node, GuestEnding ending, TimeSpan now)
    {
        _orders.Add(new Order.Noted(node, ending.Guest, ending.Incarnation));
        if (_entries.GetValueOrDefault(ending.Guest) is not { Stage: GuestStage.Placed } entry || entry.Incarnation != ending.Incarnation
            || entry.Node != node)
            return;
        _unanswered.Remove(ending.Guest);
        entry = entry with { Figures = entry.Figures + ending.Figures, Text = ending.Text };
        var fate = _topology.FindGuest(ending.Guest)!.Fate;
        if (_stopping is not null)
            Set(entry with { Stage = ending.Kind is EndingKind.PoweredOff or EndingKind.Stopped ? GuestStage.Off : GuestStage.Down });
        else if (ending.Kind == EndingKind.Lost
            || (ending.Kind == EndingKind.Stopped && _members.GetValueOrDefault(node) is { Leaving: true }))
            Lost(entry, now, now);
        else if (ending.Kind == EndingKind.PoweredOff && fate.OnPowerOff == EndPolicy.StayDown)
            Set(entry with { Stage = GuestStage.Off });
        else if (ending.Kind is EndingKind.Refused or EndingKind.Stopped
            || (ending.Kind == EndingKind.Died && fate.OnDeath == EndPolicy.StayDown))
            Set(entry with { Stage = GuestStage.Down });
        else
            Restart(entry, now, now);
    }

    /// <summary>A node wants to go: its Guests go elsewhere first.</summary>
    public void Leave(string node, TimeSpan now)
    {
        if (!_members.TryGetValue(node, out var member))
            return;
        member.Leaving = true;
        Advance(now);
    }

    /// <summary>Everything is to end: Guests first.</summary>
    public void StopAll(string by, TimeSpan now)
    {
        if (_stopping is not null)
            return;
        Say($"stopping, because of {by}");
        End(by, now);
        Advance(now);
    }

    /// <summary>Time has passed.</summary>
    public void Tick(TimeSpan now)
    {
        foreach (var (node, member) in _members)
            if (member is { Report: null, Stranger: false } && now - member.Asked >= _patience)
                AskAgain(node, now);
        foreach (var entry in _entries.Values)
        {
            if (entry.Stage == GuestStage.Placed && _unanswered.TryGetValue(entry.Guest, out var since) && now - since >= _patience)
            {
                _unanswered[entry.Guest] = now;
                _orders.Add(new Order.Start(entry.Node, entry.Guest, entry.Incarnation));
            }
        }

        Advance(now);
    }

    private void Advance(TimeSpan now)
    {
        if (IsFinished)
            return;
        if (!IsLeading)
            Gather(now);
        if (!IsLeading)
            return;
        if (_stopping is null && !_entries.Values.Any(entry => IsUnfinished(entry) && !_topology.FindGuest(entry.Guest)!.Fate.IsService))
            End("the end of the Guests that it serves", now);
        if (_stopping is { } by)
            StopEach(by);
        else
            PlaceEach(now);
        foreach (var (node, member) in _members)
            if (member.Leaving)
                SendAway(node);
        Finish(now);
    }

    /// <summary>A leader begins when it knows what everybody has, and, the first time, when enough nodes are there.</summary>
    private void Gather(TimeSpan now)
    {
        var known = _members.Where(pair => !pair.Value.Stranger).ToList();
        if (known.Count == 0 || known.Any(pair => pair.Value.Report is null))
            return;
        var reports = known.Select(pair => pair.Value.Report!).ToList();
        var ledger = reports.Select(report => report.Ledger)
            .Aggregate(Ledger.Empty, (newest, other) => other.IsNewerThan(newest) ? other : newest);
        bool isFirst = ledger.Term == 0 && reports.All(report => report.Running.IsEmpty && report.Endings.IsEmpty);
        if (isFirst && _stopping is null && known.Count < _topology.Cluster.NodesToStart)
        {
            if (!_waitTold)
                Say($"waiting for {_topology.Cluster.NodesToStart.ToString(CultureInfo.InvariantCulture)} nodes before Guests are placed");
            _waitTold = true;
            return;
        }

        _isFirst = isFirst;
        Term = reports.Max(report => report.Term) + 1;
        foreach (var entry in ledger.Entries)
            if (_topology.FindGuest(entry.Guest) is not null)
                _entries[entry.Guest] = entry;
        foreach (var guest in _topology.Guests)
            _entries.TryAdd(guest.Name, GuestEntry.New(guest.Name));
        foreach (var (node, _) in known)
            _orders.Add(new Order.Lead(node));
        reports.ForEach(report => Admit(report, now, isLead: true));
        reports.ForEach(StopStrays);
        var lost = _entries.Values.Where(entry => entry.Stage == GuestStage.Placed && !_members.ContainsKey(entry.Node)).ToList();
        foreach (string node in lost.Select(entry => entry.Node).Distinct())
            Say($"node {node} is lost");
        foreach (var entry in lost)
            Lost(entry, now, _leases.PromisedUntil(entry.Node));
        Share();
    }

    /// <summary>Compares what a node has with what it should have.</summary>
    private void Admit(NodeReport report, TimeSpan now, bool isLead = false)
    {
        if (!isLead)
        {
            // A node that has heard of a later leader hears only a later one still; and what is sent under the new number is for those
            // alone who know it.
            bool isBehind = report.Term > Term;
            if (isBehind)
                Term = report.Term + 1;
            foreach (var (node, _) in _members.Where(pair => pair.Key == report.Node || (isBehind && pair.Value.Report is not null)))
                _orders.Add(new Order.Lead(node));
        }

        // A new leader knows which life is the latest, and what is to be stopped or started, only when all have said what they run.
        if (!isLead)
            StopStrays(report);
        foreach (var (guest, incarnation) in isLead ? report.Running : [])
            if (_entries.GetValueOrDefault(guest) is { } entry && incarnation >= entry.Incarnation
                && !(entry.Stage == GuestStage.Placed && entry.Node != report.Node && incarnation == entry.Incarnation))
                Set(entry with { Stage = GuestStage.Placed, Node = report.Node, Incarnation = incarnation });

        foreach (var ending in report.Endings)
        {
            if (isLead && _entries.GetValueOrDefault(ending.Guest) is { } entry && ending.Incarnation >= entry.Incarnation
                && entry.Stage is GuestStage.Waiting or GuestStage.Placed)
                Set(entry with { Stage = GuestStage.Placed, Node = report.Node, Incarnation = ending.Incarnation });
            Settle(report.Node, ending, now);
        }

        // What this node should have and has not: the order to start it was lost with the leader that gave it.
        foreach (var entry in _entries.Values.Where(entry => entry.Stage == GuestStage.Placed && entry.Node == report.Node).ToList())
            if (!report.Running.Contains((entry.Guest, entry.Incarnation)) && !_unanswered.ContainsKey(entry.Guest))
                Set(entry with { Stage = GuestStage.Waiting });
    }

    private void StopStrays(NodeReport report)
    {
        foreach (var (guest, incarnation) in report.Running)
            if (_entries.GetValueOrDefault(guest) is not { Stage: GuestStage.Placed } entry
                || entry.Node != report.Node || entry.Incarnation != incarnation)
                _orders.Add(new Order.Stop(report.Node, guest, incarnation, "the leader: it belongs elsewhere"));
    }

    private void End(string by, TimeSpan now) => (_stopping, _stopUntil) = (by, now + _topology.Cluster.StopTimeout);

    private static bool IsUnfinished(GuestEntry entry) => entry.Stage is GuestStage.Waiting or GuestStage.Placed;

    private void PlaceEach(TimeSpan now)
    {
        if (!_isFirst && now < _leases.UnknownUntil && _topology.Nodes.Any(node => !_members.ContainsKey(node.Name)))
            return;
        foreach (var guest in Placement.Order(_topology))
        {
            var entry = _entries[guest.Name];
            if (entry.Stage != GuestStage.Waiting || _notBefore.GetValueOrDefault(guest.Name) > now)
                continue;
            if (Placement.Choose(guest, _topology.Nodes.Where(node => IsUsable(node.Name)), Load) is { } node)
            {
                Set(entry with { Stage = GuestStage.Placed, Node = node.Name, Incarnation = entry.Incarnation + 1, Text = "" });
                _unanswered[guest.Name] = now;
                _waitingTold.Remove(guest.Name);
                Share();
                _orders.Add(new Order.Start(node.Name, guest.Name, entry.Incarnation + 1));
            }
            else if (_waitingTold.Add(guest.Name))
            {
                Say($"{guest.Name} waits: no node where it may run has room for it");
            }
        }
    }

    private void StopEach(string by)
    {
        foreach (var entry in _entries.Values.ToList())
        {
            if (entry.Stage == GuestStage.Waiting)
                Set(entry with { Stage = GuestStage.Off, Text = $"not started again, because of {by}" });
            else if (entry.Stage == GuestStage.Placed)
                _orders.Add(new Order.Stop(entry.Node, entry.Guest, entry.Incarnation, by));
        }
    }

    private void SendAway(string node)
    {
        var placed = _entries.Values.Where(entry => entry.Stage == GuestStage.Placed && entry.Node == node).ToList();
        foreach (var entry in placed)
            _orders.Add(new Order.Stop(node, entry.Guest, entry.Incarnation, $"the leader: node {node} leaves"));
        if (placed.Count == 0)
            _orders.Add(new Order.MayLeave(node));
    }

    private void Finish(TimeSpan now)
    {
        if (_entries.Values.Any(IsUnfinished) && !(_stopping is not null && now >= _stopUntil))
            return;
        IsFinished = true;
        Share();
        _orders.Add(new Order.Finish(_entries.Values.All(entry => entry.Stage == GuestStage.Off) ? 0 : 1));
    }

    /// <summary>The Guest's node is gone; it may run again from a moment on at which it surely does not run there any more.</summary>
    private void Lost(GuestEntry entry, TimeSpan now, TimeSpan safe)
    {
        if (_topology.FindGuest(entry.Guest)!.Fate.OnNodeLoss == LossPolicy.Restart && _stopping is null)
        {
            Restart(entry, now, safe);
            return;
        }

        Say($"{entry.Guest} is down with node {entry.Node}");
        Set(entry with { Stage = GuestStage.Down, Text = $"node {entry.Node} was lost" });
    }

    private void Restart(GuestEntry entry, TimeSpan now, TimeSpan safe)
    {
        var fate = _topology.FindGuest(entry.Guest)!.Fate;
        _unanswered.Remove(entry.Guest);
        if (entry.Restarts >= fate.MostRestarts)
        {
            Say($"{entry.Guest} stays down: it was restarted {entry.Restarts.ToString(CultureInfo.InvariantCulture)} times");
            Set(entry with { Stage = GuestStage.Down, Text = entry.Text.Length > 0 ? entry.Text : $"node {entry.Node} was lost" });
            return;
        }

        _notBefore[entry.Guest] = (safe > now ? safe : now) + fate.RestartDelay;
        Set(entry with { Stage = GuestStage.Waiting, Restarts = entry.Restarts + 1 });
        Share();
    }

    private void Set(GuestEntry entry)
    {
        _entries[entry.Guest] = entry;
        _version++;
    }

    private void Share() => _orders.Add(new Order.Share());

    private void Say(string text) => _orders.Add(new Order.Say(text));

    private void AskAgain(string node, TimeSpan now)
    {
        _members[node].Asked = now;
        _orders.Add(new Order.AskReport(node));
    }

    private bool IsUsable(string node) => _members.TryGetValue(node, out var member) && member is { Report: not null, Leaving: false };
    private NodeLoad Load(string node) =>
        _entries.Values.Where(entry => entry.Stage == GuestStage.Placed && entry.Node == node)
            .Aggregate(default(NodeLoad), (load, entry) => load.With(_topology.FindGuest(entry.Guest)!));
}
