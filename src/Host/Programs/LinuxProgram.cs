// The verb linux as a program: gets what is not there yet, makes the disk where one is wanted, and hands over to the classic launcher.

using Lguest.Devices;
using Lguest.Host.Terminal;
using Lguest.Launcher;
using Lguest.Launcher.Paths;
using Lguest.Linux;
using Lguest.Linux.Root;
using Lguest.Linux.Store;
using Lguest.Net.Outside;

namespace Lguest.Host.Programs;

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
            if (Directory.Exists(options.Image))
                throw new RefusedException($"--image={options.Image} is a directory; name a file");
            var set = Builder(error).Get(options.Request, options.Update);
            if (options.Image is { } image && !Path.Exists(image))
                ImageFile.Make(CpioReader.Read(File.ReadAllBytes(set.Root)), image);
            if (options.PrepareOnly)
            {
                output.WriteLine($"Linux {set.Release} is ready in {set.Folder}");
                return InOrder;
            }

            string? problem = WaysOut.ProblemWithNat();
            if (problem is not null && options.Machine.Forwards.Length > 0)
                throw new RefusedException(problem);
            if (problem is not null && !options.Machine.Devices.Any(device => device is DeviceOption.Net))
                error.WriteLine($"lguest: no network for the Guest: {problem}");
            machine = LinuxMachine.Complete(options, set, hasNat: problem is null);
        }
        catch (RefusedException refused)
        {
            error.WriteLine($"lguest: {refused.Message}");
            return NotAsAsked;
        }

        return LauncherProgram.Run(machine, error);
    }

    /// <summary>Gets and makes what Guests boot, in the user's cache, and shows on standard error how far it is.</summary>
    /// <exception cref="RefusedException">The user has no home.</exception>
    public static LinuxBuilder Builder(TextWriter error) =>
        new(LinuxStore.OfUser(), new FetchProgress(error, ConsoleStyle.OfStandardError()), error);
}
