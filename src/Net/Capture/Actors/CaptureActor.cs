// Writes one pcap file. This actor has a thread that may wait for the disk while the lan goes on; if the disk is too slow, the recording
// has a gap.

using Akka.Actor;
using Akka.Event;
using Lguest.Machine.Actors;
using Lguest.Net.Files;
using Lguest.Net.Lans;

namespace Lguest.Net.Capture.Actors;

/// <summary>Owns a pcap file: an existing one goes on. Each <see cref="Write"/> is on disk, for another program to read, before the
/// next is looked at.</summary>
internal sealed class CaptureActor : TableActor
{
    /// <summary>Bytes that may be on their way to the file.</summary>
    public const int Window = 16 * 1024 * 1024;

    private readonly string _path;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private PcapFile? _file;

    public CaptureActor(string path)
    {
        _path = path;
        Receive<Write>(Append);
    }

    public static Props Props(string path) =>
        Akka.Actor.Props.Create(() => new CaptureActor(path)).WithDispatcher("akka.actor.default-blocking-io-dispatcher");

    /// <summary>The first time and after each restart: what is in the file stays.</summary>
    protected override void PreStart() => _file = PcapFile.Open(
        _path, problem => _log.Warning("frames are not recorded in {0} any more: {1}", _path, FileFault.Reason(problem, _path)));

    protected override void PostStop() => _file?.Dispose();

    private void Append(Write write)
    {
        _file?.Append(write.Records);
        write.Window.Give(write.Records.Length);
    }

    /// <summary>Whole pcap records to be appended.</summary>
    public sealed record Write(byte[] Records, FrameWindow Window) : INoSerializationVerificationNeeded;
}
