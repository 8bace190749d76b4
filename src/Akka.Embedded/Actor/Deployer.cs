// Finds what the configuration says about an actor by its path: akka.actor.deployment { /parent/child { dispatcher = ... } }, '*' for any name.

using System.Collections.Concurrent;
using Akka.Configuration;

namespace Akka.Actor;

public class Deployer
{
    protected readonly Config Default;

    private readonly ConcurrentDictionary<string, Deploy> _deployments = new();

    public Deployer(Settings settings)
    {
        var deployment = settings.Config.GetConfig("akka.actor.deployment");
        Default = deployment.GetConfig("default");
        foreach (var (path, value) in deployment.AsEnumerable())
        {
            if (path == "default" || !value.IsObject()) continue;
            var config = deployment.GetConfig($"\"{path}\"");
            SetDeploy(ParseConfig(path, config));
        }
    }

    /// <summary>What is configured for a path below /user, or null.</summary>
    public Deploy Lookup(ActorPath path) =>
        path.Depth == 0 || path.Elements[0] != "user" ? null : Lookup(path.Elements.Skip(1));

    public Deploy Lookup(IEnumerable<string> path)
    {
        if (_deployments.IsEmpty) return null;
        var names = path.ToArray();
        if (_deployments.TryGetValue("/" + string.Join('/', names), out var exact)) return exact;
        foreach (var (pattern, deploy) in _deployments)
        {
            var wanted = pattern.Split('/', StringSplitOptions.RemoveEmptyEntries);
            if (Matches(wanted, names)) return deploy;
        }

        return null;
    }

    public void SetDeploy(Deploy deploy) => _deployments[deploy.Path] = deploy;

    public virtual Deploy ParseConfig(string key, Config config)
    {
        var all = config.WithFallback(Default);
        return new Deploy(key, all, null, all.GetString("dispatcher", ""), all.GetString("mailbox", ""), all.GetInt("stash-capacity", Deploy.NoStashSize));
    }

    private static bool Matches(string[] wanted, string[] names)
    {
        for (var i = 0; i < wanted.Length; i++)
        {
            if (wanted[i] == "**") return true;
            if (i >= names.Length || (wanted[i] != "*" && wanted[i] != names[i])) return false;
        }

        return wanted.Length == names.Length;
    }
}
