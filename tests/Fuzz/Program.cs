// Coverage-guided fuzzing of what reads bytes from outside: AFL++ (https://aflplus.plus) invents inputs and watches, by SharpFuzz's
// instrumentation, which of them reach code that none has reached before. docs/testing.md says how to run it.

using SharpFuzz;

namespace Lguest.Fuzz;

internal static class Program
{
    private static int Main(string[] words)
    {
        switch (words)
        {
            case ["seeds", var name, var folder] when Target.Find(name) is { } target:
                Directory.CreateDirectory(folder);
                foreach (var (seed, index) in target.Seeds().Select((seed, index) => (seed, index)))
                    File.WriteAllBytes(Path.Combine(folder, $"seed-{index}"), seed);
                return 0;
            case [var name] when Target.Find(name) is { } target:
                // Without AFL++ around it this reads standard input once, and so repeats a finding.
                Fuzzer.Run(stream =>
                {
                    using MemoryStream input = new();
                    stream.CopyTo(input);
                    target.Try(input.ToArray());
                });
                return 0;
            default:
                string names = string.Join(", ", Target.All.Select(target => target.Name));
                Console.Error.WriteLine($"lguest-fuzz: TARGET or seeds TARGET FOLDER; targets: {names}");
                return 2;
        }
    }
}
