// What waits to be written to a trunk is counted: another node that does not read makes the sender drop, not grow.

namespace Lguest.Net.Trunks;

/// <summary>The account of a trunk's send queue. The caller holds the trunk's lock.</summary>
/// <param name="capacity">Bytes; one message passes even if it is larger, when nothing else waits.</param>
internal sealed class TrunkQueue(int capacity)
{
    /// <summary>Bytes that wait.</summary>
    public long Used { get; private set; }

    /// <summary>Messages that were taken.</summary>
    public long Messages { get; private set; }

    /// <summary>Their bytes.</summary>
    public long Bytes { get; private set; }

    /// <summary>Messages for which there was no room.</summary>
    public long Dropped { get; private set; }

    /// <summary>Takes room for a message.</summary>
    /// <returns>False if there is none; then it counts as dropped.</returns>
    public bool TryTake(int bytes)
    {
        if (Used != 0 && Used + bytes > capacity)
        {
            Dropped++;
            return false;
        }

        Used += bytes;
        Bytes += bytes;
        Messages++;
        return true;
    }

    /// <summary>A message that was taken could not be made: it was never there.</summary>
    public void Undo(int bytes)
    {
        Used -= bytes;
        Bytes -= bytes;
        Messages--;
    }

    /// <summary>So many bytes have been written.</summary>
    public void Give(long bytes) => Used -= bytes;
}
