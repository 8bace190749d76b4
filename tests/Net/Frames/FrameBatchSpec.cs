// Batches are shared by several actors and their buffers are used again, so what must hold is: frames come out as they went in, nobody sees
// a buffer after its last holder has let go, and bytes from another node become a batch only if they are one.

using FsCheck;
using FsCheck.Fluent;
using Lguest.Net.Frames;

namespace Lguest.Net.Tests.Frames;

public sealed class FrameBatchSpec
{
    [Fact]
    public void Frames_come_out_as_they_went_in() => Prop.ForAll<byte[][]>(frames =>
    {
        var writer = new FrameBatchWriter();
        foreach (var (frame, i) in frames.Select((frame, i) => (frame, i)))
            frame.CopyTo(writer.Add(frame.Length, new FrameOffload(1, SegmentationKind.Tcp4, (ushort)i, 3, 4, 5)));
        var batch = writer.Take();

        if (frames.Length == 0)
            return batch is null;
        var seen = new List<byte[]>();
        foreach (var frame in batch!)
        {
            frame.Offload.ShouldBe(new FrameOffload(1, SegmentationKind.Tcp4, (ushort)seen.Count, 3, 4, 5));
            seen.Add(frame.Bytes.ToArray());
        }

        return seen.Count == batch.Count && batch.Bytes == frames.Sum(frame => frame.Length) && seen.Zip(frames)
            .All(pair => pair.First.SequenceEqual(pair.Second));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_batch_is_full_at_64_KiB_and_takes_the_longest_frame()
    {
        var writer = new FrameBatchWriter();
        writer.HasRoom(Frame.LongestLength).ShouldBeTrue();
        writer.Add(Frame.LongestLength).Clear();
        writer.HasRoom(1).ShouldBeFalse();
        writer.Take()!.Bytes.ShouldBe(Frame.LongestLength);

        while (writer.HasRoom(Frame.OrdinaryLength))
            writer.Add(Frame.OrdinaryLength).Clear();
        writer.Take()!.RecordBytes.ShouldBeInRange(60_000, FrameBatch.FullBytes);
        Should.Throw<ArgumentOutOfRangeException>(() => writer.Add(Frame.LongestLength + 1).Clear());
    }

    [Fact]
    public void A_frame_can_be_taken_back()
    {
        var writer = new FrameBatchWriter();
        writer.Add(20).Fill(1);
        writer.Add(30).Fill(2);
        writer.Undo(30);

        var batch = writer.Take()!;

        batch.Count.ShouldBe(1);
        batch.Bytes.ShouldBe(20);
    }

    [Fact]
    public void A_batch_lives_until_its_last_holder_lets_go()
    {
        var batch = FrameBatch.Of(new byte[60]);
        batch.Retain();
        batch.Release();
        batch.GetEnumerator().MoveNext().ShouldBeTrue();
        batch.Release();

        Should.Throw<ObjectDisposedException>(() => batch.GetEnumerator());
        Should.Throw<ObjectDisposedException>(() => batch.Retain());
        Should.Throw<ObjectDisposedException>(ReleaseTwice);
    }

    [Fact]
    public void Foreign_bytes_are_a_batch_only_if_they_are_whole_records()
    {
        var batch = FrameBatch.Of(new byte[60]);
        byte[] records = batch.Records.ToArray();

        FrameBatch.Wrap(records, 0, records.Length)!.Count.ShouldBe(1);
        FrameBatch.Wrap([.. records, .. records], 0, records.Length * 2)!.Count.ShouldBe(2);
        FrameBatch.Wrap(records, 0, 0).ShouldBeNull();
        for (int length = 1; length < records.Length; length++)
            FrameBatch.Wrap(records, 0, length).ShouldBeNull();
        records[1] = 0xff;
        FrameBatch.Wrap(records, 0, records.Length).ShouldBeNull();
        records[3] = 0xff;
        FrameBatch.Wrap(records, 0, records.Length).ShouldBeNull();
    }

    private static void ReleaseTwice()
    {
        var batch = FrameBatch.Of(new byte[60]);
        batch.Release();
        batch.Release();
    }
}
