// A tap as somebody on the lan sees it, and each refusal of the system as the one line that says what would help.

using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using Akka.Actor;
using Lguest.Net.Frames;
using Lguest.Net.Lans;
using Lguest.Net.Lans.Actors;
using Lguest.Net.Outside;
using Lguest.Net.Outside.Actors;
using Lguest.Support;

namespace Lguest.Net.Tests.Outside;

public sealed class TapDeviceSpec() : PatientTestKit("akka.loglevel = WARNING")
{
    public const string Verb = "tell-tap-refusals";
    private const string Port = "us";

    /// <summary>A name that no other run has; the longest is 15 letters.</summary>
    private static string NewName => $"lgt{Random.Shared.Next(0x1000000):x}";

    [SkippableFact]
    public void A_tap_carries_frames_to_the_host_and_its_answers_back()
    {
        Skip.IfNot(Rights.MayMakeTaps(), Rights.NoTaps);
        var lan = Sys.ActorOf(LanActor.Props(new LanSettings("tapped"), NetSettings.From(Sys.Settings.Config)));
        var net = NetSettings.From(Sys.Settings.Config);
        Sys.ActorOf(WayOut.Tap(lan, net, new TunnelSettings("lgtest%d", IPAddress.Parse("192.168.223.1"))));
        lan.Tell(new LanProtocol.Connect(Port, GuestFrames.Mac, TestActor));
        ExpectMsg<LanProtocol.Connected>();
        byte[] arp = GuestFrames.Arp();
        BinaryPrimitives.WriteUInt32BigEndian(arp.AsSpan(28), 0xC0A8DF02);
        BinaryPrimitives.WriteUInt32BigEndian(arp.AsSpan(38), 0xC0A8DF01);
        AwaitAssert(() =>
        {
            lan.Tell(new LanProtocol.Transmit(Port, FrameBatch.Of(arp)));
            FishForMessage(message => message is LanProtocol.Deliver delivery && IsAnswer(delivery), TimeSpan.FromSeconds(1));
        });
    }

    [SkippableFact]
    public void A_tap_is_called_as_asked_or_gets_a_number_and_is_gone_when_it_is_closed()
    {
        Skip.IfNot(Rights.MayMakeTaps(), Rights.NoTaps);
        string name = NewName;
        using (var tap = TapDevice.Open(new TunnelSettings(name)))
        {
            tap.Name.ShouldBe(name);
            File.ReadAllText($"/sys/class/net/{name}/flags").Trim().ShouldBe("0x1003", "up, broadcast, multicast");
            WaysOut.ProblemWithTap(name).ShouldBeNull();
        }

        Directory.Exists($"/sys/class/net/{name}").ShouldBeFalse();
        using var numbered = TapDevice.Open(new TunnelSettings(name + "%d"));
        numbered.Name.ShouldBe(name + "0");
        WaysOut.ProblemWithTap(name + "%d").ShouldBeNull();
    }

    [SkippableFact]
    public void A_tap_that_another_program_has_is_in_use()
    {
        Skip.IfNot(Rights.MayMakeTaps(), Rights.NoTaps);
        string name = NewName;
        using var first = TapDevice.Open(new TunnelSettings(name));

        Refusal(new TunnelSettings(name)).ShouldBe($"tap {name} is in use by another program; name another");
    }

    [SkippableFact]
    public void What_is_no_tap_is_said_not_to_be_one()
    {
        Skip.IfNot(Rights.MayMakeTaps(), Rights.NoTaps);
        Refusal(new TunnelSettings("lo")).ShouldBe("tap lo cannot be opened (error 22); is it a tap device?");
        WaysOut.ProblemWithTap("lo").ShouldBe("lo is a network device of this machine, but not a tap; name another");
    }

    [SkippableFact]
    public void A_bridge_that_is_not_there_is_to_be_made_first_and_leaves_no_tap_behind()
    {
        Skip.IfNot(Rights.MayMakeTaps(), Rights.NoTaps);
        var (name, bridge) = (NewName, NewName);

        Refusal(new TunnelSettings(name, Bridge: bridge))
            .ShouldBe($"there is no bridge {bridge} here; make it first (ip link add {bridge} type bridge)");
        Directory.Exists($"/sys/class/net/{name}").ShouldBeFalse();
        Refusal(new TunnelSettings(name, Bridge: "lo"))
            .ShouldBe($"cannot plug {name} into the bridge lo (error 95); name another, or use nat instead");
        Directory.Exists($"/sys/class/net/{name}").ShouldBeFalse();
    }

    [SkippableFact]
    public void A_tap_is_plugged_into_a_bridge()
    {
        Skip.IfNot(Rights.MayMakeTaps(), Rights.NoTaps);
        var (name, bridge) = (NewName, NewName);
        Skip.IfNot(Ip("link", "add", bridge, "type", "bridge"), "ip(8) cannot make a bridge here");
        try
        {
            using var tap = TapDevice.Open(new TunnelSettings(name, Bridge: bridge));
            Directory.Exists($"/sys/class/net/{bridge}/brif/{name}").ShouldBeTrue();
        }
        finally
        {
            Ip("link", "del", bridge).ShouldBeTrue();
        }
    }

    [SkippableFact]
    public void A_tap_has_the_address_that_was_asked_for_and_one_that_no_device_can_have_is_refused()
    {
        Skip.IfNot(Rights.MayMakeTaps(), Rights.NoTaps);
        string name = NewName;
        using (TapDevice.Open(new TunnelSettings(name, IPAddress.Parse("192.168.222.77"))))
            System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces().Single(one => one.Name == name)
                .GetIPProperties().UnicastAddresses.Select(one => one.Address).ShouldContain(IPAddress.Parse("192.168.222.77"));

        Refusal(new TunnelSettings(name, IPAddress.Parse("224.0.0.1")))
            .ShouldBe($"cannot give {name} the address 224.0.0.1 (error 22); name another, or use nat instead");
        Directory.Exists($"/sys/class/net/{name}").ShouldBeFalse();
    }

    [SkippableFact]
    public void A_tap_that_the_administrator_made_is_its_owners_to_use_as_it_is_and_nobody_elses()
    {
        Skip.IfNot(Rights.MayMakeTaps(), Rights.NoTaps);
        var (mine, down, others) = (NewName, NewName, NewName);
        try
        {
            Skip.IfNot(Ip("tuntap", "add", "dev", mine, "mode", "tap", "user", "0"), "ip(8) cannot make a tap here");
            Ip("tuntap", "add", "dev", down, "mode", "tap", "user", "0").ShouldBeTrue();
            Ip("tuntap", "add", "dev", others, "mode", "tap", "user", "12345").ShouldBeTrue();
            Ip("link", "set", mine, "up").ShouldBeTrue();

            WaysOut.ProblemWithTap(others).ShouldBeNull("the administrator may use it");
            Told(mine, down, others, "address", "bridge").ShouldBe(
            [
                $"{mine}: opened, null",
                $"{down}: opened, null",
                $"{others}: no permission for tap {others}; let the administrator make it (ip tuntap add dev {others} mode tap user NAME), "
                    + $"or use nat instead, tap {others} belongs to another user (number 12345); let the administrator give it to you, "
                    + "or use nat instead",
                $"address: no permission to give {mine} the address 192.168.222.78; let the administrator do it, or use nat instead",
                $"bridge: no permission to plug {mine} into the bridge lo; let the administrator do it, or use nat instead",
            ]);
            File.ReadAllText($"/sys/class/net/{down}/flags").Trim().ShouldBe("0x1002", "it stays as its owner left it");
        }
        finally
        {
            foreach (string name in (string[])[mine, down, others])
                Ip("tuntap", "del", "dev", name, "mode", "tap");
        }
    }

    [SkippableFact]
    public void Without_the_devices_file_or_the_right_to_open_it_the_remedy_is_told()
    {
        Skip.IfNot(Rights.MayMakeTaps(), Rights.NoTaps);
        const string Hidden = "mount -t tmpfs none /dev/net && ";
        string told = $"dotnet {typeof(TapDeviceSpec).Assembly.Location} {Verb}";

        Alone(Hidden + told).ShouldBe(Twice("there is no /dev/net/tun here; load the module (modprobe tun), or use nat instead of a tap"));
        Alone($"{Hidden}mknod /dev/net/tun c 10 200 && chmod 0 /dev/net/tun && setpriv --bounding-set=-all --inh-caps=-all {told}")
            .ShouldBe(Twice("/dev/net/tun cannot be opened: no permission; ask for access to it, or use nat instead of a tap"));
        Alone($"{Hidden}mkdir /dev/net/tun && {told}")
            .ShouldBe(Twice("/dev/net/tun cannot be opened (error 21); use nat instead of a tap"));

        static string Twice(string line) => $"{line}\n{line}\n";
    }

    [SkippableFact]
    public void Who_may_not_make_a_tap_is_told_who_may_on_one_line()
    {
        Skip.IfNot(File.Exists("/dev/net/tun"), "there is no /dev/net/tun");
        const string Refused = "no permission for tap lgtest; let the administrator make it (ip tuntap add dev lgtest mode tap user NAME), "
            + "or use nat instead";
        Told().ShouldBe([Refused, Refused]);
    }

    /// <summary>What this process hears that asks for a tap, and that would like to know beforehand: for one that is not there, or for a
    /// tap of its own, one that is down, one of another user, and what it wants to do to its own.</summary>
    public static int TellRefusals(TextWriter output, string[] names)
    {
        if (names is not [var mine, var down, var others, var address, var bridge])
        {
            output.WriteLine(Refusal(new TunnelSettings("lgtest")));
            output.WriteLine(WaysOut.ProblemWithTap("lgtest"));
            return 0;
        }

        foreach (string name in (string[])[mine, down, others])
            output.WriteLine($"{name}: {Outcome(new TunnelSettings(name))}, {WaysOut.ProblemWithTap(name) ?? "null"}");
        output.WriteLine($"{address}: {Outcome(new TunnelSettings(mine, IPAddress.Parse("192.168.222.78")))}");
        output.WriteLine($"{bridge}: {Outcome(new TunnelSettings(mine, Bridge: "lo"))}");
        return 0;
    }

    private static string Outcome(TunnelSettings settings)
    {
        try
        {
            using var tap = TapDevice.Open(settings);
            return tap.Name == settings.Device ? "opened" : tap.Name;
        }
        catch (OutsideException problem)
        {
            return problem.Message;
        }
    }

    /// <summary>What <see cref="TellRefusals"/> writes where it may not make taps.</summary>
    private static string[] Told(params string[] names)
    {
        string[] words = ["dotnet", typeof(TapDeviceSpec).Assembly.Location, Verb, .. names];
        if (Rights.MayMakeTaps())
            words = ["setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin", .. words];
        return OutputOf(words).TrimEnd('\n').Split('\n');
    }

    /// <summary>Runs a command of the shell with mounts of its own.</summary>
    private static string Alone(string command) => OutputOf("unshare", "-m", "sh", "-c", command);

    private static string OutputOf(params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo(words[0], words[1..]) { RedirectStandardOutput = true })!;
        string told = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return told;
    }

    private static string Refusal(TunnelSettings settings) =>
        Should.Throw<OutsideException>(() => TapDevice.Open(settings).Dispose()).Message;

    private static bool IsAnswer(LanProtocol.Deliver delivery)
    {
        bool found = false;
        foreach (var frame in delivery.Frames)
        {
            var bytes = frame.Bytes;
            found |= bytes[12] == 8 && bytes[13] == 6 && bytes[21] == 2 && BinaryPrimitives.ReadUInt32BigEndian(bytes[28..]) == 0xC0A8DF01;
        }

        delivery.Done();
        return found;
    }

    private static bool Ip(params string[] words)
    {
        try
        {
            using var ip = Process.Start(new ProcessStartInfo("ip", words) { RedirectStandardError = true })!;
            ip.WaitForExit();
            return ip.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
