// The Host lacks something that a way out needs, or does not permit it. It is not an error of the program, and the message says what the
// user can do.

namespace Lguest.Net.Outside;

/// <summary>A way out cannot be opened here; the message is one line that names the cause and the remedy.</summary>
public sealed class OutsideException(string message) : Exception(message);
