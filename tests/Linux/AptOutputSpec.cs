// What apt prints is read without trust: it may be of another version, in part, or made by an archive that means ill.

using Lguest.Devices;
using Lguest.Linux.Apt;

namespace Lguest.Linux.Tests;

public sealed class AptOutputSpec
{
    [Theory]
    [InlineData("Inst libc6 (2.36-9+deb12u14 Debian:12.15/oldstable [i386])", "libc6_2.36-9+deb12u14_i386.deb")]
    [InlineData("Inst zlib1g (1:1.2.13.dfsg-1 Debian:12.15/oldstable, Debian-Security:12/x [i386])", "zlib1g_1%3a1.2.13.dfsg-1_i386.deb")]
    [InlineData("Inst libtirpc-common (1.3.3+ds-1 Debian:12.15/oldstable [all])", "libtirpc-common_1.3.3+ds-1_all.deb")]
    [InlineData("Inst a1 [1.0] (2.0~rc1 Debian:12 [i386]) []", "a1_2.0~rc1_i386.deb")]
    [InlineData("Conf libc6 (2.36-9+deb12u14 Debian:12.15/oldstable [i386])", null)]
    [InlineData("Inst ../../etc/passwd (1 Debian [i386])", null)]
    [InlineData("Inst a (../../b Debian [i386])", null)]
    [InlineData("Inst libc6 (2.36 Debian [amd64])", null)]
    [InlineData("Inst -o (1 Debian [i386])", null)]
    [InlineData("Inst libc6 (2.36", null)]
    [InlineData("", null)]
    public void A_planned_package_gives_the_name_of_its_file(string line, string? file) => AptOutput.FileOf(line).ShouldBe(file);

    [Theory]
    [InlineData("dlstatus:4:5.5909:Retrieving file 4 of 29", 5.5909)]
    [InlineData("dlstatus:1:0:x", 0.0)]
    [InlineData("dlstatus:1:999:x", null)]
    [InlineData("dlstatus:1:-3:x", null)]
    [InlineData("dlstatus:", null)]
    [InlineData("Get:1 http://a b", null)]
    public void A_status_line_says_how_far_it_is(string line, double? percent) => AptOutput.Percent(line).ShouldBe(percent);

    [Theory]
    [InlineData("Need to get 61.9 MB of archives.", "61.9 MB")]
    [InlineData("Need to get 1,234 kB/61.9 MB of archives.", "1,234 kB")]
    [InlineData("Need to get \u001b[2J of archives.", null)]
    public void It_says_how_much_it_gets(string line, string? amount) => AptOutput.Amount(line).ShouldBe(amount);

    [Fact]
    public void The_reason_is_the_last_error_that_says_something()
    {
        AptOutput.Reason(["Reading", "E: Failed to fetch http://a  404  Not Found", "E: Some index files failed to download. x"])
            .ShouldBe("Failed to fetch http://a 404 Not Found");
        AptOutput.Reason(["E: Some index files failed to download."]).ShouldBe("Some index files failed to download");
        AptOutput.Reason(["dpkg-deb: error: 'a' is not a Debian format archive", ""])
            .ShouldBe("dpkg-deb: error: 'a' is not a Debian format archive");
        AptOutput.Reason(["W: Failed to fetch http://a  Could not connect", "W: Some index files failed to download."])
            .ShouldBe("Failed to fetch http://a Could not connect");
        AptOutput.HasMissed(["Reading", "W: Failed to fetch http://a"]).ShouldBeTrue();
        AptOutput.HasMissed(["Reading", "Fetched 1 B"]).ShouldBeFalse();
        AptOutput.Reason(["last words", " "]).ShouldBe("last words");
        AptOutput.Reason([]).ShouldBe("it said nothing");
    }

    [Fact]
    public void A_reason_cannot_command_the_terminal_nor_fill_it()
    {
        string reason = AptOutput.Reason([$"E: \u001b]0;title\u0007 \r\t bad {new string('x', 9999)}"]);

        reason.ShouldAllBe(letter => !char.IsControl(letter));
        reason.Length.ShouldBeLessThan(300);
    }

    [Fact]
    public void The_newest_kernel_of_the_flavour_is_chosen()
    {
        string[] lines =
        [
            "linux-image-6.1.0-9-686 - Linux 6.1 for older PCs (signed)", "linux-image-6.1.0-50-686 - Linux 6.1 for older PCs (signed)",
            "linux-image-6.1.0-50-686-pae - Linux 6.1 for modern PCs (signed)", "linux-image-6.1.0-60-686-unsigned - x",
            "linux-image-6.1.0-60-686-dbg - x", "linux-image-6.1.0-60-rt-686-pae - x", "linux-image-686 - meta",
            "linux-image-6.1.0-60-cloud-686 - x", "linux-image-6.12.9+bpo-686 - x", "linux-image-99999999999999999999.1-686 - x", "", " ",
        ];

        KernelChoice.Newest(lines, pae: false).ShouldBe("linux-image-6.1.0-50-686");
        KernelChoice.Newest(lines, pae: true).ShouldBe("linux-image-6.1.0-50-686-pae");
        KernelChoice.Newest([], pae: true).ShouldBeNull();
        KernelChoice.ReleaseOf("linux-image-6.1.0-50-686-pae", pae: true).ShouldBe("6.1.0-50-686-pae");
        KernelChoice.ReleaseOf("linux-image-6.12.38+deb13-686", pae: false).ShouldBe("6.12.38+deb13-686");
    }

    [Fact]
    public void What_a_Guest_does_not_need_counts_as_installed_unless_it_is_asked_for()
    {
        string sparing = AptState.Installed(["passwd"], sparing: true), whole = AptState.Installed([], sparing: false);

        sparing.ShouldContain("Package: dpkg\n");
        sparing.ShouldContain("Provides: debconf-2.0\n");
        sparing.ShouldNotContain("Package: passwd\n");
        whole.ShouldNotContain("Package: dpkg\n");
        whole.ShouldContain("Package: initramfs-tools\n");
        new AptState("there").Options.ShouldNotContain(option => option.Contains("Insecure") && option.EndsWith("true"));
    }

    [Fact]
    public void Packages_are_named_between_commas_in_any_order()
    {
        var request = LinuxRequest.Of(pae: false, ["nginx-light,frr", "iperf3 frr"]);

        request.Packages.ShouldBe(["frr", "iperf3", "nginx-light"]);
        request.Mark("x").ShouldBe(LinuxRequest.Of(pae: false, ["iperf3,nginx-light,frr"]).Mark("x"));
        request.Mark("x").ShouldNotBe(request.Mark("y"));
        request.Mark("x").ShouldNotBe((request with { Pae = true }).Mark("x"));
        LinuxRequest.Of(pae: false, ["g++"]).Packages.ShouldBe(["g++"]);
    }

    [Theory]
    [InlineData("-o")]
    [InlineData("frr-")]
    [InlineData("frr=1.0")]
    [InlineData("frr/sid")]
    [InlineData("../x.deb")]
    [InlineData("Frr")]
    [InlineData("a*")]
    [InlineData("a\u001b[2Jb")]
    public void What_apt_could_take_for_something_else_is_no_name(string name) =>
        Should.Throw<RefusedException>(() => LinuxRequest.Of(pae: false, [name])).Message.ShouldContain("no name of a package");
}
