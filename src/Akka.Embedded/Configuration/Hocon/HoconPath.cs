// Paths into a configuration: names with dots between them, quoted where a name has dots of its own.

using System.Text;

namespace Akka.Configuration.Hocon;

internal static class HoconPath
{
    internal static IReadOnlyList<string> Split(string path)
    {
        if (!path.Contains('"', StringComparison.Ordinal)) return path.Split('.');
        var names = new List<string>();
        var name = new StringBuilder();
        var quoted = false;
        foreach (var c in path)
        {
            if (c == '"') quoted = !quoted;
            else if (c == '.' && !quoted)
            {
                names.Add(name.ToString());
                name.Clear();
            }
            else name.Append(c);
        }

        names.Add(name.ToString());
        return names;
    }

    internal static string Quote(string name) => name.Contains('.', StringComparison.Ordinal) ? $"\"{name}\"" : name;
}
