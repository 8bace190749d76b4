// The result of a task that has none. A task needs some type for it, and this one says so.

namespace Akka;

public sealed class Done
{
    public static readonly Done Instance = new();

    private Done()
    {
    }
}
