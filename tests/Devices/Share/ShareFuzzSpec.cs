// Messages without end, some of them nearly right, from one who knows the protocol and means no good. After each run nothing outside of the
// folder has changed, and nothing is open any more.

using Lguest.Devices.Share;
using Lguest.Support;
using Xunit.Abstractions;

namespace Lguest.Devices.Tests.Share;

public sealed class ShareFuzzSpec(ITestOutputHelper report)
{
    private const int Round = 2000;

    private static readonly string[] _names =
        ["a", "b", "c", "link", "..", ".", "../secret", "/", "", "x\0", new('n', 255), new('n', 256), "secret", "fifo"];

    private static readonly string[] _targets = ["..", "../secret", "/etc/passwd", "a", "b/../../secret", "", "link"];

    [Theory]
    [InlineData(false, false), InlineData(false, true), InlineData(true, false)]
    public void Whatever_is_said_nothing_outside_changes_and_nothing_stays_open(bool isReadOnly, bool plain)
    {
        var run = FuzzRun.Start(20_000, report);
        HashSet<MessageType> done = [];
        for (int begun = 0, part = 0; begun < run.Cases; begun += Round, part++)
        {
            using var client = ShareClient.Attached(isReadOnly, plain, mostFiles: 40);
            client.Put("c", "content");
            File.CreateSymbolicLink(Path.Combine(client.Folder, "link"), "../secret");
            var dice = run.Dice(part);
            for (int i = 0; i < Round; i++)
            {
                byte[] message = Message(dice);
                var answer = client.Say(message, dice.Next(MessageWriter.ErrorBytes, 1 << 16));
                if (answer.Error == 0)
                    done.Add((MessageType)message[4]);
            }

            client.Session.UnderWay.ShouldBe(0);
            client.Session.Reset();
            client.Host.Files.ShouldBe(0);
            Directory.GetFileSystemEntries(client.Outside).Length.ShouldBe(2);
            File.ReadAllText(Path.Combine(client.Outside, "secret")).ShouldBe("secret");
            (ShareClient.ModeOf(Path.Combine(client.Outside, "secret")) & 0x1ff).ShouldNotBe(0);
            if (isReadOnly)
                Directory.GetFileSystemEntries(client.Folder).Length.ShouldBe(2);
        }

        // It is no test of anything if nothing is understood.
        done.Count.ShouldBeGreaterThan(isReadOnly ? 7 : 15, string.Join(' ', done));
    }

    private static byte[] Message(Random dice)
    {
        var request = dice.Next(300) == 0 ? Request.Version((uint)dice.Next(0, 1 << 18))
            : dice.Next(12) == 0 ? Request.Attach(Fid(dice)) : Any(dice);
        byte[] message = request.ToArray();
        if (dice.Next(20) == 0)
            message[dice.Next(4, message.Length)] = (byte)dice.Next(256);
        return dice.Next(40) == 0 ? message[..dice.Next(7, message.Length + 1)] : message;
    }

    private static Request Any(Random dice)
    {
        uint fid = Fid(dice), other = Fid(dice);
        string name = _names[dice.Next(_names.Length)];
        uint mode = (uint)dice.Next(0x1000) | 0x100;
        return dice.Next(24) switch
        {
            0 or 1 or 2 or 3 => Request.Walk(fid, other, [.. dice.GetItems(_names, dice.Next(4))]),
            4 or 5 => Request.Open(fid, Flags(dice)),
            6 or 7 => Request.Create(fid, name, Flags(dice), mode),
            8 => Request.Read(fid, Offset(dice), (uint)dice.Next()),
            9 => Request.Write(fid, Offset(dice) & 0xffff, new byte[dice.Next(3000)]),
            10 => Request.Read(fid, Offset(dice), (uint)dice.Next(10_000), MessageType.List),
            11 or 12 => Request.Fid(MessageType.Clunk, fid),
            13 => Request.Attributes(fid),
            14 => Request.Change(fid, (uint)dice.Next(512), mode, (uint)dice.Next(2), (uint)dice.Next(2), Offset(dice) & 0xffff,
                Offset(dice), (ulong)dice.Next(1_100_000_000)),
            15 => Request.Fid(dice.Next(2) == 0 ? MessageType.Remove : MessageType.ReadLink, fid),
            16 => new Request(MessageType.MakeFolder).Word(fid).Text(name).Word(mode | 0xc0).Word(0),
            17 => new Request(MessageType.MakeSymbolicLink).Word(fid).Text(name).Text(_targets[dice.Next(_targets.Length)]).Word(0),
            18 => new Request(MessageType.MakeNode).Word(fid).Text(name).Word(mode | (uint)(dice.Next(16) << 12)).Word(1).Word(3).Word(0),
            19 => new Request(MessageType.MakeLink).Word(fid).Word(other).Text(name),
            20 => new Request(MessageType.RenameAt).Word(fid).Text(name).Word(other).Text(_names[dice.Next(_names.Length)]),
            21 => new Request(MessageType.RemoveAt).Word(fid).Text(name).Word((uint)(dice.Next(2) * 0x200)),
            22 => dice.Next(2) == 0 ? Request.Lock(fid, (byte)dice.Next(4), Offset(dice), Offset(dice))
                : Request.Fid(dice.Next(2) == 0 ? MessageType.Sync : MessageType.FileSystem, fid),
            _ => dice.Next(2) == 0 ? new Request(MessageType.Rename).Word(fid).Word(other).Text(name)
                : new Request(MessageType.TestLock).Word(fid).Byte((byte)dice.Next(3)).Long(Offset(dice)).Long(1).Word(1).Text("me"),
        };
    }

    private static uint Fid(Random dice) => dice.Next(30) == 0 ? uint.MaxValue : (uint)dice.Next(12);

    private static uint Flags(Random dice) =>
        (uint)((dice.Next(6) == 0 ? 3 : dice.Next(3)) | (dice.Next(3) == 0 ? 0x200 : 0) | (dice.Next(4) == 0 ? 0x400 : 0)
            | (dice.Next(4) == 0 ? 0x80 : 0));

    private static ulong Offset(Random dice) =>
        dice.Next(5) == 0 ? (ulong)dice.NextInt64(long.MinValue, long.MaxValue) : (ulong)dice.Next(100);
}
