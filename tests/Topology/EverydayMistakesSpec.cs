// What a person types wrong who writes a first topology: files of the wrong kind, sizes that cannot be, names that mean something else
// here. Each is told before anything runs, in one line, with its place.

using Lguest.Devices;
using Lguest.Topology.Actors;
using Lguest.Topology.Hocon;

namespace Lguest.Topology.Tests;

public sealed class EverydayMistakesSpec : IDisposable
{
    private const int SmallestHeader = 52; // of an ELF file

    private readonly string _folder = Directory.CreateTempSubdirectory("lguest-mistakes").FullName;

    public EverydayMistakesSpec()
    {
        Directory.CreateDirectory(Beside("folder"));
        File.WriteAllText(Beside("notes.txt"), "no kernel, and no folder");
        File.WriteAllBytes(Beside("empty"), []);
        byte[] wide = new byte[SmallestHeader];
        "\u007fELF\u0002\u0001\u0001"u8.CopyTo(wide);
        File.WriteAllBytes(Beside("vmlinux64"), wide);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("kernel = notes.txt", "2:28: guest 'a': {0}/notes.txt is not a kernel: it is neither an ELF vmlinux nor a bzImage")]
    [InlineData("kernel = empty", "2:28: guest 'a': kernel {0}/empty is an empty file")]
    [InlineData("kernel = vmlinux64", "2:28: guest 'a': kernel {0}/vmlinux64 is a 64-bit kernel")]
    [InlineData("kernel = puppy", "check the path, or write \"builtin:puppy\"")]
    [InlineData("kernel = folder", "is a directory; name a file")]
    [InlineData("initrd = folder", "is a directory; name a file")]
    [InlineData("disks = [folder]", "is a directory; name a file")]
    [InlineData("shares = [notes.txt]", "is not a folder; name one")]
    [InlineData("memory = 1M", "2:28: guest 'a': 1 MB of memory is too little for kernel 'builtin:puppy', which takes 2 MB to load")]
    [InlineData("kernel = linux", "2:15: guest 'a': 16 MB of memory is too little for the distribution's Linux")]
    [InlineData("service = on", "2:8: every Guest is a service, and services are stopped when only they are left")]
    public void Are_told_of_a_Guest(string setting, string line) => Complaint($"lguest.guests.a {{ {setting} }}").ShouldContain(
        string.Format(null, line, _folder));

    [Theory]
    [InlineData("tap = a-name-beyond-fifteen", "2:23: lan 'g': 'a-name-beyond-fifteen' is not a name for a network device")]
    [InlineData("tap = \"a/b\"", "2:23: lan 'g': 'a/b' is not a name for a network device")]
    [InlineData("subnet = \"10.0.0.0/29\", nat = on", "lan 'g' has more Guests than 10.0.0.0/29 has addresses (4)")]
    public void Are_told_of_a_lan(string settings, string line) =>
        Complaint($"lguest.lans.g {{ {settings} }}\nlguest.guests.a {{ count = 5, lans = [g] }}").ShouldContain(line);

    [Fact]
    public void The_name_server_of_a_way_out_has_its_address_for_itself()
    {
        const string Guest = "lguest.guests.a { lans = [{ lan = g, address = 10.0.0.253 }] }";

        TopologyTexts.Read($"lguest.nodes.n {{ }}\nlguest.lans.g {{ }}\n{Guest}").Guests[0].Ports[0].Address.ShouldBe("10.0.0.253");
        TopologyTexts.Complaint($"lguest.nodes.n {{ }}\nlguest.lans.g {{ nat = on }}\n{Guest}").ShouldEndWith(
            "'10.0.0.253' is not an address of lan 'g'; choose 10.0.0.1 to 10.0.0.252, or auto");
    }

    [Fact]
    public void A_Guest_that_fits_nowhere_is_told_with_its_place() =>
        TopologyTexts.Complaint("lguest.nodes.n { memory = 8M }\nlguest.guests { b { memory = 8M }\na { memory = 9M } }").ShouldStartWith(
            "test.conf:3:14: guest 'a': 9 MB of memory fits on no node where it may live");

    [SkippableFact]
    public void A_file_without_an_end_is_too_long_wherever_it_is_named()
    {
        const string Endless = "/dev/zero";
        Skip.IfNot(File.Exists(Endless), $"there is no {Endless} here");

        Should.Throw<MisconfiguredException>(() => TopologyFile.Read(Endless, filesAreHere: true)).Message.ShouldContain("make it shorter");
        Complaint($"include \"{Endless}\"").ShouldContain(":2:1: the file, with all that it includes, has more than");
        Complaint($"lguest.guests.a {{ kernel = {Endless} }}").ShouldContain("does not end within 256 MB");
    }

    [Fact]
    public void A_folder_is_no_topology() =>
        Should.Throw<RefusedException>(() => TopologyFile.Read(Beside("folder"), filesAreHere: true)).Message.ShouldEndWith(
            "cannot be read: it is a directory; check the path");

    private string Beside(string name) => Path.Combine(_folder, name);

    private string Complaint(string text)
    {
        string file = Beside("lab.conf");
        File.WriteAllText(file, $"lguest.nodes.n {{ }}\n{text}\n");
        return Should.Throw<MisconfiguredException>(() => TopologyFile.Read(file, filesAreHere: true)).Message;
    }
}
