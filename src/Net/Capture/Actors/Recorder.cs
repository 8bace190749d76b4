// A lan's side of a recording: the buffer that the switch fills, which goes to the capture actor after each message.

using Akka.Actor;
using Lguest.Net.Lans;

namespace Lguest.Net.Capture.Actors;

/// <summary>One pcap file being written, seen from the lan. For the lan's actor only.</summary>
internal sealed class Recorder(IActorRef writer, PcapBuffer buffer)
{
    private readonly FrameWindow _window = new(CaptureActor.Window);

    public PcapBuffer Buffer { get; } = buffer;

    /// <summary>Starts a recording.</summary>
    /// <param name="context">Of the actor that records.</param>
    /// <param name="path">The file.</param>
    /// <param name="wallOffset">What makes wall time, in nanoseconds since 1970, of the clock by which frames are recorded; the same for
    /// all recordings
    /// of a lan, so that they can be compared.</param>
    public static Recorder Start(IActorContext context, string path, long wallOffset) =>
        new(context.ActorOf(CaptureActor.Props(path)), new PcapBuffer(wallOffset));

    /// <summary>Sends what was recorded to the file; drops it if the file is too far behind.</summary>
    public void Flush()
    {
        if (Buffer.Bytes == 0)
            return;
        byte[] records = Buffer.Take();
        if (_window.TryTake(records.Length))
            writer.Tell(new CaptureActor.Write(records, _window));
    }

    /// <summary>The recording ends; what is under way to the file still gets there.</summary>
    public void Stop() => writer.Tell(PoisonPill.Instance);
}
