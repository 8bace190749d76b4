// A Launcher that cannot start a Guest says why on one line and what to do about it. This is that line on its way from where the trouble is
// noticed, deep in a file, to the one place that prints it and answers with exit code 2.

namespace Lguest.Host.Images;

/// <summary>A Guest cannot be started as asked. The message is one line that names the cause and what to do.</summary>
internal sealed class RefusedException(string message) : Exception(message);
