// The way out with rights: frames go unchanged to and from a tap device of the Host. The Guest reaches whatever the Host's administrator
// has connected it to.

using Lguest.Net.Frames;

namespace Lguest.Net.Outside.Actors;

/// <summary>A tap device and the thread that reads it.</summary>
internal sealed unsafe class TapLoop(TapDevice tap, int mtu) : OutsideLoop(mtu)
{
    private const int FramesAtATime = 64;

    private readonly byte[] _buffer = new byte[Frame.LongestLength];

    protected override void Out(ReadOnlySpan<byte> frame)
    {
        // A full device drops frames as a full cable does.
        fixed (byte* first = frame)
            Posix.Write(tap.Descriptor, first, (nuint)frame.Length);
    }

    protected override void Wait(bool mayRead)
    {
        var descriptors = stackalloc Posix.PollDescriptor[2];
        descriptors[0] = Counter;
        descriptors[1] = new Posix.PollDescriptor { Descriptor = tap.Descriptor, Events = Posix.In };
        if (Posix.Poll(descriptors, mayRead ? 2u : 1u, LongestWait) <= 0 || (descriptors[1].Happened & Posix.In) == 0)
            return;
        fixed (byte* first = _buffer)
        {
            for (int i = 0; i < FramesAtATime; i++)
            {
                nint length = Posix.Read(tap.Descriptor, first, (nuint)_buffer.Length);
                if (length <= 0)
                    return;
                In(_buffer.AsSpan(0, (int)length));
            }
        }
    }

    protected override void Close() => tap.Dispose();
}
