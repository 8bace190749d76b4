// A frame that waits on a slow link. It has a buffer of its own, so that one short frame does not keep a batch of 64 KiB alive.

using System.Buffers;
using Lguest.Net.Frames;

namespace Lguest.Net.Lans;

/// <summary>A frame that is under way, and where it goes on when its time has come.</summary>
/// <param name="Buffer">Of the pool, at least <paramref name="Length"/> long.</param>
/// <param name="Length">Bytes of the frame.</param>
/// <param name="Offload">What remains to be done to it.</param>
/// <param name="Station">Where it came in, or where it goes to, as <paramref name="Next"/> has it.</param>
/// <param name="Next">What comes after the cable.</param>
/// <param name="Cable">The link on which it is.</param>
internal readonly record struct HeldFrame(byte[] Buffer, int Length, FrameOffload Offload, Station Station, Stage Next, Link Cable)
{
    /// <summary>Bytes counted for a frame beside its own: buffers, queue entry.</summary>
    private const int Overhead = 128;

    public int Cost => CostOf(Length);

    public Frame Frame => new(Buffer.AsSpan(0, Length), Offload);

    public static int CostOf(int length) => length + Overhead;

    public static HeldFrame Of(Frame frame, Station station, Stage next, Link cable)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(frame.Length);
        frame.Bytes.CopyTo(buffer);
        return new HeldFrame(buffer, frame.Length, frame.Offload, station, next, cable);
    }

    public void Release() => ArrayPool<byte>.Shared.Return(Buffer);
}
