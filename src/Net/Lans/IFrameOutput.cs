// Where the switch puts the frames that it has sorted. The lan's actor makes messages of them; a test keeps them.

using Lguest.Net.Frames;

namespace Lguest.Net.Lans;

/// <summary>Takes frames out of a <see cref="VirtualSwitch"/>.</summary>
internal interface IFrameOutput
{
    /// <summary>Frames for a port or another node.</summary>
    /// <param name="to">Whose they are.</param>
    /// <param name="frames">Held once for the receiver, who releases them.</param>
    void Send(Station to, FrameBatch frames);
}
