// What a test may do on this machine, where that decides whether it can run at all.

using System.Globalization;

namespace Lguest.Support;

public static class Rights
{
    private const int NetworkAdministration = 12; // CAP_NET_ADMIN

    /// <summary>Why <see cref="MayMakeTaps"/> is false, for a skipped test.</summary>
    public const string NoTaps = "this process may not make tap devices: that takes /dev/net/tun and the capability NET_ADMIN";

    /// <summary>Whether this process may make network devices (proc(5), capabilities(7)).</summary>
    public static bool MayMakeTaps()
    {
        const string Effective = "CapEff:";
        if (!File.Exists("/dev/net/tun"))
            return false;
        string line = File.ReadLines("/proc/self/status").First(text => text.StartsWith(Effective, StringComparison.Ordinal));
        ulong capabilities = ulong.Parse(line[Effective.Length..], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return (capabilities >> NetworkAdministration & 1) != 0;
    }
}
