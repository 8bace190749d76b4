// The stage on which every compared instruction plays. The host's child process and our own core lay out the same linear
// addresses with the same rights, so that an address in a fault, a pointer in a register or a return address on a stack
// means the same on both sides and can be compared bit by bit.
namespace Lguest.Guest.Tests.Native;

/// <summary>Linear addresses, selectors and flags that the native oracle and the core agree on.</summary>
/// <remarks>
/// <code>
/// 0x10000000  two pages, read/write, no execute      data of the case (the page before is not mapped)
/// 0x10002000  one page, read only, no execute        (the page after is not mapped)
/// 0x11000000  two pages, read/write/execute          code; int3 everywhere but for the bytes of the case
/// 0x70001000  execute                                the landing: a case that arrives here ran to its end
/// </code>
/// </remarks>
internal static class Sandbox
{
    public const uint PageSize = 0x1000;

    public const uint Data = 0x1000_0000;
    public const uint WritableSize = 2 * PageSize;
    public const uint ReadOnly = Data + WritableSize;
    public const uint DataEnd = ReadOnly + PageSize;
    public const int ImageSize = 3 * (int)PageSize;

    public const uint Code = 0x1100_0000;
    public const uint CodeSize = 2 * PageSize;
    public const uint CodeEnd = Code + CodeSize;

    public const uint Landing = 0x7000_1000;

    /// <summary>Data and stacks of the oracle's child; a case whose stack pointer lies here would fool the kernel into the wrong signal
    /// stack.</summary>
    public const uint Oracle = 0x7010_0000;
    public const uint OracleSize = 0x4_0000;

    /// <summary>Linux's flat ring 3 code and data selectors of a 32-bit process on a 64-bit kernel.</summary>
    public const ushort CodeSelector = 0x23;
    public const ushort FlatSelector = 0x2b;

    /// <summary>TLS entry 12: writable data, byte granular; offset 0 lies 0x100 below the data, the last valid byte is Data +
    /// 0x17FF.</summary>
    public const ushort LimitedSelector = 0x63;
    public const uint LimitedBase = Data - 0x100;
    public const uint LimitedLimit = 0x18ff;

    /// <summary>TLS entry 13: writable expand-down data, byte granular; valid from Data + 0x800 upward.</summary>
    public const ushort ExpandDownSelector = 0x6b;
    public const uint ExpandDownBase = Data - 0x1000;
    public const uint ExpandDownLimit = 0x17ff;

    /// <summary>TLS entry 14: flat data that may only be read.</summary>
    public const ushort ReadOnlySelector = 0x73;

    /// <summary>Memory is compared, and reported when changed, in chunks of this many bytes.</summary>
    public const int ChunkSize = 16;
}
