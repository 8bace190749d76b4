// The whole of "lguest linux": packages from the distribution, a root file system of them, and a shell on it (LGUEST_LINUX=on, StockLinux).

using System.Text;
using Lguest.Devices;
using Lguest.Host.Programs;
using Lguest.Launcher;
using Lguest.Linux.Root;
using Lguest.Linux.Store;
using Lguest.Net.Outside;
using Lguest.Support;
using Lguest.Topology.Tests;
using Xunit.Abstractions;

namespace Lguest.Host.Tests.Programs;

public sealed class LinuxSessionSpec(ITestOutputHelper report) : IDisposable
{
    private const int Boot = 180;

    private readonly string _image = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stock_Linux_boots_to_a_shell_with_its_programs_and_its_end_is_in_order(bool pae)
    {
        await using LauncherNode rack = new();
        var guest = rack.Boot("lguest", StockLinux.Machine(StockLinux.Options(pae)));

        guest.Expect(StockLinux.Prompt, Boot);
        guest.Shell("uname -r").ShouldContain(pae ? "686-pae" : "-686");
        guest.Shell("id").ShouldContain("uid=0(root) gid=0(root)");
        guest.Shell("hostname; grep -c lguest /etc/hosts").ShouldContain("lguest");
        guest.Shell("type ip; ip -br addr show lo").ShouldContain("127.0.0.1/8");
        guest.Shell("ping -c 1 127.0.0.1").ShouldContain(" 0% packet loss");
        guest.Shell("tty").ShouldContain("/dev/ttyS0");
        guest.Shell("sleep 100 & sleep 1; kill %1; wait %1; echo $?").ShouldContain("143", Case.Sensitive, "job control");
        guest.Shell("modprobe ext4 && modprobe overlay && grep -c . /proc/modules").ShouldNotContain("not found");
        guest.Type("exit");
        (await guest.Ended.WaitAsync(TimeSpan.FromSeconds(Boot))).ShouldBeOfType<GuestOutcome.PoweredOff>();
        report.WriteLine(guest.Screen.Text);
    }

    [SkippableFact]
    public async Task What_is_written_to_an_image_is_there_the_next_time()
    {
        Skip.IfNot(File.Exists("/sbin/mke2fs") || File.Exists("/usr/sbin/mke2fs"), "there is no mke2fs here (e2fsprogs)");
        var options = StockLinux.Options(pae: false, _image);
        ImageFile.Make(CpioReader.Read(await File.ReadAllBytesAsync(StockLinux.Set(options).Root)), _image);
        for (int life = 0; life < 2; life++)
        {
            await using LauncherNode rack = new();
            var guest = rack.Boot("lguest", StockLinux.Machine(options));
            guest.Expect(StockLinux.Prompt, Boot);
            guest.Shell("ls -ln /etc/shadow; mount").ShouldContain("/dev/vda on / type ext4");
            guest.Shell("cat /etc/kept; echo kept >/etc/kept").Contains("\nkept\r").ShouldBe(life == 1);
            guest.Type("poweroff");
            (await guest.Ended.WaitAsync(TimeSpan.FromSeconds(Boot))).ShouldBeOfType<GuestOutcome.PoweredOff>();
        }
    }

    [SkippableFact]
    public void Two_of_a_topology_reach_each_other_by_name_and_run_their_scripts()
    {
        StockLinux.Want();
        using var output = new MemoryStream();
        var error = new StringWriter();

        int code = UpProgram.Run(new UpOptions(Path.Combine(ShippedTopologiesSpec.Folder(), "linux-pair.conf"), null, Verbose: false, null),
            Stream.Null, output, error, () => null);

        string printed = Encoding.UTF8.GetString(output.ToArray());
        report.WriteLine($"{printed}\n{error}");
        StockLinux.SkipWithoutApt(code == 2, $"{error}");
        code.ShouldBe(0);
        printed.ShouldContain("[client] 5 packets transmitted, 5 received, 0% packet loss");
        printed.ShouldContain("[client] iperf Done.");
        printed.ShouldContain("server on left stopped by the end of the Guests that it serves");
    }

    [SkippableFact]
    public async Task A_web_server_serves_its_neighbours_and_by_a_forwarded_port_this_machine()
    {
        StockLinux.Want();
        Skip.IfNot(WaysOut.ProblemWithNat() is null, "libslirp.so.0 is missing (libslirp0)");
        int port = FreePorts.Next();
        string file = Path.GetTempFileName();
        using var output = new MemoryStream();
        var error = new StringWriter();
        try
        {
            // As shipped, but the server ends when the four have been there.
            await File.WriteAllTextAsync(file, $$""""
                include "{{Path.Combine(ShippedTopologiesSpec.Folder(), "web.conf")}}"
                lguest.guests.web {
                  forward = "tcp:{{port}}:80"
                  run = ${lguest.guests.web.run}"""
                    cd /var/log/nginx
                    until grep -q from-outside access.log && [ $(grep -c file.sha256 access.log) = 3 ]; do sleep 1; done
                    poweroff
                  """
                }
                """");
            var run = Task.Run(() => UpProgram.Run(new UpOptions(file), Stream.Null, output, error, () => null));
            string page = await Fetch($"http://127.0.0.1:{port}/?from-outside", run);

            int code = await run;

            string printed = Encoding.UTF8.GetString(output.ToArray());
            report.WriteLine($"{printed}\n{error}");
            StockLinux.SkipWithoutApt(code == 2, $"{error}");
            code.ShouldBe(0);
            page.ShouldBe("<h1>This is web on left.</h1>\n");
            printed.ShouldContain($"http://127.0.0.1:{port} -> web:80");
            foreach (string client in (string[])["client-1", "client-2", "client-3"])
                printed.ShouldContain($"[{client}] file: OK");
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>Asks until there is an answer, or nobody any more who could give one.</summary>
    private static async Task<string> Fetch(string address, Task over)
    {
        using HttpClient client = new() { Timeout = TimeSpan.FromSeconds(5) };
        while (!over.IsCompleted)
        {
            try
            {
                return await client.GetStringAsync(address);
            }
            catch (Exception problem) when (problem is HttpRequestException or TaskCanceledException)
            {
                // The port is not open yet, or nobody is behind it.
                await Task.Delay(TimeSpan.FromMilliseconds(200));
            }
        }

        return "";
    }

    public void Dispose() => File.Delete(_image);
}
