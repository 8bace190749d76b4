// Fills the fixed buffers of a TestCase: the fiddly part of asking a question, kept out of the generators and specs.
using System.Runtime.InteropServices;

namespace Lguest.Guest.Tests.Native;

/// <summary>Builds cases that are well formed for any <see cref="ICaseRunner"/>.</summary>
internal static unsafe class CaseBuilder
{
    /// <summary>EFLAGS bit 1 is always set; interrupts are on in every user program.</summary>
    public const uint BaseFlags = 0x202;

    /// <summary>A case with flat segments, zero registers and the given bytes at the start of the code pages.</summary>
    public static TestCase Create(ReadOnlySpan<byte> instruction, uint codeAddress = Sandbox.Code + 0x100)
    {
        var made = new TestCase
        {
            Eflags = BaseFlags,
            Ds = Sandbox.FlatSelector,
            Es = Sandbox.FlatSelector,
            PatchAddress = Sandbox.Data,
        };
        SetCode(ref made, instruction, codeAddress);
        return made;
    }

    /// <summary>Lays down the instruction and a <c>jmp rel32</c> to the landing after it, both cut off where the code pages end.</summary>
    public static void SetCode(ref TestCase target, ReadOnlySpan<byte> instruction, uint codeAddress)
    {
        Span<byte> code = stackalloc byte[TestCaseLayout.CodeCapacity];
        instruction.CopyTo(code);
        code[instruction.Length] = 0xe9;
        uint next = codeAddress + (uint)instruction.Length + 5;
        MemoryMarshal.Write(code[(instruction.Length + 1)..], Sandbox.Landing - next);
        uint length = Math.Min((uint)instruction.Length + 5, Sandbox.CodeEnd - codeAddress);
        target.CodeAddress = codeAddress;
        target.CodeLength = length;
        fixed (byte* at = target.Code)
            code.CopyTo(new Span<byte>(at, TestCaseLayout.CodeCapacity));
    }

    /// <summary>Lays bytes over the sandbox image before the case runs.</summary>
    public static void SetPatch(ref TestCase target, uint address, ReadOnlySpan<byte> bytes)
    {
        if (address < Sandbox.Data || address + (uint)bytes.Length > Sandbox.ReadOnly)
            throw new ArgumentOutOfRangeException(nameof(address), "a patch lies in the writable pages");
        target.PatchAddress = address;
        target.PatchLength = (uint)bytes.Length;
        fixed (byte* at = target.Patch)
            bytes.CopyTo(new Span<byte>(at, TestCaseLayout.PatchCapacity));
    }

    /// <summary>Gives the case an FPU and SSE state.</summary>
    public static void SetFx(ref TestCase target, ReadOnlySpan<byte> image)
    {
        target.Options |= CaseOptions.Fx;
        fixed (byte* at = target.Fx)
            image[..512].CopyTo(new Span<byte>(at, 512));
    }
}
