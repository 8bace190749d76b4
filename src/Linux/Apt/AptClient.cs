// Gets a kernel and programs from the sources of the machine's distribution, by the programs that the distribution has for it. Which
// package needs which, which file is whole and who signed it is apt's business.

using Lguest.Devices;
using Lguest.Linux.Store;

namespace Lguest.Linux.Apt;

/// <summary>The machine's apt, working in a folder of ours.</summary>
/// <param name="state">That folder.</param>
/// <param name="progress">Is told how far it is.</param>
internal sealed class AptClient(AptState state, IFetchProgress progress)
{
    private const string SourceFolder = "/etc/apt";

    /// <summary>What every Guest gets beside what its user asks for.</summary>
    public static IReadOnlyList<string> Base { get; } = ["busybox-static", "iproute2", "iputils-ping"];

    /// <summary>What the scripts of other packages take for given.</summary>
    public static IReadOnlyList<string> WithOthers { get; } = ["bash"];

    /// <summary>How to do without a distribution.</summary>
    public const string OtherWay =
        "bring a kernel and a root file system of your own: ./lguest 256 VMLINUZ --initrd=FILE (see docs/linux.md)";

    /// <exception cref="RefusedException">This machine has no apt, or no sources of packages.</exception>
    public void Prepare(IReadOnlyList<string> packages)
    {
        if (Array.Find(["apt-get", "apt-cache", "dpkg-deb"], program => HostCommand.Find(program) is null) is { } missing)
            throw new RefusedException($"this machine has no {missing}, by which the distribution's packages could be got; {OtherWay}");
        Write(packages, sparing: true);
    }

    /// <summary>Gets the lists of packages. Where that fails in part, what is there may do.</summary>
    /// <returns>Why it failed; null if it did not.</returns>
    public string? Update()
    {
        progress.Begin("asking for the lists of packages");
        var run = HostCommand.Run("apt-get", [.. state.Options, "update"], line => progress.Report(AptOutput.Percent(line)));
        progress.End();
        return run.Code == 0 && !AptOutput.HasMissed(run.Lines) ? null : AptOutput.Reason(run.Lines);
    }

    /// <summary>The package of the newest kernel.</summary>
    /// <param name="pae">Whether of the flavour with PAE.</param>
    /// <param name="problem">Why the lists may be missing, or null.</param>
    /// <exception cref="RefusedException">There is none.</exception>
    public string FindKernel(bool pae, string? problem)
    {
        var run = HostCommand.Run("apt-cache",
            [.. state.Options, "search", "--names-only", $"^{KernelChoice.Prefix}[0-9].*-{KernelChoice.Flavour(pae)}$"]);
        if (run.Code != 0)
            throw new RefusedException($"apt-cache cannot search for a kernel: {AptOutput.Reason(run.Lines)}; {OtherWay}");
        return KernelChoice.Newest(run.Lines, pae) ?? throw new RefusedException(problem is null
            ? $"this machine's package sources have no {KernelChoice.Prefix}*-{KernelChoice.Flavour(pae)} for i386 (Debian up to 12 has); "
                + OtherWay
            : $"apt cannot get the lists of packages: {problem}; {OtherWay}");
    }

    /// <summary>Gets packages with all that they need.</summary>
    /// <returns>Their files.</returns>
    /// <exception cref="RefusedException">There is no such package, or it cannot be got.</exception>
    public IReadOnlyList<string> Fetch(IReadOnlyList<string> packages)
    {
        var plan = HostCommand.Run("apt-get", [.. state.Options, "--simulate", "install", .. packages]);
        if (plan.Code != 0)
        {
            // Some package may need the very version of one that was said to be there.
            Write(packages, sparing: false);
            var whole = HostCommand.Run("apt-get", [.. state.Options, "--simulate", "install", .. packages]);
            if (whole.Code != 0)
                throw new RefusedException($"apt does not find the packages: {AptOutput.Reason(plan.Lines)}");
            plan = whole;
        }

        // What every Debian has is named as a need by none.
        string[] implied = [.. plan.Lines.Any(line => AptOutput.FileOf(line)?.StartsWith("libpam0g_", StringComparison.Ordinal) == true)
            ? (string[])["libpam-modules"] : []];
        if (implied.Length > 0)
        {
            packages = [.. packages, .. implied];
            plan = HostCommand.Run("apt-get", [.. state.Options, "--simulate", "install", .. packages]);
        }

        List<string> files = [.. plan.Lines.Select(AptOutput.FileOf).OfType<string>().Distinct()];
        progress.Begin($"getting {files.Count} packages");
        var run = HostCommand.Run("apt-get", [.. state.Options, "--download-only", "install", .. packages], line =>
        {
            if (AptOutput.Amount(line) is { } amount)
                progress.Say(amount);
            progress.Report(AptOutput.Percent(line));
        });
        progress.End();
        if (run.Code != 0)
            throw new RefusedException($"apt cannot get the packages: {AptOutput.Reason(run.Lines)}; try again, or {OtherWay}");
        List<string> paths = [.. files.Select(file => Path.Combine(state.Archives, file))];
        if (paths.Count == 0 || paths.Find(path => !File.Exists(path)) is not null)
            throw new RefusedException($"apt got no file for {files.Find(file => !File.Exists(Path.Combine(state.Archives, file)))
                ?? "any package"}; remove {state.Folder} and try again");
        return paths;
    }

    /// <summary>What the machine's files say about sources of packages.</summary>
    /// <exception cref="RefusedException">Nothing.</exception>
    private static string Sources()
    {
        List<AptSource> all = [];
        string parts = Path.Combine(SourceFolder, "sources.list.d");
        string[] files = [Path.Combine(SourceFolder, "sources.list"),
            .. (Directory.Exists(parts) ? Directory.GetFiles(parts) : []).Order(StringComparer.Ordinal)];
        foreach (string file in files.Where(File.Exists))
        {
            string text = File.ReadAllText(file);
            all.AddRange(Path.GetExtension(file) switch
            {
                ".list" => AptSources.ReadList(text),
                ".sources" => AptSources.ReadParagraphs(text),
                _ => [],
            });
        }

        if (all.Count == 0)
            throw new RefusedException($"this machine has no sources of packages in {SourceFolder}; {OtherWay}");
        string? codename = File.Exists("/etc/os-release") ? AptSources.Codename(File.ReadAllText("/etc/os-release")) : null;
        return AptSources.Write(AptSources.OfDistribution(all, codename));
    }

    private void Write(IEnumerable<string> packages, bool sparing) => state.Write(Sources(), packages, sparing);
}
