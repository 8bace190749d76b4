// Folders of the host under a real kernel: Linux's own driver says the messages, and programs do with files what they do everywhere. The
// folder LGUEST_DEBIAN is that of DebianSpec; its RAM disk has the modules 9p, 9pnet, 9pnet_virtio, netfs and fscache.

using System.Globalization;
using System.Security.Cryptography;
using Lguest.Guest.Cpu;
using Lguest.Host.Tests.Programs;
using Lguest.Launcher;
using Xunit.Abstractions;

namespace Lguest.Host.Tests.Kernels;

public sealed class SharedFolderSpec(ITestOutputHelper report) : IDisposable
{
    private const int Boot = 240;
    private const int Patience = 400;
    private const int Bytes = 100_000_000;
    private const int FilesOfWalk = 5000;

    private readonly string _outside = Directory.CreateTempSubdirectory("lguest-share-").FullName;

    private string Folder => Path.Combine(_outside, "rw");

    private string ReadOnly => Path.Combine(_outside, "ro");

    [SkippableFact]
    public async Task Programs_work_in_it_as_in_any_file_system()
    {
        await using LauncherNode rack = new(EngineKind.Auto);
        var guest = Mounted(rack);
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
        await PowerOff(guest);
    }

    [SkippableFact]
    public async Task A_hundred_megabytes_go_each_way_with_the_right_sums()
    {
        byte[] content = RandomNumberGenerator.GetBytes(Bytes);
        Directory.CreateDirectory(Folder);
        await File.WriteAllBytesAsync(Path.Combine(Folder, "big"), content);
        string sum = Convert.ToHexStringLower(MD5.HashData(content));
        await using LauncherNode rack = new(EngineKind.Auto);
        var guest = Mounted(rack);
        guest.Shell("md5sum /m/big", Patience).ShouldContain(sum);
        report.WriteLine(guest.Shell("time dd if=/m/big of=/dev/null bs=1M", Patience));
        report.WriteLine(guest.Shell("time dd if=/m/big of=/m/copy bs=1M", Patience));
        report.WriteLine(guest.Shell("time dd if=/dev/zero of=/m/zero bs=1M count=100", Patience));
        Convert.ToHexStringLower(MD5.HashData(await File.ReadAllBytesAsync(Path.Combine(Folder, "copy")))).ShouldBe(sum);
        new FileInfo(Path.Combine(Folder, "zero")).Length.ShouldBe(100 << 20);
        guest.Shell("for i in 1 2 3 4; do dd if=/m/big of=/m/part$i bs=64k count=200 2>/dev/null & done; wait", Patience);
        for (int i = 1; i <= 4; i++)
        {
            byte[] part = await File.ReadAllBytesAsync(Path.Combine(Folder, $"part{i}"));
            part.AsSpan().SequenceEqual(content.AsSpan(0, 200 << 16)).ShouldBeTrue();
        }

        await PowerOff(guest);
    }

    [SkippableFact]
    public async Task A_walk_over_thousands_of_files_finds_each_once()
    {
        for (int i = 0; i < FilesOfWalk; i++)
        {
            string folder = Path.Combine(Folder, $"d{i / 50}");
            Directory.CreateDirectory(folder);
            await File.WriteAllTextAsync(Path.Combine(folder, $"file{i}"), i.ToString(CultureInfo.InvariantCulture));
        }

        await using LauncherNode rack = new(EngineKind.Auto);
        var guest = Mounted(rack);
        guest.Shell("find /m -type f | wc -l", Patience).ShouldContain($"\n{FilesOfWalk}");
        report.WriteLine(guest.Shell("time find /m -type f -size +0 -exec true {} + ", Patience));
        guest.Shell("cat $(find /m -name 'file1?') | tr -dc 0-9 | wc -c", Patience).ShouldContain("\n20");
        guest.Shell("for i in $(seq 1 2000); do : > /m/new$i; done; ls /m | grep -c new; rm /m/new*; ls /m | wc -l", Patience)
            .ShouldContain("\n2000\r\n100");
        await PowerOff(guest);
    }

    public void Dispose() => Directory.Delete(_outside, recursive: true);

    private LaunchedGuest Mounted(LauncherNode rack)
    {
        string? debian = Environment.GetEnvironmentVariable("LGUEST_DEBIAN");
        Skip.If(debian is null, "LGUEST_DEBIAN is not set: it names a folder with vmlinuz-686, vmlinuz-686-pae and initrd.cpio");
        Directory.CreateDirectory(Folder);
        Directory.CreateDirectory(ReadOnly);
        File.WriteAllText(Path.Combine(_outside, "secret"), "secret");
        File.WriteAllText(Path.Combine(ReadOnly, "there"), "is there");
        var guest = rack.Boot("pc", new LauncherOptions(256, Path.Combine(debian, "vmlinuz-686"), [],
            [new DeviceOption.Share(Folder, "rw"), new DeviceOption.Share(ReadOnly, "ro") { IsReadOnly = true }],
            Path.Combine(debian, "initrd.cpio")));
        guest.Expect("/ # ", Boot);
        guest.Shell("for m in netfs fscache 9pnet 9pnet_virtio 9p; do insmod $(find /lib -name $m.ko); done; mkdir /m /r", Patience);
        foreach (string tag in (string[])["rw", "ro"])
            guest.Shell($"mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=mmap {tag} /{(tag == "rw" ? 'm' : 'r')}; echo $?",
                Patience).ShouldContain("\n0");
        return guest;
    }

    private static void Says(LaunchedGuest guest, string command, params string[] words)
    {
        string printed = guest.Shell(command, Patience);
        foreach (string word in words)
            printed.ShouldContain(word, Case.Sensitive, command);
    }

    private static async Task PowerOff(LaunchedGuest guest)
    {
        guest.Type("poweroff -f");
        (await guest.Ended.WaitAsync(TimeSpan.FromSeconds(Boot))).ShouldBeOfType<GuestOutcome.PoweredOff>();
    }
}
