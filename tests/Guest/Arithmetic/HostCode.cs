// The judge of this folder is the processor the tests run on. To ask it, a few bytes of machine code are placed in
// executable memory and called; they load a state, run the instruction in question and store the state again.

using System.Runtime.InteropServices;

namespace Lguest.Guest.Tests.Arithmetic;

/// <summary>Machine code for an x86-64 Linux host, called as <c>void f(void* state, void* memory)</c> (state in RDI, memory in
/// RSI).</summary>
internal static unsafe partial class HostCode
{
    private const int PageSize = 4096;
    private const int ReadWriteExecute = 7;
    private const int PrivateAnonymous = 0x22;

    /// <summary>Elsewhere the recorded vectors have to do.</summary>
    public static bool IsAvailable { get; } =
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>What a test that cannot run says; the recorded answers are checked on every machine.</summary>
    public const string WhyNot = "the host is not Linux on x86-64: there is no processor to ask";

    /// <summary>Places the code in a page of its own, which lives as long as the process.</summary>
    public static delegate* unmanaged<void*, void*, void> Compile(params byte[][] parts)
    {
        byte* page = (byte*)MapMemory(null, PageSize, ReadWriteExecute, PrivateAnonymous, -1, 0);
        ((nint)page).ShouldNotBe(-1);
        byte* at = page;
        foreach (byte value in parts.SelectMany(part => part))
            *at++ = value;
        *at = 0xC3;
        return (delegate* unmanaged<void*, void*, void>)page;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial void* MapMemory(void* address, nint length, int protection, int flags, int file, nint offset);
}
