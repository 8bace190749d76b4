// Where the window of the code lies that this thread executes: the base of the segment register GS. On x86-64 Linux FS belongs to the C
// library, and GS to nobody. To set it is a system call on most hosts, so each thread remembers what it has set.
using System.Runtime.InteropServices;

namespace Lguest.Guest.Windows;

/// <summary>GS of the current thread.</summary>
internal static partial class WindowRegister
{
    private const int SetGs = 0x1001;

    [ThreadStatic]
    private static nint _base;

    /// <summary>Points GS at the window whose linear address 0 is here. False if the operating system refuses.</summary>
    public static bool TrySelect(nint start)
    {
        if (_base == start)
            return true;
        if (ArchPrctl(SetGs, start) != 0)
            return false;
        _base = start;
        return true;
    }

    [LibraryImport("libc", EntryPoint = "arch_prctl", SetLastError = true)]
    private static partial int ArchPrctl(int code, nint address);
}
