// The few scripts of our own that run inside the Guest, as they are embedded in the program.

namespace Lguest.Linux.Root;

/// <summary>Texts of Scripts/.</summary>
internal static class OwnScripts
{
    public static string Init { get; } = Read("init.sh");

    public static string Start { get; } = Read("start.sh");

    public static string Console { get; } = Read("console.sh");

    public static string Dhcp { get; } = Read("dhcp.sh");

    public static string Profile { get; } = Read("profile.sh");

    /// <summary>All of them, to tell one version of the program from another.</summary>
    public static string All => string.Concat(Init, Start, Console, Dhcp, Profile);

    private static string Read(string name)
    {
        using var source = typeof(OwnScripts).Assembly.GetManifestResourceStream($"linux/{name}")!;
        using var reader = new StreamReader(source);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
