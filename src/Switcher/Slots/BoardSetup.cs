// What the Switcher must be given to run a Guest on a board of somebody else's making.
using Lguest.Guest.Cpu;
using Lguest.Machine;

namespace Lguest.Switcher.Slots;

/// <summary>A board, and how its processor starts.</summary>
/// <param name="Mainboard">Belongs to the owner of the slot from now on.</param>
/// <param name="Start">Sets up the registers for the first instruction.</param>
public sealed record BoardSetup(IMainboard Mainboard, Action<Processor> Start);
