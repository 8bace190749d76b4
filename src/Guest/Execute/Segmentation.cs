// The segment half of address translation, for the accesses whose segment is not flat: thread-local and per-CPU data by FS and GS, code
// that asks for trouble, and everything under a limit.
using Lguest.Guest.Cpu;

namespace Lguest.Guest.Execute;

/// <summary>Segment checks (Intel SDM vol. 3, 5.3 to 5.5).</summary>
internal static unsafe class Segmentation
{
    /// <summary>Checks [offset, offset + size) against the operation's segment and adds its base. False with #GP or #SS set up.</summary>
    /// <param name="right"><see cref="SegmentCache.MayRead"/> or <see cref="SegmentCache.MayWrite"/>.</param>
    public static bool Linear(CpuState* c, Op* op, uint offset, uint size, uint right, out uint linear)
    {
        var segment = &c->Es + (int)op->Seg;
        linear = segment->Base + offset;
        if ((segment->Rights & right) != 0 && offset <= segment->Limit && segment->Limit - offset >= size - 1)
            return true;
        if (ExpandDownAllows(segment, offset, size, right))
            return true;
        Processor.Fault(c, op, op->Seg == SegmentRegister.Ss ? Vectors.StackFault : Vectors.GeneralProtection);
        return false;
    }

    /// <summary>Without side effects: whether an access would pass.</summary>
    public static bool Allows(SegmentCache* segment, uint offset, uint size, uint right) =>
        ((segment->Rights & right) != 0 && offset <= segment->Limit && segment->Limit - offset >= size - 1)
            || ExpandDownAllows(segment, offset, size, right);

    private static bool ExpandDownAllows(SegmentCache* segment, uint offset, uint size, uint right)
    {
        const ushort Kind = SegmentCache.Present | SegmentCache.NotSystem | SegmentCache.Code | SegmentCache.ExpandDown;
        if ((segment->Attributes & Kind) != (SegmentCache.Present | SegmentCache.NotSystem | SegmentCache.ExpandDown))
            return false;
        if (right == SegmentCache.MayWrite && (segment->Attributes & SegmentCache.Writable) == 0)
            return false;
        uint top = segment->IsBig ? uint.MaxValue : 0xffff;
        return offset > segment->Limit && offset <= top && top - offset >= size - 1;
    }
}
