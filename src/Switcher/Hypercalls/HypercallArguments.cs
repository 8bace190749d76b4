// One hypercall, wherever it came from: registers or the ring.
using Lguest.Guest.Abi;

namespace Lguest.Switcher.Hypercalls;

/// <summary>Number and arguments of a call (ABI sheet 3.1). The fourth argument, the upper half of a PAE entry, is of no use here: the
/// entry is in memory.</summary>
internal readonly record struct HypercallArguments(Hypercall Number, uint First, uint Second, uint Third);
