// Loading segment registers: reading a descriptor, checking it as the manual says, and remembering it.
using System.Buffers.Binary;

namespace Lguest.Guest.Cpu;

public sealed unsafe partial class Processor
{
    private const int NullIndex = ~3;

    /// <summary>
    /// Loads ES, SS, DS, FS or GS (not CS) as MOV Sreg does (Intel SDM vol. 2, MOV). On failure the exception (#GP, #NP, #SS, #PF) is set
    /// up and
    /// the register unchanged. Call <see cref="RefreshMode"/> afterwards.
    /// </summary>
    internal bool LoadSegment(SegmentRegister register, ushort selector) =>
        register == SegmentRegister.Ss ? LoadStackSegment(selector, _c->Cpl) : LoadDataSegment(register, selector);

    internal static SegmentCache Cache(ushort selector, ulong descriptor)
    {
        uint low = (uint)descriptor;
        uint high = (uint)(descriptor >> 32);
        uint limit = (low & 0xffff) | (high & 0xf0000);
        SegmentCache segment = new()
        {
            Selector = selector,
            Base = (low >> 16) | ((high & 0xff) << 16) | (high & 0xff000000),
            Limit = (high & 0x800000) != 0 ? (limit << 12) | 0xfff : limit,
            Attributes = (ushort)(((high >> 8) & 0xff) | ((high >> 8) & 0xf000)),
        };
        segment.UpdateRights();
        return segment;
    }

    /// <summary>Reads a descriptor of the GDT or LDT. On failure #GP(selector) or #PF is set up.</summary>
    internal bool ReadDescriptor(ushort selector, out ulong descriptor, byte failure = Vectors.GeneralProtection)
    {
        descriptor = 0;
        bool local = (selector & 4) != 0;
        uint offset = (uint)(selector & ~7);
        uint limit = local ? _c->Ldtr.Limit : _c->GdtLimit;
        if ((local && (_c->Ldtr.Attributes & SegmentCache.Present) == 0) || offset + 7 > limit)
        {
            Raise(failure, (uint)(selector & NullIndex));
            return false;
        }

        Span<byte> bytes = stackalloc byte[8];
        if (!SystemRead((local ? _c->Ldtr.Base : _c->GdtBase) + offset, bytes))
            return false;
        descriptor = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        return true;
    }

    internal static int Dpl(ulong descriptor) => (int)(descriptor >> 45) & 3;

    internal static bool IsPresent(ulong descriptor) => (descriptor & (1UL << 47)) != 0;

    internal static bool IsCode(ulong descriptor) => ((descriptor >> 40) & 0x18) == 0x18;

    internal static bool IsConforming(ulong descriptor) => ((descriptor >> 40) & 0x1c) == 0x1c;

    internal static bool IsWritableData(ulong descriptor) => ((descriptor >> 40) & 0x1a) == 0x12;

    /// <summary>Type field with the S bit: 0-15 system descriptors, 16-31 code and data.</summary>
    internal static int Type(ulong descriptor) => (int)(descriptor >> 40) & 0x1f;

    /// <summary>Sets the accessed bit in memory if it is clear.</summary>
    internal bool MarkAccessed(ushort selector, ref ulong descriptor)
    {
        if ((descriptor & (1UL << 40)) != 0)
            return true;
        descriptor |= 1UL << 40;
        uint table = (selector & 4) != 0 ? _c->Ldtr.Base : _c->GdtBase;
        return SystemWrite(table + (uint)(selector & ~7) + 5, [(byte)(descriptor >> 40)]);
    }

    /// <summary>Loads SS for a privilege level (Intel SDM vol. 3, 5.7).</summary>
    internal bool LoadStackSegment(ushort selector, uint level, byte failure = Vectors.GeneralProtection)
    {
        if ((selector & NullIndex) == 0)
        {
            Raise(failure, 0);
            return false;
        }

        if (!ReadDescriptor(selector, out ulong descriptor, failure))
            return false;
        if ((selector & 3) != level || Dpl(descriptor) != level || !IsWritableData(descriptor))
        {
            Raise(failure, (uint)(selector & NullIndex));
            return false;
        }

        if (!IsPresent(descriptor))
        {
            Raise(Vectors.StackFault, (uint)(selector & NullIndex));
            return false;
        }

        if (!MarkAccessed(selector, ref descriptor))
            return false;
        _c->Ss = Cache(selector, descriptor);
        return true;
    }

    /// <summary>Sets CS from a checked descriptor, with the privilege level in its RPL.</summary>
    internal void SetCode(ushort selector, ulong descriptor, uint level)
    {
        _c->Cs = Cache((ushort)((selector & ~3) | (int)level), descriptor);
        _c->Cpl = level;
    }

    /// <summary>On a return to an outer ring: segments that the outer ring must not use are emptied (Intel SDM vol. 2, IRET).</summary>
    internal void DropInnerSegments(uint level)
    {
        Drop(&_c->Es, level);
        Drop(&_c->Ds, level);
        Drop(&_c->Fs, level);
        Drop(&_c->Gs, level);

        static void Drop(SegmentCache* segment, uint level)
        {
            bool conforming = (segment->Attributes & (SegmentCache.NotSystem | SegmentCache.Code | SegmentCache.Conforming))
                == (SegmentCache.NotSystem | SegmentCache.Code | SegmentCache.Conforming);
            if ((segment->Attributes & SegmentCache.Present) != 0 && !conforming && segment->Dpl < level)
                *segment = default;
        }
    }

    private bool LoadDataSegment(SegmentRegister register, ushort selector)
    {
        var segment = Segment(register);
        if ((selector & NullIndex) == 0)
        {
            *segment = new SegmentCache { Selector = selector };
            return true;
        }

        if (!ReadDescriptor(selector, out ulong descriptor))
            return false;
        int type = Type(descriptor);
        bool readable = (type & 0x10) != 0 && ((type & 8) == 0 || (type & 2) != 0);
        bool anyLevel = IsConforming(descriptor);
        if (!readable || (!anyLevel && (Dpl(descriptor) < (selector & 3) || Dpl(descriptor) < _c->Cpl)))
        {
            Raise(Vectors.GeneralProtection, (uint)(selector & NullIndex));
            return false;
        }

        if (!IsPresent(descriptor))
        {
            Raise(Vectors.SegmentNotPresent, (uint)(selector & NullIndex));
            return false;
        }

        if (!MarkAccessed(selector, ref descriptor))
            return false;
        *segment = Cache(selector, descriptor);
        return true;
    }
}
