// The test assembly as a program: a Guest's side of a way out, in a process whose network and resolver are the test's own.

using Lguest.Net.Tests.Outside;

namespace Lguest.Net.Tests;

internal static class Program
{
    private static int Main(string[] arguments) => arguments is [NameAsker.Verb] ? NameAsker.Run(Console.Out) : 2;
}
