// Remoting over TCP: listens, keeps one association for each address we send to and one connection for each peer that sends to us.

using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Event;
using Akka.Remote.Transport;

namespace Akka.Remote;

internal sealed class Remoting : RemoteTransport
{
    private readonly ConcurrentDictionary<Address, Association> _associations = new();
    private readonly InboundConnections _inbound;
    private readonly ConcurrentDictionary<Task, byte> _running = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly LogLevel _lifecycleLevel;
    private Socket _listener;
    private Address _address;
    private ImmutableHashSet<Address> _addresses = [];

    internal Remoting(ExtendedActorSystem system, RemoteActorRefProvider provider)
        : base(system, provider)
    {
        Settings = provider.RemoteSettings;
        Tcp = new TcpSettings(Settings.Config.GetConfig("akka.remote.dot-netty.tcp"));
        Log = Logging.GetLogger(system, "remoting");
        Codec = new OutboundCodec(system);
        Uid = AddressUidExtension.Uid(system);
        _lifecycleLevel = Logging.LogLevelFor(Settings.RemoteLifecycleEventsLogLevel);
        _inbound = new InboundConnections(this);
    }

    public override ISet<Address> Addresses => _addresses;
    public override Address DefaultAddress => _address;

    internal RemoteSettings Settings { get; }
    internal TcpSettings Tcp { get; }
    internal OutboundCodec Codec { get; }
    internal int Uid { get; }
    internal int AssociationCount => _associations.Count;
    internal bool IsStopping => _stopping.IsCancellationRequested;

    public override void Start()
    {
        Log.Info("Starting remoting");
        try
        {
            _listener = Listen();
        }
        catch (SocketException failure)
        {
            throw new RemoteTransportException($"Failed to bind to [{Tcp.Hostname}:{Tcp.Port}]: {failure.Message}", failure);
        }

        var port = Tcp.PublicPort > 0 ? Tcp.PublicPort : ((IPEndPoint)_listener.LocalEndPoint).Port;
        _address = new Address(Tcp.Scheme, System.Name, Tcp.PublicHostname, port);
        _addresses = [_address];
        Track(Task.Run(() => _inbound.Accept(_listener, _stopping.Token)));
        Track(Task.Run(Pulse));
        Publish(new RemotingListenEvent([_address]));
    }

    public override async Task Shutdown()
    {
        if (IsStopping || _listener is null) return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        _listener.Dispose();
        using (var overtime = new CancellationTokenSource(Settings.FlushWait))
            await Task.WhenAll(_associations.Values.Select(one => one.Shutdown(overtime.Token))).ConfigureAwait(false);
        await _inbound.Shutdown().ConfigureAwait(false);
        await Task.WhenAny(Task.WhenAll(_running.Keys), Task.Delay(Settings.FlushWait)).ConfigureAwait(false);
        Publish(new RemotingShutdownEvent());
    }

    public override void Send(object message, IActorRef sender, RemoteActorRef recipient) => recipient.Association.Send(message, sender, recipient);

    public override Address LocalAddressForRemote(Address remote) => remote.Protocol == Tcp.Scheme
        ? _address
        : throw new RemoteTransportException($"No transport is loaded for protocol: [{remote.Protocol}], available protocols: [{Tcp.Scheme}]");

    public override void Quarantine(Address address, int? uid)
    {
        AssociationWith(address).Quarantine(uid);
        if (uid is { } life) _inbound.Quarantine(address, life);
    }

    internal Association AssociationWith(Address remote) => _associations.GetOrAdd(remote, static (address, self) => new Association(self, address), this);

    internal void Forget(Association association) => _associations.TryRemove(new KeyValuePair<Address, Association>(association.RemoteAddress, association));

    internal bool IsQuarantined(Address remote, int uid) => _associations.TryGetValue(remote, out var association) && association.IsQuarantined(uid);

    internal Greeting GreetingTo(Address remote, long acknowledged) => new(_address, Uid, remote, acknowledged);

    internal SystemInbox InboundGreeted(InboundConnection connection, Greeting hello)
    {
        var inbox = _inbound.Greeted(connection, hello);
        if (_associations.TryGetValue(hello.From, out var association)) association.OpenGate();
        Publish(new AssociatedEvent(_address, hello.From, inbound: true));
        return inbox;
    }

    internal void InboundEnded(InboundConnection connection, Exception cause) => _inbound.Ended(connection, cause);

    internal void WeAreQuarantined(Address by) => Publish(new ThisActorSystemQuarantinedEvent(_address, by));

    internal void Publish(RemotingLifecycleEvent happened)
    {
        System.EventStream.Publish(happened);
        var level = happened.LogLevel();
        if (level >= _lifecycleLevel) Log.Log(level, "{0}", happened);
    }

    internal Socket NewSocket()
    {
        var socket = Socket.OSSupportsIPv6 ? new Socket(SocketType.Stream, ProtocolType.Tcp) : new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Configure(socket);
        return socket;
    }

    internal void Configure(Socket socket)
    {
        socket.NoDelay = Tcp.NoDelay;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, Tcp.KeepAlive);
        if (Tcp.SendBufferSize > 0) socket.SendBufferSize = Tcp.SendBufferSize;
        if (Tcp.ReceiveBufferSize > 0) socket.ReceiveBufferSize = Tcp.ReceiveBufferSize;
    }

    /// <summary>Something to be done later, unless remoting ends before.</summary>
    internal void After(TimeSpan delay, Action action) =>
        Task.Delay(delay, _stopping.Token).ContinueWith(
            _ => action(), _stopping.Token, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);

    /// <summary>Work that <see cref="Shutdown"/> waits for.</summary>
    internal void Track(Task work)
    {
        _running.TryAdd(work, 0);
        work.ContinueWith(done => _running.TryRemove(done, out _), TaskScheduler.Default);
    }

    private Socket Listen()
    {
        if (!IPAddress.TryParse(Tcp.Hostname, out var address))
        {
            var family = Tcp.UseIpv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
            address = Dns.GetHostAddresses(Tcp.Hostname, family).FirstOrDefault()
                ?? throw new RemoteTransportException($"[{Tcp.Hostname}] (akka.remote.dot-netty.tcp.hostname) has no address of the family {family}");
        }

        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (Tcp.ReuseAddress) listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            listener.Bind(new IPEndPoint(address, Tcp.Port));
            listener.Listen(Tcp.Backlog);
            return listener;
        }
        catch (SocketException)
        {
            listener.Dispose();
            throw;
        }
    }

    private async Task Pulse()
    {
        using var timer = new PeriodicTimer(Settings.TransportHeartBeatInterval);
        var patience = (long)(Settings.TransportHeartBeatInterval + Settings.TransportHeartBeatPause).TotalMilliseconds;
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token).ConfigureAwait(false))
            {
                var silentSince = Environment.TickCount64 - patience;
                foreach (var association in _associations.Values)
                {
                    association.Pulse(silentSince);
                    association.RetireIfUnused();
                }

                _inbound.Pulse(silentSince);
            }
        }
        catch (OperationCanceledException)
        {
            // Remoting ends, and the pulse with it.
        }
    }
}
