// The actor of a shared folder. What its Guest asks is done by workers, several at once, and comes back here to be answered: in the order
// in which it is done, which the tags of the protocol are for.

using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Event;
using Lguest.Devices.Actors;
using Lguest.Switcher.Slots;

namespace Lguest.Devices.Share.Actors;

/// <summary>The actor of a virtio 9P transport.</summary>
internal sealed class ShareActor : DeviceActor
{
    private readonly ShareDevice _device;
    private readonly ShareWorkers _workers;
    private readonly ConcurrentQueue<ShareWork> _finished = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly string _name;
    private int _isTold;
    private bool _hasWarned;

    public ShareActor(GuestId guest, IActorRef switcher, ShareDevice device, string name)
        : base(guest, switcher, device, name)
    {
        _device = device;
        _name = $"{name} of {guest}";
        var self = Self;
        _workers = new ShareWorkers(device.Folder, work =>
        {
            _finished.Enqueue(work);
            if (Interlocked.Exchange(ref _isTold, 1) == 0)
                self.Tell(WorkDone.Instance);
        });
        device.Hand = _workers.Add;
        Receive<WorkDone>(_ => Answer());
    }

    public static Props Props(GuestId guest, IActorRef switcher, ShareDevice device, string name) =>
        Akka.Actor.Props.Create(() => new ShareActor(guest, switcher, device, name));

    protected override void PostStop()
    {
        _workers.Dispose();
        base.PostStop();
    }

    /// <summary>Answers all that is done by now, and takes what has waited for room.</summary>
    private void Answer()
    {
        Interlocked.Exchange(ref _isTold, 0);
        while (_finished.TryDequeue(out var work))
        {
            Warn(work);
            _device.Finish(work);
        }

        ServePortion(0);
    }

    /// <summary>Once: who has found how to make us throw can do it as often as they like.</summary>
    private void Warn(ShareWork work)
    {
        if (work.Problem is not { } problem || _hasWarned)
            return;
        _hasWarned = true;
        _log.Warning(problem, "{0}: a request, {1}, has failed here; others that do are not told", _name, work.Type);
    }

    private sealed record WorkDone : INoSerializationVerificationNeeded, INotInfluenceReceiveTimeout
    {
        public static readonly WorkDone Instance = new();
    }
}
