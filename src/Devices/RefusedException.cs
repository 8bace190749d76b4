// A Guest cannot start: one line that says why and what to do. The line is thrown where the problem is found and printed in one place, with
// exit code 2.

namespace Lguest.Devices;

/// <summary>A Guest cannot be started as asked. The message is one line that names the cause and what to do.</summary>
internal sealed class RefusedException(string message) : Exception(message);
