// What a Linux Guest is given to do: commands of its busybox that compute, allocate, branch and start processes, and programs that ask its
// kernel for one thing again and again. What computes takes qemu about a second: of a tenth of one, the start of the process and what .NET
// compiles meanwhile would be too large a part. The same lines are typed into Guests and written into the script of the machine of an
// emulator that stands beside them.

namespace Lguest.Bench.Comparing;

/// <summary>Shell commands by name.</summary>
internal static class ShellWork
{
    /// <summary>What the commands read.</summary>
    public const string Prepare = "i=0; while [ $i -lt 4 ]; do cat /bin/busybox; i=$((i+1)); done >/tmp/f; od -v -x /bin/busybox "
        + "| head -n 20000 >/tmp/t";

    /// <summary>What has to come to the same sums on all engines.</summary>
    public const string Check = "sha256sum /tmp/f; gzip -c /tmp/t | md5sum; bzip2 -c /tmp/t | md5sum; sort -r /tmp/t | md5sum; "
        + Floats + " | md5sum";

    /// <summary>An interpreter at work whose every number is a double, with roots and quotients.</summary>
    private const string Floats = "awk 'BEGIN { for (i = 1; i <= 60000; i++) { s += sqrt(i) / (i % 7 + 0.5); t = t * 0.5 + int(s / i) } "
        + "print s, t }'";

    /// <summary>What prints the word <see cref="Works"/> if every program that asks the kernel for something gets it.</summary>
    public static string CheckSystem { get; } =
        $"{string.Join(" && ", SystemPrograms.All.Select(program => SystemPrograms.Command(program.Name)))} && echo W''ORKS";

    public const string Works = "WORKS";

    public static IReadOnlyList<(string Name, string Command)> All { get; } =
    [
        ("sha256sum", $"sha256sum {Times(9)} >/dev/null"),
        ("md5sum", $"md5sum {Times(24)} >/dev/null"),
        ("gzip", "gzip -c /tmp/f >/dev/null"),
        ("bzip2", "head -c 2000000 /tmp/f | bzip2 -c >/dev/null"),
        ("sort -r", "sort -r /tmp/t /tmp/t /tmp/t /tmp/t >/dev/null"),
        ("awk", Floats + " >/dev/null"),
        ("shell loop", "i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done"),
        ("2,000 x /bin/true", "i=0; while [ $i -lt 2000 ]; do /bin/true; i=$((i+1)); done"),
        .. SystemPrograms.All.Select(program => (program.Name, SystemPrograms.Command(program.Name))),
    ];

    private static string Times(int count) => string.Join(' ', Enumerable.Repeat("/tmp/f", count));
}
