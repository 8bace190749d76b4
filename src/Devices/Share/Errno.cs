// The errors of Linux that a shared folder answers by itself. The host's own pass through as they are: both ends are Linux, and the numbers
// of the processors that this runs on are the same.

namespace Lguest.Devices.Share;

/// <summary>errno values (asm-generic/errno-base.h, errno.h).</summary>
internal static class Errno
{
    public const int None = 0;
    public const int NotPermitted = 1; // EPERM
    public const int NoEntry = 2; // ENOENT
    public const int Interrupted = 4; // EINTR
    public const int InputOutput = 5; // EIO
    public const int NoDevice = 6; // ENXIO
    public const int BadDescriptor = 9; // EBADF
    public const int TryAgain = 11; // EAGAIN
    public const int AccessDenied = 13; // EACCES
    public const int Busy = 16; // EBUSY
    public const int Exists = 17; // EEXIST
    public const int NotFolder = 20; // ENOTDIR
    public const int Invalid = 22; // EINVAL
    public const int TooManyFiles = 24; // EMFILE
    public const int ReadOnly = 30; // EROFS
    public const int NameTooLong = 36; // ENAMETOOLONG
    public const int NoCall = 38; // ENOSYS
    public const int Loop = 40; // ELOOP
    public const int BadMessage = 74; // EBADMSG
    public const int MessageSize = 90; // EMSGSIZE
    public const int NotSupported = 95; // EOPNOTSUPP
    public const int Stale = 116; // ESTALE
}
