// The times of a trunk's life, apart from where they are configured.

namespace Lguest.Net.Trunks;

/// <summary>How patient a node is with its trunks.</summary>
/// <param name="Handshake">For an answer to a question, and for a connection to be made and proved.</param>
/// <param name="RetryFirst">Pause after the first failure.</param>
/// <param name="RetryLongest">The longest pause.</param>
/// <param name="Pulse">A trunk that has had nothing to say for so long gives a sign of life.</param>
/// <param name="Silence">A trunk that has not been heard of for so long is lost.</param>
public sealed record TrunkPace(TimeSpan Handshake, TimeSpan RetryFirst, TimeSpan RetryLongest, TimeSpan Pulse, TimeSpan Silence);
