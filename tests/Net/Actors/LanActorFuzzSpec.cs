// Everything that can be said to a Lan, by anybody, in any order: ports that come and go, nodes that join, leave, acknowledge what was
// never sent and number as they like. Afterwards two well-behaved Guests must hear each other. LGUEST_FUZZ_CASES sets the number of
// messages, LGUEST_FUZZ_SEED repeats a run.

using Akka.Actor;
using Akka.TestKit.Xunit2;
using Lguest.Net.Frames;
using Lguest.Net.Lans;
using Lguest.Net.Lans.Actors;
using Lguest.Net.Tests.Frames;
using Lguest.Support;
using Xunit.Abstractions;

namespace Lguest.Net.Tests.Actors;

public sealed class LanActorFuzzSpec(ITestOutputHelper output) : PatientTestKit
{
    private const int DefaultCases = 5_000;
    private const int MessagesAtATime = 1_000;

    [Fact]
    public void Whatever_is_said_to_a_lan_it_goes_on_switching()
    {
        var run = FuzzRun.Start(DefaultCases, output);
        var (cases, random) = (run.Cases, run.Dice());
        var lan = Sys.ActorOf(LanActor.Props(new LanSettings("lan"), NetSettings.From(Sys.Settings.Config)));
        var others = Enumerable.Range(0, 6).Select(_ => Sys.ActorOf(Props.Create(() => new Polite()))).ToArray();

        for (int i = 0; i < cases; i++)
        {
            lan.Tell(Message(random, others), others[random.Next(others.Length)]);

            // What waits in a mailbox is no part of the test: the lan is given time to hear it all.
            if (i % MessagesAtATime == 0)
            {
                lan.Tell(LanProtocol.GetStatistics.Instance, TestActor);
                ExpectMsg<LanProtocol.Statistics>(TimeSpan.FromSeconds(30));
            }
        }

        lan.Tell(new LanProtocol.Peers([]));

        var (a, b) = (CreateTestProbe(), CreateTestProbe());
        lan.Tell(new LanProtocol.Connect("good-a", Ether.Mac(0x7001), a), a);
        lan.Tell(new LanProtocol.Connect("good-b", Ether.Mac(0x7002), b), b);
        a.ExpectMsg<LanProtocol.Connected>(TimeSpan.FromSeconds(30));
        lan.Tell(new LanProtocol.Transmit("good-a", Ether.Batch(0x7001, 0x7002, 77)), a);
        var heard = b.FishForMessage<LanProtocol.Deliver>(deliver => Ether.Numbers(deliver.Frames).Contains(77), TimeSpan.FromSeconds(30));
        heard.Done();
        lan.Tell(LanProtocol.GetStatistics.Instance, TestActor);
        ExpectMsg<LanProtocol.Statistics>().Peers.ShouldBeEmpty();
    }

    private static object Message(Random random, IActorRef[] others)
    {
        string port = $"p{random.Next(4)}";
        return random.Next(10) switch
        {
            0 => new LanProtocol.Connect(port, random.Next(2) == 0 ? null : Ether.Mac(random.Next(1, 9)),
                others[random.Next(others.Length)], new PortSettings
                {
                    Link = new LinkSettings
                    {
                        Delay = TimeSpan.FromMilliseconds(random.Next(-1, 3)),
                        Loss = random.NextDouble() * 1.1,
                        Rate = random.Next(2) * 100_000_000L
                    },
                }),
            1 => new LanProtocol.Disconnect(port),
            2 => new LanProtocol.Peers([.. others.Where(_ => random.Next(2) == 0)]),
            3 or 4 => new LanProtocol.PeerFrames(random.Next(5) == 0 ? "other" : "lan", random.NextInt64(long.MinValue, long.MaxValue),
                Frames(random)),
            5 => new LanProtocol.PeerReceived("lan", random.NextInt64(long.MinValue, long.MaxValue)),
            _ => new LanProtocol.Transmit(port, Frames(random), random.NextInt64(long.MinValue, long.MaxValue)),
        };
    }

    private static FrameBatch Frames(Random random) =>
        Ether.Batch(Enumerable.Range(0, random.Next(1, 5)).Select(
            i => Ether.Bytes(random.Next(1, 9), random.Next(9), i, random.Next(18, 1600))));

    /// <summary>A Nic and another node in one, which deals with all it gets.</summary>
    private sealed class Polite : ReceiveActor
    {
        public Polite()
        {
            Receive<LanProtocol.Deliver>(deliver => deliver.Done());
            ReceiveAny(_ => { });
        }
    }
}
