// No file that a run is made of is overwritten by what it writes: both command lines refuse before they open anything for writing, on one
// line that names both settings, and every file is as it was.

using Lguest.Host.Commands;
using Lguest.Launcher;

namespace Lguest.Host.Tests.Programs;

public sealed class OutputsSpec : IDisposable
{
    private const int DiskBytes = 64 * 1024;

    private readonly string _folder = Directory.CreateTempSubdirectory("lguest-outputs-").FullName;

    public OutputsSpec()
    {
        File.WriteAllBytes(At("vmlinux"), EmbeddedKernel.Read(EmbeddedKernel.Puppy));
        foreach (string name in (string[])["d.img", "initrd"])
        {
            byte[] bytes = new byte[DiskBytes];
            new Random(name.Length).NextBytes(bytes);
            File.WriteAllBytes(At(name), bytes);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("--log=%/d.img --block=%/d.img 16 puppy", "--log=%/d.img and --block=%/d.img are the same file")]
    [InlineData("--log=%/initrd --initrd=%/initrd 16 puppy", "--log=%/initrd and --initrd=%/initrd")]
    [InlineData("--log=%/vmlinux 16 %/vmlinux", "--log=%/vmlinux and kernel %/vmlinux")]
    [InlineData("--log=%/./d.img --rng --block=%/d.img 16 puppy", "--log=%/./d.img and --block=%/d.img")]
    [InlineData("--log=%/link --block=%/d.img 16 puppy", "--log=%/link and --block=%/d.img")]
    [InlineData("--log=%/page --sharenet=%/page 16 puppy1", "--log=%/page and --sharenet=%/page")]
    [InlineData("--block=%/d.img --sharenet=%/d.img 16 puppy1", "--sharenet=%/d.img and --block=%/d.img")]
    public void The_classic_launcher_refuses(string words, string complaint)
    {
        if (words.Contains("link", StringComparison.Ordinal))
            File.CreateSymbolicLink(At("link"), At("d.img"));

        Refuses(words).ShouldContain(complaint.Replace("%", _folder, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("g { disks = [d.img], log = d.img }", "log %/d.img of guest 'g' and disk %/d.img of guest 'g'")]
    [InlineData("g { log = t.conf }", "log %/t.conf of guest 'g' and topology %/t.conf")]
    [InlineData("g { log = more.conf }", "log %/more.conf of guest 'g' and topology %/more.conf")]
    [InlineData("g { lans = [{ lan = l, pcap = x }] }, h { log = x }", "pcap %/x of guest 'g' on lan 'l' and log %/x of guest 'h'")]
    [InlineData("g { kernel = vmlinux, log = vmlinux }", "log %/vmlinux of guest 'g' and kernel %/vmlinux of guest 'g'")]
    [InlineData("g { initrd = initrd, log = initrd }", "log %/initrd of guest 'g' and initrd %/initrd of guest 'g'")]
    [InlineData(
        "g { disks = [d.img], lans = [{ lan = l, pcap = d.img }] }",
        "pcap %/d.img of guest 'g' on lan 'l' and disk %/d.img of guest 'g'")]
    [InlineData("g { log = l.pcap }", "pcap %/l.pcap of lan 'l' and log %/l.pcap of guest 'g'")]
    [InlineData(
        "g { disks = [{ file = d.img, overlay = on, layer = initrd }], initrd = initrd }",
        "layer %/initrd of guest 'g' and initrd %/initrd of guest 'g'")]
    [InlineData("g { disks = [{ file = d.img, overlay = on, layer = x }], log = x }", "layer %/x of guest 'g' and log %/x of guest 'g'")]
    [InlineData("g { disks = [{ file = d.img, overlay = on, layer = link }] }", "layer %/link of guest 'g' and disk %/d.img of guest 'g'")]
    public void A_topology_is_refused_by_up_and_by_check(string guests, string complaint)
    {
        File.CreateSymbolicLink(At("link"), At("d.img"));
        File.WriteAllText(At("more.conf"), "lguest.lans.l.pcap = l.pcap");
        Write(guests);

        foreach (string verb in (string[])["up", "check"])
        {
            string line = Refuses($"{verb} %/t.conf");
            string[] settings = complaint.Replace("%", _folder, StringComparison.Ordinal).Split(" and ");
            line.ShouldContain(settings[0]);
            line.ShouldContain(settings[1]);
        }
    }

    [Theory]
    [InlineData("g { disks = [d.img] }", "--log=%/d.img", "--log=%/d.img of guest 'g' and disk %/d.img of guest 'g'")]
    [InlineData("g { }", "--log=%/t.conf", "--log=%/t.conf of guest 'g' and topology %/t.conf")]
    [InlineData("g { log = g.log }, h { }", "--log=%/g.log", "log %/g.log of guest 'g' and --log=%/g.log of guest 'h'")]
    public void The_log_of_up_is_refused(string guests, string option, string complaint)
    {
        File.WriteAllText(At("more.conf"), "");
        Write(guests);

        Refuses($"up %/t.conf {option}").ShouldContain(complaint.Replace("%", _folder, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("g { log = ca.crt }", "log %/ca.crt of guest 'g'", "authority %/ca.crt of node 'a'")]
    [InlineData("g { log = b.key }", "log %/b.key of guest 'g'", "key %/b.key of node 'b'")]
    [InlineData("g { lans = [{ lan = l, pcap = a.crt }] }", "pcap %/a.crt of guest 'g' on lan 'l'", "certificate %/a.crt of node 'a'")]
    public void What_a_node_shows_and_keeps_secret_is_not_overwritten(string guests, string output, string input)
    {
        foreach (string name in (string[])["a.crt", "a.key", "b.crt", "b.key", "ca.crt"])
            File.WriteAllText(At(name), name);
        const string Tls = "lguest.cluster.tls { certificate = \"%node%.crt\", key = \"%node%.key\", authority = ca.crt }";
        File.WriteAllText(At("more.conf"), Tls);
        Write(guests);

        foreach (string verb in (string[])["up", "check"])
        {
            string line = Refuses($"{verb} %/t.conf");
            line.ShouldContain(output.Replace("%", _folder, StringComparison.Ordinal));
            line.ShouldContain(input.Replace("%", _folder, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_picture_does_not_overwrite_its_topology()
    {
        File.WriteAllText(At("more.conf"), "");
        Write("g { }");

        Refuses("check %/t.conf --svg %/t.conf").ShouldContain("--svg=");
    }

    private void Write(string guests)
    {
        // The recording of a lan has the plain name only where there is one node.
        string nodes = guests.Contains("l.pcap", StringComparison.Ordinal) ? "a { }" : "a { }, b { }";
        File.WriteAllText(
            At("t.conf"), $"include \"more.conf\"\nlguest {{ nodes {{ {nodes} }}, lans.l {{ }}, guests {{ {guests} }} }}\n");
    }

    /// <returns>The one line.</returns>
    private string Refuses(string words)
    {
        var before = Contents();
        using var error = new StringWriter();

        string[] arguments = words.Replace("%", _folder, StringComparison.Ordinal).Split(' ');
        CommandLine.Run(arguments, TextWriter.Null, error).ShouldBe(2, error.ToString());

        Contents().ShouldBe(before);
        return error.ToString().TrimEnd().Split('\n').ShouldHaveSingleItem();
    }

    private List<string> Contents() =>
    [
        .. Directory.GetFiles(_folder).Order(StringComparer.Ordinal)
            .Select(file => $"{file} {Convert.ToHexString(File.ReadAllBytes(file))}"),
    ];

    private string At(string name) => Path.Combine(_folder, name);
}
