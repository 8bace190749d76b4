// What is asked of "lguest linux", apart from the machine that is to run it: a flavour of kernel and a set of packages. Two requests for
// the same are served from the same files.

using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Lguest.Devices;

namespace Lguest.Linux;

/// <summary>A distribution's kernel with packages.</summary>
/// <param name="Pae">Whether the kernel is the one with PAE.</param>
/// <param name="Packages">Beside the few that every Guest has; sorted, each once.</param>
internal sealed partial record LinuxRequest(bool Pae, ImmutableArray<string> Packages)
{
    /// <summary>Reads lists of packages between commas or blanks.</summary>
    /// <exception cref="RefusedException">A word is no name of a package.</exception>
    public static LinuxRequest Of(bool pae, IEnumerable<string> lists)
    {
        string[] names = [.. lists.SelectMany(list => list.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries)).Distinct()
            .Order(StringComparer.Ordinal)];
        if (Array.Find(names, name => !PackageName().IsMatch(name)) is { } wrong)
            throw new RefusedException($"--with={wrong} is no name of a package; write names between commas, as in: --with iperf3,frr");
        return new LinuxRequest(pae, [.. names]);
    }

    /// <summary>Tells files made for this request, by this version of the program, from others.</summary>
    /// <param name="scripts">What the program itself puts into them.</param>
    public string Mark(string scripts)
    {
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', [Pae ? "pae" : "", .. Packages, scripts])));
        return Convert.ToHexStringLower(hash)[..12];
    }

    // apt would take a last - for "remove", and has its own meaning for other signs.
    [GeneratedRegex(@"^[a-z0-9][a-z0-9+.-]{0,98}[a-z0-9+]$")]
    private static partial Regex PackageName();
}
