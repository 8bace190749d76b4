// Puppies on a wire: addresses, echoes, datagrams, and what happens when nobody answers.

using System.Buffers.Binary;
using System.Text.RegularExpressions;
using Lguest.Net.Frames;

namespace Lguest.Host.Tests.Puppy;

public sealed partial class PuppyNetSpec
{
    private static readonly MacAddress _leftMac = MacAddress.Parse("02:00:00:00:00:01");
    private static readonly MacAddress _rightMac = MacAddress.Parse("02:00:00:00:00:02");

    [Fact]
    public void A_card_has_the_address_of_its_description_and_that_of_the_command_line()
    {
        using var puppy = Left("ifconfig; poweroff");
        puppy.Run();

        puppy.Output.ShouldContain("eth0  02:00:00:00:00:01  10.0.0.1/24");
        puppy.DeviceFault.ShouldBeNull();
    }

    [Fact]
    public void An_address_can_be_given_later_and_a_gateway_leads_elsewhere()
    {
        using var left = Left("ifconfig eth0 10.1.0.1/16; ifconfig gateway 10.1.0.2; ifconfig; ping 192.168.7.7 -c 1; poweroff");
        using var right = Right("ifconfig eth0 192.168.7.7/24; sleep 100000");
        var ethernet = new List<MacAddress>();
        var wire = new PuppyWire(left, right)
        {
            Passes = frame =>
            {
                ethernet.Add(MacAddress.Read(frame));
                return frame;
            },
        };
        wire.Run(left);

        left.Output.ShouldContain("10.1.0.1/16  gateway 10.1.0.2");
        left.Output.ShouldContain("nobody there", Case.Sensitive, "nobody has the gateway's address");
        ethernet.ShouldAllBe(mac => mac.IsBroadcast, "without the gateway's MAC only questions leave");
    }

    [Fact]
    public void Two_Puppies_ping_each_other_and_none_is_lost()
    {
        using var left = Left("ping 10.0.0.2 -c 200 -i 0 -q; ping 10.0.0.2 -c 3 -s 1472; poweroff");
        using var right = Right("ping 10.0.0.1 -c 50 -i 0 -q; sleep 100000");
        new PuppyWire(left, right).Run(left);

        left.Output.ShouldContain("ping 10.0.0.2: 200 sent, 200 received, 0% loss, round trip min/avg/max");
        left.Output.ShouldContain("1472 bytes from 10.0.0.2: seq=3 time=");
        left.Output.ShouldContain("ping 10.0.0.2: 3 sent, 3 received, 0% loss");
        right.Output.ShouldContain("ping 10.0.0.1: 50 sent, 50 received, 0% loss");
        left.Traffic.DroppedOut.ShouldBe(0);
        left.Traffic.DroppedIn.ShouldBe(0);
    }

    [Fact]
    public void Datagrams_come_back_from_an_echo_process_and_a_closed_port_refuses_them()
    {
        using var left = Left("udpping 10.0.0.2 -c 20 -i 0 -w 5; udpping 10.0.0.2 4711 -c 2 -i 0; udpping 10.0.0.2 -c 1 -s 1472; poweroff");
        using var right = Right("udpecho &; sleep 100000");
        new PuppyWire(left, right).Run(left);

        left.Output.ShouldContain("udpping 10.0.0.2: 20 sent, 20 received, 0% loss");
        left.Output.ShouldContain("seq=2: udpping: refused");
        left.Output.ShouldContain("udpping 10.0.0.2: 2 sent, 0 received, 100% loss");
        left.Output.ShouldContain("1472 bytes from 10.0.0.2: seq=1");
    }

    [Fact]
    public void Nobody_there_is_said_and_so_is_an_address_that_no_card_leads_to()
    {
        using var left = Left("ping 10.0.0.9 -c 1; ping 99.0.0.1 -c 1; ping 10.0.0.1 -c 2; ping 127.0.0.1 -c 1; poweroff");
        using var right = Right("sleep 100000");
        new PuppyWire(left, right).Run(left);

        left.Output.ShouldContain("seq=1: ping: nobody there");
        left.Output.ShouldContain("seq=1: ping: no network leads there");
        left.Output.ShouldContain("ping 10.0.0.1: 2 sent, 2 received, 0% loss");
        left.Output.ShouldContain("ping 127.0.0.1: 1 sent, 1 received, 0% loss");
    }

    [Fact]
    public void Lost_echoes_are_counted_and_the_rest_still_come()
    {
        using var left = Left("ping 10.0.0.2 -c 20 -i 0 -W 50; poweroff");
        using var right = Right("sleep 100000");
        int echoes = 0;
        var wire = new PuppyWire(left, right)
        {
            Passes = frame => IsIp(frame) && MacAddress.Read(frame) == _rightMac && ++echoes % 4 == 0 ? null : frame,
        };
        wire.Run(left);

        var (sent, received) = Counted(left.Output);
        sent.ShouldBe(20);
        received.ShouldBe(15);
        left.Output.ShouldContain("no answer");
    }

    [Fact]
    public void Damaged_echoes_are_not_taken_for_answers()
    {
        using var left = Left("ping 10.0.0.2 -c 3 -i 0 -W 50; poweroff");
        using var right = Right("sleep 100000");
        var wire = new PuppyWire(left, right)
        {
            Passes = frame =>
            {
                frame[^1] ^= IsIp(frame) ? (byte)1 : (byte)0;
                return frame;
            },
        };
        wire.Run(left);

        left.Output.ShouldContain("ping 10.0.0.2: 3 sent, 0 received, 100% loss");
        right.DeviceFault.ShouldBeNull();
        right.HasEnded.ShouldBeFalse();
    }

    [Fact]
    public void Rubbish_on_the_wire_does_not_hurt_a_Puppy()
    {
        using var left = Left("sleep 1; ping 10.0.0.2 -c 5 -i 0; poweroff");
        using var right = Right("sleep 100000");
        left.Sends = frames => frames.Release();
        right.RunToRest();
        left.RunToRest();
        var random = new Random(9);
        for (int i = 0; i < 3000; i++)
        {
            byte[] bytes = new byte[random.Next(14, 1515)];
            random.NextBytes(bytes);
            _leftMac.Write(bytes);
            bytes[12] = 8;
            bytes[13] = (byte)(random.Next(3) == 0 ? 6 : 0);
            if (bytes[13] == 0 && bytes.Length > 34 && random.Next(4) > 0)
                Plausible(bytes, random);
            left.Deliver(FrameBatch.Of(bytes));
            if (!left.Rests && i % 16 == 0)
                left.RunToRest();
        }

        new PuppyWire(left, right).Run(left);
        left.Output.ShouldContain("ping 10.0.0.2: 5 sent, 5 received, 0% loss");
    }

    /// <summary>Makes a random frame a correct IP packet for the left Puppy with a random payload of ICMP or UDP.</summary>
    private static void Plausible(byte[] frame, Random random)
    {
        var header = frame.AsSpan(14, 20);
        header[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)(frame.Length - 14));
        header[6] = header[7] = 0;
        header[9] = (byte)(random.Next(2) == 0 ? 1 : 17);
        BinaryPrimitives.WriteUInt32BigEndian(header[16..], 0x0A000001);
        header[10] = header[11] = 0;
        uint sum = 0;
        for (int i = 0; i < 20; i += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(header[i..]);
        sum = (sum & 0xffff) + (sum >> 16);
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], (ushort)~((sum & 0xffff) + (sum >> 16)));
    }

    private static (int Sent, int Received) Counted(string output)
    {
        var summary = Summary().Match(output);
        summary.Success.ShouldBeTrue(output);
        return (int.Parse(summary.Groups[1].Value, null), int.Parse(summary.Groups[2].Value, null));
    }

    private static bool IsIp(byte[] frame) => BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(12)) == 0x800;

    private static PuppyMachine Left(string script) => new($"ip=10.0.0.1/24 script={script}", mac: _leftMac);

    private static PuppyMachine Right(string script) => new($"ip=10.0.0.2/24 script={script}", mac: _rightMac);

    [GeneratedRegex(@"(\d+) sent, (\d+) received")]
    private static partial Regex Summary();
}
