// What a topology is checked against: as much of a kernel as can be seen without a Guest.

using Lguest.Launcher.Boards;
using Lguest.Launcher.Images;

namespace Lguest.Topology;

/// <summary>A kernel that was looked into.</summary>
/// <param name="Family">Its machines.</param>
/// <param name="End">The first physical address that it does not need to start.</param>
internal sealed record SeenKernel(BoardFamily Family, ulong End)
{
    public static SeenKernel Of(KernelFile kernel) => new(BoardFamily.Of(kernel), kernel.End);
}
