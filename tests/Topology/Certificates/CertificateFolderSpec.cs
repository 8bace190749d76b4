// Certificates as ./lguest cert makes them: what they are good for, who can read the keys, and that a second call adds to the first and
// changes nothing.

using System.Security.Cryptography.X509Certificates;
using Lguest.Devices;
using Lguest.Net.Tls;
using Lguest.Topology.Certificates;

namespace Lguest.Topology.Tests.Certificates;

public sealed class CertificateFolderSpec : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("lguest-cert").FullName;

    private CertificateFolder Folder => new(Path.Combine(_path, "certs"));

    public void Dispose() => Directory.Delete(_path, recursive: true);

    [Fact]
    public void Nodes_of_one_authority_trust_each_other_and_nobody_else()
    {
        Folder.Issue(["left", "10.0.0.2"], DateTimeOffset.UtcNow);
        var other = new CertificateFolder(Path.Combine(_path, "other"));
        other.Issue(["left"], DateTimeOffset.UtcNow);

        var left = new TlsSettings(Read(Folder, "left"), Read(Folder, CertificateFolder.AuthorityName));

        left.Trusts(Read(Folder, "10.0.0.2")).ShouldBeTrue();
        left.Trusts(Read(other, "left")).ShouldBeFalse();
        left.Trusts(null).ShouldBeFalse();
        left.Problem(Read(other, "left")).ShouldBe("its certificate is signed by another authority");
    }

    [Fact]
    public void One_that_has_expired_or_is_not_valid_yet_is_not_trusted()
    {
        Folder.Issue(["old"], DateTimeOffset.UtcNow - TimeSpan.FromDays(100), TimeSpan.FromDays(10));
        Folder.Issue(["early"], DateTimeOffset.UtcNow + TimeSpan.FromDays(10));
        var authority = Read(Folder, CertificateFolder.AuthorityName);

        foreach (string name in (string[])["old", "early"])
            new TlsSettings(Read(Folder, name), authority).Problem(Read(Folder, name))!.ShouldContain("expired or is not valid yet");
    }

    [Fact]
    public void A_second_call_signs_with_the_same_authority()
    {
        Folder.Issue(["left"], DateTimeOffset.UtcNow);
        string authority = File.ReadAllText(Folder.CertificateOf(CertificateFolder.AuthorityName));

        Folder.Issue(["right"], DateTimeOffset.UtcNow);

        File.ReadAllText(Folder.CertificateOf(CertificateFolder.AuthorityName)).ShouldBe(authority);
        new TlsSettings(Read(Folder, "left"), Read(Folder, CertificateFolder.AuthorityName)).Trusts(Read(Folder, "right")).ShouldBeTrue();
    }

    [Fact]
    public void What_is_there_is_not_overwritten()
    {
        Folder.Issue(["left"], DateTimeOffset.UtcNow);
        string key = File.ReadAllText(Folder.KeyOf("left"));

        Should.Throw<RefusedException>(() => Folder.Issue(["right", "left"], DateTimeOffset.UtcNow))
            .Message.ShouldContain("'left' already");

        File.ReadAllText(Folder.KeyOf("left")).ShouldBe(key);
        File.Exists(Folder.CertificateOf("right")).ShouldBeFalse();
    }

    [SkippableFact]
    public void Nobody_else_can_read_a_key()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no file modes");
        Folder.Issue(["left"], DateTimeOffset.UtcNow);

        foreach (string name in (string[])["left", CertificateFolder.AuthorityName])
            Mode(Folder.KeyOf(name)).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public void A_folder_that_cannot_be_made_is_told_on_one_line()
    {
        File.WriteAllText(Path.Combine(_path, "file"), "");

        var folder = new CertificateFolder(Path.Combine(_path, "file", "certs"));

        Should.Throw<RefusedException>(() => folder.Issue(["left"], DateTimeOffset.UtcNow)).Message.ShouldNotContain('\n');
        Should.Throw<RefusedException>(() => new CertificateFolder(Path.Combine(_path, "file")).Issue(["left"], DateTimeOffset.UtcNow))
            .Message.ShouldEndWith(": it is not a folder; choose another folder");
    }

    private static UnixFileMode Mode(string path) =>
        OperatingSystem.IsWindows() ? throw new PlatformNotSupportedException() : File.GetUnixFileMode(path);

    private static X509Certificate2 Read(CertificateFolder folder, string name) =>
        X509Certificate2.CreateFromPemFile(folder.CertificateOf(name), folder.KeyOf(name));
}
