// What ACPI's tables tell of a board that differs from one machine to the next.

namespace Lguest.Pc.Acpi;

/// <summary>The parts of a board that the tables describe.</summary>
/// <param name="FirstMmio">The first physical address that the Guest may give to memory windows of PCI, in pages; no RAM is there.</param>
/// <param name="LastMmio">The last one.</param>
/// <param name="Interrupts">Device numbers on bus 0 and the IRQ that INTA of each leads to.</param>
public sealed record AcpiPlan(uint FirstMmio, uint LastMmio, IReadOnlyList<(int Device, int Irq)> Interrupts);
