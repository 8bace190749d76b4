// A session at the console of a kernel: scripts are typed into its shell line by line, as a person types, and every check in them must have
// come out right. The Guest runs in this process, by the Launcher's own program.

using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Lguest.Devices.Tests;
using Lguest.Host.Programs;
using Lguest.Launcher;

namespace Lguest.Host.Tests.Kernels;

/// <summary>What a Guest printed in a session that was in order.</summary>
/// <param name="Lines">Each line of it.</param>
/// <param name="Summary">How long it took, and what the Guest did.</param>
internal sealed partial record TypedSession(string[] Lines, string Summary)
{
    private const int LastWords = 20;
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(10);

    /// <summary>What <c>seq 1 60000</c> prints, of which every session makes files.</summary>
    public static byte[] Numbers { get; } =
        Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(1, 60_000).Select(number => $"{number}\n")));

    /// <summary>A script that lies beside this file.</summary>
    public static string Script(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Kernels", name));

    /// <summary>Runs a session and throws where anything came out wrong.</summary>
    /// <param name="options">The machine.</param>
    /// <param name="ready">What it prints when its shell is there.</param>
    /// <param name="script">What is typed; its end switches the Guest off.</param>
    public static TypedSession Run(LauncherOptions options, string ready, string script)
    {
        var watch = Stopwatch.StartNew();
        var booted = TimeSpan.Zero;
        var printed = new Printed();
        // One line for each prompt. All at once would be more than a Guest's terminal holds, and old kernels' terminal layer may then stop
        // its driver for good: a race that Linux 3.12 mended.
        using var keyboard = new Keyboard();
        var waiting = new Queue<string>(script.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        int? typedAt = null;
        printed.Changed = text =>
        {
            if (booted == TimeSpan.Zero && text.Contains(ready, StringComparison.Ordinal))
                booted = watch.Elapsed;

            // The echo of a line may come in parts, and look like a prompt at the end of one; the prompt is on a line of its own.
            if ((text.EndsWith("# ", StringComparison.Ordinal) || text.EndsWith("> ", StringComparison.Ordinal))
                && (typedAt is not { } from || text.IndexOf('\n', from) >= 0) && waiting.TryDequeue(out string? line))
            {
                typedAt = text.Length;
                keyboard.Type(line + "\n");
            }
        };
        using var error = new StringWriter();

        GuestOutcome? outcome = null;
        var running = Task.Factory.StartNew(() => LauncherProgram.Run(options, keyboard, printed, error, () => null, out outcome),
            TaskCreationOptions.LongRunning);
        bool ended = ((IAsyncResult)running).AsyncWaitHandle.WaitOne(_patience);
        string[] lines = printed.Text.ReplaceLineEndings("\n").Split('\n');
        ended.ShouldBeTrue($"no end after {_patience}; last {string.Join('\n', lines[Math.Max(0, lines.Length - LastWords)..])}");
        int code = running.GetAwaiter().GetResult();
        code.ShouldBe(0, $"{error} {string.Join('\n', lines[Math.Max(0, lines.Length - LastWords)..])}");
        lines.Where(line => line.StartsWith("FAILED ", StringComparison.Ordinal)).ShouldBeEmpty(Before(lines));
        lines.Count(line => line.StartsWith("ok ", StringComparison.Ordinal)).ShouldBe(Check().Count(script));
        lines.ShouldContain("SESSION-END");
        lines.ShouldContain($"HOST md5 seq60000 {Hex(MD5.HashData(Numbers))}");
        lines.ShouldContain($"HOST sha256 seq60000 {Hex(SHA256.HashData(Numbers))}");
        lines.ShouldContain($"HOST sha512 seq60000 {Hex(SHA512.HashData(Numbers))}");
        return new TypedSession(lines, $"shell after {booted.TotalSeconds:f2} s, session {watch.Elapsed.TotalSeconds:f1} s, "
            + $"{outcome?.Statistics}");
    }

    /// <summary>That the Guest has found this sum for something that the host has, too.</summary>
    public void ShouldHaveSummed(string name, ReadOnlySpan<byte> content) =>
        Lines.ShouldContain($"HOST md5 {name} {Hex(MD5.HashData(content))}");

    /// <summary>What came before the first check that failed: its command, and what that said.</summary>
    private static string Before(string[] lines)
    {
        int at = Array.FindIndex(lines, line => line.StartsWith("FAILED ", StringComparison.Ordinal));
        return string.Join('\n', lines[Math.Max(0, at - LastWords)..(at + 1)]);
    }

    private static string Hex(byte[] hash) => Convert.ToHexStringLower(hash);

    [GeneratedRegex(@"(^|; )check [a-z_0-9]+ ", RegexOptions.Multiline)]
    private static partial Regex Check();
}
