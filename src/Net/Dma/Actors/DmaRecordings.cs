// Recordings of shared pages. Frames pass no switch there, only a copy from memory to memory, so the copying code records them. A broadcast
// is recorded once for each receiver, as it is sent.

using Akka.Actor;
using Lguest.Machine;
using Lguest.Net.Capture.Actors;
using Lguest.Net.Frames;

namespace Lguest.Net.Dma.Actors;

/// <summary>The pcap files of one Dma actor. For that actor only.</summary>
/// <param name="clock">What frames are dated by.</param>
internal sealed class DmaRecordings(IHostClock clock)
{
    private readonly Dictionary<(string Guest, string Page), Recorder> _windows = [];
    private readonly Dictionary<string, Recorder> _pages = [];
    private readonly long _wallOffset = clock.WallOffset();

    /// <summary>Begins what a Guest's windows ask for. The recording of a page goes on when its last Guest has left.</summary>
    public void Begin(IActorContext context, DmaProtocol.Attach guest)
    {
        foreach (var window in guest.Windows)
        {
            if (window.Pcap is { } path)
                _windows[(guest.Guest, window.Page)] = Recorder.Start(context, path, _wallOffset);
            if (window.PagePcap is { } all && !_pages.ContainsKey(window.Page))
                _pages.Add(window.Page, Recorder.Start(context, all, _wallOffset));
        }
    }

    /// <summary>Ends a Guest's own recordings; what was recorded still gets to the file.</summary>
    public void End(DmaProtocol.Attach guest)
    {
        foreach (var window in guest.Windows)
            if (_windows.Remove((guest.Guest, window.Page), out var recorder))
                recorder.Stop();
    }

    /// <summary>Whether anybody wants what is sent by a page: only then its bytes need to be looked at.</summary>
    public bool IsRecorded(string page) =>
        _pages.ContainsKey(page) || (_windows.Count > 0 && _windows.Keys.Any(window => window.Page == page));

    /// <summary>A Guest of this node sends.</summary>
    public void Sent(string guest, string page, ReadOnlySpan<byte> bytes)
    {
        Add(_windows.GetValueOrDefault((guest, page)), bytes);
        Entered(page, bytes);
    }

    /// <summary>Something has come to the page on this node.</summary>
    public void Entered(string page, ReadOnlySpan<byte> bytes) => Add(_pages.GetValueOrDefault(page), bytes);

    /// <summary>It lies in a Guest's buffer.</summary>
    public void Received(string guest, string page, ReadOnlySpan<byte> bytes) => Add(_windows.GetValueOrDefault((guest, page)), bytes);

    private void Add(Recorder? recorder, ReadOnlySpan<byte> bytes)
    {
        if (recorder is null || bytes.IsEmpty)
            return;
        recorder.Buffer.Add(new Frame(bytes), clock.Monotonic);
        recorder.Flush();
    }
}
