// What a real kernel does with folders of the host, whatever board it is on: two folders, one of them read only, a secret beside them, and
// the commands that are typed, with what they must say.

using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Lguest.Host.Tests.Programs;
using Lguest.Launcher;
using Xunit.Abstractions;

namespace Lguest.Host.Tests.Kernels;

/// <summary>The folders of one Guest, and what is done in them. They are removed by disposal.</summary>
internal sealed class FolderSession : IDisposable
{
    private const int End = 240;
    private const int Patience = 400;
    private const int Bytes = 100_000_000;
    private const int FilesOfWalk = 5000;
    private const string Options = "trans=virtio,version=9p2000.L,msize=262144";

    private readonly string _outside = Directory.CreateTempSubdirectory("lguest-share-").FullName;

    public FolderSession()
    {
        Directory.CreateDirectory(Folder);
        Directory.CreateDirectory(ReadOnly);
        File.WriteAllText(Path.Combine(_outside, "secret"), "secret");
        File.WriteAllText(Path.Combine(ReadOnly, "there"), "is there");
    }

    /// <summary>The folder that the Guest may write.</summary>
    public string Folder => Path.Combine(_outside, "rw");

    /// <summary>What it is given.</summary>
    public ImmutableArray<DeviceOption> Devices =>
        [new DeviceOption.Share(Folder, "rw"), new DeviceOption.Share(ReadOnly, "ro") { IsReadOnly = true }];

    private string ReadOnly => Path.Combine(_outside, "ro");

    /// <summary>Mounts both, at /m and /r. Older kernels have no cache for mapped files, and refuse the word.</summary>
    public static void Mount(LaunchedGuest guest)
    {
        guest.Shell("alias ls='ls --color=never'; mkdir /m /r", Patience);
        foreach (var (tag, at) in ((string, string)[])[("rw", "/m"), ("ro", "/r")])
        {
            guest.Shell($"mount -t 9p -o {Options},cache=mmap {tag} {at} 2>/dev/null || mount -t 9p -o {Options} {tag} {at}; echo $?",
                Patience).ShouldContain("\n0");
        }
    }

    /// <summary>Files, folders, links, locks, rights; what leads outside; what may only be read.</summary>
    public void WorkWithFiles(LaunchedGuest guest)
    {
        guest.Shell("cd /m");
        Says(guest, "echo hello > f; cat f; ls -l f", "hello", "-rw-r--r--", " 0 ");
        Says(guest, "stat -c '%u %g %a' f; chmod 4711 f; stat -c %a f", "0 0 644", "711");
        Says(guest, "mv f g; ln g h; ln -s g s; readlink s; cat s h; stat -c %h g", "g", "hello", "2");
        Says(guest, "mkdir -p a/b/c; touch a/b/c/x; find a | sort | tr '\\n' ' '", "a a/b a/b/c a/b/c/x");
        Says(guest, "rm -r a; ls", "g");
        Says(guest, "chown 1 g; echo owner $?; chown 0:0 g; echo owner $?", "owner 1", "owner 0");
        Says(guest, "mkfifo p; (echo through > p &); cat p; rm p", "through");
        Says(guest, "mknod d c 1 3; echo node $?; ls d 2>/dev/null", "node 1");
        Says(guest, "ln -s /proc/version v; cat v; cat ../secret; cat /m/../secret", "Linux version", "No such file");
        Says(guest, "ln -s ../secret out; cat out; echo x > out; ls -la out", "No such file", "out -> ../secret");
        Says(guest, "exec 3<>g; rm g h; echo later >&3; cat /proc/self/fd/3; exec 3>&-; ls g", "No such file");
        Says(guest, "flock -n f true && echo taken; touch -d '2001-02-03 04:05:06' f; stat -c %y f", "2001-02-03 04:05:06");
        Says(guest, "cp /bin/busybox run; chmod 755 run; ./run echo runs from there; rm run", "runs from there");
        Says(guest, "df . | tail -1; grep ' /m ' /proc/mounts", "rw ", "trans=virtio");
        Says(guest, "echo x > /r/f; echo ro $?; mkdir /r/d; echo ro $?; cat /r/there; rm /r/there; cat /r/there", "Read-only file system",
            "ro 1", "is there", "can't remove");
        File.ReadAllText(Path.Combine(_outside, "secret")).ShouldBe("secret");
        Directory.GetFileSystemEntries(ReadOnly).Length.ShouldBe(1);
        guest.Shell("cd /; umount /m; umount /r; mount -t 9p -o trans=virtio,version=9p2000.L rw /m; ls /m").ShouldContain("f");
    }

    /// <summary>A hundred megabytes each way, in blocks of several lengths, by one program and by four.</summary>
    /// <param name="guest">Has both folders.</param>
    /// <param name="report">Is told how long it took by the Guest's clock.</param>
    public async Task Copy(LaunchedGuest guest, ITestOutputHelper report)
    {
        byte[] content = RandomNumberGenerator.GetBytes(Bytes);
        await File.WriteAllBytesAsync(Path.Combine(Folder, "big"), content);
        string sum = Sum(content);
        guest.Shell("md5sum /m/big", Patience).ShouldContain(sum);
        report.WriteLine(guest.Shell("time dd if=/m/big of=/dev/null bs=1M", Patience));
        report.WriteLine(guest.Shell("time dd if=/m/big of=/m/copy bs=1M", Patience));
        report.WriteLine(guest.Shell("time dd if=/dev/zero of=/m/zero bs=1M count=100", Patience));
        Sum(await File.ReadAllBytesAsync(Path.Combine(Folder, "copy"))).ShouldBe(sum);
        new FileInfo(Path.Combine(Folder, "zero")).Length.ShouldBe(100 << 20);
        guest.Shell("for i in 1 2 3 4; do dd if=/m/big of=/m/part$i bs=64k count=200 2>/dev/null & done; wait", Patience);
        for (int i = 1; i <= 4; i++)
            (await Written($"part{i}")).AsSpan().SequenceEqual(content.AsSpan(0, 200 << 16)).ShouldBeTrue();

        // Linux gives short content along with its message, and long content from where it is, in pieces of pages.
        foreach (int bytes in (int[])[1, 1023, 1024, 1025, 4095, 4097, 12_345, 300_001])
        {
            guest.Shell($"dd if=/m/big of=/m/odd bs={bytes} count=20 2>/dev/null", Patience);
            (await Written("odd")).AsSpan().SequenceEqual(content.AsSpan(0, 20 * bytes)).ShouldBeTrue($"{bytes} bytes at a time");
        }
    }

    /// <summary>Thousands of files, which the host and the Guest make, and each is found once.</summary>
    public async Task Walk(LaunchedGuest guest, ITestOutputHelper report)
    {
        for (int i = 0; i < FilesOfWalk; i++)
        {
            string folder = Path.Combine(Folder, $"d{i / 50}");
            Directory.CreateDirectory(folder);
            await File.WriteAllTextAsync(Path.Combine(folder, $"file{i}"), i.ToString(CultureInfo.InvariantCulture));
        }

        guest.Shell("find /m -type f | wc -l", Patience).ShouldContain($"\n{FilesOfWalk}");
        report.WriteLine(guest.Shell("time find /m -type f -size +0 -exec true {} + ", Patience));
        guest.Shell("cat $(find /m -name 'file1?') | tr -dc 0-9 | wc -c", Patience).ShouldContain("\n20");
        guest.Shell("for i in $(seq 1 2000); do : > /m/new$i; done; ls /m | grep -c new; rm /m/new*; ls /m | wc -l", Patience)
            .ShouldContain("\n2000\r\n100");
    }

    /// <summary>Ends the Guest from within.</summary>
    public static async Task PowerOff(LaunchedGuest guest)
    {
        guest.Type("poweroff -f");
        (await guest.Ended.WaitAsync(TimeSpan.FromSeconds(End))).ShouldBeOfType<GuestOutcome.PoweredOff>();
    }

    public void Dispose() => Directory.Delete(_outside, recursive: true);

    private Task<byte[]> Written(string file) => File.ReadAllBytesAsync(Path.Combine(Folder, file));

    private static string Sum(byte[] content) => Convert.ToHexStringLower(MD5.HashData(content));

    private static void Says(LaunchedGuest guest, string command, params string[] words)
    {
        string printed = guest.Shell(command, Patience);
        foreach (string word in words)
            printed.ShouldContain(word, Case.Sensitive, command);
    }
}
