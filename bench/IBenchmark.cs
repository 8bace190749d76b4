// What a benchmark is: one number that SPECIFICATION.md promises, and the way to measure it. One benchmark, one file, one row.

namespace Lguest.Bench;

/// <summary>Measures one promised number. To add one, write a class and name it in <see cref="Benchmarks.All"/>.</summary>
internal interface IBenchmark
{
    /// <summary>What is measured, as SPECIFICATION.md words it; <c>./lguest bench WORD</c> picks those whose name contains the
    /// word.</summary>
    string Name { get; }

    /// <summary>What is promised.</summary>
    Target Target { get; }

    /// <summary>Measures, warm-up included; some seconds at most.</summary>
    /// <returns>The number in the target's unit, or why it cannot be had here.</returns>
    Measurement Run();
}
