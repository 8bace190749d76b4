// One question put to a processor: this state, these bytes, what comes out? The struct is at the same time the record that the
// native oracle's child process reads from shared memory, so its layout is fixed.
using System.Runtime.InteropServices;

namespace Lguest.Guest.Tests.Native;

/// <summary>Initial state and instruction bytes of one compared execution; 1120 bytes, a multiple of 16 as FXRSTOR needs.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = TestCaseLayout.Size)]
internal unsafe struct TestCase
{
    /// <summary>EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI.</summary>
    public fixed uint Gpr[8];
    public uint Eflags;
    public ushort Ds;
    public ushort Es;
    public ushort Fs;
    public ushort Gs;

    /// <summary>Linear address of the first byte, inside the code pages.</summary>
    public uint CodeAddress;

    /// <summary>Bytes used in <see cref="Code"/>: the instruction and, where there is room in the pages, a jump to the landing.</summary>
    public uint CodeLength;
    public CaseOptions Options;

    /// <summary>Where <see cref="Patch"/> is laid over the sandbox image before the case runs; writable pages only.</summary>
    public uint PatchAddress;
    public uint PatchLength;
    public fixed byte Code[TestCaseLayout.CodeCapacity];

    /// <summary>FXSAVE image to load if <see cref="Options"/> says so (Intel SDM vol. 1, table 10-2).</summary>
    public fixed byte Fx[512];
    public fixed byte Patch[TestCaseLayout.PatchCapacity];
}

/// <summary>What a case uses beyond the integer state.</summary>
[Flags]
internal enum CaseOptions : uint
{
    None = 0,

    /// <summary>Load the FXSAVE image before the case and store one after it.</summary>
    Fx = 1,
}

/// <summary>Offsets, in bytes, that the child process uses to read a <see cref="TestCase"/>; a test holds them to the struct.</summary>
internal static class TestCaseLayout
{
    public const int Eflags = 32;
    public const int Ds = 36;
    public const int CodeAddress = 44;
    public const int CodeLength = 48;
    public const int Options = 52;
    public const int PatchAddress = 56;
    public const int PatchLength = 60;
    public const int Code = 64;
    public const int CodeCapacity = 32;
    public const int Fx = Code + CodeCapacity;
    public const int Patch = Fx + 512;
    public const int PatchCapacity = 512;
    public const int Size = Patch + PatchCapacity;
}
