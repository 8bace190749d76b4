// The sending half of a connection: that what gathers leaves together, that signs of life go first, and that the bound is one.

using Akka.Remote.Transport;

namespace Akka.Embedded.Tests.EmbeddedOnly.Remote;

public sealed class StreamSenderSpec
{
    private static readonly TimeSpan _long = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task What_gathers_while_one_write_is_under_way_leaves_in_one_other()
    {
        var stream = new SlowStream();
        var sender = new StreamSender(stream, 1024 * 1024, _ => { });
        sender.TryAppend([0]);
        await stream.Began.WaitAsync(_long);

        for (byte i = 1; i <= 200; i++) sender.TryAppend([i]);
        stream.GoOn();
        await sender.WhenIdle().WaitAsync(_long);

        stream.Written.Count.ShouldBe(2);
        stream.Written[1].ShouldBe(Enumerable.Range(1, 200).Select(i => (byte)i));
    }

    [Fact]
    public async Task Signs_of_life_go_before_what_waits()
    {
        var stream = new SlowStream();
        var sender = new StreamSender(stream, 10 * 1024 * 1024, _ => { });
        sender.TryAppend([0]);
        await stream.Began.WaitAsync(_long);

        for (var i = 0; i < 50; i++) sender.TryAppend(new byte[100_000]);
        sender.TryAppend([7], isUrgent: true);
        stream.GoOn();
        await sender.WhenIdle().WaitAsync(_long);

        stream.Written[1].ShouldBe([7]);
        stream.Written.Count.ShouldBe(52);
    }

    [Fact]
    public async Task Beyond_the_bound_nothing_is_taken()
    {
        var stream = new SlowStream();
        var sender = new StreamSender(stream, 1000, _ => { });
        sender.TryAppend([0]);
        await stream.Began.WaitAsync(_long);

        sender.TryAppend(new byte[900]).ShouldBeTrue();
        sender.TryAppend(new byte[101]).ShouldBeFalse();
        sender.TryAppend(new byte[100]).ShouldBeTrue();
        sender.TryAppend(new byte[500], evenIfFull: true).ShouldBeTrue();
        stream.GoOn();
        await sender.WhenIdle().WaitAsync(_long);

        sender.TryAppend(new byte[900]).ShouldBeTrue("there is room again");
    }

    [Fact]
    public async Task A_stream_that_fails_is_reported_once_and_nothing_is_kept()
    {
        var failures = 0;
        var stream = new SlowStream();
        var sender = new StreamSender(stream, 1000, _ => Interlocked.Increment(ref failures));
        sender.TryAppend([0]);
        await stream.Began.WaitAsync(_long);

        stream.Fail();
        await sender.WhenIdle().WaitAsync(_long);

        for (var i = 0; i < 100; i++) sender.TryAppend(new byte[900]).ShouldBeTrue();
        await sender.WhenIdle().WaitAsync(_long);
        failures.ShouldBeLessThanOrEqualTo(1);
    }

    /// <summary>Holds its first write until it is told to go on.</summary>
    private sealed class SlowStream : MemoryStream
    {
        private readonly TaskCompletionSource _began = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal List<byte[]> Written { get; } = [];

        internal Task Began => _began.Task;

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Written.Add(buffer.ToArray());
            _began.TrySetResult();
            await _goOn.Task;
        }

        internal void GoOn() => _goOn.SetResult();

        internal void Fail() => _goOn.SetException(new IOException("cut"));
    }
}
