// Folders of the host on lguest's boards, on the bus of the second generation and on the PCI of the third, with every kernel of the folder
// LGUEST_KERNELS whose release has the driver. Each release gives a long write in another form, and all must come out as the same bytes.

using System.Security.Cryptography;
using System.Text;
using Lguest.Devices;
using Lguest.Guest.Cpu;
using Lguest.Host.Tests.Programs;
using Lguest.Host.Tests.Scenarios;
using Lguest.Launcher;
using Lguest.Launcher.Boards;
using Lguest.Launcher.Images;
using Xunit.Abstractions;

namespace Lguest.Host.Tests.Kernels;

public sealed class LguestFolderSpec(ITestOutputHelper report) : IDisposable
{
    private const int Boot = 120;

    /// <summary>The second waits for what the first wrote, and answers; both by a folder that one has by its name and one by another. The
    /// words after run= are what the initrd's first process does, with commas for blanks.</summary>
    private const string Pair = """
        lguest {
          name = pair
          nodes.a { }
          defaults.guest {
            initrd = "KERNELS/initrd.gz"
            memory = 64M
          }
          guests {
            first {
              kernel = "KERNELS/FIRST"
              shares = [ "FOLDER" ]
              arguments = "run=MOUNT,rw,/m;seq,1,9999,>/m/out;until,grep,-qs,BACK,/m/back;do,:;done;cat,/m/back autooff"
            }
            second {
              kernel = "KERNELS/SECOND"
              shares = [ { folder = "FOLDER", tag = other } ]
              arguments = "run=MOUNT,other,/m;until,grep,-qs,9999,/m/out;do,:;done;(md5sum</m/out;echo,BACK)>/m/back autooff"
            }
          }
        }
        """;

    private const string MountLine = "mkdir,/m;mount,-t9p,-otrans=virtio,-oversion=9p2000.L";
    private const string NoKernel = "none";

    private readonly FolderSession _folders = new();

    /// <summary>The kernels whose release has the driver.</summary>
    public static TheoryData<string> Kernels => Images(hasFolders: true);

    /// <summary>The others.</summary>
    public static TheoryData<string> OldKernels => Images(hasFolders: false);

    [SkippableTheory, MemberData(nameof(Kernels))]
    public async Task Programs_work_in_it_as_in_any_file_system(string kernel)
    {
        await using LauncherNode rack = new(EngineKind.Auto);
        var guest = Mounted(rack, kernel);
        _folders.WorkWithFiles(guest);
        await FolderSession.PowerOff(guest);
    }

    [SkippableTheory, MemberData(nameof(Kernels))]
    public async Task A_hundred_megabytes_go_each_way_with_the_right_sums(string kernel)
    {
        await using LauncherNode rack = new(EngineKind.Auto);
        var guest = Mounted(rack, kernel);
        await _folders.Copy(guest, report);
        await FolderSession.PowerOff(guest);
    }

    [SkippableTheory, MemberData(nameof(Kernels))]
    public async Task A_walk_over_thousands_of_files_finds_each_once(string kernel)
    {
        await using LauncherNode rack = new(EngineKind.Auto);
        var guest = Mounted(rack, kernel);
        await _folders.Walk(guest, report);
        await FolderSession.PowerOff(guest);
    }

    [SkippableTheory, MemberData(nameof(Kernels))]
    public async Task A_Guest_that_reboots_with_open_files_finds_its_folders_again(string kernel)
    {
        await using LauncherNode rack = new(EngineKind.Auto);
        var guest = Mounted(rack, kernel);
        guest.Shell("exec 5>/m/left; echo before >&5", Boot);
        guest.Type("reboot -f");
        Begun(guest);
        FolderSession.Mount(guest);
        guest.Shell("cat /m/left; echo after >> /m/left; cat /m/left", Boot).ShouldContain("before\r\nbefore\r\nafter");
        await FolderSession.PowerOff(guest);
    }

    [SkippableTheory, MemberData(nameof(OldKernels))]
    public void A_kernel_whose_release_has_no_driver_is_refused_before_it_starts(string kernel)
    {
        string folder = KernelFolder.With("initrd.gz");
        Skip.If(kernel == NoKernel, "LGUEST_KERNELS names a folder without a kernel before 2.6.37");
        Should.Throw<RefusedException>(() => GuestPlan.Read(Options(folder, kernel))).Message
            .ShouldEndWith(" has no driver for a folder of the host; leave --share out (in a topology: shares)");
    }

    [SkippableFact]
    public async Task Two_Guests_of_a_topology_meet_in_one_folder()
    {
        string folder = KernelFolder.With("initrd.gz", "vmlinux-3.11", "vmlinux-4.1");
        await using var rack = Scenario.Start(Pair.Replace("KERNELS", folder, StringComparison.Ordinal)
            .Replace("MOUNT", MountLine, StringComparison.Ordinal).Replace("FOLDER", _folders.Folder, StringComparison.Ordinal)
            .Replace("FIRST", "vmlinux-3.11", StringComparison.Ordinal).Replace("SECOND", "vmlinux-4.1", StringComparison.Ordinal), "a");

        (await rack.Ends("a")).ShouldBe(0, rack.Story);

        byte[] numbers = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(1, 9999).Select(number => $"{number}\n")));
        rack.Story.ShouldContain($"[first] {Convert.ToHexStringLower(MD5.HashData(numbers))}");
        File.ReadAllBytes(Path.Combine(_folders.Folder, "out")).ShouldBe(numbers);
    }

    public void Dispose() => _folders.Dispose();

    private static TheoryData<string> Images(bool hasFolders)
    {
        string[] names = KernelFolder.Named is not { } folder ? []
            : [.. Directory.GetFiles(folder, "vmlinux-*").Where(file => Family(file).HasFolders == hasFolders)
                .Select(file => Path.GetFileName(file)!).Order()];
        return names is [] ? [NoKernel] : [.. names];
    }

    private static BoardFamily Family(string file) => BoardFamily.Of(KernelFile.Read(File.ReadAllBytes(file), file));

    private LauncherOptions Options(string folder, string kernel) =>
        new(160, Path.Combine(folder, kernel), ["console=hvc0"], _folders.Devices, Path.Combine(folder, "initrd.gz"));

    private LaunchedGuest Mounted(LauncherNode rack, string kernel)
    {
        string folder = KernelFolder.With("initrd.gz");
        Skip.If(kernel == NoKernel, "LGUEST_KERNELS names a folder without a kernel from 2.6.37 on");
        var guest = rack.Boot("guest", Options(folder, kernel));
        Begun(guest);
        bool hasDriver = guest.Shell("cat /proc/filesystems", Boot).Contains("9p", StringComparison.Ordinal);
        Skip.IfNot(hasDriver, $"{kernel} was built without CONFIG_9P_FS");
        FolderSession.Mount(guest);
        return guest;
    }

    private static void Begun(LaunchedGuest guest)
    {
        guest.Expect("LGUEST-SHELL-READY", Boot);
        guest.Expect("# ", Boot);
        guest.Shell("dmesg -n 1", Boot);
    }
}
