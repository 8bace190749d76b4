// Batches are shared by several actors and their buffers are used again, so what must hold is: frames come out as they went in, nobody sees
// a buffer after its last holder has let go, and bytes from another node become a batch only if they are one.

using System.Buffers;
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

    [Fact]
    public void Records_may_lie_anywhere_in_a_buffer_and_be_followed_by_anything()
    {
        byte[] records = [.. FrameBatch.Of([1, 2, 3]).Records, .. FrameBatch.Of([]).Records];
        var batch = FrameBatch.Wrap([9, 9, 9, .. records, 9, 9], 3, records.Length).ShouldNotBeNull();

        (batch.Count, batch.Bytes, batch.RecordBytes).ShouldBe((2, 3, 35));
        batch.Records.ToArray().ShouldBe(records);
        var frames = batch.GetEnumerator();
        frames.MoveNext().ShouldBeTrue();
        frames.Current.Bytes.ToArray().ShouldBe([1, 2, 3]);
        frames.MoveNext().ShouldBeTrue();
        frames.Current.Length.ShouldBe(0);
        frames.MoveNext().ShouldBeFalse();
    }

    [Fact]
    public void What_follows_a_record_and_is_none_makes_the_whole_no_batch()
    {
        byte[] record = FrameBatch.Of(new byte[60]).Records.ToArray();
        for (int more = 1; more < record.Length; more++)
            FrameBatch.Wrap([.. record, .. record.AsSpan(0, more)], 0, record.Length + more).ShouldBeNull($"{more} bytes more");
    }

    [Fact]
    public void A_record_of_another_node_is_no_longer_than_a_frame_can_be()
    {
        byte[] records = [.. FrameBatch.Of(new byte[Frame.LongestLength]).Records, 0];
        FrameBatch.Wrap(records, 0, records.Length - 1).ShouldNotBeNull().Bytes.ShouldBe(Frame.LongestLength);
        BitConverter.TryWriteBytes(records, Frame.LongestLength + 1);
        FrameBatch.Wrap(records, 0, records.Length).ShouldBeNull();
    }

    [Fact]
    public void A_batch_is_full_at_64_KiB_to_the_byte()
    {
        var writer = new FrameBatchWriter();
        writer.Add(1000).Clear();
        writer.Bytes.ShouldBe(1000);
        const int Rest = FrameBatch.FullBytes - 1000 - (2 * FrameBatch.RecordHeader);
        writer.HasRoom(Rest).ShouldBeTrue();
        writer.HasRoom(Rest + 1).ShouldBeFalse();

        writer.Add(Rest).Clear();
        writer.Bytes.ShouldBe(1000 + Rest);
        var batch = writer.Take()!;
        batch.RecordBytes.ShouldBe(FrameBatch.FullBytes);
        (writer.Bytes, writer.Count).ShouldBe((0, 0));
        writer.Take().ShouldBeNull();
        Should.Throw<ArgumentOutOfRangeException>(() => writer.Add(-1).Clear());
    }

    [Fact]
    public void What_a_buffer_held_before_is_in_no_record()
    {
        // The buffer that a writer gets is the one that this thread has given back last.
        byte[] used = ArrayPool<byte>.Shared.Rent(512);
        used.AsSpan().Fill(0xee);
        ArrayPool<byte>.Shared.Return(used);

        Convert.ToHexString(FrameBatch.Of([1, 2]).Records).ShouldBe("02000000" + "00000000000000000000" + "0000" + "0102");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_buffer_goes_to_the_pool_with_the_last_release_if_it_came_from_there_and_only_then(bool isPooled)
    {
        byte[] buffer = new byte[512];
        byte[] records = FrameBatch.Of(new byte[60]).Records.ToArray();
        records.CopyTo(buffer, 0);
        var batch = FrameBatch.Wrap(buffer, 0, records.Length, isPooled).ShouldNotBeNull();
        batch.Retain().Release();
        Rented().ShouldBeFalse("somebody holds it still");
        batch.Release();
        Rented().ShouldBe(isPooled);

        bool Rented()
        {
            byte[] next = ArrayPool<byte>.Shared.Rent(buffer.Length);
            bool isIt = ReferenceEquals(next, buffer);
            if (!isIt)
                ArrayPool<byte>.Shared.Return(next);
            return isIt;
        }
    }

    [Fact]
    public void The_buffers_of_a_writer_come_from_the_pool_and_go_back_to_it()
    {
        byte[] first = new byte[512];
        ArrayPool<byte>.Shared.Return(first);
        var writer = new FrameBatchWriter();
        writer.Add(60).Fill(1);
        first[FrameBatch.RecordHeader].ShouldBe((byte)1, "it is the writer's");

        writer.Add(1000).Fill(2);
        byte[] outgrown = ArrayPool<byte>.Shared.Rent(512);
        outgrown.ShouldBeSameAs(first, "the writer needs a larger one");
        outgrown.AsSpan().Fill(0xee);
        var batch = writer.Take()!;
        batch.Bytes.ShouldBe(1060);
        var frames = batch.GetEnumerator();
        frames.MoveNext();
        frames.Current.Bytes.ToArray().ShouldAllBe(value => value == 1);

        var small = Small();
        ArrayPool<byte>.Shared.Return(new byte[512]);
        byte[] records = ArrayPool<byte>.Shared.Rent(512);
        small.Release();
        byte[] released = ArrayPool<byte>.Shared.Rent(512);
        released.ShouldNotBeSameAs(records);
        released[FrameBatch.RecordHeader].ShouldBe((byte)7, "it is the one of the batch");
        batch.Release();

        static FrameBatch Small()
        {
            var writer = new FrameBatchWriter();
            writer.Add(60).Fill(7);
            return writer.Take()!;
        }
    }

    private static void ReleaseTwice()
    {
        var batch = FrameBatch.Of(new byte[60]);
        batch.Release();
        batch.Release();
    }
}
