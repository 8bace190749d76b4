// What a PCI function remembers: all that a snapshot needs of it, beside what its device keeps.

namespace Lguest.Pc.Pci;

/// <summary>Configuration space and interrupt of a function.</summary>
/// <param name="Configuration">256 bytes, a copy.</param>
/// <param name="IsInterrupting">The device asks for its interrupt, whether or not the command register lets it through.</param>
public sealed record PciFunctionState(byte[] Configuration, bool IsInterrupting);
