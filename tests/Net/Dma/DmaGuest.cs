// A generation 1 Guest without a processor: memory, and the structures that its drivers would write.

using System.Collections.Immutable;
using System.Text;
using Lguest.Guest.Memory;
using Lguest.Net.Dma;
using Lguest.Net.Dma.Actors;

namespace Lguest.Net.Tests.Dma;

internal sealed class DmaGuest : IDisposable, IDmaGuest
{
    public const uint Ram = 1 << 20;
    public const uint Buffers = 0x10000;
    public const uint Sent = 0x20000;
    public const uint Data = 0x40000;
    private readonly TaskCompletionSource<string>[] _told = [.. Enumerable.Range(0, 8).Select(_ => new TaskCompletionSource<string>())];
    private readonly Lock _lock = new();
    private int _tolds;
    private int _sends;

    public DmaGuest(string name, int slot, string page = "yard")
    {
        Name = name;
        Memory = new GuestMemory(Ram, devicePages: 2);
        Window = new SharedWindow(page, new GuestPhysical(Ram + 0x1000), slot);
    }

    public string Name { get; }

    public GuestMemory Memory { get; }

    public SharedWindow Window { get; private init; }

    /// <summary>The same Guest, recorded.</summary>
    public static DmaGuest Recorded(string name, int slot, string? pcap, string? pagePcap)
    {
        var window = new SharedWindow("yard", new GuestPhysical(Ram + 0x1000), slot) { Pcap = pcap, PagePcap = pagePcap };
        return new DmaGuest(name, slot) { Window = window };
    }

    public ImmutableArray<SharedWindow> Windows => [Window];

    public List<string> Told { get; } = [];

    /// <summary>The key of a slot of the shared page.</summary>
    public GuestPhysical Key(int slot) => Window.Start + (uint)(slot * 4);

    /// <summary>Writes a descriptor with the sections at the address.</summary>
    public GuestPhysical Describe(uint at, uint used, params (uint Address, int Length)[] sections)
    {
        Memory.Span(new GuestPhysical(at), DmaDescriptor.Size).Clear();
        Memory.TryWrite(new GuestPhysical(at), used);
        for (int i = 0; i < sections.Length; i++)
        {
            Memory.TryWrite(new GuestPhysical(at + 4 + (uint)(4 * i)), sections[i].Address);
            Memory.TryWrite(new GuestPhysical(at + 68 + (uint)(2 * i)), (ushort)sections[i].Length);
        }

        return new GuestPhysical(at);
    }

    /// <summary>Free buffers of a page each, one after the other.</summary>
    public GuestPhysical Free(int count, int length = 1514)
    {
        for (int i = 0; i < count; i++)
            Describe(Buffers + (uint)(i * DmaDescriptor.Size), 0, (Data + (uint)(i * 0x1000), length));
        return new GuestPhysical(Buffers);
    }

    /// <summary>Something to send.</summary>
    public GuestPhysical Message(string text)
    {
        Memory.TryWrite(new GuestPhysical(Sent + 0x1000), Encoding.ASCII.GetBytes(text));
        return Describe(Sent, 0, (Sent + 0x1000, text.Length));
    }

    public uint Word(uint at) => Memory.TryRead(new GuestPhysical(at), out uint value) ? value
        : throw new ArgumentOutOfRangeException(nameof(at));

    /// <summary>used_len of a buffer.</summary>
    public uint Used(int buffer) => Word(Buffers + (uint)(buffer * DmaDescriptor.Size));

    public string Text(uint at, int length) => Encoding.ASCII.GetString(Memory.Span(new GuestPhysical(at), (uint)length));

    public void WriteSlot(string address) => Memory.TryWrite(Window.Start + (uint)(Window.Slot * 6), Encoding.ASCII.GetBytes(address));

    public string Slot(int slot) => Text(Window.Start.Value + (uint)(slot * 6), 6);

    /// <summary>What the Guest is told next, in order.</summary>
    public Task<string> Hears(int index) => _told[index].Task.WaitAsync(TimeSpan.FromSeconds(20));

    public void Raise(int irq) => Note($"irq {irq}");

    public void Bound(bool success) => Note(success ? "bound" : "not bound");

    /// <summary>How often it could go on after a send.</summary>
    public int Sends => Volatile.Read(ref _sends);

    void IDmaGuest.Sent()
    {
        Note("sent");
        Interlocked.Increment(ref _sends);
    }

    public void Found(GuestPhysical? descriptor) => Note(descriptor is { } at ? $"found {at.Value:x}" : "nothing found");

    public void Kill(DmaOffence offence, string detail) => Note($"{offence}: {detail}");

    public void Dispose() => Memory.Dispose();

    private void Note(string what)
    {
        lock (_lock)
        {
            Told.Add(what);
            if (_tolds < _told.Length)
                _told[_tolds++].SetResult(what);
        }
    }
}
