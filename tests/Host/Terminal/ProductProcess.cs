// The whole program as a shell starts it, for what cannot be seen from inside: descriptors that are closed, disks that are full, signals.

using System.Diagnostics;
using Lguest.Devices.Tests;

namespace Lguest.Host.Tests.Terminal;

/// <summary>The product in a process of its own, after a line of shell.</summary>
internal static class ProductProcess
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(120);

    /// <summary>How a shell calls the program, without any signal ignored that a test may want to send.</summary>
    public static string Command =>
        string.Join(' ', [.. IgnoredSignals.Undone, "dotnet", $"'{Path.Combine(AppContext.BaseDirectory, "lguest.dll")}'"]);

    /// <summary>Starts a line of shell, in which <c>LGUEST</c> stands for the program.</summary>
    public static Process Start(string line)
    {
        ProcessStartInfo start = new("/bin/sh", ["-c", line.Replace("LGUEST", Command, StringComparison.Ordinal)])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    /// <summary>Runs a line of shell to its end.</summary>
    public static async Task<(int Code, string Printed, string Error)> Run(string line)
    {
        using var process = Start(line);
        process.StandardInput.Close();
        var printed = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(_patience);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await printed, await error);
    }

    /// <summary>Sends a signal and waits until the process has taken it: two of a kind are one to a process that did not run between
    /// them.</summary>
    public static async Task Signal(Process process, string signal)
    {
        using (var kill = Process.Start("kill", ["-s", signal, $"{process.Id}"]))
            await kill.WaitForExitAsync();
        await Task.Run(() => SpinWait.SpinUntil(() => !HasPending(process), _patience));
    }

    private static bool HasPending(Process process)
    {
        try
        {
            return !process.HasExited && File.ReadLines($"/proc/{process.Id}/status")
                .Any(line => line.StartsWith("ShdPnd:", StringComparison.Ordinal) && line.AsSpan(7).ContainsAnyExcept("\t0"));
        }
        catch (IOException)
        {
            return false;
        }
    }

    public static async Task<int> End(Process process, TimeSpan within)
    {
        using var limit = new CancellationTokenSource(within);
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }
}
