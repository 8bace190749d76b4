// Converts settings to Akka.NET's own types and back. It does not go through text, so there is no second parser that could read something
// else.

using System.Collections.Immutable;
using Akka.Configuration;
using Akka.Configuration.Hocon;
using Lguest.Topology.Hocon;

namespace Lguest.Topology.Actors;

/// <summary>Turns settings into a <see cref="Config"/> and the other way.</summary>
internal static class SettingTree
{
    /// <summary>Settings as Akka.NET sees them.</summary>
    public static Config ToAkka(Setting.Section settings) => new(new HoconRoot(Value(settings)));

    /// <summary>A configuration as the pure core sees it; without places.</summary>
    public static Setting.Section FromAkka(Config config) => Plain(config.Root) as Setting.Section ?? Setting.Section.Empty;

    private static HoconValue Value(Setting setting)
    {
        var value = new HoconValue();
        switch (setting)
        {
            case Setting.Section section:
                var fields = new HoconObject();
                foreach (var (name, inner) in section.Fields)
                    fields.Items[name] = Value(inner);
                value.AppendValue(fields);
                break;
            case Setting.Items items:
                var array = new HoconArray();
                array.AddRange(items.Values.Select(Value));
                value.AppendValue(array);
                break;
            case Setting.Text text:
                value.AppendValue(new HoconLiteral { Value = text.Value });
                break;
        }

        return value;
    }

    private static Setting Plain(HoconValue value)
    {
        if (value.IsObject())
            return new Setting.Section([.. value.GetObject().Items.Select(item => new Setting.Field(item.Key, Plain(item.Value)))]);
        if (value.IsArray())
            return new Setting.Items([.. value.GetArray().Select(Plain)]);
        return value.IsString() ? new Setting.Text(value.GetString() ?? "") : new Setting.Items(ImmutableArray<Setting>.Empty);
    }
}
