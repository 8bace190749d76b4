// Ports for systems that are to be found where they were before, or are known before they are there. The system's own choice will not do:
// it gives the same range to programs that open a connection, so that a port that was free a moment ago, or ours until a moment ago, may be
// the near end of somebody's line.

using System.Net;
using System.Net.Sockets;

namespace Lguest.Support;

/// <summary>Ports below those that connections get.</summary>
public static class FreePorts
{
    private const int First = 10_000;
    private const int Last = 30_000;

    /// <summary>A port that nobody uses just now, and that nobody gets without asking for it by its number.</summary>
    public static int Next()
    {
        while (true)
        {
            int port = Random.Shared.Next(First, Last);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port) { ExclusiveAddressUse = true };
                listener.Start();
                return port;
            }
            catch (SocketException taken) when (taken.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
            {
                // Another then.
            }
        }
    }
}
