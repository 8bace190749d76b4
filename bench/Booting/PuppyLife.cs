// What the whole program costs whom it is called by: a script that starts a Guest, has it do something, and goes on.

using System.Diagnostics;

namespace Lguest.Bench.Booting;

/// <summary>Seconds of ./lguest 16 puppy script=poweroff, from its start to its exit code, the median of several runs.</summary>
internal sealed class PuppyLife : IBenchmark
{
    private const int Runs = 9;

    public string Name => "whole life of a Puppy that powers off";

    public Target Target { get; } = Target.AtMost(0.3, "s");

    public Measurement Run()
    {
        ShippedProgram.Prepare();
        double[] seconds = Enumerable.Range(0, Runs).Select(_ => Once()).Order().ToArray();
        return Measurement.Of(seconds[Runs / 2], FormattableString.Invariant($"median of {Runs}; the slowest {seconds[^1]:F2} s"));
    }

    private static double Once()
    {
        var watch = Stopwatch.StartNew();
        using var process = ShippedProgram.Start(["16", "puppy", "script=poweroff"]);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        double seconds = watch.Elapsed.TotalSeconds;
        return process.ExitCode == 0 ? seconds : throw new InvalidOperationException($"Puppy did not power off in order: {errors.Result}");
    }
}
