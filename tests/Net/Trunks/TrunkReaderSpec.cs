// What arrives on a trunk is what was sent, in whatever pieces, or it is refused at the first byte that cannot be right.

using System.Text;
using Lguest.Net.Trunks;

namespace Lguest.Net.Tests.Trunks;

public sealed class TrunkReaderSpec
{
    private static readonly byte[] _message = TrunkBytes.Message(TrunkKind.Message, 6101, 'F', "/user/b#2 /user/a#1"u8, [1, 2, 3]);

    [Fact]
    public void Messages_come_out_as_they_went_in_however_they_are_cut()
    {
        byte[] all = [.. TrunkBytes.Hello, .. _message, .. TrunkBytes.Pulse, .. _message];
        var whole = TrunkBytes.Read(all);

        whole.Count.ShouldBe(4);
        whole[1].ShouldBe($"Message 6101 {(int)'F'} {Convert.ToHexString("/user/b#2 /user/a#1"u8)} 010203");
        for (int size = 1; size < 40; size++)
            TrunkBytes.Read(all.Chunk(size)).ShouldBe(whole);
    }

    [Fact]
    public void The_bytes_are_those_that_an_older_node_knows() =>
        Convert.ToHexString(TrunkBytes.Message(TrunkKind.Message, 6101, 'F', "/b#2 /a#1"u8, [1, 2]))
            .ShouldBe("13000000" + "0301" + "D517" + "4600" + "0900" + "2F622332202F612331" + "0102");

    [Theory]
    [InlineData(4, 3, "no greeting")]
    [InlineData(4, 2, "no greeting")]
    [InlineData(4, 0, "no greeting")]
    [InlineData(5, 2, "version 2, where 1 is spoken")]
    [InlineData(6, 1, "a malformed greeting")]
    [InlineData(8, 65, "a malformed greeting")]
    [InlineData(9, 1, "a malformed header")]
    [InlineData(10, 0, "a malformed greeting")]
    [InlineData(11, 200, "a malformed header")]
    [InlineData(3, 1, "a malformed header")]
    [InlineData(0, 0, "a malformed header")]
    [InlineData(0, 255, "a malformed greeting")]
    public void A_stranger_is_refused_by_its_first_twelve_bytes(int at, byte value, string problem)
    {
        byte[] bytes = TrunkBytes.Hello[..TrunkFormat.HeaderBytes];
        bytes[at] = value;

        TrunkBytes.Read(bytes).ShouldBe([problem]);
    }

    [Theory]
    [InlineData(4, 1, "a message of kind 1")]
    [InlineData(4, 9, "a message of kind 9")]
    [InlineData(4, 4, "a sign of life that says more")]
    [InlineData(8, 0, "a message without serializer, manifest or route")]
    [InlineData(8, 97, "a message without serializer, manifest or route")]
    [InlineData(2, 2, "a malformed header")]
    public void Whoever_is_in_may_not_say_everything_either(int at, byte value, string problem)
    {
        byte[] bytes = [.. TrunkBytes.Hello, .. _message[..TrunkFormat.HeaderBytes]];
        bytes[TrunkBytes.Hello.Length + at] = value;

        TrunkBytes.Read(bytes)[1..].ShouldBe([problem]);
    }

    [Fact]
    public void The_longest_message_passes_and_one_byte_more_does_not()
    {
        byte[] longest = TrunkBytes.Message(TrunkKind.Message, 1, 'F', "/b#2 /a#1"u8, new byte[TrunkFormat.LongestBody]);
        byte[] tooLong = TrunkBytes.Message(TrunkKind.Message, 1, 'F', "/b#2 /a#1"u8, new byte[TrunkFormat.LongestBody + 1]);
        byte[] farthest = TrunkBytes.Message(TrunkKind.Message, 1, 'F', new byte[TrunkFormat.LongestRoute], [1]);
        byte[] tooFar = TrunkBytes.Message(TrunkKind.Message, 1, 'F', new byte[TrunkFormat.LongestRoute + 1], [1]);

        foreach (byte[] good in (byte[][])[longest, farthest])
            TrunkBytes.Read([.. TrunkBytes.Hello, .. good])[1].ShouldStartWith("Message 1 ");
        foreach (byte[] bad in (byte[][])[tooLong, tooFar])
            TrunkBytes.Read([.. TrunkBytes.Hello, .. bad[..TrunkFormat.HeaderBytes]])[1].ShouldBe("a malformed header");
    }

    [Theory]
    [InlineData(1, '\0', "", 0)]
    [InlineData(0, 'F', "", 0)]
    [InlineData(0, '\0', "/b#2 /a#1", 0)]
    [InlineData(0, '\0', "", 1)]
    public void A_sign_of_life_says_nothing_else(int serializer, char manifest, string route, int body)
    {
        byte[] pulse = TrunkBytes.Message(TrunkKind.Pulse, serializer, manifest, Encoding.UTF8.GetBytes(route), new byte[body]);

        TrunkBytes.Read([.. TrunkBytes.Hello, .. pulse])[1..].ShouldBe(["a sign of life that says more"]);
    }

    [Theory]
    [InlineData(0, "/b#2 /a#1")]
    [InlineData(1, "")]
    public void A_message_that_nobody_can_read_or_that_is_for_nobody_is_refused(int serializer, string route)
    {
        byte[] message = TrunkBytes.Message(TrunkKind.Message, serializer, 'F', Encoding.UTF8.GetBytes(route), [1]);

        TrunkBytes.Read([.. TrunkBytes.Hello, .. message])[1..].ShouldBe(["a message without serializer, manifest or route"]);
    }

    [Theory]
    [InlineData("/user/lan#1 /user/lan#2", true)]
    [InlineData("/user/agent/lan-green#123456 /user/agent/lan-green#7", true)]
    [InlineData("/user/lan#1", false)]
    [InlineData("/user/lan#1 /user/lan#2 /user/lan#3", false)]
    [InlineData("/user/lan /user/lan#2", false)]
    [InlineData("/user/lan#1 user/lan#2", false)]
    [InlineData("/user/lan#1 /user/lan#", false)]
    [InlineData("/user/lan#1 /user/lan#2#3", false)]
    [InlineData("/user/lan#1 /user//lan#2", false)]
    [InlineData("/user/lan#-1 /user/lan#2", false)]
    [InlineData("/user/lan#1 /#2", false)]
    [InlineData("/user/lan#1 /user/l\u00e4n#2", false)]
    [InlineData("/user/lan#1\n/user/lan#2", false)]
    [InlineData(" ", false)]
    public void A_route_is_two_paths(string text, bool isRoute)
    {
        var route = TrunkRoute.Parse(Encoding.UTF8.GetBytes(text));

        (route is not null).ShouldBe(isRoute);
        if (isRoute)
            route!.Value.ToBytes().ShouldBe(Encoding.UTF8.GetBytes(text));
    }

    [Fact]
    public void Names_too_long_for_a_route_have_none()
    {
        const string From = "/user/a#1";
        string to = "/user/" + new string('x', TrunkFormat.LongestRoute - "/user/#1 ".Length - From.Length) + "#1";
        new TrunkRoute(to, From).ToBytes().ShouldNotBeNull().Length.ShouldBe(TrunkFormat.LongestRoute);
        new TrunkRoute(to + "1", From).ToBytes().ShouldBeNull();
    }
}
