// The trunks' part of the configuration, read once and typed. The defaults are in net.conf and nowhere else.

using Akka.Configuration;

namespace Lguest.Net.Trunks.Actors;

/// <summary>What <c>lguest.net.trunk</c> says.</summary>
/// <param name="IsEnabled">Whether this node has trunks.</param>
/// <param name="Host">Where it listens; empty for where remoting does.</param>
/// <param name="Port">The port; 0 for any.</param>
/// <param name="PublicHost">Where the others find it; empty for where they find remoting.</param>
/// <param name="PublicPort">The port there; 0 for the one on which it listens.</param>
/// <param name="Queue">Bytes that may wait to be written to one trunk.</param>
/// <param name="Inbox">Bytes that may have come by one trunk for one receiver and not be taken yet.</param>
/// <param name="InboxPatience">A full receiver that takes little for so long is not waited for.</param>
/// <param name="MostCallers">Connections that have not proved yet whose they are.</param>
/// <param name="MostCallersOfOne">Those among them that come from one address.</param>
/// <param name="Pace">Pauses and patience.</param>
public sealed record TrunkSettings(
    bool IsEnabled,
    string Host,
    int Port,
    string PublicHost,
    int PublicPort,
    int Queue,
    int Inbox,
    TimeSpan InboxPatience,
    int MostCallers,
    int MostCallersOfOne,
    TrunkPace Pace)
{
    /// <summary>Reads the settings of a running system, whose configuration has net.conf as a fallback.</summary>
    public static TrunkSettings From(Config config)
    {
        var section = config.GetConfig("lguest.net.trunk");
        return new TrunkSettings(
            section.GetBoolean("enabled"),
            section.GetString("hostname"),
            section.GetInt("port"),
            section.GetString("public-hostname"),
            section.GetInt("public-port"),
            section.GetInt("queue"),
            section.GetInt("inbox"),
            section.GetTimeSpan("inbox-patience"),
            section.GetInt("most-callers"),
            section.GetInt("most-callers-of-one"),
            new TrunkPace(
                section.GetTimeSpan("handshake"),
                section.GetTimeSpan("retry-first"),
                section.GetTimeSpan("retry-longest"),
                section.GetTimeSpan("pulse"),
                section.GetTimeSpan("silence")));
    }
}
