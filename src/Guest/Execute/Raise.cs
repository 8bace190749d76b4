// Operations that do nothing but raise an exception.
using Lguest.Guest.Cpu;

namespace Lguest.Guest.Execute;

internal static unsafe class Raise
{
    public static Op* InvalidOpcode(CpuState* c, Op* op) => Processor.Fault(c, op, Vectors.InvalidOpcode);

    public static Op* GeneralProtection(CpuState* c, Op* op) => Processor.Fault(c, op, Vectors.GeneralProtection);
}
