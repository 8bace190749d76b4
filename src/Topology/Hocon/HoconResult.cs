// An evaluated setting, with its size and depth for the limits: a few lines of substitutions can stand for an enormous value.

namespace Lguest.Topology.Hocon;

/// <summary>A setting and its size.</summary>
/// <param name="Setting">The setting; null where it is to be as if it had not been written.</param>
/// <param name="Key">Where the key that counts stands.</param>
/// <param name="Place">Where the value that counts begins.</param>
/// <param name="Size">Characters and settings, each as often as it occurs.</param>
/// <param name="Height">Settings within each other.</param>
internal sealed record HoconResult(Setting? Setting, Place Key, Place Place, long Size, int Height);
