// A place in a file: every error is reported with one.

using System.Globalization;

namespace Lguest.Topology.Hocon;

/// <summary>A place in a configuration file.</summary>
/// <param name="File">The file as it was named.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in UTF-16 units.</param>
internal readonly record struct Place(string File, int Line, int Column)
{
    /// <summary>As compilers write it: <c>file:line:column</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}");
}
