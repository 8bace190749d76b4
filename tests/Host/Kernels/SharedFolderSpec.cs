// Folders of the host on a PC, under a distribution's own kernel: Linux's own driver says the messages, and programs do with files what
// they do everywhere. The folder LGUEST_DEBIAN is that of DebianSpec; its RAM disk has the modules 9p, 9pnet, 9pnet_virtio, netfs and
// fscache.

using Lguest.Guest.Cpu;
using Lguest.Host.Tests.Programs;
using Lguest.Launcher;
using Xunit.Abstractions;

namespace Lguest.Host.Tests.Kernels;

public sealed class SharedFolderSpec(ITestOutputHelper report) : IDisposable
{
    private const int Boot = 240;
    private const int Patience = 400;

    private readonly FolderSession _folders = new();

    [SkippableFact]
    public async Task Programs_work_in_it_as_in_any_file_system()
    {
        await using LauncherNode rack = new(EngineKind.Auto);
        var guest = Mounted(rack);
        _folders.WorkWithFiles(guest);
        await FolderSession.PowerOff(guest);
    }

    [SkippableFact]
    public async Task A_hundred_megabytes_go_each_way_with_the_right_sums()
    {
        await using LauncherNode rack = new(EngineKind.Auto);
        var guest = Mounted(rack);
        await _folders.Copy(guest, report);
        await FolderSession.PowerOff(guest);
    }

    [SkippableFact]
    public async Task A_walk_over_thousands_of_files_finds_each_once()
    {
        await using LauncherNode rack = new(EngineKind.Auto);
        var guest = Mounted(rack);
        await _folders.Walk(guest, report);
        await FolderSession.PowerOff(guest);
    }

    public void Dispose() => _folders.Dispose();

    private LaunchedGuest Mounted(LauncherNode rack)
    {
        string? debian = Environment.GetEnvironmentVariable("LGUEST_DEBIAN");
        Skip.If(debian is null, "LGUEST_DEBIAN is not set: it names a folder with vmlinuz-686, vmlinuz-686-pae and initrd.cpio");
        var guest = rack.Boot("pc", new LauncherOptions(256, Path.Combine(debian, "vmlinuz-686"), [], _folders.Devices,
            Path.Combine(debian, "initrd.cpio")));
        guest.Expect("/ # ", Boot);
        guest.Shell("for m in netfs fscache 9pnet 9pnet_virtio 9p; do insmod $(find /lib -name $m.ko); done", Patience);
        FolderSession.Mount(guest);
        return guest;
    }
}
