// A line between two systems that a test can cut and heal: it listens where the one believes the other to be, and passes bytes on.

using System.Net;
using System.Net.Sockets;

namespace Lguest.Cluster.Tests.Remote;

/// <summary>Forwards TCP connections from <see cref="Port"/> to another port of this machine, while it is not cut.</summary>
internal sealed class CuttableLine : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<TcpClient> _ends = [];
    private readonly int _target;
    private bool _cut;

    internal CuttableLine(int target)
    {
        _target = target;
        _listener.Start();
        _ = Accept();
    }

    internal int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Ends every connection, and takes no new one until healed.</summary>
    internal void Cut()
    {
        lock (_gate)
        {
            _cut = true;
            Close();
        }
    }

    internal void Heal()
    {
        lock (_gate) _cut = false;
    }

    public void Dispose()
    {
        Cut();
        _listener.Dispose();
    }

    private async Task Accept()
    {
        while (true)
        {
            TcpClient near;
            try
            {
                near = await _listener.AcceptTcpClientAsync();
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
            {
                return;
            }

            _ = Serve(near);
        }
    }

    private async Task Serve(TcpClient near)
    {
        var far = new TcpClient();
        lock (_gate)
        {
            _ends.Add(near);
            _ends.Add(far);
            if (_cut) Close();
        }

        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _target);
            await Task.WhenAny(near.GetStream().CopyToAsync(far.GetStream()), far.GetStream().CopyToAsync(near.GetStream()));
        }
        catch (Exception ended) when (ended is SocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // Cut, or the other end is not there: either way this connection is over.
        }

        near.Dispose();
        far.Dispose();
    }

    // Under the lock.
    private void Close()
    {
        foreach (var end in _ends) end.Dispose();
        _ends.Clear();
    }
}
