// Makes what a request asks for: gets the packages, reads them, chooses modules, and writes kernel and root file system.

using Lguest.Devices;
using Lguest.Launcher.Images;
using Lguest.Linux.Apt;
using Lguest.Linux.Root;
using Lguest.Linux.Store;

namespace Lguest.Linux;

/// <summary>From a request to files in the cache.</summary>
/// <param name="store">The cache.</param>
/// <param name="progress">Is told how far it is.</param>
/// <param name="error">Takes what is no failure but worth a line.</param>
internal sealed class LinuxBuilder(LinuxStore store, IFetchProgress progress, TextWriter error)
{
    // To be counted up when what is made of the same packages and scripts changes.
    private const string Form = "3";

    /// <summary>Files for a request that are there; null if there are none.</summary>
    public static LinuxSet? Find(LinuxStore store, LinuxRequest request) => store.Find(MarkOf(request));

    /// <summary>Files for a request: those that are there, else new ones.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="update">Whether to make them anew from the newest packages in any case.</param>
    /// <exception cref="RefusedException">There is no way to get them.</exception>
    public LinuxSet Get(LinuxRequest request, bool update)
    {
        string mark = MarkOf(request);
        if (!update && store.Find(mark) is { } there)
            return there;
        using (store.Lock(() => error.WriteLine("lguest: waiting for another lguest that gets packages")))
        {
            // The one that was waited for may have made the same.
            if (!update && store.Find(mark) is { } made)
                return made;
            try
            {
                return Make(request, mark);
            }
            catch (InvalidDataException problem)
            {
                throw new RefusedException($"a package is damaged: {AptOutput.Clean(problem.Message)}; remove {store.AptFolder} and try "
                    + "again");
            }
        }
    }

    private static string MarkOf(LinuxRequest request) => request.Mark(Form + OwnScripts.All);

    private LinuxSet Make(LinuxRequest request, string mark)
    {
        AptClient apt = new(new AptState(store.AptFolder), progress);
        List<string> packages = [.. AptClient.Base, .. (request.Packages.IsEmpty ? [] : AptClient.WithOthers), .. request.Packages];
        apt.Prepare(packages);
        string? problem = apt.Update();
        string kernel = apt.FindKernel(request.Pae, problem);
        if (problem is not null)
            error.WriteLine($"lguest: not all lists of packages could be got ({problem}); going on with those that are there");
        string release = KernelChoice.ReleaseOf(kernel, request.Pae)!;
        var files = apt.Fetch([kernel, .. packages]);
        progress.Begin($"making a root file system of {files.Count} packages");
        var set = store.Make(release, mark, set => Write(set, request, kernel, files));
        progress.End();
        return set;
    }

    private static void Write(LinuxSet set, LinuxRequest request, string kernel, IReadOnlyList<string> files)
    {
        var tree = TreeBuilder.Begin();
        foreach (string file in files.Where(file => NameOf(file) != kernel))
            Unpack(file, tree, PackageReader.IsWanted);
        TreeBuilder.AddModules(tree, set.Release, Kernel(files.First(file => NameOf(file) == kernel), set, request));
        TreeBuilder.Finish(tree, [.. files.Select(NameOf)]);
        using (var root = File.Create(set.Root))
            CpioWriter.Write(tree, root);
        using (var mounter = File.Create(set.Mounter))
            CpioWriter.Write(TreeBuilder.MakeMounter(tree, set.Release), mounter);
        File.WriteAllLines(set.Packages, files.Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal)!);
    }

    /// <summary>Writes the kernel, and reads the modules that its Guests can use.</summary>
    private static IReadOnlyList<KernelModule> Kernel(string file, LinuxSet set, LinuxRequest request)
    {
        string folder = $"lib/modules/{set.Release}/", image = $"boot/vmlinuz-{set.Release}";
        var tree = new RootTree();
        Unpack(file, tree, name => name == image || name.StartsWith(folder, StringComparison.Ordinal));
        var packed = tree.Find(image) ?? throw new RefusedException($"{Path.GetFileName(file)} has no {image}; try again with --update");
        File.WriteAllBytes(set.Kernel, BzImageFile.Unpack(packed.Content).Span);
        Dictionary<string, KernelModule> all = [];
        foreach (var (name, entry) in tree.Entries.Where(pair => pair.Key.EndsWith(".ko", StringComparison.Ordinal)))
            all[KernelModule.NameOf(name)] = new KernelModule(name[folder.Length..], KernelModule.WithoutSignature(entry.Content));
        return ModuleChoice.Choose(all, ModuleChoice.Wanted(request.Packages));
    }

    private static void Unpack(string file, RootTree tree, Func<string, bool> wanted)
    {
        HostCommand run;
        try
        {
            run = HostCommand.Read("dpkg-deb", ["--fsys-tarfile", file], stream => PackageReader.Read(stream, tree, wanted));
        }
        catch (Exception problem) when (problem is InvalidDataException or IOException or RefusedException)
        {
            throw new InvalidDataException($"{Path.GetFileName(file)}: {problem.Message}", problem);
        }

        if (run.Code != 0)
            throw new InvalidDataException($"{Path.GetFileName(file)}: {AptOutput.Reason(run.Lines)}");
    }

    private static string NameOf(string file) => Path.GetFileName(file).Split('_')[0];
}
