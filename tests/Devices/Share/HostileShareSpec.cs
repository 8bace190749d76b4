// What a Guest might try to get out of the folder, or to bring the one who serves it to a halt.

using System.Net.Sockets;
using System.Text;
using Lguest.Devices.Share;
using Lguest.Support;
using static Lguest.Devices.Tests.Share.Request;

namespace Lguest.Devices.Tests.Share;

public sealed class HostileShareSpec
{
    /// <summary>With and without openat2.</summary>
    public static TheoryData<bool> Ways => [false, true];

    [Theory, MemberData(nameof(Ways))]
    public void The_way_up_ends_at_the_folder(bool plain)
    {
        using var client = ShareClient.Attached(plain: plain);
        Directory.CreateDirectory(Path.Combine(client.Folder, "a"));
        client.Say(Walk(0, 1, "..")).Error.ShouldBe(0);
        var up = client.Say(Walk(0, 2, "a", "..", "..", "..", ".."));
        up.Short().ShouldBe((ushort)5);
        client.Say(Walk(2, 3, "secret")).Error.ShouldBe(Errno.NoEntry);
        client.Say(Walk(2, 3, "a")).Error.ShouldBe(0, "it is the folder itself");
    }

    [Theory, MemberData(nameof(Ways))]
    public void A_folder_that_is_moved_does_not_take_the_way_up_with_it(bool plain)
    {
        using var client = ShareClient.Attached(plain: plain);
        Directory.CreateDirectory(Path.Combine(client.Folder, "a/b"));
        client.Say(Walk(0, 1, "a", "b"));
        Directory.Move(Path.Combine(client.Folder, "a/b"), Path.Combine(client.Outside, "b"));
        var up = client.Say(Walk(1, 2, "..", "..", ".."));
        up.Short().ShouldBe((ushort)3);
        client.Say(Walk(2, 3, "secret")).Error.ShouldBe(Errno.NoEntry);
        client.Say(Walk(2, 3, "a")).Error.ShouldBe(0);
    }

    [Theory]
    [InlineData("../secret"), InlineData("a/../../secret"), InlineData("/etc/passwd"), InlineData("secret/"), InlineData(""),
        InlineData("."), InlineData("x\0y"), InlineData("\0")]
    public void A_name_with_more_than_a_name_in_it_is_invalid_everywhere(string name)
    {
        using var client = ShareClient.Attached();
        client.Put("f", "x");
        client.Say(Walk(0, 1, "f"));
        Names(name).ShouldAllBe(request => client.Say(request).Error == Errno.Invalid);
        Directory.GetFileSystemEntries(client.Folder).Length.ShouldBe(1);
        Directory.GetFileSystemEntries(client.Outside).Length.ShouldBe(2);
    }

    [Fact]
    public void Two_dots_are_a_name_for_walking_only()
    {
        using var client = ShareClient.Attached();
        client.Put("f", "x");
        client.Say(Walk(0, 1, "f"));
        Names("..").Skip(1).ShouldAllBe(request => client.Say(request).Error == Errno.Invalid);
    }

    [Fact]
    public void Names_that_are_too_long_and_too_many_are_refused()
    {
        using var client = ShareClient.Attached();
        client.Say(Walk(0, 1, new string('x', 256))).Error.ShouldBe(Errno.NameTooLong);
        client.Say(Create(0, new string('x', 60_000))).Error.ShouldBe(Errno.NameTooLong);
        client.Say(Walk(0, 1, [.. Enumerable.Repeat("..", 17)])).Error.ShouldBe(Errno.Invalid);
        client.Say(new Request(MessageType.MakeSymbolicLink).Word(0).Text("s").Text(new string('x', 5000)).Word(0)).Error
            .ShouldBe(Errno.NameTooLong);
    }

    [Theory, MemberData(nameof(Ways))]
    public void Links_that_lead_out_are_text(bool plain)
    {
        using var client = ShareClient.Attached(plain: plain);
        File.CreateSymbolicLink(Path.Combine(client.Folder, "file"), Path.Combine(client.Outside, "secret"));
        File.CreateSymbolicLink(Path.Combine(client.Folder, "folder"), client.Outside);
        client.Say(Walk(0, 1, "file")).Error.ShouldBe(0);
        client.Say(Open(1)).Error.ShouldBe(Errno.Loop);
        client.Say(Fid(MessageType.ReadLink, 1)).Text().ShouldEndWith("/secret");
        client.Say(Walk(0, 2, "folder", "secret")).Short().ShouldBe((ushort)1, "a link is no folder");
        client.Say(Walk(0, 2, "folder"));
        client.Say(Walk(2, 3, "secret")).Error.ShouldBe(Errno.NotFolder);
        client.Say(Open(2)).Error.ShouldBe(Errno.Loop);
        Names("stray", parent: 2).Skip(1).ShouldAllBe(request => client.Say(request).Error == Errno.NotFolder);
        client.Say(Walk(0, 4));
        client.Say(Create(4, "file", 0x202)).Error.ShouldBe(Errno.Loop, "not to be made through a link");
        client.Say(Create(4, "file", 0x82)).Error.ShouldBe(Errno.Exists);
        client.Say(Change(1, 8, bytes: 0)).Error.ShouldNotBe(0, "nor cut");
        client.Say(Change(1, 1, mode: 0)).Error.ShouldNotBe(0);
        client.Say(Change(1, 0x1b0, seconds: 1)).Error.ShouldBe(0, "a link has times of its own");
        File.ReadAllText(Path.Combine(client.Outside, "secret")).ShouldBe("secret");
        File.GetLastWriteTimeUtc(Path.Combine(client.Outside, "secret")).Year.ShouldBeGreaterThan(2000);
        Directory.GetFileSystemEntries(client.Outside).Length.ShouldBe(2);
    }

    [Theory, MemberData(nameof(Ways))]
    public void A_folder_that_becomes_a_link_between_two_messages_stays_what_it_was(bool plain)
    {
        using var client = ShareClient.Attached(plain: plain);
        string inside = Path.Combine(client.Folder, "d");
        Directory.CreateDirectory(inside);
        File.WriteAllText(Path.Combine(inside, "secret"), "inside");
        client.Say(Walk(0, 1, "d"));
        Directory.Move(inside, inside + "2");
        File.CreateSymbolicLink(inside, client.Outside);
        client.Say(Walk(1, 2, "secret")).Error.ShouldBe(0);
        client.Say(Open(2)).Error.ShouldBe(0);
        var read = client.Say(Read(2, 0, 100));
        Encoding.ASCII.GetString(read.Bytes((int)read.Word())).ShouldBe("inside");
        client.Say(Walk(0, 3, "d", "secret")).Short().ShouldBe((ushort)1);
    }

    [Fact]
    public void Magic_links_are_not_followed()
    {
        using var folder = HostFolder.Open("/proc/self");
        using var root = folder.Root();
        var qids = new Qid[4];
        folder.Walk(root, ["cwd"u8.ToArray(), "etc"u8.ToArray()], qids, out int walked, out var last).ShouldBe(0);
        walked.ShouldBe(1);
        last.ShouldBeNull();
        folder.Walk(root, ["exe"u8.ToArray()], qids, out _, out last).ShouldBe(0);
        folder.Open(last!, 0, out _, out _).ShouldBe(Errno.Loop);
        last!.Dispose();
    }

    [Fact]
    public void Fifos_and_sockets_have_names_and_are_not_opened_and_devices_are_not_made()
    {
        using var client = ShareClient.Attached();
        client.Say(new Request(MessageType.MakeNode).Word(0).Text("fifo").Word(0x11b6).Word(0).Word(0).Word(0)).Error.ShouldBe(0);
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(client.Folder, "socket")));
        foreach (string name in (string[])["fifo", "socket"])
        {
            client.Say(Walk(0, 1, name)).Error.ShouldBe(0);
            for (uint flags = 0; flags < 3; flags++)
                client.Say(Open(1, flags)).Error.ShouldBe(Errno.NoDevice);
            client.Say(Change(1, 8, bytes: 0)).Error.ShouldNotBe(0);
            client.Say(Walk(0, 2));
            client.Say(Create(2, name, 1)).Error.ShouldBe(Errno.NoDevice);
            client.Say(Fid(MessageType.Clunk, 1));
            client.Say(Fid(MessageType.Clunk, 2));
        }

        foreach (uint kind in (uint[])[0x2000, 0x6000])
            client.Say(new Request(MessageType.MakeNode).Word(0).Text("null").Word(kind | 0x1b6).Word(1).Word(3).Word(0)).Error
                .ShouldBe(Errno.NotPermitted);
        client.Say(new Request(MessageType.MakeNode).Word(0).Text("folder").Word(0x41b6).Word(1).Word(3).Word(0)).Error
            .ShouldBe(Errno.NotPermitted);
        File.Exists(Path.Combine(client.Folder, "null")).ShouldBeFalse();
    }

    [Fact]
    public void Devices_of_the_host_are_seen_and_not_opened()
    {
        using var folder = HostFolder.Open("/dev");
        using var root = folder.Root();
        folder.Walk(root, ["null"u8.ToArray()], new Qid[1], out _, out var device).ShouldBe(0);
        for (uint flags = 0; flags < 3; flags++)
            folder.Open(device!, flags, out _, out _).ShouldBe(Errno.NoDevice);
        device!.Dispose();
    }

    [SkippableFact]
    public void What_the_user_may_not_the_Guest_may_not()
    {
        using var client = ShareClient.Attached();
        ShareClient.SetMode(client.Put("f", "x"), UnixFileMode.None);
        client.Say(Walk(0, 1, "f")).Error.ShouldBe(0);
        Skip.IfNot(Rights.WithoutPrivileges(() => client.Say(Open(1)).Error.ShouldBe(Errno.AccessDenied)), Rights.NoOtherUser);
    }

    [SkippableFact]
    public void Who_has_a_file_open_for_writing_may_cut_it_whatever_its_mode_says_by_then()
    {
        using var client = ShareClient.Attached();
        ShareClient.SetMode(client.Folder, (UnixFileMode)0x1ff);
        Skip.IfNot(Rights.WithoutPrivileges(CutWithoutMode), Rights.NoOtherUser);
        new FileInfo(Path.Combine(client.Folder, "f")).Length.ShouldBe(3);

        void CutWithoutMode()
        {
            client.Say(Walk(0, 1));
            client.Say(Create(1, "f", 2)).Error.ShouldBe(0);
            client.Say(Change(1, 1, mode: 0)).Error.ShouldBe(0);
            client.Say(Change(1, 8, bytes: 3)).Error.ShouldBe(0);
            client.Say(Walk(0, 2, "f")).Error.ShouldBe(0);
            client.Say(Change(2, 8, bytes: 5)).Error.ShouldBe(Errno.AccessDenied, "this one has it not open");
        }
    }

    [Fact]
    public void Numbers_and_files_are_bounded()
    {
        using var client = ShareClient.Attached(mostFiles: 10);
        for (uint i = 0; i < 12; i++)
            client.Put($"f{i}", "x");
        for (uint i = 0; i < 10; i++)
            client.Say(Walk(0, i + 1, $"f{i}")).Error.ShouldBe(0);
        client.Say(Walk(0, 11, "f10")).Error.ShouldBe(Errno.TooManyFiles);
        client.Say(Open(1)).Error.ShouldBe(Errno.TooManyFiles);
        client.Say(Fid(MessageType.Clunk, 10)).Error.ShouldBe(0);
        client.Say(Open(1)).Error.ShouldBe(0);
        for (uint i = 100; client.Session.Fids < ShareSession.MostFids; i++)
            client.Say(Walk(0, i)).Error.ShouldBe(0);
        client.Say(Walk(0, 99)).Error.ShouldBe(Errno.TooManyFiles);
        client.Say(Walk(0, uint.MaxValue)).Error.ShouldBe(Errno.Invalid);
        client.Say(Request.Version()).Error.ShouldBe(0);
        client.Host.Files.ShouldBe(0);
    }

    [Fact]
    public void Folders_in_folders_come_to_an_end()
    {
        using var client = ShareClient.Attached();
        client.Say(Walk(0, 1));
        int depth = 0, error;
        do
        {
            client.Say(new Request(MessageType.MakeFolder).Word(1).Text("d").Word(0x1ed).Word(0)).Error.ShouldBe(0);
            error = client.Say(Walk(1, 1, "d")).Error;
        }
        while (error == 0 && ++depth < 2 * HostFolder.Deepest);
        (depth, error).ShouldBe((HostFolder.Deepest, Errno.NameTooLong));
        client.Say(Fid(MessageType.Clunk, 1)).Error.ShouldBe(0);
        client.Host.Files.ShouldBe(0);
    }

    [Fact]
    public void Numbers_that_are_not_known_or_in_use_are_told()
    {
        using var client = ShareClient.Attached();
        client.Put("f", "x");
        client.Say(Walk(0, 1, "f"));
        client.Say(Walk(0, 1, "f")).Error.ShouldBe(Errno.Invalid);
        client.Say(Attach(1)).Error.ShouldBe(Errno.Invalid);
        client.Say(Open(1)).Error.ShouldBe(0);
        client.Say(Open(1)).Error.ShouldBe(Errno.Busy);
        client.Say(Walk(1, 1)).Error.ShouldBe(Errno.Busy, "not under a file that is open");
        client.Say(Create(1, "g")).Error.ShouldBe(Errno.Busy);
        client.Say(Read(0, 0, 1)).Error.ShouldBe(Errno.BadDescriptor, "it is not open");
        foreach (var type in (MessageType[])[MessageType.Clunk, MessageType.Remove, MessageType.ReadLink, MessageType.FileSystem])
            client.Say(Fid(type, 7)).Error.ShouldBe(Errno.BadDescriptor);
        client.Say(Write(1, 0, "x"u8)).Error.ShouldBe(Errno.BadDescriptor, "it is open for reading");
        client.Say(Read(1, ulong.MaxValue, 1)).Error.ShouldBe(Errno.Invalid);
        client.Say(Open(0, 3)).Error.ShouldBe(Errno.Invalid);
    }

    [Fact]
    public void Messages_that_end_early_late_or_say_so_are_bad()
    {
        using var client = ShareClient.Attached();
        client.Put("f", "x");
        Request[] good =
        [
            Request.Version(), Attach(5), Walk(0, 6, "f"), Fid(MessageType.Clunk, 0), Attributes(0), Open(0), Read(0, 0, 9),
            Read(0, 0, 9, MessageType.List), Fid(MessageType.ReadLink, 0), Fid(MessageType.FileSystem, 0), Lock(0, 0, 0, 0),
            new Request(MessageType.TestLock).Word(0).Byte(0).Long(0).Long(0).Word(0).Text(""),
            new Request(MessageType.Flush).Short(9), Create(0, "g"), Write(0, 0, "content"u8), Change(0, 0),
            new Request(MessageType.MakeFolder).Word(0).Text("d").Word(0).Word(0),
            new Request(MessageType.MakeLink).Word(0).Word(0).Text("l"),
            new Request(MessageType.Rename).Word(0).Word(0).Text("l"),
            new Request(MessageType.RenameAt).Word(0).Text("f").Word(0).Text("l"),
            new Request(MessageType.RemoveAt).Word(0).Text("f").Word(0), Fid(MessageType.Remove, 0), Fid(MessageType.Sync, 0),
            new Request(MessageType.MakeSymbolicLink).Word(0).Text("s").Text("t").Word(0),
            new Request(MessageType.MakeNode).Word(0).Text("n").Word(0).Word(0).Word(0).Word(0),
        ];
        foreach (var request in good)
        {
            byte[] message = request.ToArray();
            for (int length = 7; length < message.Length; length++)
                client.Say(message[..length]).Error.ShouldBe(Errno.BadMessage, $"type {message[4]}, {length} of {message.Length} bytes");
            client.Say([.. message, 0]).Error.ShouldBe(Errno.BadMessage, $"type {message[4]}, a byte more");
        }

        client.Session.Fids.ShouldBe(1);
        client.Session.UnderWay.ShouldBe(0);
        Directory.GetFileSystemEntries(client.Folder).Length.ShouldBe(1);
    }

    [Fact]
    public void A_message_longer_than_agreed_and_an_answer_longer_than_its_room_are_refused()
    {
        using var client = ShareClient.Attached();
        client.Say(Request.Version(4096));
        client.Say(Attach(0));
        client.Say(Walk(0, 1));
        client.Say(Create(1, "f")).Error.ShouldBe(0);
        client.Say(Write(1, 0, new byte[4096])).Error.ShouldBe(Errno.MessageSize);
        client.Say(Write(1, 0, new byte[4096 - 23])).Word().ShouldBe(4096u - 23);
        client.Say(Write(1, 4000, new byte[4000])).Word().ShouldBe(4000u);
        client.Say(Read(1, 0, uint.MaxValue)).Length.ShouldBe(4096, "a count beyond it is cut");
        client.Say(Attributes(1).ToArray(), room: 20).Error.ShouldBe(Errno.MessageSize);
        client.Say(Read(1, 0, 100).ToArray(), room: MessageWriter.ErrorBytes).Word().ShouldBe(0u);
        client.Say(Write(1, 0, "x"u8).ToArray()[..^1]).Error.ShouldBe(Errno.BadMessage, "a count beyond the message");
    }

    private static IEnumerable<Request> Names(string name, uint parent = 0) =>
    [
        Walk(parent, 9, name),
        Create(parent, name),
        new Request(MessageType.MakeFolder).Word(parent).Text(name).Word(0x1ed).Word(0),
        new Request(MessageType.MakeSymbolicLink).Word(parent).Text(name).Text("x").Word(0),
        new Request(MessageType.MakeNode).Word(parent).Text(name).Word(0x11a4).Word(0).Word(0).Word(0),
        new Request(MessageType.MakeLink).Word(parent).Word(1).Text(name),
        new Request(MessageType.Rename).Word(1).Word(parent).Text(name),
        new Request(MessageType.RenameAt).Word(0).Text("f").Word(parent).Text(name),
        new Request(MessageType.RenameAt).Word(parent).Text(name).Word(0).Text("g"),
        new Request(MessageType.RemoveAt).Word(parent).Text(name).Word(0),
        new Request(MessageType.RemoveAt).Word(parent).Text(name).Word(0x200),
    ];
}
