// A configuration file as settings: parsed, with includes and substitutions resolved.

namespace Lguest.Topology.Hocon;

/// <summary>Reads HOCON.</summary>
internal static class HoconFile
{
    /// <summary>Reads a text.</summary>
    /// <param name="file">Its name, for places.</param>
    /// <param name="text">The text.</param>
    /// <param name="include">Brings the file that an include at a place names; throws where there is none.</param>
    /// <param name="environment">The environment variable of a name; null if it is not set.</param>
    /// <exception cref="MisconfiguredException">It is no HOCON; the message says where, and what is missing.</exception>
    public static Setting.Section Read(
        string file, string text, Func<string, Place, (string File, string Text)> include, Func<string, string?> environment)
    {
        var (root, paths) = HoconParser.Parse(file, text, include);
        return HoconResolver.Resolve(file, root, paths, environment);
    }
}
