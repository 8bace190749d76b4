// Why a file cannot be opened is told for people: the system's own words for a directory and for a folder that is missing mislead.

using Lguest.Net.Files;

namespace Lguest.Net.Tests.Files;

public sealed class FileFaultSpec : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lguest-fault").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_directory_is_called_one() => Reason(_folder).ShouldBe("it is a directory");

    [Fact]
    public void A_folder_that_is_missing_is_named() =>
        Reason(Path.Combine(_folder, "none", "file")).ShouldBe($"there is no folder {Path.Combine(_folder, "none")}");

    [Fact]
    public void An_empty_name_is_no_name() => Reason("").ShouldBe("it has no name");

    private static string Reason(string path)
    {
        var problem = Should.Throw<Exception>(() => new FileStream(path, FileMode.Append, FileAccess.Write).Dispose());
        FileFault.InOpening(problem).ShouldBeTrue();
        return FileFault.Reason(problem, path);
    }
}
