// Asks the host's SSE unit what it makes of one instruction under a given MXCSR. All exceptions stay masked here: an
// unmasked one would end in a signal, which is the native comparison suite's business.

using System.Runtime.InteropServices;

namespace Lguest.Guest.Tests.Arithmetic;

/// <summary>One SSE instruction on the host, reading XMM0 and XMM1 and writing XMM0.</summary>
internal sealed unsafe class HostSse
{
    private static readonly byte[] _load =
    [
        0x0F, 0xAE, 0x5F, 0x08, // stmxcsr [rdi+8]
        0x0F, 0xAE, 0x17, // ldmxcsr [rdi]
        0x0F, 0x10, 0x47, 0x10, // movups xmm0, [rdi+16]
        0x0F, 0x10, 0x4F, 0x20, // movups xmm1, [rdi+32]
    ];

    private static readonly byte[] _save =
    [
        0x0F, 0x11, 0x47, 0x10, // movups [rdi+16], xmm0
        0x0F, 0xAE, 0x1F, // stmxcsr [rdi]
        0x0F, 0xAE, 0x57, 0x08, // ldmxcsr [rdi+8]
    ];

    private readonly delegate* unmanaged<void*, void*, void> _code;

    public HostSse(params byte[] instruction) => _code = HostCode.Compile(_load, instruction, _save);

    /// <summary>The low 64 bits of XMM0 and MXCSR afterwards.</summary>
    public (ulong Low, uint Control) Run(uint control, ulong xmm0, ulong xmm1)
    {
        var frame = new Frame { Control = control, Low0 = xmm0, Low1 = xmm1 };
        _code(&frame, null);
        return (frame.Low0, frame.Control);
    }

    [StructLayout(LayoutKind.Explicit, Size = 48)]
    private struct Frame
    {
        [FieldOffset(0)]
        public uint Control;

        [FieldOffset(16)]
        public ulong Low0;

        [FieldOffset(32)]
        public ulong Low1;
    }
}
