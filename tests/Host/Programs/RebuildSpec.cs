// ./lguest builds the product when its sources have changed, and must not start a compiler to find out that they have not. So it keeps
// marks and names, which can be out of date themselves. Here it runs over a small tree, with a `dotnet` that only notes what it is asked
// for.

using System.Diagnostics;

namespace Lguest.Host.Tests.Programs;

public sealed class RebuildSpec : IDisposable
{
    private const string Dotnet = """
        #!/bin/sh
        here=$(dirname "$0")
        case "$1" in
            msbuild) mkdir -p "$here/src/Host/obj/ready" && : >"$here/src/Host/obj/ready/lguest.dll" && echo built >>"$here/notes" ;;
            *) echo started >>"$here/notes" ;;
        esac
        """;

    private readonly string _root = Directory.CreateTempSubdirectory("lguest-rebuild").FullName;

    public RebuildSpec()
    {
        Skip.If(OperatingSystem.IsWindows(), "this host has no POSIX shell for ./lguest");
        foreach (string folder in new[] { "src/Host", "src/Guest", "guests", "bench", "hocon" })
            Directory.CreateDirectory(Path.Combine(_root, folder));
        foreach (string file in new[] { "src/Guest/One.cs", "global.json", "Directory.Build.props" })
            Write(file, "");
        File.Copy(Path.Combine(Repository(), "lguest"), Path.Combine(_root, "lguest"));
        Write("dotnet", Dotnet);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path.Combine(_root, "dotnet"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Builds().ShouldBeTrue("the first time");
        Builds().ShouldBeFalse("nothing has happened since");
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [SkippableFact]
    public void A_file_that_changes()
    {
        Write("src/Guest/One.cs", "changed");
        Builds().ShouldBeTrue();
        Builds().ShouldBeFalse();
    }

    [SkippableFact]
    public void A_file_of_the_tree_itself()
    {
        Write("Directory.Build.props", "changed");
        Builds().ShouldBeTrue();
        Builds().ShouldBeFalse();
    }

    [SkippableTheory]
    [InlineData("src/Guest/Two.cs")]
    [InlineData("src/New/Room/Two.cs")]
    [InlineData("src/Guest/it's a name.cs")]
    public void A_file_that_comes_and_changes_later(string file)
    {
        Write(file, "");
        Builds().ShouldBeTrue("it came");
        Builds().ShouldBeFalse();
        Write(file, "changed");
        Builds().ShouldBeTrue("it changed");
        Builds().ShouldBeFalse();
    }

    [SkippableFact]
    public void A_file_that_goes_or_gets_another_name()
    {
        File.Move(Path.Combine(_root, "src/Guest/One.cs"), Path.Combine(_root, "src/Guest/Other.cs"));
        Builds().ShouldBeTrue("another name");
        Builds().ShouldBeFalse();
        File.Delete(Path.Combine(_root, "src/Guest/Other.cs"));
        Builds().ShouldBeTrue("it is gone");
        Builds().ShouldBeFalse();
    }

    [SkippableFact]
    public void Not_what_a_build_leaves_in_the_folders()
    {
        Write("src/Guest/obj/made.cs", "");
        Builds().ShouldBeFalse();
        Write("src/Guest/bin/made.dll", "");
        Builds().ShouldBeFalse();
        Write("src/Guest/One.cs", "changed");
        Builds().ShouldBeTrue("it still looks");
    }

    [SkippableFact]
    public void A_program_that_is_not_there()
    {
        File.Delete(Path.Combine(_root, "src/Host/obj/ready/lguest.dll"));
        Builds().ShouldBeTrue();
    }

    /// <summary>Whether a start builds first. It starts the program in any case.</summary>
    private bool Builds()
    {
        string notes = Path.Combine(_root, "notes");
        File.Delete(notes);
        ProcessStartInfo start = new(Path.Combine(_root, "lguest"), ["--version"]) { RedirectStandardError = true };
        start.Environment["PATH"] = $"{_root}:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        string said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, said);
        string[] noted = File.ReadAllLines(notes);
        noted[^1].ShouldBe("started");
        return noted.Length > 1;
    }

    private void Write(string file, string text)
    {
        string path = Path.Combine(_root, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Lguest.Cluster.sln")))
            folder = folder.Parent;
        return folder.FullName;
    }
}
