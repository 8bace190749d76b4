// Folders of the node in a topology: both forms, and what is refused with its place.

using Lguest.Launcher;
using Lguest.Launcher.Boards;
using Lguest.Topology.Actors;
using Lguest.Topology.Drawing;
using Lguest.Topology.Hocon;

namespace Lguest.Topology.Tests;

public sealed class SharesSpec
{
    [Fact]
    public void A_share_is_a_word_or_a_section_and_lies_beside_the_file()
    {
        var topology = Read("shares = [data, \"src:ro\", \"www=pages\", { folder = \"%name%\", read-only = on, tag = own }]");
        var guest = topology.Guests.Single();
        guest.Shares.ShouldBe(
        [
            new ShareDefinition("dir/data", "data", false), new ShareDefinition("dir/src", "src", true),
            new ShareDefinition("dir/pages", "www", false), new ShareDefinition("dir/g", "own", true),
        ]);
        GuestBuilding.Options(topology, guest, "a").Devices.OfType<DeviceOption.Share>().First()
            .ShouldBe(new DeviceOption.Share("dir/data", "data"));
        TextDrawing.Draw(topology).ShouldContain("dir/data as data  dir/src:ro as src");
    }

    [Theory]
    [InlineData("shares = [data, data]",
        "dir/t.conf:1:76: guest 'g' has two shares with the tag 'data'; write { folder = ..., tag = data2 } for one")]
    [InlineData("shares = [missing]", "dir/t.conf:1:70: share: there is no folder 'dir/missing'; check the path")]
    [InlineData("shares = [{ folder = missing }]", "dir/t.conf:1:81: share: there is no folder 'dir/missing'; check the path")]
    [InlineData("shares = [{ read-only = on }]", "dir/t.conf:1:70: the share names no folder; write folder = ...")]
    [InlineData("shares = [[a]]",
        "dir/t.conf:1:70: a share must be a folder such as data or data:ro, or a section such as { folder = data, read-only = on }")]
    public void What_is_wrong_is_told_with_its_place(string shares, string line) =>
        Should.Throw<MisconfiguredException>(() => Read(shares)).Message.ShouldBe(line);

    [Theory]
    [InlineData("builtin:puppy", "use kernel = linux, or remove shares")]
    [InlineData("old", "Linux 2.6.23 has no driver for a folder of the host")]
    [InlineData("early", "dir/t.conf:1:69: guest 'g': Linux before 2.6.37 has no driver for a folder of the host; leave --share out")]
    public void A_kernel_without_a_driver_gets_none(string kernel, string problem) =>
        Should.Throw<MisconfiguredException>(() => Read("shares = [data]", kernel)).Message.ShouldContain(problem);

    private static TopologyDefinition Read(string shares, string kernel = "vmlinuz") => TopologyFile.Parse("dir/t.conf",
        $"lguest {{ nodes.a {{ }}, guests.g {{ kernel = \"{kernel}\",{new string(' ', 14 - kernel.Length)}{shares} }} }}", _ => null,
        path => !path.Contains("missing", StringComparison.Ordinal), null,
        path => path.EndsWith("old", StringComparison.Ordinal) ? new SeenKernel(BoardFamily.Dma, 0)
            : path.EndsWith("early", StringComparison.Ordinal) ? new SeenKernel(BoardFamily.EarlyVirtio, 0) : null).Topology;
}
