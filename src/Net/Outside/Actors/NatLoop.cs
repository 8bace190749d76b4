// The way out without rights: libslirp is a router that answers DHCP and DNS and turns each connection of a Guest into a socket of this
// process. The Guest's TCP ends here; the connection to the outside is one of an ordinary program.

using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Lguest.Net.Lans.Actors;

namespace Lguest.Net.Outside.Actors;

/// <summary>A libslirp stack and the thread that runs it.</summary>
internal sealed unsafe class NatLoop : OutsideLoop
{
    private readonly List<Posix.PollDescriptor> _polled = [];
    private readonly NatTimers _timers = new();
    private readonly NatSettings _settings;
    private readonly List<PortForward> _closed;
    private readonly Action<PortForward, string?> _told;
    private readonly HashSet<PortForward> _refused = [];
    private GCHandle _self;
    private nint _slirp;
    private SlirpLibrary.Callbacks* _callbacks;

    /// <param name="settings">Its addresses.</param>
    /// <param name="forwards">The ways in.</param>
    /// <param name="told">Is told, on the router's thread, that a way in is open (null), or once why it is not. It is tried again.</param>
    /// <exception cref="OutsideException">The machine has no libslirp.</exception>
    public NatLoop(NatSettings settings, IEnumerable<PortForward> forwards, Action<PortForward, string?> told)
        : base(settings.Mtu)
    {
        SlirpLibrary.Require();
        _settings = settings;
        _closed = [.. forwards];
        _told = told;
    }

    //J:Net:300 A router made of sockets
    // A Guest behind NAT sends an Ethernet frame with a TCP segment to some server. Nobody here may put frames on a real wire. libslirp
    // takes the frame, finds that it opens a connection, and opens one itself, with connect(2), as this program's user may; from then on it
    // answers the Guest's segments with segments of its own making and moves the bytes between the two connections. Seen from the Guest it
    // is a router and the whole world behind it; seen from the world it is this process. It has no thread: it tells which descriptors it
    // wants to be told about, we wait for them beside our own counter, and tell it.

    protected override void Out(ReadOnlySpan<byte> frame)
    {
        Begin();
        fixed (byte* first = frame)
            SlirpLibrary.Input(_slirp, first, frame.Length);
    }

    protected override void Wait(bool mayRead)
    {
        Begin();
        OpenForwards();
        _polled.Clear();
        _polled.Add(Counter);
        uint timeout = LongestWait;
        if (mayRead)
            SlirpLibrary.FillPolls(_slirp, &timeout, &AddPoll, GCHandle.ToIntPtr(_self));
        timeout = _timers.Wait(Now.Milliseconds, timeout);
        int ready;
        fixed (Posix.PollDescriptor* first = CollectionsMarshal.AsSpan(_polled))
            ready = Posix.Poll(first, (nuint)_polled.Count, (int)timeout);
        if (mayRead)
            SlirpLibrary.Poll(_slirp, ready < 0 ? 1 : 0, &EventsOf, GCHandle.ToIntPtr(_self));
        _timers.Run(Now.Milliseconds);
    }

    protected override void Close()
    {
        if (_slirp != 0)
            SlirpLibrary.Cleanup(_slirp);
        _slirp = 0;
        NativeMemory.Free(_callbacks);
        _callbacks = null;
        if (_self.IsAllocated)
            _self.Free();
    }

    private static NatLoop Of(nint opaque) => (NatLoop)GCHandle.FromIntPtr(opaque).Target!;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int AddPoll(int descriptor, int events, nint opaque)
    {
        var polled = Of(opaque)._polled;
        int wanted = ((events & SlirpLibrary.PollIn) != 0 ? Posix.In : 0)
            | ((events & SlirpLibrary.PollOut) != 0 ? Posix.Out : 0)
            | ((events & SlirpLibrary.PollPriority) != 0 ? Posix.Priority : 0);
        polled.Add(new Posix.PollDescriptor { Descriptor = descriptor, Events = (short)wanted });
        return polled.Count - 1;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int EventsOf(int index, nint opaque)
    {
        var polled = Of(opaque)._polled;
        if ((uint)index >= polled.Count)
            return 0;
        short happened = polled[index].Happened;
        return ((happened & Posix.In) != 0 ? SlirpLibrary.PollIn : 0)
            | ((happened & Posix.Out) != 0 ? SlirpLibrary.PollOut : 0)
            | ((happened & Posix.Priority) != 0 ? SlirpLibrary.PollPriority : 0)
            | ((happened & Posix.Error) != 0 ? SlirpLibrary.PollError : 0)
            | ((happened & Posix.HangUp) != 0 ? SlirpLibrary.PollHangUp : 0);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint SendPacket(byte* frame, nuint length, nint opaque)
    {
        Of(opaque).In(new ReadOnlySpan<byte>(frame, (int)Math.Min(length, int.MaxValue)));
        return (nint)length;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void GuestError(nint message, nint opaque)
    {
        // What a Guest does wrong on its network is its own affair; libslirp has dropped the frame.
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static long Clock(nint opaque) => Of(opaque).Now;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint NewTimer(delegate* unmanaged[Cdecl]<nint, void> expired, nint context, nint opaque) =>
        Of(opaque)._timers.Add(() => expired(context));

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void FreeTimer(nint timer, nint opaque) => Of(opaque)._timers.Free(timer);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void SetTimer(nint timer, long milliseconds, nint opaque) => Of(opaque)._timers.Set(timer, milliseconds);

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void PollChanged(int descriptor, nint opaque)
    {
        // Descriptors are asked for anew before each wait.
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Notify(nint opaque) => Of(opaque).Wake();

    private static uint OnTheWire(uint address) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(address) : address;

    /// <summary>Makes the stack, on the thread that will use it.</summary>
    private void Begin()
    {
        if (_slirp != 0)
            return;
        _self = GCHandle.Alloc(this);
        var config = new SlirpLibrary.Config
        {
            Version = SlirpLibrary.ConfigVersion,
            Ip4 = 1,
            Network = OnTheWire(_settings.Network),
            Mask = OnTheWire(_settings.Mask),
            Host = OnTheWire(_settings.Gateway),
            NameServer = OnTheWire(_settings.NameServer),
            FirstLease = OnTheWire(_settings.FirstLease),
            Mtu = (nuint)_settings.Mtu,
            Mru = (nuint)_settings.Mtu,
        };

        // The stack keeps the pointer to its callbacks, so these must outlive it.
        _callbacks = (SlirpLibrary.Callbacks*)NativeMemory.AllocZeroed((nuint)sizeof(SlirpLibrary.Callbacks));
        _callbacks->SendPacket = &SendPacket;
        _callbacks->GuestError = &GuestError;
        _callbacks->Clock = &Clock;
        _callbacks->NewTimer = &NewTimer;
        _callbacks->FreeTimer = &FreeTimer;
        _callbacks->SetTimer = &SetTimer;
        _callbacks->RegisterPoll = &PollChanged;
        _callbacks->UnregisterPoll = &PollChanged;
        _callbacks->Notify = &Notify;
        _slirp = SlirpLibrary.New(&config, _callbacks, GCHandle.ToIntPtr(_self));
    }

    /// <summary>A port that is in use may be a former router's, whose thread has not ended yet: it is tried again with each
    /// look around.</summary>
    private void OpenForwards()
    {
        for (int i = _closed.Count - 1; i >= 0; i--)
        {
            var forward = _closed[i];
            uint host = BitConverter.ToUInt32(forward.Host.GetAddressBytes());
            bool isOpen = SlirpLibrary.AddForward(
                _slirp, forward.IsUdp ? 1 : 0, host, forward.HostPort, OnTheWire(forward.Guest), forward.GuestPort) == 0;
            if (isOpen)
                _closed.RemoveAt(i);
            if (isOpen || _refused.Add(forward))
                _told(forward, isOpen ? null : forward.Problem() ?? $"{forward} cannot be opened");
        }
    }
}
