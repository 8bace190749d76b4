// What the scripts of packages would have done: accounts, folders, names of programs, tables of modules.

using System.Diagnostics;
using System.Text;
using Lguest.Linux.Root;

namespace Lguest.Linux.Tests;

public sealed class TreeBuilderSpec
{
    [Fact]
    public void Root_has_no_password_and_packages_have_their_users()
    {
        var tree = Built(["frr", "nginx-common"]);

        string[] users = tree.Find("etc/passwd")!.Text.Split('\n');
        users.ShouldContain("root:x:0:0:root:/root:/bin/sh");
        users.ShouldContain(line => line.StartsWith("frr:x:"));
        users.ShouldContain(line => line.StartsWith("www-data:x:33:33:"));
        tree.Find("etc/shadow")!.Text.Split('\n').ShouldContain(line => line.StartsWith("root::"));
        tree.Find("etc/shadow")!.Text.Split('\n').ShouldContain(line => line.StartsWith("frr:*:"));
        tree.Find("etc/group")!.Text.Split('\n').ShouldContain(line => line.StartsWith("frrvty:x:") && line.EndsWith(":frr"));
        tree.Find("etc/frr/daemons")!.User.ShouldBeGreaterThan(99u);
        tree.Find("etc/frr")!.User.ShouldBe(tree.Find("etc/frr/daemons")!.User);
        users.Where(line => line.Length > 0).Select(line => line.Split(':')[2]).ShouldBeUnique();
    }

    [Fact]
    public void What_a_package_has_brought_is_kept()
    {
        var tree = TreeBuilder.Begin();
        tree.Add("etc/hosts", RootEntry.File("mine"));
        TreeBuilder.Finish(tree, []);

        tree.Find("etc/hosts")!.Text.ShouldBe("mine");
        tree.Find("etc/hostname")!.Text.ShouldBe("lguest\n");
    }

    [Fact]
    public void Folders_for_what_runs_are_made_at_each_start_and_nothing_else_is()
    {
        var tree = TreeBuilder.Begin();
        tree.Add("usr/lib/tmpfiles.d/frr.conf", RootEntry.File(
            "d /run/frr 0755 frr frr -\nd /var/run/x - - -\nL /run/l - - - - /etc\nd /run/$(reboot) 0755 a b\n"
            + "d /run/y 0755 a;reboot b\n#d /run/z\n"));
        TreeBuilder.Finish(tree, ["frr"]);

        tree.Find("etc/lguest/folders")!.Text.ShouldBe(
            "#!/bin/sh\n"
            + "mkdir -p /run/frr && chmod 0755 /run/frr && chown frr:frr /run/frr\n"
            + "mkdir -p /run/x && chmod 0755 /run/x && chown root:root /run/x\n");
    }

    [Fact]
    public void A_packages_program_comes_before_the_shells_own()
    {
        string profile = Built([]).Find("etc/profile")!.Text;

        profile.ShouldContain("alias ip=/usr/bin/ip\n");
        profile.ShouldNotContain("alias sh=");
        profile.ShouldNotContain("alias busybox=");
        profile.ShouldNotContain("alias odd");
    }

    [Fact]
    public void Where_there_is_PAM_it_asks_the_files_of_accounts()
    {
        var tree = TreeBuilder.Begin();
        tree.Add("lib/i386-linux-gnu/security/pam_unix.so", RootEntry.File("so"));
        TreeBuilder.Finish(tree, []);

        tree.Find("etc/pam.d/common-account")!.Text.ShouldBe("account required pam_unix.so\n");
        tree.Find("etc/pam.d/other")!.Text.ShouldContain("@include common-auth\n");
        Built([]).Find("etc/pam.d/other").ShouldBeNull();
    }

    [Fact]
    public void The_small_one_has_what_mounts_a_disk()
    {
        var small = TreeBuilder.MakeMounter(Built([]), "6.1");

        small.Find("init").ShouldNotBeNull();
        small.Find("bin/sh").ShouldNotBeNull();
        small.Find("usr/bin/busybox").ShouldNotBeNull();
        small.Find("usr/bin/ip").ShouldBeNull();
        small.Find("dev/console")!.Device.ShouldBe((5u, 1u));
    }

    [Fact]
    public void Modules_come_after_what_they_need()
    {
        var all = new[]
        {
            Module("kernel/a/virtio_net.ko", "depends=net_failover,virtio", "alias=virtio:d00000001v*"),
            Module("kernel/b/net_failover.ko", "depends=failover"), Module("kernel/b/failover.ko", "depends="),
            Module("kernel/v/virtio.ko", "depends="), Module("kernel/x/other.ko", "depends=virtio"),
            Module("kernel/l/one.ko", "depends=two"), Module("kernel/l/two.ko", "depends=one"),
        }.ToDictionary(module => module.Name);

        var chosen = ModuleChoice.Choose(all, ["virtio_net", "not_there", "one"]);

        chosen.Select(module => module.Name).ShouldBe(["two", "one", "failover", "net_failover", "virtio", "virtio_net"]);
        ModuleChoice.Dependencies(chosen).Split('\n')
            .ShouldContain("kernel/a/virtio_net.ko: kernel/v/virtio.ko kernel/b/net_failover.ko kernel/b/failover.ko");
        ModuleChoice.Aliases(chosen).ShouldBe("alias virtio:d00000001v* virtio_net\n");
        ModuleChoice.Wanted(["nftables"]).ShouldContain("nf_tables");
        KernelModule.NameOf("kernel/drivers/virtio-rng.ko").ShouldBe("virtio_rng");
    }

    [Theory]
    [InlineData(5u, "code")]
    [InlineData(0u, "codesign")]
    [InlineData(500u, null)]
    public void A_signature_is_cut_off_where_there_is_one(uint length, string? left)
    {
        byte[] file =
        [
            .. "codesign!"u8[..(length == 5 ? 9 : 8)], 0, 0, 2, 0, 0, 0, 0, 0,
            (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length, .. "~Module signature appended~\n"u8,
        ];

        Encoding.UTF8.GetString(KernelModule.WithoutSignature(file).Span).ShouldBe(left ?? Encoding.UTF8.GetString(file));
        KernelModule.WithoutSignature("plain"u8.ToArray()).Length.ShouldBe(5);
    }

    [SkippableFact]
    public void The_scripts_are_scripts()
    {
        Skip.IfNot(File.Exists("/bin/sh"), "there is no /bin/sh here");
        string[] scripts =
            [OwnScripts.Init, OwnScripts.Start, OwnScripts.Console, OwnScripts.Dhcp, Built(["frr"]).Find("etc/profile")!.Text];
        foreach (string script in scripts)
        {
            using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-n"])
            {
                RedirectStandardInput = true,
                RedirectStandardError = true
            })!;
            shell.StandardInput.Write(script);
            shell.StandardInput.Close();
            string said = shell.StandardError.ReadToEnd();
            shell.WaitForExit();
            said.ShouldBeEmpty(script[..80]);
        }
    }

    private static KernelModule Module(string path, params string[] lines) =>
        new(path, Encoding.UTF8.GetBytes("\u007fELF\0" + string.Join('\0', lines) + "\0rest"));

    private static RootTree Built(IReadOnlyCollection<string> packages)
    {
        var tree = TreeBuilder.Begin();
        tree.Add("bin/busybox", RootEntry.File("b", 0x1ed));
        tree.Add("usr/bin/ip", RootEntry.File("ip", 0x1ed));
        tree.Add("usr/bin/odd name", RootEntry.File("odd", 0x1ed));
        tree.Add("etc/frr/daemons", RootEntry.File("bgpd=no\n"));
        TreeBuilder.Finish(tree, packages);
        return tree;
    }
}
