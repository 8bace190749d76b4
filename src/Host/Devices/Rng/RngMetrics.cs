// Counters of an entropy source.

namespace Lguest.Host.Devices.Rng;

/// <summary>Requests and bytes of one entropy source since its Guest started.</summary>
internal readonly record struct RngMetrics(long Requests, long Bytes);
