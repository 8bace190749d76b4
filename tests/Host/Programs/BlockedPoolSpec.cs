// A program that runs a node inside itself may have all threads of .NET's pool wait for something; the host of these tests does that with
// three of its own accord. What a Guest sends, receives, prints and hears goes on all the same. Such a pool gets one thread more each half
// second, and the frames of a Guest, whose clock ran on, would wait for that.

using Lguest.Host.Tests.Scenarios;
using Lguest.Launcher;
using Lguest.Net.Outside;

namespace Lguest.Host.Tests.Programs;

[Collection(ScenarioCollection.Name)]
public sealed class BlockedPoolSpec
{
    private const string Wire = "wire";

    /// <summary>Far more than the pool has threads: it starts one in half a second.</summary>
    private const int Waiting = 200;

    [SkippableTheory]
    [InlineData(EmbeddedKernel.Puppy)]
    [InlineData(EmbeddedKernel.FirstPuppy)]
    public async Task A_Guest_reaches_its_router_while_all_threads_of_the_pool_wait(string kernel)
    {
        Skip.IfNot(WaysOut.ProblemWithNat() is null, "libslirp.so.0 is missing (libslirp0)");
        await using var rack = new LauncherNode();
        rack.Node.StartWire(new OutsideWire(Wire, null));
        var guest = rack.Boot("guest", new LauncherOptions(16, kernel, ["ip=10.0.2.15/24"], [new DeviceOption.Net(Wire)]));

        // Once, so that all that is made for the first frame is there.
        guest.Type("ping 10.0.2.2 -c 1 -w 60");
        guest.Expect("1 received");
        using ManualResetEventSlim over = new();
        using CountdownEvent left = new(Waiting);
        using ManualResetEventSlim hasThread = new();
        for (int i = 0; i < Waiting; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                _ =>
                {
                    over.Wait();
                    left.Signal();
                },
                null);
        }

        ThreadPool.UnsafeQueueUserWorkItem(_ => hasThread.Set(), null);
        try
        {
            guest.Type("ping 10.0.2.2 -c 20 -i 10");
            guest.Expect("20 sent, 20 received");
            hasThread.IsSet.ShouldBeFalse("the pool has had a thread to spare");
        }
        finally
        {
            over.Set();
            left.Wait();
            hasThread.Wait();
        }

        guest.Type("poweroff");
        (await guest.Ended).ShouldBeOfType<GuestOutcome.PoweredOff>();
    }
}
