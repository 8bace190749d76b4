// Counters of an entropy source: the device counts, others read them as a whole.

namespace Lguest.Devices.Rng;

/// <summary>Requests and bytes of one entropy source since its Guest started.</summary>
internal readonly record struct RngMetrics(long Requests, long Bytes);
