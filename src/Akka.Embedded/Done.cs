// The result of a task that has none.

namespace Akka;

public sealed class Done
{
    public static readonly Done Instance = new();

    private Done()
    {
    }
}
