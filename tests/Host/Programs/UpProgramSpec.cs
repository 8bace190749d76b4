// The shipped topologies, run as a user runs them: nodes in one process, Puppies on them, and what they print and how it ends.

using System.Text;
using Lguest.Host.Commands;
using Lguest.Host.Programs;
using Lguest.Topology.Tests;

namespace Lguest.Host.Tests.Programs;

public sealed class UpProgramSpec
{
    [Fact]
    public void Nineteen_leaves_reach_the_hub_of_the_star()
    {
        var (exit, lines) = Up("star.conf");

        exit.ShouldBe(0);
        lines.Count(line => line.Contains("] ping 10.1.0.200: 5 sent, 5 received, 0% loss")).ShouldBe(19, string.Join('\n', lines));
        foreach (string node in (string[])["north", "east", "west"])
            lines.Count(line => line.Contains($" runs on {node}")).ShouldBeInRange(6, 7);
    }

    [Fact]
    public void Two_generations_on_one_lan_reach_each_other_across_nodes()
    {
        var (exit, lines) = Up("generations.conf");

        exit.ShouldBe(0);
        foreach (string guest in (string[])["first-1", "first-2", "second-1", "second-2"])
        {
            foreach (string host in Enumerable.Range(1, 4).Select(number => $"10.2.0.{number}"))
                lines.Count(line => line.StartsWith($"[{guest}] ping {host}: 10 sent, 10 received, 0% loss", StringComparison.Ordinal))
                    .ShouldBe(host == Address(guest) ? 0 : 1, string.Join('\n', lines));

            // Thirty echoes of its own with their answers, thirty of others, and 42 bytes at the least in each.
            EndTableText.Figure(lines, guest, "frames").ShouldBeInRange(120, 1000);
            EndTableText.Figure(lines, guest, "bytes").ShouldBeGreaterThan(120 * 42);
        }

        static string Address(string guest) => guest switch
        {
            "first-1" => "10.2.0.1",
            "first-2" => "10.2.0.2",
            "second-1" => "10.2.0.3",
            _ => "10.2.0.4"
        };
    }

    [Fact]
    public void On_a_lossy_line_frames_are_late_and_some_are_lost()
    {
        var (exit, lines) = Up("lossy.conf");

        exit.ShouldBe(0);
        string summary = lines.Single(line => line.StartsWith("[a] ping ", StringComparison.Ordinal) && line.Contains(" sent, "));
        int.Parse(summary.Split(" sent, ")[1].Split(' ')[0]).ShouldBeInRange(15, 39, summary);
        double.Parse(summary.Split("min/avg/max ")[1].Split('/')[0], System.Globalization.CultureInfo.InvariantCulture)
            .ShouldBeGreaterThan(29, summary);
    }

    [Fact]
    public void A_guest_whose_kernel_is_not_on_its_node_fails_alone_and_with_one_line()
    {
        var (exit, lines) = Up("""
            lguest {
              nodes.a.port = 0
              guests {
                good { arguments = "script=poweroff" }
                bad { disks = [{ file = "t.conf", overlay = on, layer = "none/of/this" }] }
              }
            }
            """, isText: true);

        exit.ShouldBe(1);
        lines.Count(line => line.StartsWith("lguest: bad cannot start on a: disk", StringComparison.Ordinal)).ShouldBe(1);
        lines.ShouldContain("lguest: good on a powered off");
    }

    [Fact]
    public void A_guest_that_dies_is_restarted_as_its_policy_says()
    {
        var (exit, lines) = Up("""
            lguest {
              nodes.a.port = 0
              guests.g { arguments = "script=crash panic", on-death = restart, most-restarts = 2, restart-delay = 0ms }
            }
            """, isText: true);

        exit.ShouldBe(1);
        lines.Count(line => line.StartsWith("lguest: g on a died", StringComparison.Ordinal)).ShouldBe(3);
        lines.ShouldContain("lguest: g stays down: it was restarted 2 times");
    }

    [Fact]
    public void The_consoles_of_guests_are_written_to_logs_when_asked_for()
    {
        var folder = Directory.CreateTempSubdirectory("lguest-up");
        try
        {
            string file = Path.Combine(folder.FullName, "t.conf");
            string own = Path.Combine(folder.FullName, "own.txt");
            File.WriteAllText(file, $"lguest {{ nodes.a.port = 0, guests {{ g {{ count = 2, arguments = \"script=poweroff\" }}, h {{ "
                + $"arguments = \"script=poweroff\", log = \"{own}\" }} }} }}");
            using var error = new StringWriter();

            UpProgram.Run(new UpOptions(file, Log: Path.Combine(folder.FullName, "%name%.log")), Stream.Null, Stream.Null, error, () =>
                null).ShouldBe(0, error.ToString());

            folder.GetFiles().Select(log => log.Name).Order(StringComparer.Ordinal).ShouldBe(["g-1.log", "g-2.log", "own.txt", "t.conf"]);
            foreach (var log in folder.GetFiles("*.log"))
                File.ReadAllText(log.FullName).ShouldContain("puppy: woof");
            File.ReadAllText(own).ShouldContain("puppy: woof");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [SkippableFact]
    public void A_log_on_a_full_disk_is_lost_with_one_line_and_all_guests_run_on()
    {
        Skip.IfNot(File.Exists("/dev/full"), "this system has no /dev/full");

        var (exit, lines) = Up("""
            lguest {
              nodes.a.port = 0
              guests {
                full { log = /dev/full, arguments = "script=help; echo all was said; poweroff", on-node-loss = restart, most-restarts = 2 }
                other { arguments = "script=sleep 2; poweroff" }
              }
            }
            """, isText: true);

        exit.ShouldBe(0, string.Join('\n', lines));
        lines.Count(line => line.Contains("log /dev/full", StringComparison.Ordinal)).ShouldBe(1);
        lines.ShouldContain("lguest: the log /dev/full of full cannot be written: No space left on device; it runs without");
        lines.ShouldContain("[full] all was said");
        foreach (string guest in (string[])["full", "other"])
            lines.Count(line => line.StartsWith($"lguest: {guest} runs on a", StringComparison.Ordinal)).ShouldBe(1);
    }

    [SkippableFact]
    public async Task Outputs_that_are_pipes_without_a_reader_cost_the_outputs()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "pipes are opened like this on Linux");
        string folder = Directory.CreateTempSubdirectory("lguest-pipe").FullName;
        string pipe = Path.Combine(folder, "pipe");
        try
        {
            using (var made = System.Diagnostics.Process.Start("mkfifo", [pipe, $"{pipe}2"]))
                await made.WaitForExitAsync();

            File.WriteAllBytes(Path.Combine(folder, "d.img"), new byte[4096]);

            var (exit, lines) = await Task.Run(() => Up($$"""
                lguest {
                  nodes.a.port = 0
                  lans.l.pcap = "{{pipe}}"
                  guests {
                    logged { log = "{{pipe}}", arguments = "script=echo all was said; poweroff" }
                    layered { disks = [{ file = "{{folder}}/d.img", overlay = on, layer = "{{pipe}}" }] }
                    based { disks = [{ file = "{{pipe}}2", overlay = on }] }
                    other { arguments = "script=poweroff", lans = [{ lan = l, pcap = "{{pipe}}" }] }
                  }
                }
                """, isText: true)).WaitAsync(TimeSpan.FromSeconds(100));

            exit.ShouldBe(1);
            lines.ShouldContain($"lguest: the log {pipe} of logged cannot be written: no program reads this pipe; it runs without");
            lines.ShouldContain("[logged] all was said");
            lines.ShouldContain("lguest: other on a powered off");
            lines.Single(line => line.StartsWith("lguest: layered cannot start on a", StringComparison.Ordinal)).ShouldContain(pipe);
            lines.Single(line => line.StartsWith("lguest: based cannot start on a", StringComparison.Ordinal))
                .ShouldContain($"disk {pipe}2 cannot be opened: it is not a regular file");
            File.Exists(pipe).ShouldBeTrue();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [SkippableFact]
    public void A_recording_on_a_full_disk_costs_the_recording()
    {
        Skip.IfNot(File.Exists("/dev/full"), "this system has no /dev/full");

        var (exit, lines) = Up("""
            lguest {
              nodes.a.port = 0
              lans.l.pcap = /dev/full
              guests.g { count = 2, lans = [l], arguments = "ip=%address%/24 script=%peers(ping @ -w 60 -c 3 -q; )%sleep 3; poweroff" }
            }
            """, isText: true);

        exit.ShouldBe(0, string.Join('\n', lines));
        lines.Count(line => line.Contains("3 sent, 3 received", StringComparison.Ordinal)).ShouldBe(2);
    }

    [Fact]
    public void What_the_user_should_know_of_a_disk_and_of_lost_frames_is_told()
    {
        string disk = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(disk, new byte[1000]);

            var (exit, lines) = Up($$"""
                lguest {
                  nodes.n { }
                  lans.l { loss = 100% }
                  guests {
                    a { lans = [l], disks = ["{{disk}}"], arguments = "ip=%address%/24 script=%peers(ping @ -c 3 -W 50 -q; )%poweroff" }
                    b { lans = [l], arguments = "ip=%address%/24 script=%peers(ping @ -c 3 -W 50 -q; )%poweroff" }
                  }
                }
                """, isText: true);

            exit.ShouldBe(0);
            lines.ShouldContain(line => line.Contains($"lguest: a: disk {disk}: the Guest does not see the last 488 bytes",
                StringComparison.Ordinal));
            lines.ShouldContain(line => line.TrimEnd().EndsWith("dropped │", StringComparison.Ordinal));
        }
        finally
        {
            File.Delete(disk);
        }
    }

    [Fact]
    public void Bad_usage_is_told_on_one_line()
    {
        Complaint("none.conf").ShouldContain("there is no topology file none.conf");
        Complaint(Path.Combine(ShippedTopologiesSpec.Folder(), "pair.conf"), "--node", "lfet")
            .ShouldContain("has no node 'lfet'; did you mean 'left'?");
        Complaint(Path.Combine(ShippedTopologiesSpec.Folder(), "pair.conf"), "--node", "left").ShouldContain("node 'left' of");
        Complaint(Path.Combine(ShippedTopologiesSpec.Folder(), "pair.conf"), "--log=all.log")
            .ShouldContain("4 Guests cannot write one log all.log; put %name% into its name");
    }

    private static string Complaint(params string[] words)
    {
        using var error = new StringWriter();
        CommandLine.Run(["up", .. words], TextWriter.Null, error).ShouldBe(2);
        return error.ToString().TrimEnd().Split('\n').ShouldHaveSingleItem();
    }

    private static (int Exit, string[] Lines) Up(string what, bool isText = false)
    {
        var folder = Directory.CreateTempSubdirectory("lguest-up");
        try
        {
            string file = Path.Combine(folder.FullName, "t.conf");
            File.WriteAllText(file, isText ? what : File.ReadAllText(Path.Combine(ShippedTopologiesSpec.Folder(), what)));
            using var console = new MemoryStream();
            using var error = new StringWriter();
            int exit = UpProgram.Run(new UpOptions(file), Stream.Null, console, error, () => null);
            error.ToString().ShouldBeEmpty();
            return (exit, Encoding.UTF8.GetString(console.ToArray()).Split('\n'));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
