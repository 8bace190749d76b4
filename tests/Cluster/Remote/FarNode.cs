// What the far process runs: a system with an echo, that says its address on standard output and ends when standard input does.

using Akka.Actor;
using Akka.Configuration;

namespace Lguest.Cluster.Tests.Remote;

internal static class FarNode
{
    internal static async Task<int> Run(string[] arguments)
    {
        if (arguments is not [var name, var config])
        {
            await Console.Error.WriteLineAsync("usage: NAME HOCON");
            return 2;
        }

        var system = ActorSystem.Create(name, ConfigurationFactory.ParseString(config));
        system.ActorOf(Props.Create(() => new Echo()), "echo");
        await Console.Out.WriteLineAsync($"listening {((ExtendedActorSystem)system).Provider.DefaultAddress}");
        while (await Console.In.ReadLineAsync() is not null)
        {
        }

        await system.Terminate();
        return 0;
    }
}
