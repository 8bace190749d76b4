// A node's trunks: the port on which it is called, the calls that it makes, and the connections that stand. What is to be done when is
// decided by the TrunkTable, who may come in by the TrunkTokens; here are the sockets around them.
//
//J:Net:155 How a trunk is made
// The node that calls asks the other one by remoting, where the cluster's membership, and TLS if it is configured, vouch for both: where
// can I call you? The answer has a place and two tokens, made for this call. The caller greets with the one and must hear the other. So
// nobody gets in who cannot speak for a member of the cluster, and a port that somebody else has taken meanwhile is found out. A
// connection that says anything else is closed.

using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Akka.Actor;
using Akka.Event;
using Lguest.Machine.Actors;
using Lguest.Net.Tls;

namespace Lguest.Net.Trunks.Actors;

/// <summary>One for each node, at /user/trunk. Protocol: <see cref="TrunkProtocol"/>.</summary>
public sealed class TrunkActor : TableActor, IWithTimers
{
    /// <summary>Its name, by which the others find it.</summary>
    public const string Name = "trunk";

    private static readonly TimeSpan _acceptAgain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _logPeriod = TimeSpan.FromSeconds(10);

    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _end = new();
    private readonly TrunkSettings _settings;
    private readonly TlsSettings? _security;
    private readonly Trunks _trunks = Trunks.Of(Context.System);
    private readonly Address _self = ((ExtendedActorSystem)Context.System).Provider.DefaultAddress;
    private readonly TrunkTokens _tokens;
    private readonly TrunkTable _table;
    private readonly TrunkCallers _callers;
    private readonly RareLine _refusals = new(_logPeriod);
    private readonly RareLine _noListener = new(_logPeriod);
    private Dictionary<string, Address> _nodes = [];
    private Socket? _listener;
    private long _refused;

    public TrunkActor(TrunkSettings settings, TlsSettings? security)
    {
        _settings = settings;
        _security = security;
        _tokens = new TrunkTokens(settings.Pace.Handshake);
        _table = new TrunkTable(_self.ToString(), settings.Pace);
        _callers = new TrunkCallers(settings.MostCallers, settings.MostCallersOfOne);
        Receive<TrunkProtocol.Peers>(SetPeers);
        Receive<TrunkProtocol.Ask>(Asked);
        Receive<TrunkProtocol.Offer>(Offered);
        Receive<TrunkProtocol.GetStatistics>(_ => Sender.Tell(Statistics()));
        Receive<Called>(Greet);
        Receive<Greeted>(Admit);
        Receive<NotGreeted>(NotAdmitted);
        Receive<Answered>(Answer);
        Receive<Failed>(OnFailed);
        Receive<Closed>(OnClosed);
        Receive<Due>(_ => Advance());
        Receive<Beat>(_ => OnBeat());
        Receive<NoListener>(problem =>
            Warn(_noListener.Happened($"no trunks can be opened to this node: {problem.Reason}", Now)));
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private TimeSpan Now => _trunks.Clock.Monotonic.Span;

    /// <summary>A node's trunks.</summary>
    /// <param name="settings">Where it listens, and limits.</param>
    /// <param name="security">Mutual TLS; null for plain TCP.</param>
    public static Props Props(TrunkSettings settings, TlsSettings? security = null) =>
        Akka.Actor.Props.Create(() => new TrunkActor(settings, security));

    protected override void PreStart()
    {
        if (_settings.IsEnabled)
            Listen();
        Timers.StartPeriodicTimer("beat", Beat.Instance, _settings.Pace.Pulse);
        base.PreStart();
    }

    /// <summary>Who the others are is told only when that changes.</summary>
    protected override void PreRestart(Exception reason, object message)
    {
        Self.Tell(new TrunkProtocol.Peers([.. _nodes.Values]));
        base.PreRestart(reason, message);
    }

    protected override void PostStop()
    {
        _end.Cancel();
        _listener?.Dispose();
        foreach (var line in _trunks.Lines)
            line.Close("this node's trunks end");
        base.PostStop();
    }

    private void Listen()
    {
        try
        {
            string remoting = Context.System.Settings.Config.GetString("akka.remote.dot-netty.tcp.hostname", "");
            string host = _settings.Host.Length > 0 ? _settings.Host : remoting;
            var address = IPAddress.TryParse(host, out var given) ? given
                : host.Length == 0 ? IPAddress.Any
                : Dns.GetHostAddresses(host)[0];
            _listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            _listener.Bind(new IPEndPoint(address, _settings.Port));
            _listener.Listen(_settings.MostCallers);
            _ = Accept(_listener, Self, _end.Token);
        }
        catch (SocketException problem)
        {
            _listener?.Dispose();
            _listener = null;
            Self.Tell(new NoListener(problem.Message));
        }
    }

    private static async Task Accept(Socket listener, IActorRef self, CancellationToken end)
    {
        // A call that cannot be taken (no descriptor is free, say) is no reason to stop listening: the next one may be.
        while (!end.IsCancellationRequested)
        {
            try
            {
                // One after the other: those that the actor has not seen yet wait with the system, which has a limit for them.
                var called = new Called(await listener.AcceptAsync(end).ConfigureAwait(false));
                self.Tell(called, ActorRefs.NoSender);
                await called.Seen.Task.WaitAsync(end).ConfigureAwait(false);
            }
            catch (Exception problem) when (TrunkConnection.IsOfNetwork(problem))
            {
                if (end.IsCancellationRequested)
                    return;
                self.Tell(new NoListener(problem.Message), ActorRefs.NoSender);
                await Task.Delay(_acceptAgain, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private void SetPeers(TrunkProtocol.Peers peers)
    {
        if (!_settings.IsEnabled)
            return;
        _nodes = peers.Nodes.ToDictionary(node => node.ToString(), StringComparer.Ordinal);
        foreach (string gone in _table.SetPeers(_nodes.Keys, Now))
        {
            _tokens.Forget(gone);
            _trunks.Lines.FirstOrDefault(line => line.Node.ToString() == gone)?.Close("the node is gone");
        }

        Advance();
    }

    private void Advance()
    {
        foreach (var (node, attempt) in _table.Advance(Now))
            Context.ActorSelection(new RootActorPath(_nodes[node]) / "user" / Name).Tell(new TrunkProtocol.Ask(attempt), Self);
        Schedule();
    }

    private void Schedule()
    {
        if (_table.NextDue is not { } due)
            return;
        var wait = due - Now;
        Timers.StartSingleTimer("due", Due.Instance, wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
    }

    private void Asked(TrunkProtocol.Ask ask)
    {
        string node = Sender.Path.Address.ToString();
        if (_listener?.LocalEndPoint is not IPEndPoint here || !_table.MayAsk(node))
            return;
        byte[] call = RandomNumberGenerator.GetBytes(TrunkFormat.TokenBytes);
        byte[] answer = RandomNumberGenerator.GetBytes(TrunkFormat.TokenBytes);
        _tokens.Issue(node, call, answer, Now);
        Sender.Tell(new TrunkProtocol.Offer(
            ask.Attempt,
            _settings.PublicHost.Length > 0 ? _settings.PublicHost : _self.Host,
            _settings.PublicPort > 0 ? _settings.PublicPort : here.Port,
            [.. call],
            [.. answer]));
    }

    private void Offered(TrunkProtocol.Offer offer)
    {
        string node = Sender.Path.Address.ToString();
        if (!_table.Offered(node, offer.Attempt, Now))
            return;
        var (self, security) = (_self.ToString(), _security);
        Within(end => TrunkConnection.Call(offer, self, security, end))
            .PipeTo(
                Self,
                success: connection => new Answered(node, offer.Attempt, connection),
                failure: problem => new Failed(node, offer.Attempt, $"{offer.Host}:{offer.Port}: {ReasonOf(problem)}"));
        Schedule();
    }

    private void Answer(Answered answered)
    {
        if (!_table.Answered(answered.Node, answered.Attempt, Now))
        {
            answered.Connection.Dispose();
            return;
        }

        Open(answered.Node, answered.Connection);
    }

    private void OnFailed(Failed failed)
    {
        _log.Debug("no trunk to {0}: {1}", failed.Node, failed.Reason);
        _table.Failed(failed.Node, failed.Attempt, Now);
        Schedule();
    }

    private void Greet(Called called)
    {
        called.Seen.TrySetResult();
        var socket = called.Socket;
        var from = (IPEndPoint)socket.RemoteEndPoint!;
        if (_callers.Enter(from.Address) is { } problem)
        {
            socket.Dispose();
            Refuse(from.ToString(), problem);
            return;
        }

        var security = _security;
        Within(end => TrunkConnection.Hear(socket, security, end))
            .PipeTo(
                Self,
                success: heard => new Greeted(from, heard.Connection, heard.Name, heard.Token),
                failure: problem => new NotGreeted(from, ReasonOf(problem)));
    }

    private void Refuse(string from, string reason)
    {
        _refused++;
        Warn(_refusals.Happened($"a connection from {from} was refused: {reason}", Now));
    }

    private void Warn(string? line)
    {
        if (line is not null)
            _log.Warning("{0}", line);
    }

    private void NotAdmitted(NotGreeted problem)
    {
        _callers.Leave(problem.From.Address);
        Refuse(problem.From.ToString(), problem.Reason);
    }

    private void Admit(Greeted greeted)
    {
        _callers.Leave(greeted.From.Address);
        if (!_nodes.ContainsKey(greeted.Name) || _tokens.Redeem(greeted.Name, greeted.Token, Now) is not { } answer)
        {
            greeted.Connection.Dispose();
            Refuse(greeted.Connection.RemoteEnd, "its token is not the one that was given");
            return;
        }

        Open(greeted.Name, greeted.Connection, TrunkFormat.Greeting(TrunkKind.Welcome, [], answer));
    }

    private void Open(string node, TrunkConnection connection, byte[]? welcome = null)
    {
        var line = new TrunkLine(_nodes[node], connection, _trunks, _settings);
        if (welcome is not null)
            line.Send(welcome);
        _trunks.Open(line);
        _ = Task.Run(line.Listen);
        line.End.PipeTo(Self, success: reason => new Closed(line, node, reason));
        _log.Info("there is a trunk to {0}", node);
    }

    private void OnClosed(Closed closed)
    {
        if (closed.Line.IsMalformed)
            _log.Warning("the trunk to {0} was closed, since what came from there is malformed: {1}", closed.Node, closed.Reason);
        else if (closed.Line.Fault is { } fault)
            _log.Error(fault, "the trunk to {0} has ended by a fault of this node", closed.Node);
        else
            _log.Info("the trunk to {0} has ended: {1}", closed.Node, closed.Reason);
        if (!_trunks.Lines.Any(line => line.Node.ToString() == closed.Node))
            _table.Lost(closed.Node, Now);
        Schedule();
    }

    private void OnBeat()
    {
        Warn(_refusals.Due(Now));
        Warn(_noListener.Due(Now));
        foreach (var line in _trunks.Lines)
        {
            var (heard, sent) = line.Idle;
            if (heard > _settings.Pace.Silence.TotalMilliseconds)
                line.Close($"nothing was heard for {heard / 1000} s");
            else if (sent >= _settings.Pace.Pulse.TotalMilliseconds / 2)
                line.Pulse();
        }
    }

    private TrunkProtocol.Statistics Statistics() =>
        new(_trunks.Lines.ToImmutableDictionary(line => line.Node, line => line.Counters), _refused);

    /// <summary>Does what may take long, but not longer than a handshake may, nor longer than this actor lives.</summary>
    private async Task<T> Within<T>(Func<CancellationToken, Task<T>> what)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        limit.CancelAfter(_settings.Pace.Handshake);
        return await what(limit.Token).ConfigureAwait(false);
    }

    private static string ReasonOf(Exception problem) =>
        problem.GetBaseException() is var cause and not OperationCanceledException ? cause.Message : "it took too long";

    /// <summary>Somebody has connected.</summary>
    private sealed record Called(Socket Socket) : TrunkProtocol.ILocal, IDeadLetterSuppression
    {
        /// <summary>Completes when the message is out of the mailbox.</summary>
        public TaskCompletionSource Seen { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>It has said who it is, and has a token that is still to be checked.</summary>
    private sealed record Greeted(IPEndPoint From, TrunkConnection Connection, string Name, byte[] Token)
        : TrunkProtocol.ILocal, IDeadLetterSuppression;

    private sealed record NotGreeted(IPEndPoint From, string Reason) : TrunkProtocol.ILocal, IDeadLetterSuppression;

    /// <summary>The call to a node was answered.</summary>
    private sealed record Answered(string Node, long Attempt, TrunkConnection Connection) : TrunkProtocol.ILocal, IDeadLetterSuppression;

    private sealed record Failed(string Node, long Attempt, string Reason) : TrunkProtocol.ILocal, IDeadLetterSuppression;

    private sealed record Closed(TrunkLine Line, string Node, string Reason) : TrunkProtocol.ILocal, IDeadLetterSuppression;

    private sealed record NoListener(string Reason) : TrunkProtocol.ILocal, IDeadLetterSuppression;

    private sealed record Due : TrunkProtocol.ILocal
    {
        public static readonly Due Instance = new();
    }

    private sealed record Beat : TrunkProtocol.ILocal
    {
        public static readonly Beat Instance = new();
    }
}
