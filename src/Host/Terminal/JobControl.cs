// A shell gives its terminal to one job at a time; the system stops any other job that reads it or changes its settings. So code that is
// about to do either asks here first.

using System.Runtime.InteropServices;

namespace Lguest.Host.Terminal;

/// <summary>What the system says about a terminal and the job that this process belongs to (tcgetpgrp(3)).</summary>
internal static partial class JobControl
{
    private const int Stop = 19; // SIGSTOP on Linux; 17 on macOS
    private const int StopOfBsd = 17;
    private const nuint GetWindowSize = 0x5413; // TIOCGWINSZ of Linux

    /// <summary>Whether a descriptor is a terminal.</summary>
    public static bool IsTerminal(int descriptor) => !OperatingSystem.IsWindows() && IsATerminal(descriptor) == 1;

    /// <summary>Whether the terminal is this job's just now. One that no shell shares out always is.</summary>
    public static bool IsInForeground(int descriptor)
    {
        int group = ForegroundGroup(descriptor);
        return group < 0 || group == OwnGroup();
    }

    /// <summary>Columns of a terminal; 0 if that is not known. .NET's console would set the terminal up before it answered.</summary>
    public static int Width(int descriptor) =>
        OperatingSystem.IsLinux() && Control(descriptor, GetWindowSize, out var size) == 0 ? size.Columns : 0;

    /// <summary>Stops this process until its shell continues it.</summary>
    public static void StopHere() => _ = Kill(Environment.ProcessId, OperatingSystem.IsMacOS() ? StopOfBsd : Stop);

    [LibraryImport("libc", EntryPoint = "isatty")]
    private static partial int IsATerminal(int descriptor);

    [LibraryImport("libc", EntryPoint = "tcgetpgrp")]
    private static partial int ForegroundGroup(int descriptor);

    [LibraryImport("libc", EntryPoint = "getpgrp")]
    private static partial int OwnGroup();

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Control(int descriptor, nuint request, out WindowSize size);

    /// <summary>struct winsize.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct WindowSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort PixelsAcross;
        public ushort PixelsDown;
    }
}
