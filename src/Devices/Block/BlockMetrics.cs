// Counters of a disk. The device counts; others read a copy.

namespace Lguest.Devices.Block;

/// <summary>Requests and bytes of one disk since its Guest started.</summary>
internal readonly record struct BlockMetrics(long Reads, long Writes, long Flushes, long Errors, long BytesRead, long BytesWritten);
