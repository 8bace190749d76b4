// libslirp, as declared in slirp/libslirp.h of version 4.7: a TCP/IP stack that takes Ethernet frames. It is not part of this program; if
// it is missing, the error says how to install it.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lguest.Net.Outside;

/// <summary>Native declarations. All calls into one stack from one thread.</summary>
internal static unsafe partial class SlirpLibrary
{
    /// <summary>Version 1 of the configuration: what every libslirp 4 knows.</summary>
    public const uint ConfigVersion = 1;

    public const int PollIn = 1; // SLIRP_POLL_IN
    public const int PollOut = 2; // SLIRP_POLL_OUT
    public const int PollPriority = 4; // SLIRP_POLL_PRI
    public const int PollError = 8; // SLIRP_POLL_ERR
    public const int PollHangUp = 16; // SLIRP_POLL_HUP

    private const string Name = "libslirp.so.0";

    /// <exception cref="OutsideException">The machine has no libslirp.</exception>
    public static void Require()
    {
        if (!NativeLibrary.TryLoad(Name, out _))
            throw new OutsideException($"nat needs {Name}, which this machine does not have; install it (Debian, Ubuntu: apt-get "
                + "install libslirp0)");
    }

    [LibraryImport(Name, EntryPoint = "slirp_new")]
    public static partial nint New(Config* config, Callbacks* callbacks, nint opaque);

    [LibraryImport(Name, EntryPoint = "slirp_cleanup")]
    public static partial void Cleanup(nint slirp);

    [LibraryImport(Name, EntryPoint = "slirp_pollfds_fill")]
    public static partial void FillPolls(nint slirp, uint* timeout, delegate* unmanaged[Cdecl]<int, int, nint, int> add, nint opaque);

    [LibraryImport(Name, EntryPoint = "slirp_pollfds_poll")]
    public static partial void Poll(nint slirp, int error, delegate* unmanaged[Cdecl]<int, nint, int> events, nint opaque);

    [LibraryImport(Name, EntryPoint = "slirp_input")]
    public static partial void Input(nint slirp, byte* frame, int length);

    /// <summary>Listens for a Guest; addresses as they stand on the wire. Not 0: the port cannot be had.</summary>
    [LibraryImport(Name, EntryPoint = "slirp_add_hostfwd")]
    public static partial int AddForward(nint slirp, int isUdp, uint host, int hostPort, uint guest, int guestPort);

    /// <summary>SlirpConfig, version 1, with room for what later versions append.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Config
    {
        public uint Version;
        public int Restricted;
        public byte Ip4;
        public uint Network; // addresses as they stand on the wire
        public uint Mask;
        public uint Host;
        public byte Ip6;
        public Address6 Prefix6;
        public byte PrefixLength6;
        public Address6 Host6;
        public nint HostName;
        public nint TftpServerName;
        public nint TftpPath;
        public nint BootFile;
        public uint FirstLease;
        public uint NameServer;
        public Address6 NameServer6;
        public nint DnsSearch;
        public nint DomainName;
        public nuint Mtu;
        public nuint Mru;
        public byte DisableHostLoopback;
        public byte EnableEmulation;
        public Tail Later;
    }

    /// <summary>struct in6_addr, which is aligned to four bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Address6
    {
        public uint A;
        public uint B;
        public uint C;
        public uint D;
    }

    /// <summary>SlirpCb.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Callbacks
    {
        public delegate* unmanaged[Cdecl]<byte*, nuint, nint, nint> SendPacket;
        public delegate* unmanaged[Cdecl]<nint, nint, void> GuestError;
        public delegate* unmanaged[Cdecl]<nint, long> Clock;
        public delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<nint, void>, nint, nint, nint> NewTimer;
        public delegate* unmanaged[Cdecl]<nint, nint, void> FreeTimer;
        public delegate* unmanaged[Cdecl]<nint, long, nint, void> SetTimer;
        public delegate* unmanaged[Cdecl]<int, nint, void> RegisterPoll;
        public delegate* unmanaged[Cdecl]<int, nint, void> UnregisterPoll;
        public delegate* unmanaged[Cdecl]<nint, void> Notify;
        public nint InitCompleted;
        public nint NewTimerOpaque;
    }

    [InlineArray(8)]
    public struct Tail
    {
        public long First;
    }
}
