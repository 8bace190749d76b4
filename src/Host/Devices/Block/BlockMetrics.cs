// What a disk did, for whoever watches: counted by the device, read by others as a whole.

namespace Lguest.Host.Devices.Block;

/// <summary>Requests and bytes of one disk since its Guest started.</summary>
internal readonly record struct BlockMetrics(long Reads, long Writes, long Flushes, long Errors, long BytesRead, long BytesWritten);
