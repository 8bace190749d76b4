// The Launcher's protocol is that of a device file, and its refusals are Linux's error numbers.
namespace Lguest.Switcher.Actors;

/// <summary>Errors of /dev/lguest (ABI sheet 2) by their Linux numbers.</summary>
public enum ErrorNumber
{
    /// <summary>Success.</summary>
    None = 0,

    /// <summary>EPERM: a Run by another actor than the one that initialised.</summary>
    NotPermitted = 1,

    /// <summary>ENOENT: the Guest is dead, or nothing is bound to the key.</summary>
    NoEntry = 2,

    /// <summary>EAGAIN: a break is in force.</summary>
    TryAgain = 11,

    /// <summary>EFAULT: arguments that cannot be read.</summary>
    BadAddress = 14,

    /// <summary>EBUSY: initialised before, or a Run is under way.</summary>
    Busy = 16,

    /// <summary>EINVAL: an empty handle, an unknown Guest, an irq above 31, an event address 0.</summary>
    Invalid = 22,

    /// <summary>ENOSPC: no free slot.</summary>
    NoSpace = 28,

    /// <summary>ERESTART: the Guest asked for a restart.</summary>
    Restart = 85,

    /// <summary>EOPNOTSUPP: the engine of the settings cannot run on this host; the log says why.</summary>
    NotSupported = 95,
}
