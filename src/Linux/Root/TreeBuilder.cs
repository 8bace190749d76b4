// From packages to a root file system that boots: what the packages bring, and what their scripts and the rest of a distribution would do
// when they are installed.

using System.Collections.Immutable;
using System.Text;

namespace Lguest.Linux.Root;

/// <summary>Fills in what packages leave to others.</summary>
internal static class TreeBuilder
{
    private const uint Sticky = 0x3ff; // 1777
    private const uint Program = 0x1ed; // 755

    /// <summary>The folders that were once apart and have been links for years; packages still name both.</summary>
    private static readonly ImmutableArray<string> _merged = ["bin", "sbin", "lib"];

    private static readonly ImmutableArray<string> _folders =
    [
        "dev", "etc", "home", "mnt", "opt", "proc", "run", "srv", "sys", "usr/bin", "usr/sbin", "usr/lib", "usr/local/bin",
        "usr/local/sbin", "var/cache", "var/lib", "var/log", "var/spool",
    ];

    private static readonly ImmutableArray<(string Name, uint Major, uint Minor, uint Mode)> _devices =
    [
        ("console", 5, 1, 0x180), ("null", 1, 3, 0x1b6), ("zero", 1, 5, 0x1b6), ("random", 1, 8, 0x1b6), ("urandom", 1, 9, 0x1b6),
        ("tty", 5, 0, 0x1b6), ("ttyS0", 4, 64, 0x180), ("kmsg", 1, 11, 0x180),
    ];

    /// <summary>A tree without packages, as they expect to find it.</summary>
    public static RootTree Begin()
    {
        var tree = new RootTree();
        foreach (string folder in _folders)
            tree.Add(folder, RootEntry.Folder());
        foreach (string name in _merged)
            tree.Add(name, RootEntry.Link($"usr/{name}"));
        tree.Add("root", RootEntry.Folder(0x1c0));
        tree.Add("tmp", RootEntry.Folder(Sticky));
        tree.Add("var/tmp", RootEntry.Folder(Sticky));
        tree.Add("var/run", RootEntry.Link("/run"));
        tree.Add("var/lock", RootEntry.Link("/run/lock"));
        foreach (var (name, major, minor, mode) in _devices)
            tree.Add($"dev/{name}", new RootEntry(RootKind.CharacterDevice, mode) { Device = (major, minor) });
        return tree;
    }

    /// <summary>Adds the kernel's modules with the tables that modprobe reads.</summary>
    public static void AddModules(RootTree tree, string release, IReadOnlyList<KernelModule> modules)
    {
        string folder = $"lib/modules/{release}";
        foreach (var module in modules)
            tree.Add($"{folder}/{module.Path}", RootEntry.File(module.Content));
        tree.Add($"{folder}/modules.dep", RootEntry.File(ModuleChoice.Dependencies(modules)));
        tree.Add($"{folder}/modules.alias", RootEntry.File(ModuleChoice.Aliases(modules)));
    }

    /// <summary>Adds what the packages' own scripts would make, where no package has brought it.</summary>
    /// <param name="tree">With all packages in it.</param>
    /// <param name="names">Names of the packages.</param>
    public static void Finish(RootTree tree, IReadOnlyCollection<string> names)
    {
        var accounts = Accounts.Of(names, tree.NamesIn("usr/lib/sysusers.d")
            .Select(name => tree.Find($"usr/lib/sysusers.d/{name}")?.Text ?? ""));
        tree.AddIfMissing("etc/passwd", RootEntry.File(accounts.Users));
        tree.AddIfMissing("etc/shadow", RootEntry.File(accounts.Passwords, 0x1a0) with { Group = Accounts.ShadowGroup });
        tree.AddIfMissing("etc/group", RootEntry.File(accounts.Groups));
        tree.AddIfMissing("etc/hostname", RootEntry.File("lguest\n"));
        tree.AddIfMissing("etc/hosts", RootEntry.File("127.0.0.1 localhost\n127.0.1.1 lguest\n::1 localhost ip6-localhost\n"));
        tree.AddIfMissing("etc/nsswitch.conf", RootEntry.File("passwd: files\ngroup: files\nhosts: files dns\nservices: files\n"));
        tree.AddIfMissing("etc/shells", RootEntry.File("/bin/sh\n"));
        tree.AddIfMissing("etc/fstab", RootEntry.File(""));
        tree.AddIfMissing("etc/resolv.conf", RootEntry.File(""));
        tree.AddIfMissing("etc/profile", RootEntry.File(Profile(tree)));
        tree.AddIfMissing("etc/lguest/folders", RootEntry.File(TemporaryFolders(tree), Program));
        AddAuthentication(tree);
        accounts.Own(tree);
        AddScripts(tree);
    }

    /// <summary>What libpam-runtime's script would write: users are those of /etc/passwd, and an empty password is one.</summary>
    private static void AddAuthentication(RootTree tree)
    {
        if (tree.Find("usr/lib/i386-linux-gnu/security/pam_unix.so") is null)
            return;
        string[] kinds = ["auth", "account", "password", "session"];
        foreach (string kind in kinds)
        {
            string options = kind == "auth" ? " nullok" : "";
            tree.AddIfMissing($"etc/pam.d/common-{kind}", RootEntry.File($"{kind} required pam_unix.so{options}\n"));
        }

        tree.AddIfMissing("etc/pam.d/common-session-noninteractive", RootEntry.File("session required pam_unix.so\n"));
        tree.AddIfMissing("etc/pam.d/other", RootEntry.File(string.Concat(kinds.Select(kind => $"@include common-{kind}\n"))));
    }

    /// <summary>As much of a finished tree as it takes to mount a disk and go on there.</summary>
    public static RootTree MakeMounter(RootTree tree, string release)
    {
        var small = Begin();
        string[] kept = [$"usr/lib/modules/{release}/", "usr/bin/busybox", "etc/lguest/"];
        foreach (var (name, entry) in tree.Entries)
            if (Array.Exists(kept, part => name.StartsWith(part, StringComparison.Ordinal)))
                small.Add(name, entry);
        AddScripts(small);
        return small;
    }

    private static void AddScripts(RootTree tree)
    {
        tree.AddIfMissing("bin/sh", RootEntry.Link("busybox"));
        tree.Add("init", RootEntry.File(OwnScripts.Init, Program));
        tree.Add("etc/lguest/start", RootEntry.File(OwnScripts.Start, Program));
        tree.Add("etc/lguest/console", RootEntry.File(OwnScripts.Console, Program));
        tree.Add("etc/lguest/dhcp", RootEntry.File(OwnScripts.Dhcp, Program));
    }

    /// <summary>The shell is busybox, and takes its own programs before those of packages, which can do more. So that these are meant, they
    /// are named by their paths.</summary>
    private static string Profile(RootTree tree)
    {
        var text = new StringBuilder(OwnScripts.Profile);
        foreach (string folder in (string[])["usr/bin", "usr/sbin"])
            foreach (string name in tree.NamesIn(folder).Where(IsPlain))
                if (tree.Find($"{folder}/{name}") is { Kind: RootKind.File } or { Kind: RootKind.Link, Target: not "busybox" })
                    text.Append("alias ").Append(name).Append("=/").Append(folder).Append('/').Append(name).Append('\n');
        return text.ToString();
    }

    private static bool IsPlain(string name) => name is not ("busybox" or "sh")
        && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.');

    /// <summary>A script that makes the folders that packages want in /run, which is empty after each start (tmpfiles.d).</summary>
    private static string TemporaryFolders(RootTree tree)
    {
        var text = new StringBuilder("#!/bin/sh\n");
        foreach (string file in tree.NamesIn("usr/lib/tmpfiles.d").Where(name => name.EndsWith(".conf", StringComparison.Ordinal)))
            foreach (string line in (tree.Find($"usr/lib/tmpfiles.d/{file}")?.Text ?? "").Split('\n'))
            {
                string[] words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                if (words.Length < 2 || words[0] is not ("d" or "D" or "d!" or "D!" or "q" or "Q") || !words[1].All(IsOfPath)
                    || words.Skip(2).Take(3).Any(word => !word.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_')))
                    continue;
                string Word(int index, string usual) => words.Length > index && words[index] != "-" ? words[index] : usual;
                string path = words[1].StartsWith("/var/run/", StringComparison.Ordinal) ? words[1][4..] : words[1];
                text.Append("mkdir -p ").Append(path).Append(" && chmod ").Append(Word(2, "0755")).Append(' ').Append(path)
                    .Append(" && chown ").Append(Word(3, "root")).Append(':').Append(Word(4, "root")).Append(' ').Append(path).Append('\n');
            }

        return text.ToString();
    }

    private static bool IsOfPath(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '/' or '-' or '_' or '.' or '@';
}
