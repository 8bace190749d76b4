// Why a Guest says that it is going down: the Host ends or restarts it accordingly.
namespace Lguest.Guest.Abi;

/// <summary>Second argument of LHCALL_SHUTDOWN (ABI sheet 3.3). A kernel's panic uses <see cref="PowerOff"/> as well; only its text
/// tells.</summary>
public enum ShutdownReason : uint
{
    /// <summary>What 2.6.24, whose CRASH call has no reason, leaves in the register.</summary>
    None = 0,

    /// <summary>LGUEST_SHUTDOWN_POWEROFF.</summary>
    PowerOff = 1,

    /// <summary>LGUEST_SHUTDOWN_RESTART.</summary>
    Restart = 2,
}
