// A table by frame: what is put there is found again, however many there are.
using Lguest.Guest.Decode;
using Lguest.Guest.Memory;

namespace Lguest.Guest.Tests.Decode;

public sealed unsafe class CodeFramesSpec
{
    private const uint Frames = 4096;

    [Fact]
    public void Each_frame_keeps_what_it_was_given_while_the_table_grows()
    {
        using CodeFrames frames = new();
        long before = frames.Bytes;
        for (uint frame = 0; frame < Frames; frame++)
            frames.Add(frame)->Granules = frame + 1;
        frames.Bytes.ShouldBeGreaterThan(before);
        for (uint frame = 0; frame < Frames; frame++)
            frames.Add(frame)->Granules.ShouldBe(frame + 1);
    }

    [Fact]
    public void When_all_are_forgotten_none_is_watched_any_more()
    {
        using GuestMemory memory = new(Frames * GuestMemory.PageSize);
        using CodeFrames frames = new();
        for (uint frame = 0; frame < Frames; frame += 7)
        {
            frames.Add(frame)->Granules = 1;
            memory.CodeFlags[frame] = 1;
        }

        frames.Clear(memory);
        for (uint frame = 0; frame < Frames; frame++)
        {
            memory.CodeFlags[frame].ShouldBe((byte)0);
            (frames.Add(frame)->Granules, frames.Add(frame)->First == null).ShouldBe((0ul, true));
        }
    }
}
