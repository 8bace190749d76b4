// Counters of a console: the device counts, others read them as a whole.

namespace Lguest.Devices.Console;

/// <summary>Bytes in each direction since the Guest started.</summary>
internal readonly record struct ConsoleMetrics(long BytesIn, long BytesOut);
