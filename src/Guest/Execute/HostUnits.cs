// Which registers of the host beside the general ones hold the Guest's while emitted code runs. Most stays need none of them, and to load
// and save them costs more than to enter and to leave, so an operation says what its code needs.
namespace Lguest.Guest.Execute;

/// <summary>Register files that are loaded only where they are needed.</summary>
[Flags]
public enum HostUnits : byte
{
    None = 0,

    /// <summary>The x87's stack, which is MMX's registers as well, with control and status word.</summary>
    X87 = 1,

    /// <summary>XMM0-7 and MXCSR.</summary>
    Xmm = 2,
}
