// The two occasions to try again later: a child that stopped by itself, and one that failed.

using Akka.Actor;

namespace Akka.Pattern;

public static class Backoff
{
    /// <summary>Restarts the child after a delay when it fails, so many times in a row (-1 for ever); one that stops by itself ends its supervisor too.</summary>
    public static BackoffOptions OnFailure(
        Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor, int maxNrOfRetries) =>
        new PlainBackoffOptions(OnStop: false, childProps, childName, minBackoff, maxBackoff, randomFactor).WithMaxNrOfRetries(maxNrOfRetries);

    /// <summary>Starts the child again after a delay when it stops, for whatever reason, so many times in a row (-1 for ever).</summary>
    public static BackoffOptions OnStop(
        Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor, int maxNrOfRetries) =>
        new PlainBackoffOptions(OnStop: true, childProps, childName, minBackoff, maxBackoff, randomFactor).WithMaxNrOfRetries(maxNrOfRetries);
}
