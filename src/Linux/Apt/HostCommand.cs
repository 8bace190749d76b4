// Runs a program of the host and reads what it prints. Its words come in English, so that the few that are understood here are the same
// everywhere.

using System.ComponentModel;
using System.Diagnostics;
using Lguest.Devices;

namespace Lguest.Linux.Apt;

/// <summary>One run of a program of the host.</summary>
/// <param name="Code">Its exit code.</param>
/// <param name="Lines">What it printed on both streams.</param>
internal sealed record HostCommand(int Code, IReadOnlyList<string> Lines)
{
    private const int MostLines = 100_000;

    // They stand in no ordinary user's PATH, but do their work for any user.
    private static readonly string[] _more = ["/usr/sbin", "/sbin", "/usr/local/sbin"];

    /// <summary>Where a program is; null if it is nowhere.</summary>
    public static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Where(folder => folder.Length > 0).Concat(OperatingSystem.IsWindows() ? [] : _more)
        .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    /// <summary>Runs it to its end.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="heard">Gets each line that it prints.</param>
    /// <exception cref="RefusedException">It cannot be started.</exception>
    public static HostCommand Run(string program, IEnumerable<string> arguments, Action<string>? heard = null)
    {
        List<string> lines = [];
        using var process = Start(program, arguments);
        void Take(string? line)
        {
            lock (lines)
            {
                if (line is null || lines.Count >= MostLines)
                    return;
                lines.Add(line);
                heard?.Invoke(line);
            }
        }

        process.ErrorDataReceived += (_, said) => Take(said.Data);
        process.OutputDataReceived += (_, said) => Take(said.Data);
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        process.WaitForExit();
        return new HostCommand(process.ExitCode, lines);
    }

    /// <summary>Runs it and has its output read as bytes.</summary>
    /// <returns>Its exit code with what it printed on standard error.</returns>
    /// <exception cref="RefusedException">It cannot be started.</exception>
    public static HostCommand Read(string program, IEnumerable<string> arguments, Action<Stream> read)
    {
        List<string> lines = [];
        using var process = Start(program, arguments);
        process.ErrorDataReceived += (_, said) =>
        {
            if (said.Data is { } line && lines.Count < MostLines)
                lines.Add(line);
        };
        process.BeginErrorReadLine();
        try
        {
            read(process.StandardOutput.BaseStream);
            process.StandardOutput.BaseStream.CopyTo(Stream.Null);
        }
        finally
        {
            process.StandardOutput.Close();
            process.WaitForExit();
        }

        return new HostCommand(process.ExitCode, lines);
    }

    private static Process Start(string program, IEnumerable<string> arguments)
    {
        ProcessStartInfo start = new(Find(program) ?? program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["LC_ALL"] = "C";
        start.Environment["DEBIAN_FRONTEND"] = "noninteractive";
        start.Environment.Remove("APT_CONFIG");
        try
        {
            var process = Process.Start(start)!;
            process.StandardInput.Close();
            return process;
        }
        catch (Exception problem) when (problem is Win32Exception or FileNotFoundException)
        {
            throw new RefusedException($"{program} cannot be started: {problem.Message.TrimEnd('.')}");
        }
    }
}
