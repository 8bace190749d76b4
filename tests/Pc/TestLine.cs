// A wire that remembers what was done to it.
using Lguest.Machine;

namespace Lguest.Pc.Tests;

internal sealed class TestLine : IInterruptLine
{
    public bool Level { get; private set; }

    /// <summary>How often it went up.</summary>
    public int Rises { get; private set; }

    public void Set(bool level)
    {
        Rises += level && !Level ? 1 : 0;
        Level = level;
    }
}
