// The classic launcher's two networks of the first generation, as a user has them: each launcher a process of its own, with --sharenet=FILE
// between two of them, and with --tunnet= to this machine. With Linux 2.6.23 where LGUEST_KERNELS names a folder with vmlinux-2.6.23 and
// initrd.gz; --tunnet= where this process may make tap devices.

using System.Diagnostics;
using System.Globalization;
using System.Text;
using Lguest.Launcher;
using Lguest.Support;
using Xunit.Abstractions;

namespace Lguest.Host.Tests.Kernels;

public sealed class Generation1LauncherSpec(ITestOutputHelper report) : IDisposable
{
    private const int Pings = 2_000;
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(8);
    private readonly string _file = Path.GetTempFileName();

    /// <summary>A subnet for tests of networks (RFC 2544), another one for each run.</summary>
    private static string Subnet { get; } = $"198.18.{Random.Shared.Next(1, 255).ToString(CultureInfo.InvariantCulture)}";

    [SkippableFact]
    public async Task Two_Linux_2_6_23_of_two_launchers_ping_each_other_over_one_file_and_none_is_lost()
    {
        string folder = KernelFolder.With("vmlinux-2.6.23", "initrd.gz");
        using var waiting = Launch($"--sharenet={_file}", folder, "guestip=10.0.0.2");
        using var asking = Launch($"--sharenet={_file}", folder, "guestip=10.0.0.1", Ask("10.0.0.2"), "autooff");
        try
        {
            string told = await Told(asking);

            told.ShouldContain($"{Pings} packets transmitted, {Pings} packets received, 0% packet loss");
            asking.ExitCode.ShouldBe(0, told);
            report.WriteLine(told.Split('\n').Last(line => line.Contains("round-trip", StringComparison.Ordinal)).Trim());
        }
        finally
        {
            await End(asking);
            await End(waiting);
        }
    }

    [SkippableFact]
    public async Task A_Linux_2_6_23_reaches_this_machine_through_a_tap_and_none_is_lost()
    {
        string folder = KernelFolder.With("vmlinux-2.6.23", "initrd.gz");
        Skip.IfNot(Rights.MayMakeTaps(), Rights.NoTaps);
        using var guest = Launch($"--tunnet={Subnet}.1:02:00:34:12:00:00", folder, $"guestip={Subnet}.2", Ask($"{Subnet}.1")
            + ";ifconfig,eth0", "autooff");
        try
        {
            string told = await Told(guest);

            told.ShouldContain($"{Pings} packets transmitted, {Pings} packets received, 0% packet loss");
            told.ShouldContain("HWaddr 02:00:34:12:00:00");
            guest.ExitCode.ShouldBe(0, told);
            report.WriteLine(told.Split('\n').Last(line => line.Contains("round-trip", StringComparison.Ordinal)).Trim());
        }
        finally
        {
            await End(guest);
        }
    }

    [SkippableFact]
    public async Task A_Puppy_of_the_first_generation_reaches_this_machine_through_a_tap_with_the_address_that_was_asked_for()
    {
        Skip.IfNot(Rights.MayMakeTaps(), Rights.NoTaps);
        using var guest = Start($"--tunnet={Subnet}.5:02:00:07:00:00:00", "16", EmbeddedKernel.FirstPuppy, $"ip={Subnet}.6/24",
            $"script=ping {Subnet}.5 -w 60 -c 100 -i 0 -W 5000 -q; poweroff");
        try
        {
            string told = await Told(guest);

            told.ShouldContain("eth0 is 02:00:07:00:00:00");
            told.ShouldContain($"ping {Subnet}.5: 100 sent, 100 received, 0% loss");
            guest.ExitCode.ShouldBe(0, told);
        }
        finally
        {
            await End(guest);
        }
    }

    [Fact]
    public async Task An_address_that_such_a_Guest_cannot_have_is_refused_on_one_line_before_anything_is_opened()
    {
        using var guest = Start($"--tunnet={Subnet}.9:52:54:00:00:00:01", "16", EmbeddedKernel.FirstPuppy);
        string told = await Told(guest);

        guest.ExitCode.ShouldBe(2);
        told.TrimEnd().Split('\n').ShouldHaveSingleItem().ShouldStartWith(
            "lguest: Linux 2.6.23 chooses its own hardware address, and cannot have 52:54:00:00:00:01; ");
    }

    public void Dispose() => File.Delete(_file);

    /// <summary>What the initrd's first process does; commas stand for blanks.</summary>
    private static string Ask(string host) =>
        $"run=until,ping,-c1,{host}>/n;do,:;done;ping,-A,-i60,-q,-c{Pings.ToString(CultureInfo.InvariantCulture)},{host}";

    private static Process Launch(string network, string folder, params string[] arguments) =>
        Start([network, $"--initrd={Path.Combine(folder, "initrd.gz")}", "32", Path.Combine(folder, "vmlinux-2.6.23"), .. arguments]);

    private static Process Start(params string[] words) =>
        Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "lguest.dll"), .. words])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    /// <summary>All that a process says until its end.</summary>
    private static async Task<string> Told(Process process)
    {
        using CancellationTokenSource limit = new(_patience);
        StringBuilder told = new();
        await Task.WhenAll(Hear(process.StandardOutput), Hear(process.StandardError));
        await process.WaitForExitAsync(limit.Token);
        return told.ToString();

        async Task Hear(StreamReader from)
        {
            while (await from.ReadLineAsync(limit.Token) is { } line)
            {
                lock (told)
                    told.AppendLine(line);
            }
        }
    }

    private static async Task End(Process process)
    {
        process.Kill();
        await process.WaitForExitAsync();
    }
}
