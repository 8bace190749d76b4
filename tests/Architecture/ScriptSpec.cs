// The script ./lguest builds the program when it has to, and then becomes it. Here it has a tree of two files and a dotnet that only writes
// down what it was asked for.

using System.Diagnostics;

namespace Lguest.Architecture.Tests;

public sealed class ScriptSpec : IDisposable
{
    private const string Dotnet = """
        #!/bin/sh
        case $1 in
            msbuild) [ -n "$FRAMEWORK" ] || exit 1 ;;
            publish) ;;
            *) echo "ran by $0" >>"$LOG"; exit ;;
        esac
        for word; do case $word in -p:PublishDir=*) folder=${word#*=} ;; esac; done
        mkdir -p "$folder"
        echo program >"$folder/lguest.dll"
        [ -z "$FRAMEWORK" ] || echo "$FRAMEWORK" >"$folder/Framework.txt"
        echo built >>"$LOG"
        """;

    private readonly string _root = Directory.CreateTempSubdirectory("lguest-script").FullName;

    public ScriptSpec()
    {
        foreach (string folder in new[] { "src/Host", "src/Guest", "guests", "bench", "hocon", "path", "net/shared/App/1" })
            Directory.CreateDirectory(Of(folder));
        File.Copy(Path.Combine(SourceTree.Root, "lguest"), Of("lguest"));
        foreach (string file in new[] { "src/Host/A.cs", "src/Guest/B's own.cs", "global.json", "Some.props" })
            File.WriteAllText(Of(file), file);
        Install("path/dotnet");
    }

    private bool IsAhead { get; set; }

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void The_program_is_built_once()
    {
        Run().ShouldBe(["built", $"ran by {Of("path/dotnet")}"]);
        Run().ShouldBe([$"ran by {Of("path/dotnet")}"]);
        Run().ShouldBe([$"ran by {Of("path/dotnet")}"]);
    }

    [Theory]
    [InlineData("edit")]
    [InlineData("add")]
    [InlineData("delete")]
    [InlineData("rename")]
    [InlineData("properties")]
    public void It_is_built_again_once_a_source_has_changed(string change)
    {
        for (int i = 0; i < 3; i++)
            Run();

        string file = Of("src/Guest/B's own.cs");
        if (change == "edit")
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(1));
        else if (change == "add")
            File.WriteAllText(Of("src/Guest/C.cs"), "new");
        else if (change == "delete")
            File.Delete(file);
        else if (change == "rename")
            File.Move(file, Of("src/Guest/D.cs"));
        else
            File.SetLastWriteTimeUtc(Of("Some.props"), DateTime.UtcNow.AddHours(1));

        Run().ShouldContain("built");
    }

    [Fact]
    public void What_a_build_leaves_is_not_a_source()
    {
        Run();
        Directory.CreateDirectory(Of("src/Guest/obj"));
        File.WriteAllText(Of("src/Guest/obj/B.o"), "code");

        Run().ShouldNotContain("built");
        Run().ShouldNotContain("built");
    }

    [Fact]
    public void It_runs_with_the_framework_that_it_was_compiled_for_and_is_built_again_when_that_is_gone()
    {
        IsAhead = true;
        Install("net/dotnet");
        Run().ShouldBe(["built", $"ran by {Of("net/dotnet")}"]);
        Run().ShouldBe([$"ran by {Of("net/dotnet")}"]);

        Directory.Delete(Of("net"), recursive: true);
        IsAhead = false;

        Run().ShouldBe(["built", $"ran by {Of("path/dotnet")}"]);
    }

    private string Of(string path) => Path.Combine(_root, path);

    private void Install(string path)
    {
        // The copy of a script may be executed.
        File.Copy(Of("lguest"), Of(path));
        File.WriteAllText(Of(path), Dotnet);
    }

    /// <summary>Runs the script; the result is what its dotnet was asked for.</summary>
    private string[] Run()
    {
        File.WriteAllText(Of("log"), "");
        ProcessStartInfo start = new("/bin/sh", [Of("lguest"), "--version"]) { RedirectStandardError = true };
        start.Environment["PATH"] = $"{Of("path")}:{start.Environment["PATH"]}";
        start.Environment["LOG"] = Of("log");
        start.Environment["FRAMEWORK"] = IsAhead ? Of("net/shared/App/1") : "";
        using var process = Process.Start(start)!;
        string told = process.StandardError.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, told);
        return File.ReadAllLines(Of("log"));
    }
}
