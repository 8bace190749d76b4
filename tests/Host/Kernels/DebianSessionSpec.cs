// The distribution's own kernel and programs at work: over a hundred commands in one boot. SoakSpec repeats it for as long as one likes.

using Xunit.Abstractions;

namespace Lguest.Host.Tests.Kernels;

public sealed class DebianSessionSpec(ITestOutputHelper report) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lguest-debian-");

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_stock_Linux_boots_to_its_shell_and_a_session_of_commands_comes_out_right(bool pae) =>
        report.WriteLine(DebianSession.Run(pae, _folder.FullName));

    public void Dispose() => _folder.Delete(recursive: true);
}
