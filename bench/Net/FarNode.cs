// The other node of a benchmark across nodes: this same program, started once more as a process of its own, so that what is measured are
// two runtimes, two heaps and a real connection. It lives until its input ends, which also happens when the first process dies.

using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Akka.Configuration;
using Lguest.Net.Lans;
using Lguest.Net.Lans.Actors;
using Lguest.Net.Trunks.Actors;

namespace Lguest.Bench.Net;

/// <summary>Two nodes with a lan: this process and another one.</summary>
internal sealed class FarNode : IDisposable
{
    /// <summary>The program's first argument when it is to be the other node. Then come the path of the first node's Lan and after how many
    /// frames the
    /// Nic there answers.</summary>
    public const string Verb = "--far-node";

    /// <summary>In place of the number of frames: there is a Guest with rings, which answers each.</summary>
    public const int Rings = 0;

    private const string TrunkPath = "/user/" + TrunkActor.Name;

    private readonly Process _process;

    /// <param name="every">The far Nic answers each so many frames with one.</param>
    public FarNode(int every)
    {
        (System, Lan) = Start();
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(FarNode).Assembly.Location);
        start.ArgumentList.Add(Verb);
        start.ArgumentList.Add(PathOfLan(System));
        start.ArgumentList.Add(every.ToString(CultureInfo.InvariantCulture));
        _process = Process.Start(start)!;
        string path = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException("the other node did not start");
        Meet(System, Lan, path);

        // What is measured is the way that frames take in the end, not the one that they take until it is there.
        if (!SpinWait.SpinUntil(() => Trunks(System) == 1, TimeSpan.FromSeconds(20)))
            throw new InvalidOperationException("there is no trunk to the other node");
    }

    /// <summary>This process's system.</summary>
    public ActorSystem System { get; }

    /// <summary>This process's part of the lan.</summary>
    public IActorRef Lan { get; }

    /// <summary>What runs in the other process.</summary>
    /// <param name="arguments">Those after the verb.</param>
    public static int Run(string[] arguments)
    {
        var (system, lan) = Start();
        Meet(system, lan, arguments[0]);
        int every = int.Parse(arguments[1], CultureInfo.InvariantCulture);
        system.ActorOf(every == Rings ? Props.Create(() => new RingGuest(lan, false, 0, null))
            : Props.Create(() => new LanWire.Far(lan, every)));
        Console.WriteLine(PathOfLan(system));
        Console.In.ReadToEnd();
        system.Terminate().Wait();
        return 0;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
        System.Terminate().Wait();
        System.Dispose();
    }

    private static (ActorSystem System, IActorRef Lan) Start()
    {
        var config = ConfigurationFactory.ParseString(
            """
            akka {
              loglevel = ERROR
              actor.provider = remote
              remote {
                log-remote-lifecycle-events = off
                dot-netty.tcp {
                  hostname = 127.0.0.1
                  port = 0
                }
              }
            }
            """);
        var system = ActorSystem.Create("bench", config.WithFallback(NetSettings.Reference()));
        system.ActorOf(TrunkActor.Props(TrunkSettings.From(system.Settings.Config)), TrunkActor.Name);
        return (system, system.ActorOf(LanActor.Props(new LanSettings("bench"), NetSettings.From(system.Settings.Config)), "lan"));
    }

    private static void Meet(ActorSystem system, IActorRef lan, string path)
    {
        var other = Find(system, path);
        system.ActorSelection(TrunkPath).Tell(new TrunkProtocol.Peers([other.Path.Address]));
        lan.Tell(new LanProtocol.Peers([other]));
    }

    private static int Trunks(ActorSystem system) =>
        system.ActorSelection(TrunkPath)
            .Ask<TrunkProtocol.Statistics>(TrunkProtocol.GetStatistics.Instance).GetAwaiter().GetResult().Trunks.Count;

    private static string PathOfLan(ActorSystem system) => ((ExtendedActorSystem)system).Provider.DefaultAddress + "/user/lan";

    private static IActorRef Find(ActorSystem system, string path) =>
        system.ActorSelection(path).ResolveOne(TimeSpan.FromSeconds(20)).GetAwaiter().GetResult();
}
