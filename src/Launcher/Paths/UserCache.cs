// What can be made again is kept where the XDG Base Directory Specification wants it, so that those who clean up or move their caches find
// it there.

namespace Lguest.Launcher.Paths;

/// <summary>The folder for what this user's programs may lose.</summary>
internal static class UserCache
{
    /// <summary>$XDG_CACHE_HOME/lguest, else ~/.cache/lguest; null for a user without a home.</summary>
    public static string? Folder => Root is { } root ? Path.Combine(root, "lguest") : null;

    private static string? Root =>
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } named && Path.IsPathFullyQualified(named) ? named
        : Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? Path.Combine(home, ".cache")
        : null;
}
