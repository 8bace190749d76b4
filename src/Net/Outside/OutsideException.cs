// The Host may not have what a way out needs, or may not let us use it. That is no fault of the program, and the user can do something about it.

namespace Lguest.Net.Outside;

/// <summary>A way out cannot be opened here; the message is one line that names the cause and the remedy.</summary>
public sealed class OutsideException(string message) : Exception(message);
