// The protocol, message by message, as Linux's driver speaks it, with the files of a folder that is really there.

using System.Text;
using Lguest.Devices.Share;
using static Lguest.Devices.Tests.Share.Request;

namespace Lguest.Devices.Tests.Share;

public sealed class ShareSessionSpec : IDisposable
{
    private const uint ReadWrite = 2;

    private readonly ShareClient _client = ShareClient.Attached();

    public void Dispose() => _client.Dispose();

    [Theory]
    [InlineData(8192u, "9P2000.L", 8192u, "9P2000.L")]
    [InlineData(1u << 20, "9P2000.L", 512u << 10, "9P2000.L")]
    [InlineData(8192u, "9P2000", 8192u, "unknown")]
    public void Length_and_dialect_are_agreed_on(uint bytes, string dialect, uint agreed, string answer)
    {
        var said = _client.Say(Request.Version(bytes, dialect));
        said.Word().ShouldBe(agreed);
        said.Text().ShouldBe(answer);
        said.Tag.ShouldBe(ushort.MaxValue);
        _client.Say(Attach(0)).Error.ShouldBe(answer == "unknown" ? Errno.Invalid : 0);
    }

    [Fact]
    public void Nothing_is_done_before_a_version_and_a_version_begins_anew()
    {
        using ShareClient other = new();
        other.Say(Attach(0)).Error.ShouldBe(Errno.Invalid);
        _client.Say(Request.Version(100)).Error.ShouldBe(Errno.MessageSize);
        _client.Session.Fids.ShouldBe(1);
        _client.Say(Request.Version());
        _client.Session.Fids.ShouldBe(0);
        _client.Say(Attributes(0)).Error.ShouldBe(Errno.BadDescriptor);
    }

    [Fact]
    public void A_walk_tells_what_it_meets_and_how_far_it_came()
    {
        Directory.CreateDirectory(Path.Combine(_client.Folder, "a/b"));
        _client.Put("a/b/c", "content");
        var all = _client.Say(Walk(0, 1, "a", "b", "c"));
        all.Short().ShouldBe((ushort)3);
        Qid[] qids = [all.Qid(), all.Qid(), all.Qid()];
        qids.Select(qid => qid.Kind).ShouldBe([QidKind.Folder, QidKind.Folder, QidKind.File]);
        qids.Distinct().Count().ShouldBe(3);

        var some = _client.Say(Walk(0, 2, "a", "x", "c"));
        some.Short().ShouldBe((ushort)1);
        _client.Say(Attributes(2)).Error.ShouldBe(Errno.BadDescriptor, "the fid of a walk that came to no end is not made");
        _client.Say(Walk(0, 2, "x")).Error.ShouldBe(Errno.NoEntry);
        _client.Say(Walk(1, 2, "x")).Error.ShouldBe(Errno.NotFolder);

        _client.Say(Walk(1, 2)).Short().ShouldBe((ushort)0);
        _client.Say(Walk(2, 3, "..", "..")).Error.ShouldBe(Errno.NotFolder);
        _client.Say(Walk(0, 4, "a", "b")).Error.ShouldBe(0);
        _client.Say(Walk(4, 4, "c")).Error.ShouldBe(0);
        _client.Say(Attributes(4)).Error.ShouldBe(0);
        _client.Session.Fids.ShouldBe(4);
    }

    [Fact]
    public void A_file_is_made_written_read_and_closed()
    {
        _client.Say(Walk(0, 1));
        var made = _client.Say(Create(1, "new", ReadWrite, 0x1b4));
        made.Qid().Kind.ShouldBe(QidKind.File);
        made.Word().ShouldBe(0u);
        _client.Say(Write(1, 0, "hello"u8)).Word().ShouldBe(5u);
        _client.Say(Write(1, 5, " world"u8)).Word().ShouldBe(6u);
        var read = _client.Say(Read(1, 6, 100));
        read.Word().ShouldBe(5u);
        Encoding.UTF8.GetString(read.Bytes(5)).ShouldBe("world");
        _client.Say(Read(1, 100, 10)).Word().ShouldBe(0u);
        _client.Say(Fid(MessageType.Sync, 1)).Error.ShouldBe(0);
        _client.Say(Fid(MessageType.Sync, 1).Word(1)).Error.ShouldBe(0, "a driver of today says whether the content is enough");
        _client.Say(Fid(MessageType.Clunk, 1)).Error.ShouldBe(0);
        _client.Say(Read(1, 0, 1)).Error.ShouldBe(Errno.BadDescriptor);
        File.ReadAllText(Path.Combine(_client.Folder, "new")).ShouldBe("hello world");
        ShareClient.ModeOf(Path.Combine(_client.Folder, "new")).ShouldBe(0x1b4, "whatever this process's umask is");
        _client.Host.Files.ShouldBe(0);
    }

    [Fact]
    public void A_folder_is_listed_in_pieces_of_any_size()
    {
        string[] names = [.. Enumerable.Range(0, 300).Select(i => $"file-{i:d4}-{new string('x', i % 50)}"), ".", ".."];
        foreach (string name in names[..^2])
            _client.Put(name, "");
        _client.Say(Walk(0, 1));
        _client.Say(Open(1)).Error.ShouldBe(0);
        foreach (uint count in (uint[])[100, 1000, 60_000])
        {
            List<string> found = [];
            ulong offset = 0;
            while (_client.Say(Read(1, offset, count, MessageType.List)) is var piece && piece.Word() is > 0 and var bytes)
            {
                bytes.ShouldBeLessThanOrEqualTo(count);
                for (int left = (int)bytes; left > 0;)
                {
                    piece.Qid();
                    offset = piece.Long();
                    piece.Byte();
                    found.Add(piece.Text());
                    left -= 24 + found[^1].Length;
                }
            }

            found.Order(StringComparer.Ordinal).ShouldBe(names.Order(StringComparer.Ordinal));
        }

        _client.Say(Read(1, 0, 20, MessageType.List)).Error.ShouldBe(Errno.Invalid, "not even one entry fits");
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("a", true)]
    [InlineData("a/b", false)]
    public void Above_the_folder_is_the_folder_and_its_number_tells_nothing_of_the_host(string path, bool isRoot)
    {
        Directory.CreateDirectory(Path.Combine(_client.Folder, "a/b"));
        ulong root = _client.Say(Walk(0, 9, "a", "..")) is var way && way.Short() == 2 && way.Qid() != default ? way.Qid().Path : 0;
        _client.Say(Walk(0, 1, path.Split('/', StringSplitOptions.RemoveEmptyEntries)));
        _client.Say(Open(1)).Error.ShouldBe(0);
        var list = _client.Say(Read(1, 0, 4096, MessageType.List));
        Dictionary<string, ulong> numbers = [];
        for (int left = (int)list.Word(); left > 0;)
        {
            ulong number = list.Qid().Path;
            list.Long();
            list.Byte();
            string name = list.Text();
            numbers[name] = number;
            left -= 24 + name.Length;
        }

        numbers[".."].Equals(root).ShouldBe(isRoot, $"{numbers[".."]} of {root}");
    }

    [Fact]
    public void Attributes_are_the_files_and_its_owner_is_root_where_it_is_us()
    {
        string path = _client.Put("f", "12345");
        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch.AddSeconds(1_000_000));
        _client.Say(Walk(0, 1, "f"));
        var facts = _client.Say(Attributes(1));
        facts.Long().ShouldBe(0x7ffu);
        facts.Qid();
        (facts.Word() & 0xf000).ShouldBe(0x8000u);
        facts.Word().ShouldBe(0u);
        facts.Word().ShouldBe(0u);
        facts.Long().ShouldBe(1u);
        facts.Long();
        facts.Long().ShouldBe(5u);
        facts.Long();
        facts.Long();
        facts.Long();
        facts.Long();
        facts.Long().ShouldBe(1_000_000u);
    }

    [Fact]
    public void Modes_sizes_and_times_are_set_and_owners_are_not()
    {
        string path = _client.Put("f", "12345");
        _client.Say(Walk(0, 1, "f"));
        _client.Say(Change(1, 1, mode: 0x980)).Error.ShouldBe(0);
        ShareClient.ModeOf(path).ShouldBe(0x180, "a Guest makes no file that runs as somebody else");
        _client.Say(Change(1, 8, bytes: 2)).Error.ShouldBe(0);
        File.ReadAllText(path).ShouldBe("12");
        _client.Say(Change(1, 0x1b0, seconds: 86400)).Error.ShouldBe(0);
        File.GetLastWriteTimeUtc(path).ShouldBe(DateTime.UnixEpoch.AddDays(1));
        _client.Say(Change(1, 0x30)).Error.ShouldBe(0, "now");
        File.GetLastWriteTimeUtc(path).Year.ShouldBeGreaterThan(2020);
        _client.Say(Change(1, 0x1b0, nanoseconds: 1_000_000_000)).Error.ShouldBe(Errno.Invalid);
        _client.Say(Change(1, 8, bytes: ulong.MaxValue)).Error.ShouldBe(Errno.Invalid);
        _client.Say(Change(1, 2 | 4)).Error.ShouldBe(0, "it is root's already, as it is shown");
        _client.Say(Change(1, 2, user: 1)).Error.ShouldBe(Errno.NotPermitted);
        _client.Say(Change(1, 4, group: 1)).Error.ShouldBe(Errno.NotPermitted);
    }

    [Fact]
    public void One_that_is_open_for_writing_is_cut_whatever_its_mode_is()
    {
        _client.Say(Walk(0, 1));
        _client.Say(Create(1, "locked", ReadWrite, 0x124)).Error.ShouldBe(0);
        _client.Say(Write(1, 0, "12345"u8)).Error.ShouldBe(0);
        _client.Say(Change(1, 8, bytes: 3)).Error.ShouldBe(0);
        File.ReadAllText(Path.Combine(_client.Folder, "locked")).ShouldBe("123");
    }

    [Fact]
    public void Links_folders_and_nodes_are_made_renamed_and_removed()
    {
        _client.Put("f", "x");
        var made = _client.Say(new Request(MessageType.MakeFolder).Word(0).Text("d").Word(0x1ed).Word(0));
        made.Qid().Kind.ShouldBe(QidKind.Folder);
        _client.Say(new Request(MessageType.MakeFolder).Word(0).Text("d").Word(0x1ed).Word(0)).Error.ShouldBe(Errno.Exists);
        _client.Say(Walk(0, 1, "f"));
        _client.Say(Walk(0, 2, "d"));
        _client.Say(new Request(MessageType.MakeLink).Word(2).Word(1).Text("hard")).Error.ShouldBe(0);
        File.ReadAllText(Path.Combine(_client.Folder, "d/hard")).ShouldBe("x");
        _client.Say(new Request(MessageType.MakeSymbolicLink).Word(2).Text("soft").Text("../../secret").Word(0)).Qid().Kind
            .ShouldBe(QidKind.SymbolicLink);
        _client.Say(Walk(2, 3, "soft"));
        _client.Say(Fid(MessageType.ReadLink, 3)).Text().ShouldBe("../../secret");
        _client.Say(Fid(MessageType.ReadLink, 1)).Error.ShouldBe(Errno.Invalid);
        _client.Say(new Request(MessageType.RenameAt).Word(2).Text("hard").Word(0).Text("moved")).Error.ShouldBe(0);
        File.Exists(Path.Combine(_client.Folder, "moved")).ShouldBeTrue();
        _client.Say(new Request(MessageType.MakeNode).Word(2).Text("pipe").Word(0x11a4).Word(0).Word(0).Word(0)).Error.ShouldBe(0);
        _client.Say(new Request(MessageType.RemoveAt).Word(2).Text("pipe").Word(0)).Error.ShouldBe(0);
        _client.Say(new Request(MessageType.RemoveAt).Word(2).Text("soft").Word(0)).Error.ShouldBe(0);
        _client.Say(new Request(MessageType.RemoveAt).Word(0).Text("d").Word(0)).Error.ShouldBe(21, "EISDIR");
        _client.Say(new Request(MessageType.RemoveAt).Word(0).Text("d").Word(0x200)).Error.ShouldBe(0);
        Directory.GetFileSystemEntries(_client.Folder).Length.ShouldBe(2);
    }

    [Fact]
    public void The_older_calls_by_fid_do_the_same()
    {
        _client.Put("f", "x");
        _client.Say(Walk(0, 1, "f"));
        _client.Say(new Request(MessageType.Rename).Word(1).Word(0).Text("g")).Error.ShouldBe(0);
        _client.Say(Fid(MessageType.Remove, 1)).Error.ShouldBe(Errno.NoEntry, "what it was found by is not its name any more");
        _client.Say(Attributes(1)).Error.ShouldBe(Errno.BadDescriptor, "the fid is given up all the same");
        _client.Say(Walk(0, 1, "g"));
        _client.Put("h", "y");
        File.Move(Path.Combine(_client.Folder, "h"), Path.Combine(_client.Folder, "g"), overwrite: true);
        _client.Say(Fid(MessageType.Remove, 1)).Error.ShouldBe(Errno.Stale, "another file has the name now");
        _client.Say(Walk(0, 1, "g"));
        _client.Say(Fid(MessageType.Remove, 1)).Error.ShouldBe(0);
        _client.Say(Walk(0, 1));
        _client.Say(Fid(MessageType.Remove, 1)).Error.ShouldBe(Errno.Busy, "the folder itself stays");
    }

    [Fact]
    public void Locks_are_the_hosts_and_nobody_waits_for_them()
    {
        _client.Put("f", "x");
        _client.Say(Walk(0, 1, "f"));
        _client.Say(Open(1, ReadWrite));
        _client.Say(Walk(0, 2, "f"));
        _client.Say(Open(2, ReadWrite));
        _client.Say(Lock(1, 1, 0, 10)).Byte().ShouldBe((byte)0);
        _client.Say(Lock(2, 1, 5, 0)).Byte().ShouldBe((byte)1, "blocked");
        var held = _client.Say(new Request(MessageType.TestLock).Word(2).Byte(0).Long(9).Long(1).Word(7).Text("me"));
        held.Byte().ShouldBe((byte)1);
        (held.Long(), held.Long()).ShouldBe((0ul, 10ul));
        _client.Say(Lock(1, 2, 0, 0)).Byte().ShouldBe((byte)0);
        _client.Say(Lock(2, 1, 5, 0)).Byte().ShouldBe((byte)0);
        _client.Say(Lock(2, 9, 5, 0)).Byte().ShouldBe((byte)2, "there is no such kind");
        _client.Say(Lock(2, 1, ulong.MaxValue, 1)).Byte().ShouldBe((byte)2);
    }

    [Fact]
    public void Space_is_the_hosts_and_its_kind_is_9P()
    {
        var space = _client.Say(Fid(MessageType.FileSystem, 0));
        space.Word().ShouldBe(0x01021997u);
        space.Word().ShouldBeGreaterThan(0u);
        space.Long().ShouldBeGreaterThan(0u);
    }

    [Fact]
    public void What_Linux_can_do_without_is_not_supported()
    {
        _client.Say(new Request(MessageType.WalkExtended).Word(0).Word(1).Text("user.x")).Error.ShouldBe(Errno.NotSupported);
        _client.Say(new Request(MessageType.CreateExtended).Word(0).Text("user.x").Long(0).Word(0)).Error.ShouldBe(Errno.NotSupported);
        _client.Say(new Request(MessageType.Authenticate).Word(0).Text("root").Text("").Word(0)).Error.ShouldBe(Errno.NotSupported);
        _client.Say(new Request((MessageType)200)).Error.ShouldBe(Errno.NotSupported);
    }

    [Fact]
    public void A_folder_that_is_only_read_refuses_every_change()
    {
        using var client = ShareClient.Attached(isReadOnly: true);
        client.Put("f", "x");
        client.Say(Walk(0, 1, "f"));
        Request[] changes =
        [
            Open(1, 1), Open(1, ReadWrite), Open(1, 0x200), Create(1, "g"), Write(1, 0, "y"u8), Change(1, 1, mode: 0x1ff),
            new Request(MessageType.MakeFolder).Word(0).Text("d").Word(0x1ed).Word(0),
            new Request(MessageType.MakeSymbolicLink).Word(0).Text("s").Text("f").Word(0),
            new Request(MessageType.MakeNode).Word(0).Text("p").Word(0x11a4).Word(0).Word(0).Word(0),
            new Request(MessageType.MakeLink).Word(0).Word(1).Text("l"),
            new Request(MessageType.Rename).Word(1).Word(0).Text("g"),
            new Request(MessageType.RenameAt).Word(0).Text("f").Word(0).Text("g"),
            new Request(MessageType.RemoveAt).Word(0).Text("f").Word(0),
        ];
        foreach (var change in changes)
            client.Say(change).Error.ShouldBe(Errno.ReadOnly);
        client.Say(Open(1)).Error.ShouldBe(0);
        client.Say(Read(1, 0, 10)).Word().ShouldBe(1u);
        client.Say(Fid(MessageType.Remove, 1)).Error.ShouldBe(Errno.ReadOnly);
        Directory.GetFileSystemEntries(client.Folder).Length.ShouldBe(1);
    }
}
