// Two settings that name one file, in every way in which a file can have two names.

using Lguest.Launcher.Paths;

namespace Lguest.Launcher.Tests.Paths;

public sealed class FileUsesSpec : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lguest-uses-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void One_name_for_two_uses_is_found_and_both_settings_are_named()
    {
        string disk = Make("d.img");

        FileUses.Conflict([FileUse.Written("--log=d.img", disk), FileUse.Read("--block=d.img", disk)])
            .ShouldBe("--log=d.img and --block=d.img are the same file, which would be overwritten; name another file");
    }

    [Fact]
    public void Other_spellings_of_a_path_are_the_same_file() =>
        AreOne(Make("d.img"), Path.Combine(_folder, ".", "none", "..", "d.img")).ShouldBeTrue();

    [SkippableFact]
    public void Symbolic_links_are_followed_also_through_folders_and_to_what_is_not_there_yet()
    {
        Skip.If(OperatingSystem.IsWindows(), "links need rights there");
        string disk = Make("d.img");
        File.CreateSymbolicLink(At("link"), "d.img");
        File.CreateSymbolicLink(At("second"), At("link"));
        Directory.CreateSymbolicLink(At("folder"), _folder);
        File.CreateSymbolicLink(At("dangling"), "later.log");
        File.CreateSymbolicLink(At("circle"), "circle");

        AreOne(disk, At("link")).ShouldBeTrue();
        AreOne(disk, At("second")).ShouldBeTrue();
        AreOne(disk, Path.Combine(_folder, "folder", "d.img")).ShouldBeTrue();
        AreOne(At("later.log"), At("dangling")).ShouldBeTrue();
        AreOne(At("later.log"), Path.Combine(_folder, "folder", "later.log")).ShouldBeTrue();
        AreOne(At("circle"), At("circle")).ShouldBeFalse("it can be no file");
    }

    [SkippableFact]
    public async Task A_hard_link_is_the_same_file()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "files have numbers that we can ask for on Linux only");
        string disk = Make("d.img");
        using (var link = System.Diagnostics.Process.Start("ln", [disk, At("hard")]))
            await link.WaitForExitAsync();

        AreOne(disk, At("hard")).ShouldBeTrue();
        AreOne(disk, Make("other.img")).ShouldBeFalse();
    }

    [Fact]
    public void What_lies_in_a_folder_that_a_Guest_writes_is_found_unless_it_is_read_before_the_Guest_runs()
    {
        Directory.CreateDirectory(At("shared/in"));
        Directory.CreateSymbolicLink(At("way"), At("shared/in"));
        var folder = FileUse.Folder("--share=shared", At("shared"));
        FileUses.Conflict([folder, FileUse.Written("--log=in/log", At("shared/in/log"))]).ShouldBe(
            "--log=in/log is in the folder of --share=shared, where the Guest could put a link in its place; write :ro after the "
            + "folder, or keep the file elsewhere");
        FileUses.Conflict([folder, FileUse.Read("--block=d", At("shared/d"))]).ShouldNotBeNull();
        FileUses.Conflict([folder, FileUse.Read("--block=d", At("way/d"))]).ShouldNotBeNull("through a link");
        File.CreateSymbolicLink(At("shared/out"), At("d"));
        FileUses.Conflict([folder, FileUse.Read("--block=d", At("shared/out"))]).ShouldNotBeNull("by a link that the Guest could change");
        File.CreateSymbolicLink(At("link"), At("shared/d"));
        FileUses.Conflict([folder, FileUse.Read("--block=d", At("link"))]).ShouldNotBeNull("by a link to it");
        FileUses.Conflict([folder, FileUse.Loaded("kernel k", At("shared/k"))]).ShouldBeNull();
        FileUses.Conflict([folder, FileUse.Read("--block=d", At("d")), FileUse.Written("--log=s", At("shared.log"))]).ShouldBeNull();
        FileUses.Conflict([folder, folder, .. FileUses.Standard]).ShouldBeNull("two Guests may have one folder");
    }

    [Fact]
    public void What_is_only_read_may_be_read_twice_and_what_is_shared_be_shared()
    {
        string file = Make("d.img");

        FileUses.Conflict([FileUse.Read("a", file), FileUse.Read("b", file)]).ShouldBeNull();
        FileUses.Conflict([FileUse.Shared("a", file), FileUse.Shared("b", file)]).ShouldBeNull();
        FileUses.Conflict([FileUse.Shared("a", file), FileUse.Read("b", file)]).ShouldNotBeNull();
        FileUses.Conflict([FileUse.Shared("a", file), FileUse.Written("b", file)]).ShouldNotBeNull();
        FileUses.Conflict([FileUse.Written("a", At("new")), FileUse.Written("b", At("new"))]).ShouldNotBeNull();
        FileUses.Conflict([FileUse.Written("a", At("new")), FileUse.Written("b", At("newer"))]).ShouldBeNull();
        FileUses.Conflict([FileUse.Written("a", ""), FileUse.Written("b", "")]).ShouldBeNull();
    }

    [SkippableFact]
    public void What_keeps_nothing_may_be_written_by_all()
    {
        Skip.If(OperatingSystem.IsWindows(), "there is no /dev/null");

        AreOne("/dev/null", "/dev/null").ShouldBeFalse();
    }

    private static bool AreOne(string a, string b) => FileUses.Conflict([FileUse.Written("a", a), FileUse.Read("b", b)]) is not null;

    private string At(string name) => Path.Combine(_folder, name);

    private string Make(string name)
    {
        File.WriteAllText(At(name), name);
        return At(name);
    }
}
