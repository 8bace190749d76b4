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
        below.Room = 1000;
        stream.Write("more"u8);
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
