// The users and groups of a Guest: those that a Debian system begins with, by its numbers, and those that packages make for themselves when
// they are installed, which is told here since their scripts are not run.

using System.Collections.Immutable;
using System.Text;

namespace Lguest.Linux.Root;

/// <summary>/etc/passwd, /etc/shadow and /etc/group, and what belongs to whom.</summary>
internal sealed class Accounts
{
    private const string NoLogin = "/usr/sbin/nologin";
    private const uint FirstOfPackages = 100;

    /// <summary>Whose members may read the passwords.</summary>
    public const uint ShadowGroup = 42;

    // base-passwd: name, number, home.
    private static readonly ImmutableArray<(string Name, uint Number, string Home)> _base =
    [
        ("root", 0, "/root"), ("daemon", 1, "/usr/sbin"), ("bin", 2, "/bin"), ("sys", 3, "/dev"), ("games", 60, "/usr/games"),
        ("man", 6, "/var/cache/man"), ("lp", 7, "/var/spool/lpd"), ("mail", 8, "/var/mail"), ("news", 9, "/var/spool/news"),
        ("uucp", 10, "/var/spool/uucp"), ("proxy", 13, "/bin"), ("www-data", 33, "/var/www"), ("backup", 34, "/var/backups"),
        ("list", 38, "/var/list"), ("irc", 39, "/run/ircd"), ("nobody", 65534, "/nonexistent"),
    ];

    private static readonly ImmutableArray<(string Name, uint Number)> _baseGroups =
    [
        ("root", 0), ("daemon", 1), ("bin", 2), ("sys", 3), ("adm", 4), ("tty", 5), ("disk", 6), ("lp", 7), ("mail", 8), ("news", 9),
        ("uucp", 10), ("man", 12), ("proxy", 13), ("kmem", 15), ("dialout", 20), ("floppy", 25), ("tape", 26), ("sudo", 27), ("audio", 29),
        ("www-data", 33), ("backup", 34), ("operator", 37), ("list", 38), ("irc", 39), ("src", 40), ("shadow", 42), ("utmp", 43),
        ("video", 44), ("staff", 50), ("games", 60), ("users", 100), ("nogroup", 65534),
    ];

    // What the scripts of packages do: package, user, further groups, and the folders that become the user's.
    private static readonly ImmutableArray<(string Package, string User, string Home, string[] Groups, string[] Folders)> _packages =
    [
        ("frr", "frr", "/nonexistent", ["frrvty"], ["etc/frr", "var/log/frr", "var/lib/frr"]),
        ("bird2", "bird", "/nonexistent", [], ["etc/bird"]),
        ("nginx-common", "www-data", "/var/www", [], ["var/log/nginx", "var/lib/nginx"]),
        ("lighttpd", "www-data", "/var/www", [], ["var/log/lighttpd", "var/cache/lighttpd"]),
        ("apache2", "www-data", "/var/www", [], ["var/cache/apache2"]),
        ("openssh-server", "sshd", "/run/sshd", [], []),
        ("dnsmasq-base", "dnsmasq", "/var/lib/misc", [], []),
        ("dbus", "messagebus", "/nonexistent", [], []),
        ("tcpdump", "tcpdump", "/nonexistent", [], []),
        ("redis-server", "redis", "/var/lib/redis", [], ["etc/redis", "var/lib/redis", "var/log/redis"]),
        ("memcached", "memcache", "/nonexistent", [], []),
        ("mosquitto", "mosquitto", "/var/lib/mosquitto", [], ["var/lib/mosquitto", "var/log/mosquitto"]),
        ("chrony", "_chrony", "/var/lib/chrony", [], ["var/lib/chrony", "var/log/chrony"]),
        ("bind9", "bind", "/var/cache/bind", [], ["var/cache/bind", "var/lib/bind"]),
        ("unbound", "unbound", "/var/lib/unbound", [], ["var/lib/unbound"]),
        ("haproxy", "haproxy", "/var/lib/haproxy", [], ["var/lib/haproxy"]),
        ("keepalived", "keepalived_script", "/nonexistent", [], []),
    ];

    private readonly List<(string Name, uint Number, uint Group, string Home)> _users = [];
    private readonly List<(string Name, uint Number, string Members)> _groups = [];
    private readonly List<(string Folder, string User)> _owned = [];
    private uint _next = FirstOfPackages + 1;

    private Accounts()
    {
        foreach (var (name, number, home) in _base)
            _users.Add((name, number, name == "nobody" ? 65534 : _baseGroups.First(group => group.Name == name).Number, home));
        foreach (var (name, number) in _baseGroups)
            _groups.Add((name, number, ""));
    }

    /// <summary>/etc/passwd: no user but root has a shell.</summary>
    public string Users => Lines(_users.Select(user =>
        $"{user.Name}:x:{user.Number}:{user.Group}:{user.Name}:{user.Home}:{(user.Number == 0 ? "/bin/sh" : NoLogin)}"));

    /// <summary>/etc/shadow: root has no password, the others cannot log in.</summary>
    public string Passwords => Lines(_users.Select(user => $"{user.Name}:{(user.Number == 0 ? "" : "*")}:19000:0:99999:7:::"));

    /// <summary>/etc/group.</summary>
    public string Groups => Lines(_groups.Select(group => $"{group.Name}:x:{group.Number}:{group.Members}"));

    /// <summary>The accounts of a Guest with these packages.</summary>
    /// <param name="packages">Their names.</param>
    /// <param name="sysusers">The contents of their files in sysusers.d, which say the same in a form that can be read.</param>
    public static Accounts Of(IReadOnlyCollection<string> packages, IEnumerable<string> sysusers)
    {
        var accounts = new Accounts();
        foreach (var (_, user, home, groups, folders) in _packages.Where(known => packages.Contains(known.Package)))
        {
            accounts.AddUser(user, home);
            foreach (string group in groups)
                accounts.AddGroup(group, user);
            accounts._owned.AddRange(folders.Select(folder => (folder, user)));
        }

        foreach (string line in sysusers.SelectMany(text => text.Split('\n')))
        {
            string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length < 2 || !words[1].All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
                continue;
            if (words[0] is "u" or "u!")
                accounts.AddUser(words[1], "/nonexistent");
            else if (words[0] == "g")
                accounts.AddGroup(words[1], "");
        }

        return accounts;
    }

    /// <summary>Gives users the folders that are theirs.</summary>
    public void Own(RootTree tree)
    {
        foreach (var (folder, name) in _owned)
        {
            var user = _users.Find(known => known.Name == name);
            tree.AddIfMissing(folder, RootEntry.Folder());
            tree.Change(folder, entry => entry with { User = user.Number, Group = user.Group });
        }
    }

    private void AddUser(string name, string home)
    {
        if (_users.Exists(user => user.Name == name))
            return;
        uint group = AddGroup(name, "");
        _users.Add((name, group, group, home));
    }

    private uint AddGroup(string name, string member)
    {
        int at = _groups.FindIndex(group => group.Name == name);
        if (at < 0)
        {
            _groups.Add((name, _next++, member));
            return _groups[^1].Number;
        }

        var (_, number, members) = _groups[at];
        if (member.Length > 0 && !members.Split(',').Contains(member))
            _groups[at] = (name, number, members.Length == 0 ? member : $"{members},{member}");
        return number;
    }

    private static string Lines(IEnumerable<string> lines) =>
        lines.Aggregate(new StringBuilder(), (text, line) => text.Append(line).Append('\n')).ToString();
}
