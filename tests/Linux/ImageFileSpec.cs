// A disk image has the owners and rights that the tree says, not those of the user who made it.

using Lguest.Devices;
using Lguest.Linux.Apt;
using Lguest.Linux.Root;
using Lguest.Linux.Store;

namespace Lguest.Linux.Tests;

public sealed class ImageFileSpec : IDisposable
{
    private readonly string _image = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    [SkippableFact]
    public void Owners_and_rights_are_those_of_the_tree()
    {
        Skip.If(HostCommand.Find("mke2fs") is null || HostCommand.Find("debugfs") is null, "there is no mke2fs here (e2fsprogs)");
        var tree = TreeBuilder.Begin();
        tree.Add("usr/bin/su", RootEntry.File("su", 0x9ed) with { User = 0, Group = 42 });
        tree.Add("var/lib/frr", RootEntry.Folder(0x140) with { User = 101, Group = 102 });
        tree.Add("etc/secret", RootEntry.File("s", 0));

        ImageFile.Make(tree, _image);

        Stat("/usr/bin/su").ShouldMatch(@"Mode:\s+04755.*User:\s+0\s+Group:\s+42");
        Stat("/var/lib/frr").ShouldMatch(@"Mode:\s+0500.*User:\s+101\s+Group:\s+102");
        Stat("/etc/secret").ShouldMatch(@"Mode:\s+0000.*User:\s+0\s+Group:\s+0");
        Stat("/bin").ShouldMatch(@"Type: symlink.*User:\s+0\s+Group:\s+0");
        Path.Exists(_image + ".making").ShouldBeFalse();
        Path.Exists(_image + ".tree").ShouldBeFalse();
    }

    [SkippableFact]
    public void An_image_that_cannot_be_written_is_one_line()
    {
        Skip.If(HostCommand.Find("mke2fs") is null || HostCommand.Find("debugfs") is null, "there is no mke2fs here (e2fsprogs)");

        Should.Throw<RefusedException>(() => ImageFile.Make(TreeBuilder.Begin(), Path.Combine(_image, "not", "there")))
            .Message.ShouldContain("there is no folder");
    }

    public void Dispose()
    {
        if (File.Exists(_image))
            File.Delete(_image);
    }

    private string Stat(string path) => string.Join(' ', HostCommand.Run("debugfs", ["-R", $"stat {path}", _image]).Lines);
}
