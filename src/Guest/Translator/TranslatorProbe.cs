// Whether this host can run emitted code. What a host says about itself is not enough: a sandbox or a security module may forbid pages that
// are executed, so a few instructions are emitted and run.
using System.Runtime.Intrinsics.X86;
using Lguest.Guest.Memory;

namespace Lguest.Guest.Translator;

/// <summary>Tries the host.</summary>
internal static unsafe class TranslatorProbe
{
    private const uint Sent = 0x12345678;
    private const uint Expected = 0x78123456;

    /// <summary>What the host lacks in kind; null if it is an x86-64 Linux on a processor that knows the instructions used.</summary>
    public static string? ProblemInKind() =>
        !OperatingSystem.IsLinux() ? "it needs Linux"
        : !Bmi2.X64.IsSupported ? "it needs an x86-64 processor with BMI2"
        : null;

    /// <summary>What the host lacks, in kind or when emitted code is to run; null if it can run it.</summary>
    public static string? Problem() => ProblemInKind() ?? Run();

    private static string? Run()
    {
        if (CodeMemory.TryMake((uint)GuestMemory.PageSize, out string why) is not { } code)
            return why;
        using (code)
        {
            // Written by hand: an encoder takes tens of milliseconds to set up.
            ReadOnlySpan<byte> stub = [0xc4, 0xe3, 0x7b, 0xf0, 0xc7, 8, 0xc3]; // rorx eax, edi, 8; ret
            stub.CopyTo(new Span<byte>(code.Writable, stub.Length));
            var rotate = (delegate* unmanaged<uint, uint>)code.Executable;
            return rotate(Sent) == Expected ? null : "code that it emits does not run as it should";
        }
    }
}
