// The test assembly as a program: a Guest's side of a way out, in a process whose network and resolver are the test's own; and what a
// process hears that may not make taps.

using Lguest.Net.Tests.Outside;

namespace Lguest.Net.Tests;

internal static class Program
{
    private static int Main(string[] arguments) => arguments switch
    {
        [NameAsker.Verb] => NameAsker.Run(Console.Out),
        [TapDeviceSpec.Verb] => TapDeviceSpec.TellRefusals(Console.Out),
        _ => 2,
    };
}
