// The verb linux on the command line, and the machine that comes of it.

using Lguest.Guest.Cpu;
using Lguest.Host.Commands;
using Lguest.Host.Programs;
using Lguest.Launcher;
using Lguest.Linux.Store;

namespace Lguest.Host.Tests.Programs;

public sealed class LinuxCommandSpec
{
    private static readonly LinuxSet _set = new("set", "6.1.0-50-686");

    [Fact]
    public void Without_options_it_is_a_Guest_in_memory_with_a_way_out()
    {
        var machine = LinuxMachine.Complete(Read(), _set, hasNat: true);

        machine.MemoryMegabytes.ShouldBe(256);
        machine.Kernel.ShouldBe(_set.Kernel);
        machine.Initrd.ShouldBe(_set.Root);
        machine.Devices.ShouldHaveSingleItem().ShouldBeOfType<DeviceOption.Net>();
        machine.KernelArguments.ShouldContain("ip=:::::eth0:dhcp");
    }

    [Fact]
    public void Files_in_memory_need_some()
    {
        LinuxCommand.Read(CommandLine.Parse(["linux", "--memory", "95"], TextWriter.Null), out string problem).ShouldBeNull();
        problem.ShouldBe("--memory=95 is too little for a Linux whose files are in memory; write 96 at least, or have them on a disk with "
            + "--image");
        Read("--memory", "96").Machine.MemoryMegabytes.ShouldBe(96);
        Read("--memory", "64", "--image", "r.img").Machine.MemoryMegabytes.ShouldBe(64);
    }

    [Fact]
    public void An_image_that_is_a_directory_is_refused_before_anything_is_got()
    {
        using var error = new StringWriter();

        LinuxProgram.Run(Read("--prepare", "--image", Path.GetTempPath()), TextWriter.Null, error).ShouldBe(2);

        error.ToString().TrimEnd().ShouldBe($"lguest: --image={Path.GetTempPath()} is a directory; name a file");
    }

    [Fact]
    public void All_options_are_read()
    {
        var options = Read("--memory", "128", "--with", "frr,iperf3", "--pae", "--image=r.img", "--block=b.img", "--rng",
            "--engine=interpreter", "--verbose", "--kernel-args=debug loglevel=7", "--update", "--prepare",
            "--", "--odd", "ip=10.0.0.1/24");

        options.Request.Pae.ShouldBeTrue();
        options.Request.Packages.ShouldBe(["frr", "iperf3"]);
        options.Image.ShouldBe("r.img");
        options.PrepareOnly.ShouldBeTrue();
        options.Update.ShouldBeTrue();
        options.Machine.MemoryMegabytes.ShouldBe(128);
        options.Machine.Engine.ShouldBe(EngineKind.Interpreter);
        options.Machine.Verbose.ShouldBeTrue();
        options.Machine.KernelArguments.ShouldBe(["debug", "loglevel=7", "--odd", "ip=10.0.0.1/24"]);

        var machine = LinuxMachine.Complete(options, _set, hasNat: false);
        machine.Devices.ShouldBe([new DeviceOption.Block("r.img"), new DeviceOption.Block("b.img"), new DeviceOption.Rng()]);
        machine.Initrd.ShouldBe(_set.Mounter);
        machine.KernelArguments.ShouldContain("root=/dev/vda");
        machine.KernelArguments.ShouldNotContain(word => word.EndsWith("dhcp"), "the user has said what addresses there are");
        machine.KernelArguments[^4..].ShouldBe(options.Machine.KernelArguments, "the user's words win");
    }

    [Fact]
    public void Only_where_a_router_of_ours_is_does_it_ask_for_an_address()
    {
        var machine = LinuxMachine.Complete(Read("--tunnet=192.168.19.1", "--tunnet=nat"), _set, hasNat: true);

        machine.Devices.Length.ShouldBe(2);
        machine.KernelArguments.Where(word => word.StartsWith("ip=")).ShouldBe(["ip=:::::eth1:dhcp"]);
    }

    [Theory]
    [InlineData("no option '--wiht'", "--wiht", "frr")]
    [InlineData("words for the kernel come after --", "quiet")]
    [InlineData("--memory=lots", "--memory=lots")]
    [InlineData("--memory=0", "--memory=0")]
    [InlineData("no name of a package", "--with=../x")]
    [InlineData("not an engine", "--engine=jit")]
    [InlineData("not understood", "--tunnet=x")]
    public void Bad_usage_is_one_line(string cause, params string[] args)
    {
        var error = new StringWriter();

        CommandLine.Run(["linux", .. args], new StringWriter(), error).ShouldBe(CommandLine.BadUsage);

        error.ToString().TrimEnd().ShouldContain(cause);
        error.ToString().TrimEnd().ShouldNotContain("\n");
    }

    private static LinuxOptions Read(params string[] args)
    {
        var parsed = CommandLine.Parse(["linux", .. args], TextWriter.Null);
        parsed.Errors.ShouldBeEmpty();
        return LinuxCommand.Read(parsed, out string problem).ShouldNotBeNull(problem);
    }
}
