// The topology of hocon/pair-linux.conf, as its user has it: four Linux Guests on two nodes in two processes, where somebody has kernels
// (LGUEST_KERNELS names their folder). All have with each other what Kernels/peers.sh says.

using System.Security.Cryptography;
using System.Text;
using Lguest.Host.Tests.Kernels;
using Lguest.Topology.Tests;

namespace Lguest.Host.Tests.Scenarios;

[Collection(ScenarioCollection.Name)]
public sealed class LinuxPairSpec
{
    private static readonly string[] _guests = ["left-1", "left-2", "right-1", "right-2"];

    [SkippableTheory, MemberData(nameof(KernelNetSpec.Kernels), MemberType = typeof(KernelNetSpec))]
    public async Task Linux_Guests_of_two_processes_ping_fetch_and_ask_each_other(string kernel)
    {
        string folder = KernelFolder.With("initrd.gz");
        string initrd = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(initrd, Ramdisk.With(
                Path.Combine(folder, "initrd.gz"), "init",
                    File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Kernels", "peers.sh"))));
            await using var rack = Scenario.Start(
                $$"""
                include "{{Path.Combine(ShippedTopologiesSpec.Folder(), "pair-linux.conf")}}"
                lguest.defaults.guest { kernel = "{{Path.Combine(folder, kernel)}}", initrd = "{{initrd}}", disks = [] }
                """,
                "left",
                "right");

            foreach (var (guest, at) in _guests.Select((guest, index) => (guest, index)))
            {
                foreach (string peer in Enumerable.Range(0, _guests.Length).Where(peer => peer != at)
                    .Select(peer => $"PEER 10.0.0.{peer + 1}"))
                {
                    await rack.Prints(guest, $"{peer} 50 packets transmitted, 50 packets received, 0% packet loss");
                    await rack.Prints(guest, $"{peer} large {Large()}");
                    await rack.Prints(guest, $"{peer} got 100 of 100");
                }
            }

            foreach (string guest in _guests)
                await rack.Says($"{guest} on {guest[..^2]} powered off");
            (await rack.Ends("left")).ShouldBe(0, rack.Story);
            (await rack.Ends("right")).ShouldBe(0, rack.Story);
        }
        finally
        {
            File.Delete(initrd);
        }
    }

    /// <summary>The checksum of what the script serves as its large file.</summary>
    internal static string Large()
    {
        string numbers = string.Concat(Enumerable.Range(1, 150_000).Select(number => $"{number}\n"));
        return Convert.ToHexStringLower(MD5.HashData(Encoding.ASCII.GetBytes(numbers + numbers)));
    }
}
