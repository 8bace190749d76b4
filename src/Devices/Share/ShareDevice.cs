// A virtio shared folder. Its queue carries messages: what the driver gives to read is a request, where it gives room to write the answer
// goes. Requests are copied out of the Guest's memory, and answers made beside it, so that a worker touches none of it: a
// Guest may go, or reset its device, while a disk of the host's is still turning.

using System.Buffers;
using System.Buffers.Binary;
using Lguest.Devices.Virtio;
using Lguest.Guest.Memory;

namespace Lguest.Devices.Share;

/// <summary>Serves the one queue of a virtio 9P transport.</summary>
/// <param name="memory">The Guest's memory.</param>
/// <param name="queue">Its queue.</param>
/// <param name="folder">The files; belongs to this.</param>
/// <param name="isReadOnly">Whether the Guest may only read them.</param>
internal sealed class ShareDevice(GuestMemory memory, SplitQueue queue, ISharedFolder folder, bool isReadOnly) : IVirtioDevice
{
    /// <summary>Requests that are under way at once; the next wait in the ring.</summary>
    public const int MostRequests = 64;

    /// <summary>Bytes of these and of their answers, after which the next wait.</summary>
    public const int MostBytes = 16 << 20;

    private const int RequestsAtATime = 16;
    private const int TypeAt = 4; // in a header, after the size

    private readonly ShareSession _session = new(isReadOnly);
    private int _requests;
    private long _bytes;
    private int _life;

    /// <inheritdoc/>
    public IReadOnlyList<SplitQueue> Queues { get; } = [queue];

    public ISharedFolder Folder => folder;

    public ShareSession Session => _session;

    /// <summary>Requests under way.</summary>
    public int Requests => _requests;

    /// <summary>Gives work to a worker, which runs it; then <see cref="Finish"/> is called. Without one the device does it
    /// itself.</summary>
    public Action<ShareWork>? Hand { get; set; }

    private bool HasRoom => _requests < MostRequests && _bytes < MostBytes;

    /// <inheritdoc/>
    public bool Serve(int index)
    {
        for (int i = 0; i < RequestsAtATime && HasRoom; i++)
        {
            if (queue.TryTake() is not { } chain || Take(chain) is not { } work)
                return false;
            if (work.Act is null)
            {
                if (work.After is null)
                    Finish(work);
            }
            else if (Hand is { } hand)
            {
                hand(work);
            }
            else
            {
                work.Run(folder);
                Finish(work);
            }
        }

        return HasRoom && queue.HasMore;
    }

    /// <summary>Answers a request for which all is done.</summary>
    public void Finish(ShareWork work)
    {
        var chain = work.Chain!;
        int length = _session.End(work, chain.Reply.Span);
        if (chain.Life == _life)
        {
            int done = 0;
            foreach (var piece in BufferChain.Pieces(chain.Buffers, 0, (ulong)length))
            {
                memory.TryWrite(piece.Address, chain.Reply.Span.Slice(done, (int)piece.Length));
                done += (int)piece.Length;
            }

            queue.Return(chain.Head, (uint)length);
            _requests--;
            _bytes -= chain.Bytes;
        }

        ArrayPool<byte>.Shared.Return(chain.Message);
        ArrayPool<byte>.Shared.Return(chain.Room);
        foreach (var follower in work.Followers)
            Finish(follower);
    }

    /// <inheritdoc/>
    public void Reset()
    {
        _life++;
        (_requests, _bytes) = (0, 0);
        _session.Reset();
        queue.Reset();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _life++;
        _session.Dispose();
        folder.Dispose();
        queue.Dispose();
    }

    /// <summary>Takes a request off the ring.</summary>
    /// <returns>Null if the chain is no request, and the queue broken.</returns>
    private ShareWork? Take(BufferChain chain)
    {
        Span<byte> fields = stackalloc byte[ShareSession.WriteHead];
        var head = fields[..chain.Read(0, fields)];
        if (head.Length < MessageWriter.HeaderBytes)
            return Break($"a message of {chain.ReadableBytes} bytes is shorter than its header");
        uint size = SizeOf(head, chain.ReadableBytes);
        if (size < MessageWriter.HeaderBytes || size > chain.ReadableBytes)
            return Break($"a message says that it has {size} bytes, and {chain.ReadableBytes} were given");
        if (chain.WritableBytes < MessageWriter.ErrorBytes)
            return Break($"a message has {chain.WritableBytes} bytes of room for its answer, which are fewer than any has");
        bool isTooLong = size > ShareSession.LargestMessage;
        int room = (int)Math.Min(chain.WritableBytes, ShareSession.LargestMessage);
        int length = isTooLong ? MessageWriter.HeaderBytes : (int)size;
        byte[] message = ArrayPool<byte>.Shared.Rent(length);
        chain.Read(0, message.AsSpan(0, length));

        // What was checked counts, and not what the Guest has put in its place since.
        head[..Math.Min(head.Length, length)].CopyTo(message);
        var work = isTooLong ? _session.TooLong(head) : _session.Begin(message.AsMemory(0, length), room);
        int reply = Math.Clamp(work.ReplyBytes, MessageWriter.ErrorBytes, room);
        byte[] answer = ArrayPool<byte>.Shared.Rent(reply);
        work.Chain = new ShareChain(chain.Head, [.. BufferChain.Pieces(chain.Writable, 0, (ulong)reply)], message, answer)
        {
            Reply = answer.AsMemory(0, reply),
            Life = _life,
            Bytes = length + reply,
        };
        _requests++;
        _bytes += length + reply;
        return work;
    }

    /// <summary>How long a message is. It says so itself, but for one: every Linux that has lguest, and those for years after, leave a
    /// long write's content where its program has it, behind the message in buffers of its own, and out of the message's size. Then the
    /// count of the write has the rest.</summary>
    private static uint SizeOf(ReadOnlySpan<byte> head, ulong given)
    {
        uint size = BinaryPrimitives.ReadUInt32LittleEndian(head);
        if (size != ShareSession.WriteHead || head.Length < ShareSession.WriteHead || (MessageType)head[TypeAt] != MessageType.Write)
            return size;
        ulong whole = size + (ulong)BinaryPrimitives.ReadUInt32LittleEndian(head[^sizeof(uint)..]);
        return whole <= Math.Min(given, uint.MaxValue) ? (uint)whole : size;
    }

    private ShareWork? Break(string what)
    {
        queue.Break(what);
        return null;
    }
}
