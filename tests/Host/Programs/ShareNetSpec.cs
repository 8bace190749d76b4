// --sharenet=FILE: launchers that name the same file are on one network, as those of the first lguest were. Each launcher is a process of
// its own.

using System.Diagnostics;
using Lguest.Devices;
using Lguest.Launcher;

namespace Lguest.Host.Tests.Programs;

public sealed class ShareNetSpec : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(120);
    private readonly string _file = Path.GetTempFileName();

    [Fact]
    public void The_first_slot_is_the_first_comers_and_its_record_says_where_it_listens()
    {
        using var only = ShareFile.Open(_file);

        only.Slot.ShouldBe(0);
        only.Announce("akka.tcp://lguest@127.0.0.1:4711");
        only.Others().ShouldBeEmpty("it is alone, and does not meet itself");
        File.ReadAllText(_file).ShouldStartWith("akka.tcp://lguest@127.0.0.1:4711\0");
    }

    [Fact]
    public void A_file_that_cannot_be_had_is_refused_in_one_line() =>
        Should.Throw<RefusedException>(() => ShareFile.Open("/no/such/folder/yard")).Message.ShouldContain(
            "--sharenet=/no/such/folder/yard");

    [Fact]
    public async Task Guests_of_two_launchers_ping_each_other_over_one_file_and_none_is_lost()
    {
        using var waiting = Launch("ip=10.0.0.2/24", "script=sleep 1000");
        using var asking = Launch("ip=10.0.0.1/24", "script=ping 10.0.0.2 -w 60 -c 500 -i 0 -W 5000 -q; poweroff");
        try
        {
            using CancellationTokenSource limit = new(_patience);
            string told = await asking.StandardOutput.ReadToEndAsync(limit.Token);
            told.ShouldContain("ping 10.0.0.2: 500 sent, 500 received, 0% loss");
            await asking.WaitForExitAsync(limit.Token);
            asking.ExitCode.ShouldBe(0, told);
        }
        finally
        {
            asking.Kill();
            waiting.Kill();
            await waiting.WaitForExitAsync();
        }
    }

    public void Dispose() => File.Delete(_file);

    private Process Launch(params string[] arguments)
    {
        var process = Process.Start(new ProcessStartInfo(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "lguest.dll"), $"--sharenet={_file}", "16", "puppy1", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        return process;
    }
}
