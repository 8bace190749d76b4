// One wire driven by several devices, as the interrupt lines of PCI are: it is up while any of them holds it up.

namespace Lguest.Machine;

/// <summary>Joins wires to one.</summary>
/// <param name="target">The joint wire: up while at least one input is up.</param>
public sealed class SharedLine(IInterruptLine target)
{
    private int _raised;

    /// <summary>A new input, down.</summary>
    public IInterruptLine NewInput() => new Input(this);

    private sealed class Input(SharedLine owner) : IInterruptLine
    {
        private bool _level;

        public void Set(bool level)
        {
            if (level == _level)
                return;
            _level = level;
            owner._raised += level ? 1 : -1;
            owner.Drive();
        }
    }

    private void Drive() => target.Set(_raised > 0);
}
