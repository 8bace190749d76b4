// One lan, two nodes in two processes, and every kind of machine that there is: lguest's first, second and third generation and a PC with
// the kernel of a distribution. All have with each other what Kernels/peers.sh says: echoes, a large file whose checksum is right, a
// hundred small requests. LGUEST_KERNELS and LGUEST_DEBIAN name the folders of the kernels.

using Lguest.Host.Tests.Kernels;

namespace Lguest.Host.Tests.Scenarios;

[Collection(ScenarioCollection.Name)]
public sealed class AllGenerationsSpec : IDisposable
{
    private const string Modules =
        "virtio virtio_ring virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci failover net_failover virtio_net";

    private static readonly (string Name, string Node)[] _guests =
        [("first", "left"), ("second", "right"), ("later", "left"), ("third", "right"), ("pc", "left")];

    private readonly string _initrd = Path.GetTempFileName();
    private readonly string _pcInitrd = Path.GetTempFileName();

    [SkippableFact]
    public async Task Each_kind_of_machine_pings_each_other_and_fetches_its_files_across_nodes()
    {
        string folder = KernelFolder.With("vmlinux-2.6.23", "vmlinux-2.6.24", "vmlinux-3.11", "vmlinux-4.1", "initrd.gz");
        var pc = DebianSpec.Options("686", []);
        string script = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Kernels", "peers.sh"));
        File.WriteAllBytes(_initrd, Ramdisk.With(Path.Combine(folder, "initrd.gz"), "init", script));

        // Its wget dies of -T.
        script = script.Replace("-T 5 ", "", StringComparison.Ordinal).Replace("-T 60 ", "", StringComparison.Ordinal);
        File.WriteAllBytes(_pcInitrd, Ramdisk.With(pc.Initrd!, "init", script.Replace(
            "mount -t proc proc /proc",
            "/bin/busybox mkdir -p /sbin /usr/bin /usr/sbin; /bin/busybox --install -s; mount -t proc proc /proc; "
                + $"for m in {Modules}; do insmod /lib/modules/$m.ko; done",
            StringComparison.Ordinal)));
        await using var rack = Scenario.Start(
            $$"""
            lguest {
              name = kinds
              nodes { left { }, right { } }
              lans.green { }
              defaults.guest {
                initrd = "{{_initrd}}", memory = 64M, lans = [green]
                arguments = "console=hvc0 address=%address%/24 peers=%peers% hostname=%name%"
              }
              guests {
                first { node = left, kernel = "{{folder}}/vmlinux-2.6.23" }
                second { node = right, kernel = "{{folder}}/vmlinux-2.6.24" }
                later { node = left, kernel = "{{folder}}/vmlinux-3.11" }
                third { node = right, kernel = "{{folder}}/vmlinux-4.1" }
                pc {
                  node = left, kernel = "{{pc.Kernel}}", initrd = "{{_pcInitrd}}", memory = 256M
                  arguments = "address=%address%/24 peers=%peers% hostname=%name%"
                }
              }
            }
            """,
            "left",
            "right");
        rack.Patience = TimeSpan.FromMinutes(10);

        foreach (var ((guest, _), at) in _guests.Select((guest, index) => (guest, index)))
        {
            foreach (int peer in Enumerable.Range(0, _guests.Length).Where(peer => peer != at))
            {
                await rack.Prints(guest, $"PEER 10.0.0.{peer + 1} large {LinuxPairSpec.Large()}");
                await rack.Prints(guest, $"PEER 10.0.0.{peer + 1} got 100 of 100");

                // A ping sends another one when a machine that is busy lets it wait.
                rack.Story.ShouldMatch($@"\[{guest}\] PEER 10\.0\.0\.{peer + 1} 5\d packets transmitted, 50 packets received");
            }
        }

        foreach (var (guest, node) in _guests)
            await rack.Says($"{guest} on {node} powered off");
        (await rack.Ends("left")).ShouldBe(0, rack.Story);
        (await rack.Ends("right")).ShouldBe(0, rack.Story);
    }

    public void Dispose()
    {
        File.Delete(_initrd);
        File.Delete(_pcInitrd);
    }
}
