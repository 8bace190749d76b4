// A process that is a Guest behind the router and, at the same time, this machine's name server. libslirp asks whom /etc/resolv.conf names,
// at port 53, and cannot be told otherwise; so the process runs where both are the test's own (NatNamesSpec says how).

using System.Buffers.Binary;
using Akka.Actor;
using Lguest.Net.Frames;
using Lguest.Net.Lans;
using Lguest.Net.Lans.Actors;
using Lguest.Net.Outside;
using Lguest.Net.Outside.Actors;

namespace Lguest.Net.Tests.Outside;

internal static class NameAsker
{
    public const string Verb = "ask-names";
    public const string Unknown = "nowhere.test";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    /// <summary>Asks for a name that is known and one that is not, and writes a line about each.</summary>
    public static int Run(TextWriter output)
    {
        using var server = new NameServer();
        using var system = ActorSystem.Create("names", NetSettings.Reference());
        var lan = system.ActorOf(LanActor.Props(new LanSettings("out"), NetSettings.From(system.Settings.Config)));
        system.ActorOf(WayOut.Nat(lan, NetSettings.From(system.Settings.Config), NatSettings.Usual));
        foreach (string name in (string[])[NameServer.Known, Unknown])
        {
            var answer = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            system.ActorOf(Props.Create(() => new Guest(lan, name, answer)));
            output.WriteLine($"{name}: {(answer.Task.Wait(_patience) ? answer.Task.Result : "no answer")}");
        }

        system.Terminate().Wait();
        return 0;
    }

    /// <summary>Asks until it is answered: datagrams may be lost, and the router may still be coming.</summary>
    private sealed class Guest : ReceiveActor, IWithTimers
    {
        private const ushort Port = 5353;
        private const ushort NamePort = 53;
        private const int ContentAt = 14 + 20 + 8;

        public Guest(IActorRef lan, string name, TaskCompletionSource<string> answer)
        {
            ushort id = (ushort)name.Length;
            Receive<LanProtocol.Connected>(_ => Timers.StartPeriodicTimer("ask", Ask.Instance, TimeSpan.Zero, TimeSpan.FromSeconds(1)));
            Receive<Ask>(_ =>
            {
                lan.Tell(new LanProtocol.Transmit(name, FrameBatch.Of(GuestFrames.Arp())));
                lan.Tell(new LanProtocol.Transmit(
                    name, FrameBatch.Of(GuestFrames.Ip(17, NatSettings.Usual.NameServer,
                        GuestFrames.Datagram(Port, NamePort, NameServer.Question(id, name))))));
            });
            Receive<LanProtocol.Deliver>(delivery =>
            {
                foreach (var frame in delivery.Frames)
                {
                    if (frame.Length > ContentAt + 12 && frame.Bytes[23] == 17
                        && BinaryPrimitives.ReadUInt16BigEndian(frame.Bytes[34..]) == NamePort
                        && BinaryPrimitives.ReadUInt16BigEndian(frame.Bytes[ContentAt..]) == id)
                    {
                        // The next one has the same address, and comes as soon as it hears of the answer.
                        lan.Tell(new LanProtocol.Disconnect(name));
                        Context.Stop(Self);
                        answer.TrySetResult(NameServer.Read(frame.Bytes[ContentAt..]));
                    }
                }

                delivery.Done();
            });
            lan.Tell(new LanProtocol.Connect(name, GuestFrames.Mac, Self));
        }

        public ITimerScheduler Timers { get; set; } = null!;
    }

    private sealed class Ask
    {
        public static readonly Ask Instance = new();
    }
}
