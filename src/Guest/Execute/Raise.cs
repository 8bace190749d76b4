// Operations that do nothing but raise an exception.
using Iced.Intel;
using Lguest.Guest.Cpu;

namespace Lguest.Guest.Execute;

internal static unsafe class Raise
{
    public static Op* InvalidOpcode(CpuState* c, Op* op) => Processor.Fault(c, op, Vectors.InvalidOpcode);

    /// <summary>An instruction that exists and is not implemented: <see cref="Op.Disp"/> is its code.</summary>
    public static Op* Missing(CpuState* c, Op* op)
    {
        Processor.Of(c).TellMissing((Code)op->Disp);
        return Processor.Fault(c, op, Vectors.InvalidOpcode);
    }

    public static Op* GeneralProtection(CpuState* c, Op* op) => Processor.Fault(c, op, Vectors.GeneralProtection);
}
