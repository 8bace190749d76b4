// An interrupt wire for tests: it remembers its level and how often it was raised, and nothing hangs on it.

using Lguest.Machine;

namespace Lguest.Devices.Tests.Virtio.Pci;

internal sealed class TestWire : IInterruptLine
{
    public bool Level { get; private set; }

    public int Raised { get; private set; }

    public void Set(bool level)
    {
        Raised += level ? 1 : 0;
        Level = level;
    }
}
