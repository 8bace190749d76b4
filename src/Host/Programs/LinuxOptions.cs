// The parsed command line of "lguest linux", as one value.

using Lguest.Launcher;
using Lguest.Linux;

namespace Lguest.Host.Programs;

/// <summary>A stock Linux as asked for.</summary>
/// <param name="Request">Kernel and packages.</param>
/// <param name="Machine">The machine, still without kernel and initrd; its kernel arguments are the user's.</param>
/// <param name="Image">The disk that has its root file system; null for one in memory.</param>
/// <param name="PrepareOnly">Whether to start nothing.</param>
/// <param name="Update">Whether to ask for newer packages.</param>
internal sealed record LinuxOptions(LinuxRequest Request, LauncherOptions Machine, string? Image, bool PrepareOnly, bool Update);
