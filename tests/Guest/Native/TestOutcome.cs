// One answer of a processor: the state after a case, how it ended and which memory it changed. Written by the native oracle's child
// process into shared memory, so its layout is fixed.
using System.Runtime.InteropServices;

namespace Lguest.Guest.Tests.Native;

/// <summary>Final state of one compared execution; 2512 bytes.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = TestOutcomeLayout.Size)]
internal unsafe struct TestOutcome
{
    /// <summary>EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI.</summary>
    public fixed uint Gpr[8];
    public uint Eflags;
    public ushort Ds;
    public ushort Es;
    public ushort Fs;
    public ushort Gs;
    public ushort Cs;
    public ushort Ss;

    /// <summary>The exception vector that ended the case, or <see cref="TestOutcomeLayout.Landed"/>.</summary>
    public int Trap;

    /// <summary>Error code of the exception; 0 for those that have none.</summary>
    public uint Error;

    /// <summary>EIP as the exception reports it, or the landing.</summary>
    public uint Eip;

    /// <summary>CR2, meaningful for a page fault only.</summary>
    public uint Cr2;

    /// <summary>Chunks of writable memory that differ from the sandbox image (the case's patch counts); may exceed what is kept.</summary>
    public int ChunkCount;

    /// <summary>Not 0 if the case was translated to 64-bit mode, where 32-bit addresses need a prefix; set by <see
    /// cref="NativeOracle"/>.</summary>
    public int IsLongMode;
    public int Reserved1;
    public int Reserved2;
    public fixed byte Fx[512];
    public fixed uint ChunkIndex[TestOutcomeLayout.ChunkCapacity];
    public fixed byte Chunks[TestOutcomeLayout.ChunkCapacity * Sandbox.ChunkSize];
}

/// <summary>Offsets, in bytes, at which the child process writes a <see cref="TestOutcome"/>; a test holds them to the struct.</summary>
internal static class TestOutcomeLayout
{
    public const int Landed = -1;

    /// <summary>The case did not end within its budget.</summary>
    public const int Astray = -2;

    /// <summary>The case was not run: see <see cref="NativeOracle.IsLongMode"/>.</summary>
    public const int NotRun = -3;
    public const int Eflags = 32;
    public const int Ds = 36;
    public const int Cs = 44;
    public const int Ss = 46;
    public const int Trap = 48;
    public const int Error = 52;
    public const int Eip = 56;
    public const int Cr2 = 60;
    public const int ChunkCount = 64;
    public const int Fx = 80;
    public const int ChunkCapacity = 96;
    public const int ChunkIndex = Fx + 512;
    public const int Chunks = ChunkIndex + (4 * ChunkCapacity);
    public const int Size = Chunks + (ChunkCapacity * Sandbox.ChunkSize);
}
