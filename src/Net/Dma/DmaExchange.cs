// The DMA of one node as a pure function of what its Guests ask for: who has bound which buffers, and what happens when somebody sends.
//
//J:Net:400 Keys instead of cables
// Generation 1 has one way to get bytes from one Guest to another, and to a device as well: a receiver binds buffers to a key, and a sender
// to that key has its bytes copied there. A key is an address. In a Guest's own memory it can mean nobody but the Guest itself and its
// Launcher. In a page that several Guests share it means the same to all of them, and so the page becomes a network: each Guest receives at
// an address of its own in it.
//
//J:Net:410 A transfer
// The receiver's array is searched for a buffer with used_len 0, from where the last one was found. Only now, with both lists known, are
// they checked; a bad one kills its owner, and no other Guest. The bytes are copied while the receiver runs. Then the count goes to the
// sender's used_len and to the buffer's, in this order and after the bytes, and the interrupt is raised. A receiver without a free buffer
// gets its interrupt as well, so that it may look after its buffers, and the sender tries once more a little later.

using Lguest.Guest.Memory;

namespace Lguest.Net.Dma;

/// <summary>Bindings and transfers of the Guests of one node (ABI sheet 9.2 to 9.5). Not thread-safe: its actor is its only
/// caller.</summary>
public sealed class DmaExchange
{
    private readonly Dictionary<string, DmaPort> _ports = [];
    private readonly Dictionary<DmaKey, List<DmaBinding>> _bindings = [];

    /// <summary>The shared keys that somebody here is bound to.</summary>
    public IEnumerable<DmaKey> SharedKeys => _bindings.Keys.Where(key => key.IsShared);

    /// <summary>Lets a Guest take part.</summary>
    /// <param name="guest">Its name; nobody of that name takes part yet.</param>
    /// <param name="memory">Its memory, held until <see cref="Detach"/>.</param>
    /// <param name="windows">The shared pages in it.</param>
    /// <returns>False, and nothing done, if the memory is unmapped already.</returns>
    public bool Attach(string guest, GuestMemory memory, IReadOnlyList<SharedWindow> windows)
    {
        if (memory.TryHold() is not { } hold)
            return false;
        _ports.Add(guest, new DmaPort(guest, memory, hold, windows));
        return true;
    }

    /// <summary>Forgets a Guest and its bindings; its memory is not touched any more.</summary>
    /// <returns>Whether a shared key lost its binding.</returns>
    public bool Detach(string guest)
    {
        if (!_ports.Remove(guest, out var port))
            return false;
        bool shared = false;
        foreach (var binding in port.Bindings)
        {
            Forget(binding);
            shared |= binding.Key.IsShared;
        }

        port.Dispose();
        return shared;
    }

    /// <summary>What a Guest has sent and received by shared keys.</summary>
    public DmaTraffic TrafficOf(string guest) => _ports.TryGetValue(guest, out var port) ? port.Traffic : default;

    /// <summary>What an address means as a key.</summary>
    public DmaKey KeyOf(string guest, GuestPhysical key) => _ports.TryGetValue(guest, out var port) ? port.KeyOf(key)
        : new DmaKey(null, guest, key.Value);

    /// <summary>BIND_DMA, or with <paramref name="irq"/> 0 its opposite.</summary>
    /// <returns>Whether it was done: a binding was free, or one with this key and array was there to take back.</returns>
    public bool Bind(string guest, GuestPhysical key, GuestPhysical buffers, int count, int irq)
    {
        if (!_ports.TryGetValue(guest, out var port))
            return false;
        var meaning = port.KeyOf(key);
        if (irq == 0)
        {
            var bound = port.Bindings.Find(binding => binding.Key == meaning && binding.Buffers == buffers);
            if (bound is null)
                return false;
            port.Bindings.Remove(bound);
            Forget(bound);
            return true;
        }

        if (port.Bindings.Count >= DmaPort.MostBindings)
            return false;
        var made = new DmaBinding(port, meaning, buffers, count, irq);
        port.Bindings.Add(made);
        if (!_bindings.TryGetValue(meaning, out var all))
            _bindings.Add(meaning, all = []);

        // The latest comes first, as in lguest's hash chains.
        all.Insert(0, made);
        return true;
    }

    /// <summary>SEND_DMA to a shared key, as far as this node goes. Sets the sender's used_len, except where nobody is bound.</summary>
    public DmaResult Send(string guest, GuestPhysical key, GuestPhysical descriptor)
    {
        if (!_ports.TryGetValue(guest, out var sender))
            return default;
        if (Read(sender, descriptor, out var source) is { } offence)
            return offence;
        var binding = Bound(sender.KeyOf(key), except: guest);
        if (binding is null)
            return default;
        if (!binding.TryFind(out var at, out var target, out var failure))
            return failure;

        var result = Check(binding, target);
        if (result.Outcome == DmaOutcome.Delivered && source.FirstBad(sender.Memory) is { } bad)
            result = SenderBad(bad);
        if (result.Outcome == DmaOutcome.Delivered)
        {
            int bytes = DmaCopy.Between(sender.Memory, source, binding.Owner.Memory, target);
            result = Mark(binding, at, bytes, source.Count > 0);
            sender.Traffic = sender.Traffic.Out(result.Bytes);
        }

        DmaDescriptor.SetUsedLength(sender.Memory, descriptor, (uint)result.Bytes);
        return result;
    }

    /// <summary>Whether all buffers are full that a key of a Guest's is bound to, so that a further attempt would come out as the last one
    /// did.</summary>
    /// <param name="key">The key.</param>
    /// <param name="sender">Whose attempt it is, for whom another's buffers count; null for bytes from elsewhere.</param>
    public bool IsFull(DmaKey key, string? sender) =>
        Bound(key, sender) is { } binding && !binding.TryFind(out _, out _, out var failure) && failure.Outcome == DmaOutcome.NoBuffer;

    /// <summary>Bytes for the Guest that is bound to a shared key: what a Guest of another node sent.</summary>
    public DmaResult Receive(DmaKey key, ReadOnlySpan<byte> bytes) => Fill(Bound(key, except: null), bytes);

    /// <summary>Bytes for a Guest from its own Launcher.</summary>
    public DmaResult Deliver(string guest, GuestPhysical key, ReadOnlySpan<byte> bytes) =>
        Fill(_ports.TryGetValue(guest, out var port) ? port.Bindings.Find(binding => binding.Key == port.KeyOf(key)) : null, bytes);

    /// <summary>What a Guest wants to send, as bytes, for a receiver on another node.</summary>
    /// <param name="guest">The sender.</param>
    /// <param name="descriptor">Its descriptor.</param>
    /// <param name="bytes">The bytes, at most <see cref="DmaDescriptor.MostBytes"/>; null if the sender broke a rule.</param>
    public DmaResult Gather(string guest, GuestPhysical descriptor, out byte[]? bytes)
    {
        bytes = null;
        if (!_ports.TryGetValue(guest, out var sender))
            return default;
        if (Read(sender, descriptor, out var source) is { } offence)
            return offence;
        if (source.FirstBad(sender.Memory) is { } bad)
            return SenderBad(bad);
        bytes = DmaCopy.Gather(sender.Memory, source);
        return new DmaResult(DmaOutcome.Delivered, bytes.Length);
    }

    /// <summary>Tells a sender how much of what it sent has arrived.</summary>
    public void Report(string guest, GuestPhysical descriptor, int bytes)
    {
        if (!_ports.TryGetValue(guest, out var sender))
            return;
        DmaDescriptor.SetUsedLength(sender.Memory, descriptor, (uint)bytes);
        sender.Traffic = sender.Traffic.Out(bytes);
    }

    /// <summary>GETDMA: a free buffer of this Guest's, for its Launcher. The irq goes to its used_len, which also keeps others from
    /// it.</summary>
    /// <returns>Its address; null where nothing is bound or nothing is free.</returns>
    public GuestPhysical? Take(string guest, GuestPhysical key)
    {
        if (!_ports.TryGetValue(guest, out var port) || port.Bindings.Find(binding => binding.Key == port.KeyOf(key)) is not { } bound)
            return null;
        if (bound.First() is not { } at)
            return null;
        DmaDescriptor.SetUsedLength(port.Memory, at, (uint)bound.Irq);
        return at;
    }

    private static DmaResult? Read(DmaPort sender, GuestPhysical at, out DmaDescriptor descriptor)
    {
        if (DmaDescriptor.Read(sender.Memory, at) is { } read)
        {
            descriptor = read;
            return null;
        }

        descriptor = default;
        return new DmaResult(DmaOutcome.SenderOffended, Offence: DmaOffence.BadAddress,
            Detail: $"bad address 0x{at.Value:x} in sending DMA");
    }

    private static DmaResult Fill(DmaBinding? binding, ReadOnlySpan<byte> bytes)
    {
        if (binding is null)
            return default;
        if (!binding.TryFind(out var at, out var target, out var failure))
            return failure;
        var result = Check(binding, target);
        return result.Outcome == DmaOutcome.Delivered
            ? Mark(binding, at, DmaCopy.Scatter(bytes, binding.Owner.Memory, target), !bytes.IsEmpty)
            : result;
    }

    private static DmaResult Check(DmaBinding binding, in DmaDescriptor target) =>
        target.FirstBad(binding.Owner.Memory) is { } bad
            ? new DmaResult(DmaOutcome.ReceiverOffended, 0, binding.Owner.Guest, binding.Irq, DmaOffence.BadEntry, Describe(bad))
            : new DmaResult(DmaOutcome.Delivered, 0, binding.Owner.Guest, binding.Irq);

    /// <summary>The bytes are there: lets the receiver know.</summary>
    private static DmaResult Mark(DmaBinding binding, GuestPhysical at, int bytes, bool any)
    {
        if (bytes == 0 && any)
            return new DmaResult(DmaOutcome.NothingCopied, 0, binding.Owner.Guest, binding.Irq);
        Thread.MemoryBarrier();
        DmaDescriptor.SetUsedLength(binding.Owner.Memory, at, (uint)bytes);
        binding.Advance();
        if (binding.Key.IsShared)
            binding.Owner.Traffic = binding.Owner.Traffic.In(bytes);
        return new DmaResult(DmaOutcome.Delivered, bytes, binding.Owner.Guest, binding.Irq);
    }

    private static DmaResult SenderBad(DmaSection bad) => new(
        DmaOutcome.SenderOffended, Offence: DmaOffence.BadEntry, Detail: Describe(bad));

    private static string Describe(DmaSection bad) => $"bad DMA entry: {bad.Length}@0x{bad.Address.Value:x}";

    private DmaBinding? Bound(DmaKey key, string? except) =>
        _bindings.TryGetValue(key, out var all) ? all.Find(binding => binding.Owner.Guest != except) : null;

    private void Forget(DmaBinding binding)
    {
        var all = _bindings[binding.Key];
        all.Remove(binding);
        if (all.Count == 0)
            _bindings.Remove(binding.Key);
    }
}
