// What Guests cost that do nothing is measured on the program as a user has it, from outside: a process of its own with one node full of
// Guests at their prompts, and the operating system's account of that process.

using System.Diagnostics;
using System.Globalization;
using Lguest.Bench.Booting;

namespace Lguest.Bench.Idle;

/// <summary>One run of ./lguest up with Guests that wait for a key.</summary>
internal static class IdleRack
{
    private const string Puppy = "kernel = \"builtin:puppy\", memory = 16M";
    private const string Prompted = "Type help";
    private const string GuestMemory = "memfd:lguest-memory";
    private const string Share = "Pss:";
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan _settlingOfPuppies = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _window = TimeSpan.FromSeconds(10);

    /// <summary>What was found.</summary>
    /// <param name="ResidentBytes">Memory of the whole process that is resident, shared libraries included.</param>
    /// <param name="Processor">Part of a core that the whole process takes, 1 for all of it.</param>
    /// <param name="Threads">Threads of the process.</param>
    /// <param name="BesideBytes">Its memory without that of the Guests, pages that others have, too, by part; 0 where nobody tells.</param>
    public sealed record Result(long ResidentBytes, double Processor, int Threads, long BesideBytes);

    /// <summary>Starts the Guests, waits until each has its prompt, and looks for a while at what they take.</summary>
    /// <param name="guests">How many Puppies of 16 MB, on one node.</param>
    public static Result Run(int guests) => Run(guests, Puppy, Prompted, _settlingOfPuppies);

    /// <summary>The same with other Guests.</summary>
    /// <param name="guests">How many.</param>
    /// <param name="guest">What each is, in the words of a topology.</param>
    /// <param name="prompted">In a line that each prints when it is ready.</param>
    /// <param name="settling">How long to wait from the last prompt on.</param>
    public static Result Run(int guests, string guest, string prompted, TimeSpan settling)
    {
        ShippedProgram.Prepare();
        var folder = Directory.CreateTempSubdirectory("lguest-idle");
        string file = Path.Combine(folder.FullName, "idle.conf");
        File.WriteAllText(file, $$"""
            lguest {
              name = idle
              nodes { only { } }
              defaults.guest { {{guest}} }
              guests { guest { count = {{guests.ToString(CultureInfo.InvariantCulture)}} } }
            }
            """);
        using var process = ShippedProgram.Start(["up", file]);
        try
        {
            process.StandardInput.Close();
            using var prompts = new CountdownEvent(guests);
            process.OutputDataReceived += (_, line) =>
            {
                if (line.Data?.Contains(prompted, StringComparison.Ordinal) == true && !prompts.IsSet)
                    prompts.Signal();
            };
            process.ErrorDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            if (!prompts.Wait(_patience))
                throw new InvalidOperationException($"{prompts.CurrentCount} of {guests} Guests have no prompt after {_patience}");

            Thread.Sleep(settling);
            var (start, before) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
            Thread.Sleep(_window);
            process.Refresh();
            var took = process.TotalProcessorTime - before;
            return new Result(
                process.WorkingSet64, took / Stopwatch.GetElapsedTime(start), process.Threads.Count, BesideGuests(process.Id));
        }
        finally
        {
            process.Kill();
            process.WaitForExit();
            folder.Delete(recursive: true);
        }
    }

    /// <summary>By /proc: each mapping has a line with its name, if it has one, and below it lines with kilobytes.</summary>
    private static long BesideGuests(int process)
    {
        string path = $"/proc/{process}/smaps";
        if (!File.Exists(path))
            return 0;
        bool isGuest = false;
        long kilobytes = 0;
        foreach (string line in File.ReadLines(path))
        {
            if (char.IsAsciiHexDigitLower(line[0]))
                isGuest = line.Contains(GuestMemory, StringComparison.Ordinal);
            else if (!isGuest && line.StartsWith(Share, StringComparison.Ordinal))
                kilobytes += long.Parse(line.AsSpan(Share.Length).Trim(" kB"), CultureInfo.InvariantCulture);
        }

        return kilobytes << 10;
    }
}
