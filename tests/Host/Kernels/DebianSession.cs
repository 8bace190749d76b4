// One session with a distribution's kernel and the distribution's programs, as "lguest linux" puts them together: it boots, session.sh and
// debian.sh are typed into its console, it powers off. What the Guest compresses the host takes apart, and the other way round.

using System.Globalization;
using System.IO.Compression;
using Lguest.Host.Programs;
using Lguest.Host.Tests.Programs;
using Lguest.Launcher;
using Lguest.Net.Outside;

namespace Lguest.Host.Tests.Kernels;

internal static class DebianSession
{
    private const string Compressed = "HOST gzip ";
    private const int DiskBytes = 64 << 20;
    private const int ParcelBytes = 1 << 20;

    /// <summary>Runs the session and throws where anything came out wrong; skips the test where there is no such Linux.</summary>
    /// <param name="pae">Whether it is the kernel with PAE.</param>
    /// <param name="folder">Takes the disks of the Guest.</param>
    /// <returns>One line about how long it took.</returns>
    public static string Run(bool pae, string folder)
    {
        StockLinux.Want();
        Skip.IfNot(WaysOut.ProblemWithNat() is null, "libslirp.so.0 is missing (libslirp0)");
        string disk = Path.Combine(folder, "disk"), parcel = Path.Combine(folder, "parcel");
        File.WriteAllBytes(disk, new byte[DiskBytes]);
        using (var file = File.Create(parcel))
        {
            using (GZipStream gzip = new(file, CompressionLevel.Optimal, leaveOpen: true))
                gzip.Write(TypedSession.Numbers);
            file.SetLength(ParcelBytes);
        }

        var options = StockLinux.Options(pae, image: null, "e2fsprogs", "python3-minimal");
        options = options with
        {
            Machine = options.Machine with
            {
                Devices = [new DeviceOption.Block(disk), new DeviceOption.Block(parcel), new DeviceOption.Rng()],
            },
        };

        // The line editor of the shell would draw over what it echoes.
        string script = string.Join('\n', "exec bash --noediting", $"PAE={(pae ? 1 : 0)}", TypedSession.Script("session.sh"),
            TypedSession.Script("debian.sh"));
        var session = TypedSession.Run(LinuxMachine.Complete(options, StockLinux.Set(options), hasNat: true), StockLinux.Prompt, script);

        session.ShouldHaveSummed("disk", File.ReadAllBytes(disk));
        int bytes = int.Parse(session.Lines.First(line => line.StartsWith(Compressed, StringComparison.Ordinal))[Compressed.Length..],
            CultureInfo.InvariantCulture);
        using var back = new MemoryStream();
        using (GZipStream gzip = new(new MemoryStream(File.ReadAllBytes(parcel), 0, bytes), CompressionMode.Decompress))
            gzip.CopyTo(back);
        back.ToArray().ShouldBe(TypedSession.Numbers);
        return $"686{(pae ? "-pae" : "")}: {session.Summary}";
    }
}
