// What a test may do on this machine, where that decides whether it can run at all.

using System.Globalization;
using System.Runtime.InteropServices;

namespace Lguest.Support;

public static partial class Rights
{
    private const int NetworkAdministration = 12; // CAP_NET_ADMIN

    private const uint Nobody = 65534;

    /// <summary>Why <see cref="WithoutPrivileges"/> is false, for a skipped test.</summary>
    public const string NoOtherUser = "this process is root, whom no mode of a file stops, and may not become another user";

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

    /// <summary>
    /// Runs <paramref name="act"/> with the rights to files that an ordinary user has: root's are laid down meanwhile, for this thread only
    /// (setfsuid(2)). False, without a run, where this process is root and cannot do that.
    /// </summary>
    public static bool WithoutPrivileges(Action act)
    {
        ArgumentNullException.ThrowIfNull(act);
        if (!Environment.IsPrivilegedProcess)
        {
            act();
            return true;
        }

        // It tells the user before, never an error; asking for an impossible one changes nothing.
        uint before = SetFileUser(Nobody);
        try
        {
            if (SetFileUser(uint.MaxValue) != Nobody)
                return false;
            act();
            return true;
        }
        finally
        {
            SetFileUser(before);
        }
    }

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial uint SetFileUser(uint user);
}
