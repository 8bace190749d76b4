// Keeps the implicit sender of a test over its awaits, whatever thread they come back on.

using Akka.Actor;

namespace Akka.TestKit.Internal;

internal sealed class ActorCellKeepingSynchronizationContext(ActorCell cell) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object state) => ThreadPool.QueueUserWorkItem(
        _ =>
        {
            var outerContext = Current;
            var outer = ActorCell.EnterThread(cell);
            SetSynchronizationContext(this);
            try
            {
                d(state);
            }
            finally
            {
                ActorCell.LeaveThread(outer);
                SetSynchronizationContext(outerContext);
            }
        },
        null);

    public override void Send(SendOrPostCallback d, object state)
    {
        var outer = ActorCell.EnterThread(cell);
        try
        {
            d(state);
        }
        finally
        {
            ActorCell.LeaveThread(outer);
        }
    }

    public override SynchronizationContext CreateCopy() => new ActorCellKeepingSynchronizationContext(cell);
}
