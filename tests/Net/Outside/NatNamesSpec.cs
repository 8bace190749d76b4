// Names behind the router. What this machine's resolver knows, no test can know; so the test brings its own, in a process that has a
// network and an /etc/resolv.conf to itself, as Linux gives them to any user who may make namespaces (unshare(1)).

using System.Diagnostics;
using Lguest.Net.Outside;

namespace Lguest.Net.Tests.Outside;

public sealed class NatNamesSpec
{
    public const string Verb = "tell-nat-problem";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(150);

    [SkippableFact]
    public async Task A_guest_that_asks_the_router_for_a_name_is_told_what_the_resolver_of_this_machine_says()
    {
        Skip.IfNot(System.Runtime.InteropServices.NativeLibrary.TryLoad("libslirp.so.0", out _), "libslirp.so.0 is missing (libslirp0)");
        Skip.IfNot(await Alone("ip link set lo up") is (0, _), "unshare(1), ip(8) or the right to have namespaces of one's own is missing");
        string resolver = Path.GetTempFileName();
        try
        {
            File.WriteAllText(resolver, "nameserver 127.0.0.1\n");
            var (code, said) = await Alone(
                $"ip link set lo up && mount --bind {resolver} /etc/resolv.conf && exec dotnet {typeof(NatNamesSpec).Assembly.Location} "
                    + $"{NameAsker.Verb}");

            code.ShouldBe(0, said);
            said.ShouldContain($"{NameServer.Known}: {NameServer.Address}\n");
            said.ShouldContain($"{NameAsker.Unknown}: refused 3\n");
        }
        finally
        {
            File.Delete(resolver);
        }
    }

    [SkippableFact]
    public async Task Where_libslirp_cannot_be_loaded_the_remedy_is_told()
    {
        Skip.IfNot(System.Runtime.InteropServices.NativeLibrary.TryLoad("libslirp.so.0", out _), "libslirp.so.0 is missing (libslirp0)");
        Skip.IfNot(await Alone("ip link set lo up") is (0, _), "unshare(1), ip(8) or the right to have namespaces of one's own is missing");
        string library = File.ReadLines("/proc/self/maps").First(line => line.Contains("libslirp", StringComparison.Ordinal))
            .Split(' ')[^1];

        var (code, said) = await Alone(
            $"mount --bind /dev/null {library} && exec dotnet {typeof(NatNamesSpec).Assembly.Location} {Verb}");

        code.ShouldBe(0, said);
        said.ShouldBe("nat needs libslirp.so.0, which this machine does not have; install it "
            + "(Debian, Ubuntu: apt-get install libslirp0)\n");
        WaysOut.ProblemWithNat().ShouldBeNull("here it is");
    }

    /// <summary>Runs a command of the shell with users, mounts and a network of its own.</summary>
    private static async Task<(int ExitCode, string Said)> Alone(string command)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("unshare", ["-r", "-m", "-n", "sh", "-c", command])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            using var limit = new CancellationTokenSource(_patience);
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output + await error);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (-1, "there is no unshare");
        }
    }
}
