// A root file system in memory: packages that name the same folder in two ways, and packages that mean ill.

using System.Diagnostics;
using System.Formats.Tar;
using System.Text;
using Lguest.Devices;
using Lguest.Launcher.Images;
using Lguest.Linux.Root;

namespace Lguest.Linux.Tests;

public sealed class RootTreeSpec
{
    [Fact]
    public void Merged_folders_are_one_place()
    {
        var tree = TreeBuilder.Begin();
        tree.Add("./bin/busybox", RootEntry.File("x"));
        tree.Add("bin", RootEntry.Folder());
        tree.Add("/lib/i386-linux-gnu/libc.so.6", RootEntry.File("y"));

        tree.Entries.Keys.ShouldContain("usr/bin/busybox");
        tree.Entries["bin"].Kind.ShouldBe(RootKind.Link);
        tree.Find("usr/lib/i386-linux-gnu/libc.so.6")!.Text.ShouldBe("y");
        tree.Find("lib/i386-linux-gnu/libc.so.6")!.Text.ShouldBe("y");
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("usr/../../x")]
    [InlineData("a\0b")]
    [InlineData("out/x")]
    [InlineData("round/x")]
    [InlineData("file/x")]
    public void A_name_that_leads_out_or_nowhere_is_refused(string name)
    {
        var tree = TreeBuilder.Begin();
        tree.Add("out", RootEntry.Link("../../etc"));
        tree.Add("round", RootEntry.Link("round"));
        tree.Add("file", RootEntry.File("x"));

        Should.Throw<RefusedException>(() => tree.Add(name, RootEntry.File("y"))).Message.ShouldNotContain("\0");
    }

    [Fact]
    public void A_link_to_an_absolute_path_stays_inside()
    {
        var tree = TreeBuilder.Begin();
        tree.Add("var/run/frr/pid", RootEntry.File("1"));

        tree.Entries.Keys.ShouldContain("run/frr/pid");
    }

    [Fact]
    public void An_archive_reads_back_as_it_was_written_with_rights_owners_links_and_devices()
    {
        var tree = Sample();

        var read = CpioReader.Read(Archive(tree));

        read.Entries.Keys.ShouldBe(tree.Entries.Keys);
        foreach (var (name, entry) in tree.Entries)
        {
            var other = read.Entries[name];
            (other.Kind, other.Mode, other.User, other.Group, other.Device)
                .ShouldBe((entry.Kind, entry.Mode, entry.User, entry.Group, entry.Device), name);
            other.Content.ToArray().ShouldBe(entry.Content.ToArray(), name);
        }

        read.Entries["usr/one"].ShouldBeSameAs(read.Entries["usr/two"], "hard links");
    }

    [Fact]
    public void The_same_tree_is_the_same_archive_in_whatever_order_it_was_made()
    {
        var (one, other) = (new RootTree(), new RootTree());
        string[] names = ["b", "a/c", "a/b", "a-b"];
        foreach (string name in names)
            one.Add(name, RootEntry.File(name));
        foreach (string name in names.Reverse())
            other.Add(name, RootEntry.File(name));

        Archive(one).ShouldBe(Archive(other));
    }

    [Fact]
    public void An_archive_that_is_cut_short_or_changed_is_refused()
    {
        byte[] whole = Archive(Sample());
        for (int length = 0; length < whole.Length - 200; length += 37)
            Should.Throw<RefusedException>(() => CpioReader.Read(whole.AsMemory(0, length)));
        var random = new Random(3);
        for (int i = 0; i < 3000; i++)
        {
            byte[] changed = [.. whole];
            changed[random.Next(changed.Length)] = (byte)random.Next(256);
            try
            {
                CpioReader.Read(changed).ShouldNotBeNull();
            }
            catch (RefusedException refused)
            {
                refused.Message.ShouldNotBeEmpty();
            }
        }
    }

    [Fact]
    public void The_Launcher_takes_it_for_a_whole_initrd()
    {
        byte[] archive = Archive(TreeBuilder.Begin());

        InitialRamdisk.Check(archive, "ours");
        Should.Throw<RefusedException>(() => InitialRamdisk.Check(archive[..^200], "ours"));
    }

    [SkippableFact]
    public void The_systems_own_cpio_lists_it()
    {
        ProcessStartInfo start = new("cpio", ["-itv", "--quiet"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        Skip.IfNot(new[] { "/usr/bin/cpio", "/bin/cpio" }.Any(File.Exists), "there is no cpio here");
        using var cpio = Process.Start(start)!;
        cpio.StandardInput.BaseStream.Write(Archive(Sample()));
        cpio.StandardInput.Close();
        string[] lines = cpio.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        cpio.WaitForExit();

        cpio.ExitCode.ShouldBe(0);
        lines.Length.ShouldBe(Sample().Entries.Count);
        lines.ShouldContain(line => line.StartsWith("-rwsr-xr-x") && line.EndsWith("usr/su"));
        lines.ShouldContain(line => line.StartsWith("crw") && line.Contains("5,   1") && line.EndsWith("dev/console"));
        lines.ShouldContain(line => line.StartsWith("lrwx") && line.EndsWith("usr/link -> su"));
        lines.Where(line => line.EndsWith("usr/one") || line.EndsWith("usr/two"))
            .ShouldAllBe(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1] == "2");
    }

    [Fact]
    public void A_package_comes_with_its_rights_and_owners_and_without_its_manuals()
    {
        var tree = TreeBuilder.Begin();
        using var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, TarEntryFormat.Gnu, leaveOpen: true))
        {
            Write(writer, TarEntryType.Directory, "./");
            Write(writer, TarEntryType.RegularFile, "./bin/su", "su", (UnixFileMode)0x9ed);
            Write(writer, TarEntryType.HardLink, "./bin/sudo", link: "./bin/su");
            Write(writer, TarEntryType.SymbolicLink, "./usr/lib/x", link: "y");
            Write(writer, TarEntryType.RegularFile, "./usr/share/man/man1/su.1.gz", "manual");
        }

        archive.Position = 0;
        PackageReader.Read(archive, tree, PackageReader.IsWanted);

        tree.Find("usr/bin/su")!.Mode.ShouldBe(0x9edu);
        tree.Find("usr/bin/su")!.Group.ShouldBe(42u);
        tree.Entries["usr/bin/sudo"].ShouldBeSameAs(tree.Entries["usr/bin/su"]);
        tree.Entries["usr/lib/x"].Target.ShouldBe("y");
        tree.Entries.Keys.ShouldNotContain(name => name.Contains("share/man"));
    }

    [Fact]
    public void A_package_that_leads_out_of_the_tree_or_is_cut_short_is_refused()
    {
        using var archive = new MemoryStream();
        using (var writer = new TarWriter(archive, TarEntryFormat.Gnu, leaveOpen: true))
            Write(writer, TarEntryType.RegularFile, "./../../etc/passwd", "root::0:0::/:/bin/sh");
        archive.Position = 0;
        Should.Throw<RefusedException>(() => PackageReader.Read(archive, new RootTree(), _ => true));

        using var cut = new MemoryStream(archive.ToArray()[..515]);
        Should.Throw<IOException>(() => PackageReader.Read(cut, new RootTree(), _ => true));
    }

    private static void Write(TarWriter writer, TarEntryType type, string name, string? text = null, UnixFileMode? mode = null,
        string? link = null)
    {
        GnuTarEntry entry = new(type, name) { Gid = 42 };
        if (mode is { } rights)
            entry.Mode = rights;
        if (link is not null)
            entry.LinkName = link;
        if (text is not null)
            entry.DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text));
        writer.WriteEntry(entry);
    }

    private static RootTree Sample()
    {
        var tree = new RootTree();
        tree.Add("dev/console", new RootEntry(RootKind.CharacterDevice, 0x180) { Device = (5, 1) });
        tree.Add("dev/disk", new RootEntry(RootKind.BlockDevice, 0x1b0) { Device = (254, 16), Group = 6 });
        tree.Add("usr/su", RootEntry.File("su", 0x9ed) with { User = 7, Group = 9 });
        tree.Add("usr/link", RootEntry.Link("su"));
        tree.Add("usr/empty", RootEntry.File(""));
        tree.Add("usr/pipe", new RootEntry(RootKind.Pipe, 0x180));
        tree.Add("tmp", RootEntry.Folder(0x3ff));
        var twice = RootEntry.File("twice");
        tree.Add("usr/one", twice);
        tree.Add("usr/two", twice);
        return tree;
    }

    private static byte[] Archive(RootTree tree)
    {
        using var archive = new MemoryStream();
        CpioWriter.Write(tree, archive);
        return archive.ToArray();
    }
}
