// A port of this machine that leads into a Guest of another node: the router is on the first node, and the port with it.

using System.Net;
using System.Net.Sockets;
using System.Text;
using Lguest.Support;

namespace Lguest.Host.Tests.Scenarios;

[Collection(ScenarioCollection.Name)]
public sealed class ForwardSpec
{
    [SkippableFact]
    public async Task What_is_sent_to_the_port_reaches_a_guest_of_another_node_and_comes_back()
    {
        Skip.IfNot(System.Runtime.InteropServices.NativeLibrary.TryLoad("libslirp.so.0", out _), "libslirp.so.0 is missing (libslirp0)");
        int port = FreePorts.Next();
        await using var rack = Scenario.Start(
            $$"""
            lguest {
              nodes { left { }, right { } }
              lans.out { nat = on, subnet = "10.9.0.0/24" }
              guests.echo {
                node = right
                lans = [out]
                arguments = "ip=%address%/24 script=udpecho 7"
                forward = ["udp:{{port}}:7"]
              }
            }
            """,
            "left",
            "right");
        await rack.Says($"udp 127.0.0.1:{port} -> echo:7", from: "left");
        await rack.Prints("echo", "udpecho: port 7", on: "right");

        using var client = new UdpClient();
        client.Client.ReceiveTimeout = 1000;
        client.Connect(IPAddress.Loopback, port);
        string heard = "";
        for (int i = 0; i < rack.Patience.TotalSeconds && heard.Length == 0; i++)
        {
            // The first ones may come before the two parts of the lan know each other.
            client.Send(Encoding.ASCII.GetBytes($"hello {i}"));
            heard = Receive(client);
        }

        heard.ShouldStartWith("hello", Case.Sensitive, rack.Story);
    }

    private static string Receive(UdpClient client)
    {
        try
        {
            IPEndPoint? sender = null;
            return Encoding.ASCII.GetString(client.Receive(ref sender));
        }
        catch (SocketException)
        {
            return "";
        }
    }
}
