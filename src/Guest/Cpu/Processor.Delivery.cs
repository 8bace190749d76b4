// Taking interrupts and exceptions through the IDT.
using Lguest.Guest.Memory;

namespace Lguest.Guest.Cpu;

public sealed unsafe partial class Processor
{
    private void Deliver(byte vector, uint error, TrapCause cause) => Machine.Trap(this, vector, error, cause, new GuestVirtual(vector == Vectors.PageFault ? _c->Cr2 : 0));

    private void DeliverStep() => Deliver(Vectors.Debug, 0, TrapCause.Trap);
}
