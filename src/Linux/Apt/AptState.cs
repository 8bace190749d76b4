// What apt keeps on a machine, once more and apart from it: lists, archives, and what is installed, for i386 and for this user alone. apt's
// own programs run on it without rights. "Installed" are the parts of a distribution that a Guest has no use for, as its packages are not
// installed but unpacked: the package manager, its questions, init systems. So apt leaves them out, with all that only they need.

using System.Collections.Immutable;
using System.Text;

namespace Lguest.Linux.Apt;

/// <summary>A folder with a private apt.</summary>
/// <param name="Folder">Where it is; nobody else writes there.</param>
internal sealed record AptState(string Folder)
{
    // Newer than anything: apt takes every wish for one of these as met.
    private const string Newest = "9999:1";

    private static readonly ImmutableArray<string> _notOfAKernel = ["kmod", "initramfs-tools", "linux-base"];

    private static readonly ImmutableArray<string> _notOfAGuest =
    [
        "dpkg", "debconf", "perl-base", "adduser", "passwd", "login", "init-system-helpers", "lsb-base", "sysvinit-utils", "libpam-runtime",
        "libcap2-bin", "ucf", "sensible-utils", "mount", "util-linux", "tar", "logrotate",
        "systemd", "udev", "dbus", "cron", "gzip", "coreutils", "sed", "grep", "findutils", "hostname", "procps", "base-files",
        "base-passwd", "psmisc", "libnss-systemd", "runit-helper",
    ];

    public string Archives => Path.Combine(Folder, "archives");

    private string Lists => Path.Combine(Folder, "lists");

    private string Sources => Path.Combine(Folder, "sources");

    private string Status => Path.Combine(Folder, "state", "status");

    /// <summary>Makes what is not there yet, and writes the lists of sources and of what counts as installed.</summary>
    /// <param name="sources">Where packages come from.</param>
    /// <param name="asked">Packages that are wanted and thus count as not installed.</param>
    /// <param name="sparing">Whether a Guest's packages may find their package manager installed.</param>
    public void Write(string sources, IEnumerable<string> asked, bool sparing)
    {
        foreach (string folder in (string[])[Path.Combine(Archives, "partial"), Path.Combine(Lists, "partial"), Sources])
            Directory.CreateDirectory(folder);
        Directory.CreateDirectory(Path.GetDirectoryName(Status)!);
        File.WriteAllText(Path.Combine(Sources, "machine.sources"), sources);
        File.WriteAllText(Status, Installed(asked, sparing));
    }

    /// <summary>The file of what counts as installed.</summary>
    public static string Installed(IEnumerable<string> asked, bool sparing)
    {
        var text = new StringBuilder();
        foreach (string name in _notOfAKernel.Concat(sparing ? _notOfAGuest : []).Except(asked))
        {
            text.Append("Package: ").Append(name).Append("\nStatus: install ok installed\nMaintainer: none\nArchitecture: i386\n");
            text.Append("Multi-Arch: foreign\nVersion: ").Append(Newest).Append('\n');
            if (name is "debconf" or "initramfs-tools")
                text.Append("Provides: ").Append(name == "debconf" ? "debconf-2.0" : "linux-initramfs-tool").Append('\n');
            text.Append("Description: not needed\n\n");
        }

        return text.ToString();
    }

    /// <summary>Options of all of apt's programs; what the machine's own configuration says, proxies above all, stays in force.</summary>
    public ImmutableArray<string> Options =>
    [
        .. ((string[])
        [
            "APT::Architecture=i386", "APT::Architectures::=i386", "APT::Install-Recommends=false", "APT::Install-Suggests=false",
            $"APT::Sandbox::User={Environment.UserName}", "APT::Status-Fd=1", "APT::Get::Assume-Yes=true",
            "APT::Get::AllowUnauthenticated=false", "Acquire::AllowInsecureRepositories=false",
            "Acquire::AllowDowngradeToInsecureRepositories=false", "Acquire::AllowWeakRepositories=false", "Acquire::Languages=none",
            "Acquire::Retries=1", "Acquire::http::Timeout=15", "Acquire::https::Timeout=15",
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false", "Acquire::IndexTargets::deb::CNF::DefaultEnabled=false",
            "Acquire::GzipIndexes=true", "Dir::Cache::pkgcache=pkgcache.bin", "Dir::Cache::srcpkgcache=srcpkgcache.bin",
            $"Dir::State={Path.Combine(Folder, "state")}", $"Dir::State::lists={Lists}", $"Dir::State::status={Status}",
            $"Dir::Cache={Folder}", $"Dir::Cache::archives={Archives}", "Dir::Etc::sourcelist=/dev/null",
            $"Dir::Etc::sourceparts={Sources}", $"Dir::Log={Path.Combine(Folder, "log")}", "APT::Keep-Downloaded-Packages=true",
        ]).SelectMany(option => (string[])["-o", option]),
    ];
}
