// The stream that owns its failures, over streams that have some: the first fault is told once, and nothing throws, neither then nor
// later nor at the end.

using Lguest.Net.Files;

namespace Lguest.Net.Tests.Files;

public sealed class FailSafeStreamSpec
{
    private readonly List<Exception> _told = [];

    public static TheoryData<Exception> Faults => new(
        new IOException("No space left on device"),
        new UnauthorizedAccessException("Access to the path is denied.", new IOException("Bad file descriptor")));

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_write_that_fails_is_told_once_and_what_follows_is_lost_in_silence(Exception fault)
    {
        using FaultyStream below = new() { Room = 10, Fault = fault };
        using FailSafeStream stream = new(below, _told.Add);

        stream.Write("12345678"u8);
        stream.HasFailed.ShouldBeFalse();
        stream.Write("9abcdef"u8);
        below.Disposals.ShouldBe(1, "a full disk gets its room back as soon as the file is deleted");
        below.Room = 1000;
        stream.Write("more"u8);
        below.FailsToFlush = true;
        stream.Flush();
        stream.Dispose();

        _told.ShouldBe([fault]);
        stream.HasFailed.ShouldBeTrue();
        below.Text.ShouldBe("123456789a");
        below.Disposals.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void What_cannot_be_read_has_come_to_its_end(Exception fault)
    {
        using FailSafeStream stream = new(new FaultyStream { Fault = fault, FailsToRead = true }, _told.Add);

        stream.Read(new byte[10]).ShouldBe(0);
        stream.Read(new byte[10]).ShouldBe(0);

        _told.ShouldBe([fault]);
    }

    [Fact]
    public void A_buffer_that_cannot_be_flushed_at_the_end_throws_neither_then_nor_for_the_second_time()
    {
        FaultyStream below = new() { Room = 0, Fault = new IOException("No space left on device") };
        FailSafeStream stream = new(new BufferedStream(below), _told.Add);

        stream.Write("kept in the buffer"u8);
        _told.ShouldBeEmpty();
        stream.Dispose();
        stream.Dispose();

        _told.ShouldHaveSingleItem();
        below.Disposals.ShouldBe(1);
    }

    [Fact]
    public void A_stream_of_somebody_else_is_left_open()
    {
        using FaultyStream below = new() { Room = 0, Fault = new IOException("") };
        FailSafeStream stream = new(below, leaveOpen: true);

        stream.Write("x"u8);
        stream.Dispose();

        below.Disposals.ShouldBe(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void At_the_end_all_is_written_and_the_stream_below_closed_unless_it_is_somebody_elses(bool leaveOpen)
    {
        FaultyStream below = new() { Room = 100, Fault = new IOException("") };
        FailSafeStream stream = new(new BufferedStream(below), _told.Add, leaveOpen);

        stream.Write([(byte)'#', (byte)'1', (byte)'2'], 1, 2);
        stream.Dispose();
        stream.Dispose();

        below.Text.ShouldBe("12");
        below.Disposals.ShouldBe(leaveOpen ? 0 : 1);
        _told.ShouldBeEmpty("to close it twice is no fault");
    }

    [Fact]
    public void It_is_read_and_written_from_one_end_to_the_other()
    {
        using FailSafeStream stream = new(new MemoryStream([1, 2, 3]), _told.Add);
        (stream.CanRead, stream.CanWrite, stream.CanSeek).ShouldBe((true, true, false));
        byte[] bytes = [9, 9, 9, 9, 9];
        stream.Read(bytes, 1, 3).ShouldBe(3);
        bytes.ShouldBe([9, 1, 2, 3, 9]);

        foreach (var way in (Action[])[() => _ = stream.Length, () => _ = stream.Position, () => stream.Position = 0,
            () => stream.Seek(0, SeekOrigin.Begin), () => stream.SetLength(1)])
            Should.Throw<NotSupportedException>(way);
        _told.ShouldBeEmpty();
    }

    [Fact]
    public void Bytes_that_a_limit_has_no_room_for_are_a_fault_of_the_file()
    {
        // What .NET makes of EFBIG is an exception about an argument; one of ours would be a bug. No file system has files of that size.
        using FileStream file = new(Path.GetTempFileName(), FileMode.Open, FileAccess.Write, FileShare.None, 0, FileOptions.DeleteOnClose);
        var problem = Should.Throw<ArgumentOutOfRangeException>(() => RandomAccess.Write(file.SafeFileHandle, [1], long.MaxValue - 1));
        FileFault.InUse(problem).ShouldBeTrue();
        FileFault.Reason(problem).ShouldBe("File too large");
        FileFault.InUse(new ArgumentOutOfRangeException(nameof(problem), "ours")).ShouldBeFalse();
    }

    [Fact]
    public void A_name_that_can_be_none_is_a_fault_in_opening_alone()
    {
        foreach (var problem in (Exception[])[new ArgumentException("a NUL in a name"), new NotSupportedException("a device")])
            (FileFault.InOpening(problem), FileFault.InUse(problem)).ShouldBe((true, false));
        FileFault.InOpening(new InvalidOperationException("a bug")).ShouldBeFalse();
        FileFault.InOpening(new FileNotFoundException()).ShouldBeTrue();
    }

    [Fact]
    public void A_bug_is_not_hidden() =>
        Should.Throw<InvalidOperationException>(
            () => new FailSafeStream(new FaultyStream { Fault = new InvalidOperationException() }).Write("x"u8));

    [Fact]
    public void The_reason_of_a_denied_access_is_the_error_below_it()
    {
        FileFault.Reason(new UnauthorizedAccessException("Access to the path is denied.", new IOException("Bad file descriptor")))
            .ShouldBe("Bad file descriptor");
        FileFault.Reason(new IOException("No space left on device.")).ShouldBe("No space left on device");
        FileFault.Reason(new IOException("No space left on device : '/mnt/x.log'")).ShouldBe("No space left on device");
    }
}
