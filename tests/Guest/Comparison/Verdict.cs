// What a row of the table of differences works on: the case, what the host answered, what is expected of it, and which of that is open.
// A row may widen what is open, or change what is expected; it cannot make the comparison look away from anything else.
using System.Runtime.InteropServices;
using Iced.Intel;
using Lguest.Guest.Tests.Native;

namespace Lguest.Guest.Tests.Comparison;

/// <summary>The judgement of one case while rows of the table are applied to it.</summary>
/// <param name="given">The case.</param>
/// <param name="instruction">Its only or last instruction.</param>
/// <param name="image">The sandbox's data before the case.</param>
/// <param name="host">The answer to be judged.</param>
/// <param name="expected">The core's answer; rows change it into what the vendor's processors answer.</param>
internal unsafe ref struct Verdict(
    ref readonly TestCase given, ref readonly Instruction instruction, ReadOnlySpan<byte> image, ref readonly TestOutcome host,
        ref TestOutcome expected)
{
    public const int ControlAt = 0;
    public const int StatusAt = 2;
    public const int TagsAt = 4;
    public const int OpcodeAt = 6;
    public const int InstructionPointerAt = 8;
    public const int OperandPointerAt = 16;
    public const int MxcsrAt = 24;
    public const int StackAt = 32;
    public const int StackRegisterSize = 10;
    public const int XmmAt = 160;

    public ref readonly TestCase Given = ref given;
    public ref readonly Instruction Instruction = ref instruction;
    public readonly ReadOnlySpan<byte> Image = image;
    public ref readonly TestOutcome Host = ref host;
    public ref TestOutcome Expected = ref expected;

    /// <summary>EFLAGS bits that are open.</summary>
    public uint OpenFlags;

    /// <summary>Error code bits that are open.</summary>
    public uint OpenError;

    /// <summary>Bits of the x87 status word that are open.</summary>
    public uint OpenStatus;

    /// <summary>General registers of which <see cref="OpenBits"/> are open; bit 0 is EAX.</summary>
    public byte OpenRegisters;
    public uint OpenBits;

    /// <summary>Data segment registers may hold any null selector instead of another.</summary>
    public bool NullSelectorsAreOne;

    /// <summary>ST(0) and ST(1) may differ as <see cref="Transcendental.AreClose"/> says.</summary>
    public bool LastUnitIsOpen;

    /// <summary>Written memory is open from this linear address on, for <see cref="OpenBytes"/> bytes.</summary>
    public uint OpenFrom;
    public uint OpenBytes;

    /// <summary>Bytes of memory that are expected instead of what the core wrote: <see cref="ChangedFrom"/> is the first one's linear
    /// address.</summary>
    public uint ChangedFrom;
    public uint ChangedCount;
    public ulong ChangedBytes;

    public readonly bool HasFpu => Given.Options.HasFlag(CaseOptions.Fx);

    public readonly ref T ExpectedFx<T>(int at)
        where T : unmanaged => ref MemoryMarshal.AsRef<T>(MemoryMarshal.CreateSpan(ref Expected.Fx[at], sizeof(T)));

    public readonly Span<byte> ExpectedSpan(int at, int length) => MemoryMarshal.CreateSpan(ref Expected.Fx[at], length);

    public readonly ReadOnlySpan<byte> ExpectedBytes(int at, int length) => ExpectedSpan(at, length);

    public readonly ReadOnlySpan<byte> HostFx(int at, int length) => MemoryMarshal.CreateReadOnlySpan(in Host.Fx[at], length);

    public readonly ReadOnlySpan<byte> GivenFx(int at, int length) => MemoryMarshal.CreateReadOnlySpan(in Given.Fx[at], length);

    /// <summary>Eight bytes of memory as they were before the case, patch and all.</summary>
    public readonly ulong Original(uint address)
    {
        ulong bytes = 0UL;
        for (uint i = 0u; i < 8; i++)
        {
            uint at = address + i;
            byte value = at - Given.PatchAddress < Given.PatchLength ? Given.Patch[at - Given.PatchAddress]
                : at - Sandbox.Data < Sandbox.ImageSize ? Image[(int)(at - Sandbox.Data)] : (byte)0;
            bytes |= (ulong)value << (int)(8 * i);
        }
        return bytes;
    }

    public void OpenRegister(int register, uint bits)
    {
        OpenRegisters |= (byte)(1 << register);
        OpenBits |= bits;
    }

    public void OpenMemory(uint from, uint bytes) => (OpenFrom, OpenBytes) = (from, bytes);

    public void ExpectMemory(uint from, ulong bytes, uint count) => (ChangedFrom, ChangedBytes, ChangedCount) = (from, bytes, count);
}
