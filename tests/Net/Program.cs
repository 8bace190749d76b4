// The test assembly as a program: a Guest's side of a way out, in a process whose network and resolver are the test's own; and what a
// process hears that may not make taps, or has no libslirp.

using Lguest.Net.Outside;
using Lguest.Net.Tests.Outside;

namespace Lguest.Net.Tests;

internal static class Program
{
    private static int Main(string[] arguments) => arguments switch
    {
        [NameAsker.Verb] => NameAsker.Run(Console.Out),
        [NatNamesSpec.Verb] => Tell(WaysOut.ProblemWithNat()),
        [TapDeviceSpec.Verb, .. var names] => TapDeviceSpec.TellRefusals(Console.Out, names),
        _ => 2,
    };

    private static int Tell(string? problem)
    {
        Console.Out.WriteLine(problem);
        return 0;
    }
}
