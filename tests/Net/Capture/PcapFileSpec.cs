// A recording on a disk that fills up and gets room again: whatever the moment, the file is whole records from its first byte to its last.

using System.Buffers.Binary;
using Lguest.Net.Capture;
using Lguest.Net.Frames;
using Lguest.Net.Tests.Files;
using Lguest.Net.Tests.Frames;

namespace Lguest.Net.Tests.Capture;

public sealed class PcapFileSpec : IDisposable
{
    private const int Record = PcapFormat.RecordHeader + 60;

    private readonly List<Exception> _told = [];
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"lguest-{Path.GetRandomFileName()}.pcap");

    public void Dispose() => System.IO.File.Delete(_path);

    [Fact]
    public void A_disk_that_fills_at_any_byte_leaves_whole_records_one_warning_and_nothing_behind_them()
    {
        for (int room = 0; room < PcapFormat.FileHeader + (6 * Record); room++)
        {
            _told.Clear();
            using FaultyStream disk = new() { Room = room, Fault = new IOException("No space left on device") };
            using PcapFile file = new(disk, _told.Add);

            file.Begin();
            file.Append(Records(2));
            file.Append(Records(3));
            disk.Room = 10_000;
            int writes = disk.Writes;
            file.Append(Records(1));

            _told.Count.ShouldBe(room < PcapFormat.FileHeader + (5 * Record) ? 1 : 0, $"room for {room} bytes");
            byte[] bytes = disk.ToArray();
            int whole = room < PcapFormat.FileHeader ? 0 : PcapFormat.FileHeader + ((room - PcapFormat.FileHeader) / Record * Record);
            bytes.Length.ShouldBe(_told.Count == 0 ? PcapFormat.FileHeader + (6 * Record) : whole, $"room for {room} bytes");
            if (_told.Count > 0)
                disk.Writes.ShouldBe(writes, "it was given up");
            Check(bytes);
        }
    }

    [Fact]
    public void A_disk_that_may_not_be_written_is_a_fault_like_a_full_one()
    {
        using FaultyStream disk = new() { Room = 100, Fault = new UnauthorizedAccessException("denied") };
        using PcapFile file = new(disk, _told.Add);

        file.Begin();
        file.Append(Records(3));

        _told.ShouldHaveSingleItem();
        disk.ToArray().Length.ShouldBe(PcapFormat.FileHeader + Record);
    }

    [Fact]
    public void A_file_goes_on_after_what_it_has_and_gets_a_header_if_it_has_none()
    {
        using FaultyStream disk = new() { Room = 10_000, Fault = new IOException(), StaysOpen = true };
        byte[] header = new byte[PcapFormat.FileHeader];
        PcapFormat.WriteFileHeader(header);
        disk.Write(header.AsSpan(0, 11));
        using (PcapFile first = new(disk, _told.Add))
        {
            disk.Position = 0;
            first.Begin();
            first.Append(Records(1));
        }

        disk.Position = 0;
        using PcapFile second = new(disk, _told.Add);
        second.Begin();
        second.Append(Records(2));

        disk.ToArray().Length.ShouldBe(PcapFormat.FileHeader + (3 * Record));
        Check(disk.ToArray());
        _told.ShouldBeEmpty();
    }

    [Fact]
    public void A_killed_writer_may_have_left_any_part_of_a_record_and_the_next_one_goes_on_after_the_last_whole_one()
    {
        byte[] begun = File(Records(3));
        for (int length = 0; length <= begun.Length; length++)
        {
            System.IO.File.WriteAllBytes(_path, begun[..length]);

            using (var file = PcapFile.Open(_path, _told.Add).ShouldNotBeNull())
                file.Append(Records(2));

            int whole = Math.Max(0, (length - PcapFormat.FileHeader) / Record);
            System.IO.File.ReadAllBytes(_path).ShouldBe(
                [.. File(Records(3)).AsSpan(0, PcapFormat.FileHeader + (whole * Record)), .. Records(2)], $"cut at {length}");
        }

        _told.ShouldBeEmpty();
    }

    [Fact]
    public void A_long_recording_is_gone_on_with_too()
    {
        byte[] begun = File(Records(20_000));
        System.IO.File.WriteAllBytes(_path, begun.AsSpan(0, begun.Length - 1));

        using (var file = PcapFile.Open(_path, _told.Add).ShouldNotBeNull())
            file.Append(Records(1));

        byte[] bytes = System.IO.File.ReadAllBytes(_path);
        bytes.Length.ShouldBe(begun.Length);
        Check(bytes);
    }

    [Fact]
    public void A_writer_that_still_has_something_to_write_when_the_next_one_begins_leaves_no_hole()
    {
        using var first = PcapFile.Open(_path, _told.Add).ShouldNotBeNull();
        first.Append(Records(3));
        using var second = PcapFile.Open(_path, _told.Add).ShouldNotBeNull();

        first.Append(Records(1));
        second.Append(Records(2));
        first.Append(Records(1));

        byte[] bytes = System.IO.File.ReadAllBytes(_path);
        bytes.Length.ShouldBe(PcapFormat.FileHeader + (7 * Record));
        Check(bytes);
        _told.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("a letter that somebody wrote, and longer than a header")]
    [InlineData("short")]
    public void What_is_no_recording_is_left_as_it_is(string text)
    {
        System.IO.File.WriteAllText(_path, text);

        PcapFile.Open(_path, _told.Add).ShouldBeNull();

        _told.ShouldHaveSingleItem().Message.ShouldContain("no recording");
        System.IO.File.ReadAllText(_path).ShouldBe(text);
    }

    [Fact]
    public void A_recording_that_is_damaged_in_the_middle_is_left_as_it_is()
    {
        byte[] bytes = File(Records(3));
        bytes.AsSpan(PcapFormat.FileHeader + Record + 8, 4).Fill(0xff);
        System.IO.File.WriteAllBytes(_path, bytes);

        PcapFile.Open(_path, _told.Add).ShouldBeNull();

        _told.ShouldHaveSingleItem().Message.ShouldContain($"damaged at byte {PcapFormat.FileHeader + Record}");
        System.IO.File.ReadAllBytes(_path).ShouldBe(bytes);
    }

    [Fact]
    public void A_file_that_cannot_be_opened_is_told()
    {
        PcapFile.Open(Path.Combine(Path.GetTempPath(), "no", "such", "folder", "x.pcap"), _told.Add).ShouldBeNull();

        _told.ShouldHaveSingleItem();
    }

    [Fact]
    public void A_recording_may_go_to_a_pipe_which_has_no_end_to_go_to()
    {
        using FaultyStream pipe = new() { Room = PcapFormat.FileHeader + Record + 5, Fault = new IOException("broken"), IsPipe = true };
        using PcapFile file = new(pipe, _told.Add);

        file.Begin();
        file.Append(Records(1));
        _told.ShouldBeEmpty();
        file.Append(Records(1));

        _told.ShouldHaveSingleItem();
        pipe.Disposals.ShouldBe(1);
        pipe.ToArray().Length.ShouldBe(PcapFormat.FileHeader + Record + 5, "what is in a pipe is gone");
    }

    [Fact]
    public void A_file_whose_end_cannot_be_found_any_more_keeps_all_that_it_has()
    {
        using FaultyStream disk = new() { Room = 10_000, Fault = new IOException("stale handle") };
        using PcapFile file = new(disk, _told.Add);
        file.Begin();
        file.Append(Records(3));

        disk.HasLostItsEnd = true;
        file.Append(Records(1));

        _told.ShouldHaveSingleItem();
        disk.ToArray().ShouldBe(File(Records(3)));
    }

    [Fact]
    public void What_was_written_whole_stays_where_only_the_flush_failed()
    {
        using FaultyStream disk = new() { Room = 10_000, Fault = new IOException("No space left on device") };
        using PcapFile file = new(disk, _told.Add);
        file.Begin();
        disk.FailsToFlush = true;
        file.Append(Records(3));

        _told.ShouldHaveSingleItem();
        disk.ToArray().ShouldBe(File(Records(3)));
    }

    [Fact]
    public void Records_are_on_their_way_to_the_disk_when_they_are_appended_and_the_file_is_closed_at_the_end()
    {
        FaultyStream disk = new() { Room = 10_000, Fault = new IOException() };
        PcapFile file = new(new BufferedStream(disk), _told.Add);
        file.Begin();
        file.Append(Records(2));
        disk.ToArray().ShouldBe(File(Records(2)));

        file.Dispose();
        disk.Disposals.ShouldBe(1);
        file.Append(Records(1));
        _told.ShouldBeEmpty("who has closed it wants no more");
    }

    [SkippableFact]
    public void A_file_that_is_no_recording_is_closed_again()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "open files are counted like this on Linux");
        System.IO.File.WriteAllText(_path, "short");
        PcapFile.Open(_path, _told.Add).ShouldBeNull();

        Directory.GetFiles("/proc/self/fd").Select(file => new FileInfo(file).LinkTarget).ShouldNotContain(_path);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_has_no_end_to_be_moved_is_given_up_with_one_warning(bool isArgument)
    {
        using FaultyStream device = new()
        {
            Room = PcapFormat.FileHeader + 5,
            Fault = new IOException("No space left on device"),
            CutFault = isArgument ? new ArgumentException("not a file") : new NotSupportedException(),
        };
        using PcapFile file = new(device, _told.Add);

        file.Begin();
        file.Append(Records(1));

        _told.ShouldBe([device.Fault]);
    }

    [SkippableFact]
    public void What_has_no_end_to_be_moved_is_given_up_all_the_same()
    {
        Skip.IfNot(System.IO.File.Exists("/dev/full"), "this system has no /dev/full");

        PcapFile.Open("/dev/full", _told.Add).ShouldNotBeNull().Append(Records(1));

        _told.ShouldHaveSingleItem();
    }

    /// <summary>Reads a file from record to record.</summary>
    private static void Check(byte[] bytes)
    {
        if (bytes.Length == 0)
            return;
        int at = PcapFormat.FileHeader;
        while (at < bytes.Length)
        {
            BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at + 8)).ShouldBe(60);
            at += Record;
        }

        at.ShouldBe(bytes.Length);
    }

    private static byte[] File(byte[] records)
    {
        byte[] header = new byte[PcapFormat.FileHeader];
        PcapFormat.WriteFileHeader(header);
        return [.. header, .. records];
    }

    private static byte[] Records(int count)
    {
        var buffer = new PcapBuffer(0);
        for (int i = 0; i < count; i++)
            buffer.Add(new Frame(Ether.Bytes(1, 2, i)), now: i);
        return buffer.Take();
    }
}
