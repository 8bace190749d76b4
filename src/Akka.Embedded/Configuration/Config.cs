// Settings, found by path. A configuration is a value: laying one over another makes a third.

using Akka.Configuration.Hocon;

namespace Akka.Configuration;

public class Config
{
    public static readonly Config Empty = new();

    public Config() => Root = HoconValue.Of(new Dictionary<string, HoconValue>());

    public Config(HoconRoot root)
    {
        ArgumentNullException.ThrowIfNull(root);
        Root = root.Value ?? throw new ArgumentNullException(nameof(root), "The root value cannot be null.");
    }

    public HoconValue Root { get; }
    public virtual bool IsEmpty => Root.GetObject().Items.Count == 0;

    public virtual bool HasPath(string path) => GetValue(path) is not null;

    /// <summary>The value at a path, or null; names with dots are quoted.</summary>
    public HoconValue GetValue(string path)
    {
        var value = Root;
        foreach (var name in HoconPath.Split(path))
        {
            value = value.GetChildObject(name);
            if (value is null) return null;
        }

        return value;
    }

    /// <summary>The section at a path as a configuration of its own, or null.</summary>
    public virtual Config GetConfig(string path) => GetValue(path) is { } value ? new Config(new HoconRoot(value)) : null;

    public virtual string GetString(string path, string @default = null) => GetValue(path) is { } value ? value.GetString() : @default;
    public virtual bool GetBoolean(string path, bool @default = false) => GetValue(path)?.GetBoolean() ?? @default;
    public virtual int GetInt(string path, int @default = 0) => GetValue(path)?.GetInt() ?? @default;
    public virtual long GetLong(string path, long @default = 0) => GetValue(path)?.GetLong() ?? @default;
    public virtual float GetFloat(string path, float @default = 0) => GetValue(path)?.GetFloat() ?? @default;
    public virtual double GetDouble(string path, double @default = 0) => GetValue(path)?.GetDouble() ?? @default;
    public virtual decimal GetDecimal(string path, decimal @default = 0) => GetValue(path)?.GetDecimal() ?? @default;

    /// <summary>A duration; with neither a value nor a default it is zero.</summary>
    public virtual TimeSpan GetTimeSpan(string path, TimeSpan? @default = null, bool allowInfinite = true) =>
        GetValue(path)?.GetTimeSpan(allowInfinite) ?? @default.GetValueOrDefault();

    public virtual long? GetByteSize(string path, long? def = null) => GetValue(path) is { } value ? value.GetByteSize() : def;
    public virtual IList<string> GetStringList(string path) => GetValue(path)?.GetStringList() ?? [];
    public virtual IList<string> GetStringList(string path, string[] defaultPaths) => GetValue(path)?.GetStringList() ?? defaultPaths;
    public virtual IList<int> GetIntList(string path) => GetValue(path).GetArray().Select(item => item.GetInt()).ToList();
    public virtual IList<long> GetLongList(string path) => GetValue(path).GetArray().Select(item => item.GetLong()).ToList();
    public virtual IList<bool> GetBooleanList(string path) => GetValue(path).GetArray().Select(item => item.GetBoolean()).ToList();
    public virtual IList<double> GetDoubleList(string path) => GetValue(path).GetArray().Select(item => item.GetDouble()).ToList();

    public virtual IEnumerable<KeyValuePair<string, HoconValue>> AsEnumerable() => Root.GetObject().Items;

    /// <summary>This configuration where it says something, the fallback where it does not.</summary>
    public virtual Config WithFallback(Config fallback)
    {
        if (ReferenceEquals(fallback, this)) throw new ArgumentException("Config can not have itself as fallback", nameof(fallback));
        if (fallback is null || fallback.IsEmpty) return this;
        return IsEmpty ? fallback : new Config(new HoconRoot(Root.Over(fallback.Root)));
    }

    public override string ToString() => Root.ToString();

    public static implicit operator Config(string str) => ConfigurationFactory.ParseString(str);
    public static Config operator +(Config config, string fallback) => config.WithFallback(ConfigurationFactory.ParseString(fallback));
    public static Config operator +(string configHocon, Config fallbackConfig) => ConfigurationFactory.ParseString(configHocon).WithFallback(fallbackConfig);
}

public static class ConfigExtensions
{
    public static bool IsNullOrEmpty(this Config config) => config is null || config.IsEmpty;

    public static Config SafeWithFallback(this Config config, Config fallback)
    {
        if (config.IsNullOrEmpty()) return fallback;
        return fallback.IsNullOrEmpty() || ReferenceEquals(config, fallback) ? config : config.WithFallback(fallback);
    }
}
