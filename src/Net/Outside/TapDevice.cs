// A tap: a network card of the Host whose frames go to a file descriptor. The system may refuse to make one, to give it an address or to
// add it to a bridge; each refusal becomes one line that says what helps.

using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Lguest.Net.Outside;

/// <summary>An open tap device (Linux, Documentation/networking/tuntap).</summary>
internal sealed unsafe class TapDevice : IDisposable
{
    private const string Clone = "/dev/net/tun";
    private const nuint SetInterface = 0x400454ca; // TUNSETIFF
    private const nuint SetAddress = 0x8916; // SIOCSIFADDR
    private const nuint GetFlags = 0x8913; // SIOCGIFFLAGS
    private const nuint SetFlags = 0x8914; // SIOCSIFFLAGS
    private const nuint AddToBridge = 0x89a2; // SIOCBRADDIF
    private const short Tap = 0x0002; // IFF_TAP
    private const short NoInformation = 0x1000; // IFF_NO_PI
    private const short Up = 0x0001; // IFF_UP
    private const ushort Internet = 2; // AF_INET
    private const int Datagram = 2; // SOCK_DGRAM
    private const int NetworkAdministration = 12; // CAP_NET_ADMIN

    private readonly SafeFileHandle _handle;

    private TapDevice(int descriptor, string name)
    {
        _handle = new SafeFileHandle(descriptor, true);
        Name = name;
    }

    public int Descriptor => (int)_handle.DangerousGetHandle();

    /// <summary>What the system calls it.</summary>
    public string Name { get; }

    /// <exception cref="OutsideException">It is not there and cannot be made, is in use, or may not be used.</exception>
    public static TapDevice Open(TunnelSettings settings)
    {
        int descriptor = OpenClone();
        var request = Request(settings.Device);
        request.Flags = (short)(Tap | NoInformation);
        if (Posix.Control(descriptor, SetInterface, &request) < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            Posix.Close(descriptor);
            throw new OutsideException(error switch
            {
                Posix.Busy => $"tap {settings.Device} is in use by another program; name another",
                Posix.NotPermitted or Posix.NoAccess => NotAllowed(settings.Device),
                _ => $"tap {settings.Device} cannot be opened (error {error}); is it a tap device?",
            });
        }

        var tap = new TapDevice(descriptor, request.Name);
        try
        {
            tap.SetUp(settings);
            return tap;
        }
        catch (OutsideException)
        {
            tap.Dispose();
            throw;
        }
    }

    /// <summary>Looks whether the device could be opened, as far as that can be known without opening it, which others would see.</summary>
    /// <exception cref="OutsideException">It could not, with the reason.</exception>
    public static void Probe(string device)
    {
        Posix.Close(OpenClone());
        if (device.Contains('%') || Posix.InterfaceIndex(device) == 0)
        {
            if (!MayAdminister())
                throw new OutsideException(NotAllowed(device));
            return;
        }

        if (NumberIn(device, "tun_flags") is not { } flags || (flags & Tap) == 0)
            throw new OutsideException($"{device} is a network device of this machine, but not a tap; name another");
        if (NumberIn(device, "owner") is not (-1 or null) and var owner && owner != Posix.EffectiveUser() && !MayAdminister())
            throw new OutsideException($"tap {device} belongs to another user (number {owner}); let the administrator give it to you, "
                + "or use nat instead");
    }

    public void Dispose() => _handle.Dispose();

    private static int OpenClone()
    {
        if (!OperatingSystem.IsLinux())
            throw new OutsideException("tap devices exist only on Linux; use nat on this system");
        int descriptor = Posix.Open(Clone, Posix.ReadWrite | Posix.NonBlocking | Posix.CloseOnExec);
        return descriptor >= 0 ? descriptor : throw new OutsideException(Marshal.GetLastPInvokeError() switch
        {
            Posix.NoSuchFile or Posix.NoSuchDevice =>
                $"there is no {Clone} here; load the module (modprobe tun), or use nat instead of a tap",
            Posix.NotPermitted or Posix.NoAccess =>
                $"{Clone} cannot be opened: no permission; ask for access to it, or use nat instead of a tap",
            int error => $"{Clone} cannot be opened (error {error}); use nat instead of a tap",
        });
    }

    private static string NotAllowed(string device) =>
        $"no permission for tap {device}; let the administrator make it (ip tuntap add dev {device} mode tap user NAME), or use nat "
            + "instead";

    /// <summary>What the system tells about a device (Linux, Documentation/ABI/testing/sysfs-class-net); null if it tells nothing, as where
    /// it is no such device.</summary>
    private static long? NumberIn(string device, string attribute)
    {
        try
        {
            string text = File.ReadAllText($"/sys/class/net/{device}/{attribute}").Trim();
            bool isHexadecimal = text.StartsWith("0x", StringComparison.Ordinal);
            return long.TryParse(isHexadecimal ? text[2..] : text, isHexadecimal ? NumberStyles.HexNumber : NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture, out long number)
                ? number
                : null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether this process may make and change network devices (CAP_NET_ADMIN among the effective capabilities,
    /// proc(5)).</summary>
    private static bool MayAdminister()
    {
        const string Line = "CapEff:";
        try
        {
            string? effective = File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(Line, StringComparison.Ordinal));
            return ulong.TryParse(effective?[Line.Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture,
                out ulong capabilities)
                && (capabilities & (1ul << NetworkAdministration)) != 0;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static InterfaceRequest Request(string name)
    {
        var request = default(InterfaceRequest);
        request.Name = name;
        return request;
    }

    private void SetUp(TunnelSettings settings)
    {
        int socket = Posix.Socket(Internet, Datagram, 0);
        Check(socket, $"get a socket for {Name}");
        try
        {
            if (settings.Address is { } address)
            {
                var named = Request(Name);
                named.Family = Internet;
                address.GetAddressBytes().CopyTo(new Span<byte>(named.Address, 4));
                Check(Posix.Control(socket, SetAddress, &named), $"give {Name} the address {address}");
            }

            if (settings.Bridge is { } bridge)
            {
                uint index = Posix.InterfaceIndex(Name);
                var plug = Request(bridge);
                *(int*)&plug.Flags = (int)index;
                if (Posix.InterfaceIndex(bridge) == 0)
                    throw new OutsideException($"there is no bridge {bridge} here; make it first (ip link add {bridge} type bridge)");
                Check(Posix.Control(socket, AddToBridge, &plug), $"plug {Name} into the bridge {bridge}");
            }

            var state = Request(Name);
            bool known = Posix.Control(socket, GetFlags, &state) == 0;
            if (!known || (state.Flags & Up) == 0)
            {
                state.Flags |= Up;

                // Somebody who may only use the device finds it up or down as its owner left it.
                int up = Posix.Control(socket, SetFlags, &state);
                if (settings.Address is not null || settings.Bridge is not null)
                    Check(up, $"switch {Name} on");
            }
        }
        finally
        {
            Posix.Close(socket);
        }
    }

    private static void Check(int result, string what)
    {
        if (result >= 0)
            return;
        int error = Marshal.GetLastPInvokeError();
        throw new OutsideException(error is Posix.NotPermitted or Posix.NoAccess
            ? $"no permission to {what}; let the administrator do it, or use nat instead"
            : $"cannot {what} (error {error}); name another, or use nat instead");
    }

    /// <summary>struct ifreq: a name, and what is asked about it.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 40)]
    private struct InterfaceRequest
    {
        [FieldOffset(0)]
        public fixed byte NameBytes[16];

        [FieldOffset(16)]
        public short Flags;

        [FieldOffset(16)]
        public ushort Family;

        [FieldOffset(20)]
        public fixed byte Address[4];

        public string Name
        {
            get
            {
                fixed (byte* first = NameBytes)
                    return Marshal.PtrToStringUTF8((nint)first) ?? "";
            }

            set
            {
                fixed (byte* first = NameBytes)
                    Encoding.UTF8.GetBytes(value.AsSpan(0, Math.Min(value.Length, TunnelSettings.LongestName)), new Span<byte>(first, 16));
            }
        }
    }
}
