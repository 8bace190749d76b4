// What the command line says about a topology, once it has been read.

namespace Lguest.Host.Programs;

/// <summary><c>lguest up FILE [--node NAME] [--log FILE]</c></summary>
/// <param name="File">The topology.</param>
/// <param name="Node">The one node that is to run in this process; null for all.</param>
/// <param name="Verbose">Whether the actors' log is told.</param>
/// <param name="Log">Where the console of each Guest that has no log of its own is written; %name% stands for its name. Null for
/// nowhere.</param>
internal sealed record UpOptions(string File, string? Node = null, bool Verbose = false, string? Log = null);
