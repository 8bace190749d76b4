// The Switcher's part of the configuration, read once and typed. The defaults are in hocon/lguest.conf and nowhere else.
using Akka.Configuration;
using Lguest.Guest.Cpu;
using Lguest.Guest.Translator;
using Lguest.Machine;
using Lguest.Switcher.Slots;

namespace Lguest.Switcher.Actors;

/// <summary>What <c>lguest.switcher</c> says.</summary>
/// <param name="Slice">Longest stay in a Guest.</param>
/// <param name="ChunkInstructions">Instructions between two looks at the clock.</param>
/// <param name="MostGuests">Slots in the privileged state array.</param>
/// <param name="Dispatcher">Where the CPUs of Guests run.</param>
/// <param name="OwnDispatcher">Where the Switcher itself runs.</param>
/// <param name="Engine">What executes the code of Guests.</param>
public sealed record SwitcherSettings(
    TimeSpan Slice, long ChunkInstructions, int MostGuests, string Dispatcher, string OwnDispatcher, EngineKind Engine)
{
    /// <summary>Bounds of the translator; null for the usual ones. Of them a file says only how much code there may be, whether it is
    /// verified, and whether there are windows.</summary>
    public TranslatorSettings? Translator { get; init; }

    /// <summary>Reads the settings of a running system, whose configuration has <see cref="Reference"/> as a fallback.</summary>
    /// <exception cref="ConfigurationException">The engine is not one that there is, or its code would have no room, or too
    /// much.</exception>
    public static SwitcherSettings From(Config config)
    {
        var section = config.GetConfig("lguest.switcher");
        string engine = section.GetString("engine");
        if (section.GetByteSize("code-cache")
            is not (>= TranslatorSettings.LeastCodeBytes and <= TranslatorSettings.MostCodeBytes and var code))
            throw new ConfigurationException($"lguest.switcher.code-cache = '{section.GetString("code-cache")}' is not 1M to 256M");
        return new SwitcherSettings(
            section.GetTimeSpan("slice"),
            section.GetLong("chunk-instructions"),
            section.GetInt("most-guests"),
            section.GetString("dispatcher"),
            section.GetString("own-dispatcher"),
            Engines.Parse(engine) ?? throw new ConfigurationException($"lguest.switcher.engine = '{engine}' is not an engine"))
        {
            Translator = new TranslatorSettings(
                CodeBytes: (uint)code, Verify: section.GetBoolean("verify"), Windows: section.GetBoolean("windows")),
        };
    }

    /// <summary>The reference configuration: hocon/lguest.conf, with as many threads for Guest CPUs as the machine has processors less
    /// one, and for the Switcher as many as it has, at least two.</summary>
    /// <param name="processors">Processors of the machine.</param>
    public static Config Reference(int processors)
    {
        using var stream = typeof(SwitcherSettings).Assembly.GetManifestResourceStream("lguest.conf")!;
        using StreamReader reader = new(stream);
        var threads = ConfigurationFactory.ParseString($$"""
            lguest {
              guest-cpu-dispatcher.threads = {{Math.Max(1, processors - 1)}}
              switcher-dispatcher.threads = {{Math.Max(2, processors)}}
            }
            """);
        return threads.WithFallback(ConfigurationFactory.ParseString(reader.ReadToEnd()));
    }

    internal RunSettings Run => new(Nanoseconds.Of(Slice), ChunkInstructions);
}
