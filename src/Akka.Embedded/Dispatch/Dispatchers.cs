// Turns the dispatcher sections of the configuration into dispatchers, each made once and shared by all who name it.

using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.Util;

namespace Akka.Dispatch;

public sealed class Dispatchers
{
    public const string DefaultDispatcherId = "akka.actor.default-dispatcher";
    public const string DefaultBlockingDispatcherId = "akka.actor.default-blocking-io-dispatcher";
    internal const string InternalDispatcherId = "akka.actor.internal-dispatcher";

    private readonly ActorSystem _system;
    private readonly ConcurrentDictionary<string, Lazy<MessageDispatcherConfigurator>> _configurators = new();

    public Dispatchers(ActorSystem system, IDispatcherPrerequisites prerequisites)
    {
        _system = system;
        Prerequisites = prerequisites;
    }

    public IDispatcherPrerequisites Prerequisites { get; }
    public Config DefaultDispatcherConfig => GetConfig(Prerequisites.Settings.Config, DefaultDispatcherId);
    public MessageDispatcher DefaultGlobalDispatcher => Lookup(DefaultDispatcherId);

    /// <summary>The dispatcher of that id; throws <see cref="ConfigurationException"/> when nothing is configured under it.</summary>
    public MessageDispatcher Lookup(string dispatcherName) => LookupConfigurator(dispatcherName).Dispatcher();

    public bool HasDispatcher(string id) => _configurators.ContainsKey(id) || Prerequisites.Settings.Config.HasPath(id);

    public bool RegisterConfigurator(string id, MessageDispatcherConfigurator configurator) =>
        _configurators.TryAdd(id, new Lazy<MessageDispatcherConfigurator>(configurator));

    /// <summary>The section of that id, with its id and the default dispatcher's settings below it.</summary>
    public static Config GetConfig(Config config, string id)
    {
        var simpleName = id[(id.LastIndexOf('.') + 1)..];
        return ConfigurationFactory.ParseString($"id = \"{id}\"")
            .WithFallback(config.GetConfig(id))
            .WithFallback(ConfigurationFactory.ParseString($"name = \"{simpleName}\""))
            .WithFallback(config.GetConfig(DefaultDispatcherId));
    }

    internal void ShutdownAll()
    {
        foreach (var configurator in _configurators.Values)
            if (configurator.IsValueCreated) configurator.Value.Shutdown();
    }

    private MessageDispatcherConfigurator LookupConfigurator(string id) =>
        _configurators.GetOrAdd(id, key => new Lazy<MessageDispatcherConfigurator>(() => Create(key))).Value;

    private MessageDispatcherConfigurator Create(string id)
    {
        if (!_system.Settings.Config.HasPath(id)) throw new ConfigurationException($"Dispatcher [{id}] not configured.");
        var config = GetConfig(_system.Settings.Config, id);
        var type = config.GetString("type");
        switch (type)
        {
            case "Dispatcher":
            case "TaskDispatcher":
                return new DispatcherConfigurator(config, Prerequisites);
            case "ForkJoinDispatcher":
                return new DispatcherConfigurator(
                    ConfigurationFactory.ParseString("executor = fork-join-executor").WithFallback(config), Prerequisites);
            case "PinnedDispatcher":
                return new PinnedDispatcherConfigurator(config, Prerequisites);
            case null or "":
                throw new ConfigurationException($"Missing dispatcher type for [{id}]");
        }

        if (TypeResolver.Find(type) is not { } custom || !typeof(MessageDispatcherConfigurator).IsAssignableFrom(custom))
            throw new ConfigurationException($"Could not resolve dispatcher type {type} for [{id}]");
        return (MessageDispatcherConfigurator)Activator.CreateInstance(custom, config, Prerequisites);
    }
}
