// What "lguest linux" boots, for the tests that want it: kernel, packages and root file system of the distribution, as the command itself
// gets them. That takes a network and apt, so it is asked for: LGUEST_LINUX=on. What was got stays in the user's cache.

using Lguest.Devices;
using Lguest.Host.Programs;
using Lguest.Host.Terminal;
using Lguest.Launcher;
using Lguest.Linux;
using Lguest.Linux.Store;

namespace Lguest.Host.Tests.Programs;

internal static class StockLinux
{
    /// <summary>What a shell of it prints when it is ready.</summary>
    public const string Prompt = "root@lguest:";

    private const int Megabytes = 256;

    /// <summary>Skips the test where nobody has asked for this.</summary>
    public static void Want() => Skip.IfNot(Environment.GetEnvironmentVariable("LGUEST_LINUX") == "on",
        "LGUEST_LINUX=on is not set: it gets the distribution's kernel by apt, some 60 MB");

    /// <summary>Skips the test where apt does not answer.</summary>
    /// <param name="reason">What the command said.</param>
    public static void SkipWithoutApt(bool isWithout, string reason) =>
        Skip.If(isWithout, $"LGUEST_LINUX is on, but apt does not answer here: {reason}");

    public static LinuxOptions Options(bool pae, string? image = null, params string[] packages) => new(
        LinuxRequest.Of(pae, packages), new LauncherOptions(Megabytes, "", [], []), image, PrepareOnly: false, Update: false);

    /// <summary>The machine, without a way out.</summary>
    public static LauncherOptions Machine(LinuxOptions options) => LinuxMachine.Complete(options, Set(options), hasNat: false);

    /// <summary>Its files; skips the test where they cannot be got.</summary>
    public static LinuxSet Set(LinuxOptions options)
    {
        Want();
        try
        {
            return new LinuxBuilder(LinuxStore.OfUser(), new FetchProgress(TextWriter.Null, ConsoleStyle.Plain), TextWriter.Null)
                .Get(options.Request, update: false);
        }
        catch (RefusedException refused)
        {
            SkipWithoutApt(true, refused.Message);
            throw;
        }
    }
}
