// The counter between a Nic and its Lan: never more than its capacity under way, and a refused side is told, even if both sides act at
// once.

using Lguest.Net.Lans;

namespace Lguest.Net.Tests.Lans;

public sealed class FrameWindowSpec
{
    [Fact]
    public void There_is_room_until_it_is_full_and_again_when_some_is_given_back()
    {
        var window = new FrameWindow(100);
        window.TryTake(60).ShouldBeTrue();
        window.TryTake(50).ShouldBeFalse();
        window.TryTake(40).ShouldBeTrue();
        window.Give(40).ShouldBeFalse();
        window.Give(10).ShouldBeTrue();
        window.Give(50).ShouldBeFalse();
        window.Used.ShouldBe(0);
    }

    [Fact]
    public void A_batch_larger_than_the_window_passes_alone()
    {
        var window = new FrameWindow(100);
        window.TryTake(500).ShouldBeTrue();
        window.TryTake(1).ShouldBeFalse();
        window.Give(500).ShouldBeTrue();
    }

    [Fact]
    public async Task Whoever_was_refused_is_told_however_the_two_sides_meet()
    {
        var window = new FrameWindow(1000);
        using var sent = new SemaphoreSlim(0);
        using var room = new SemaphoreSlim(0);
        const int Batches = 20_000;
        var giving = Task.Run(async () =>
        {
            for (int i = 0; i < Batches; i++)
            {
                await sent.WaitAsync();
                window.Used.ShouldBeLessThanOrEqualTo(1000);
                if (window.Give(300))
                    room.Release();
            }
        });

        for (int i = 0; i < Batches; i++)
        {
            while (!window.TryTake(300))
                (await room.WaitAsync(TimeSpan.FromSeconds(20))).ShouldBeTrue("nobody said that there is room");
            sent.Release();
        }

        await giving;
        window.Used.ShouldBe(0);
    }
}
