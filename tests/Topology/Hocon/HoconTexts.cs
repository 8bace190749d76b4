// HOCON for tests: read from a text, shown as short as it can be.

using Lguest.Topology.Hocon;

namespace Lguest.Topology.Tests.Hocon;

internal static class HoconTexts
{
    /// <summary>Reads a text as the file t.conf, in an environment that has only what is given.</summary>
    public static Setting.Section Read(string text, IReadOnlyDictionary<string, string>? environment = null,
        params (string Name, string Text)[] others) =>
        HoconFile.Read(
            "t.conf",
            text,
            (name, place) => others.FirstOrDefault(other => other.Name == name) is { Text: { } included } ? (name, included)
                : throw new MisconfiguredException(place, $"there is no file '{name}'"),
            name => environment?.GetValueOrDefault(name));

    /// <summary>The one line that is told about a text, without the name of its file.</summary>
    public static string Complaint(string text, params (string Name, string Text)[] others)
    {
        string message = Should.Throw<MisconfiguredException>(() => Read(text, null, others), text).Message;
        return message.StartsWith("t.conf:", StringComparison.Ordinal) ? message["t.conf:".Length..] : message;
    }

    /// <summary>Settings as <c>{a:1,b:[x,y]}</c>.</summary>
    public static string Show(Setting? setting) => setting switch
    {
        Setting.Section section => $"{{{string.Join(',', section.Fields.Select(field => $"{field.Name}:{Show(field.Value)}"))}}}",
        Setting.Items items => $"[{string.Join(',', items.Values.Select(Show))}]",
        Setting.Text text => text.Value,
        _ => "nothing",
    };
}
