// Writes one pcap file. Disks are slow at times, so this actor has a thread that may wait for one, and the lan goes on meanwhile; if it falls too far
// behind, the recording has a gap, not the lan.

using Akka.Actor;
using Akka.Event;
using Lguest.Net.Lans;

namespace Lguest.Net.Capture.Actors;

/// <summary>Owns a pcap file: an existing one is overwritten. Each <see cref="Write"/> is on disk, for another program to read, before the next is looked at.</summary>
internal sealed class CaptureActor : ReceiveActor
{
    /// <summary>Bytes that may be on their way to the file.</summary>
    public const int Window = 16 * 1024 * 1024;

    private readonly string _path;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private FileStream? _file;

    public CaptureActor(string path)
    {
        _path = path;
        Receive<Write>(Append);
    }

    public static Props Props(string path) =>
        Akka.Actor.Props.Create(() => new CaptureActor(path)).WithDispatcher("akka.actor.default-blocking-io-dispatcher");

    protected override void PreStart() => Open(FileMode.Create);

    /// <summary>With its lan this actor is started again as well; what is in the file stays.</summary>
    protected override void PostRestart(Exception reason) => Open(FileMode.Append);

    private void Open(FileMode mode)
    {
        try
        {
            _file = new FileStream(_path, mode, FileAccess.Write, FileShare.Read);
            if (mode != FileMode.Create)
                return;
            Span<byte> header = stackalloc byte[PcapFormat.FileHeader];
            PcapFormat.WriteFileHeader(header);
            _file.Write(header);
            _file.Flush();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            GiveUp(problem);
        }
    }

    protected override void PostStop() => _file?.Dispose();

    private void Append(Write write)
    {
        try
        {
            _file?.Write(write.Records);
            _file?.Flush();
        }
        catch (IOException problem)
        {
            GiveUp(problem);
        }

        write.Window.Give(write.Records.Length);
    }

    private void GiveUp(Exception problem)
    {
        _log.Warning("frames are not recorded in {0}: {1}", _path, problem.Message);
        _file?.Dispose();
        _file = null;
    }

    /// <summary>Whole pcap records to be appended.</summary>
    public sealed record Write(byte[] Records, FrameWindow Window) : INoSerializationVerificationNeeded;
}
