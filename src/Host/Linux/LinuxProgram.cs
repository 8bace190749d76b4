// The verb linux as a program: gets what is not there yet, makes the disk where one is wanted, and hands over to the classic launcher.

using System.Runtime.InteropServices;
using Lguest.Host.Images;
using Lguest.Host.Launcher;
using Lguest.Host.Linux.Root;
using Lguest.Host.Linux.Store;
using Lguest.Host.Paths;
using Lguest.Host.Terminal;
using Lguest.Host.Topologies.Consoles;

namespace Lguest.Host.Linux;

/// <summary>Boots a stock Linux.</summary>
internal static class LinuxProgram
{
    private const int InOrder = 0;
    private const int NotAsAsked = 2;

    /// <summary>Runs it; the console is the process's stdin and stdout.</summary>
    /// <returns>As the classic launcher; 2 where something cannot be got.</returns>
    public static int Run(LinuxOptions options, TextWriter output, TextWriter error)
    {
        LauncherOptions machine;
        try
        {
            if (options.Image is { } disk && FileUses.Conflict([FileUse.Read($"--image={disk}", disk),
                .. options.Machine.Log is { } log ? (FileUse[])[FileUse.Written($"--log={log}", log)] : []]) is { } conflict)
                throw new RefusedException(conflict);
            var builder = new LinuxBuilder(LinuxStore.OfUser(), new FetchProgress(error, ConsoleStyle.OfStandardError()), error);
            var set = builder.Get(options.Request, options.Update);
            if (options.Image is { } image && !Path.Exists(image))
                ImageFile.Make(CpioReader.Read(File.ReadAllBytes(set.Root)), image);
            if (options.PrepareOnly)
            {
                output.WriteLine($"Linux {set.Release} is ready in {set.Folder}");
                return InOrder;
            }

            bool hasNat = HasNat();
            if (!hasNat && !options.Machine.Devices.Any(device => device is DeviceOption.Net))
                error.WriteLine("lguest: no network for the Guest: the way out needs libslirp, which is not here (Debian: apt install "
                    + "libslirp0)");
            machine = LinuxMachine.Complete(options, set, hasNat);
        }
        catch (RefusedException refused)
        {
            error.WriteLine($"lguest: {refused.Message}");
            return NotAsAsked;
        }

        return LauncherProgram.Run(machine, error);
    }

    private static bool HasNat()
    {
        if (!NativeLibrary.TryLoad("libslirp.so.0", out nint library))
            return false;
        NativeLibrary.Free(library);
        return true;
    }
}
