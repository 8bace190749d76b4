// A whole life of a Guest in virtual time, on whatever engine, with a mark after every so many instructions. All of it is in one thread:
// devices answer on the spot, and a line is typed when the Guest has asked for one, so that nothing but the Guest and its engine decides
// what comes next.

using System.Text;
using Lguest.Devices;
using Lguest.Devices.Console;
using Lguest.Devices.Virtio;
using Lguest.Devices.Virtio.Pci;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Translator;
using Lguest.Launcher;
using Lguest.Launcher.Boards;
using Lguest.Machine;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Time;

namespace Lguest.Host.Tests.Lockstep;

internal sealed class MarkedRun : IDisposable
{
    private const int MostSwitches = 4_000_000;

    private readonly BuiltGuest _guest;
    private readonly VirtioParts? _virtio;
    private readonly PciParts? _pci;
    private readonly GuestSlot _slot;
    private readonly InstantTerminal _terminal = new();
    private readonly DmaSide? _dma;
    private readonly IReadOnlyList<IVirtioDevice> _devices;
    private readonly RunSettings _settings;
    private readonly Queue<string> _lines;
    private string? _deviceFault;

    private MarkedRun(LauncherOptions options, IEnumerable<string> lines, long every, EngineKind engine, TranslatorSettings? translator)
    {
        _lines = new Queue<string>(lines);
        _settings = new RunSettings(ChunkClock.Slice, every);
        _guest = GuestPlan.Read(options).Build(_terminal);
        _virtio = _guest.Parts as VirtioParts;
        _pci = _guest.Parts as PciParts;
        var dma = (_guest.Parts as DmaParts)?.Board;
        _devices = _pci is { } pci ? [.. pci.Devices.Select(device => device.Device)] : _virtio?.Devices ?? [];
        _slot = _pci is { } parts
            ? new PciGuestSlot(_guest.Memory, _guest.Start, parts.Bus, new ChunkClock(), ClockKind.Virtual, engine: engine,
                translator: translator)
            : new GuestSlot(_guest.Memory, _guest.Start, new ChunkClock(), ClockKind.Virtual, pageTable: dma?.PageTable,
                pageOffset: dma?.PageOffset, number: dma?.Number ?? 0, engine: engine, translator: translator);
        if (dma is { } board)
            _dma = new DmaSide(_slot, board);
        for (int i = 0; i < (_pci?.Devices.Count ?? 0); i++)
            _pci!.Devices[i].Backend.Target = new OnTheSpot(this, i);
    }

    /// <summary>After every so many instructions, or at the first stop behind them.</summary>
    public List<MachineMark> Marks { get; } = [];

    /// <summary>What the Guest printed.</summary>
    public string Output => Encoding.Latin1.GetString(_terminal.ToArray());

    /// <summary>How it ended; null if it did not.</summary>
    public GuestEnd? End => _slot.End;

    /// <summary>Lives a life.</summary>
    /// <param name="options">What it boots.</param>
    /// <param name="lines">Typed one by one, each at a prompt.</param>
    /// <param name="every">Instructions between marks.</param>
    /// <param name="engine">What executes it.</param>
    /// <param name="translator">Bounds of the translator.</param>
    public static MarkedRun Of(
        LauncherOptions options, IEnumerable<string> lines, long every, EngineKind engine, TranslatorSettings? translator = null)
    {
        using MarkedRun run = new(options, lines, every, engine, translator);
        run.Live((ulong)every);
        return run;
    }

    public void Dispose()
    {
        _dma?.Dispose();
        _slot.Dispose();
        _guest.Discard();
    }

    private void Live(ulong every)
    {
        ulong next = every;
        for (int i = 0; i < MostSwitches && _slot.End is null; i++)
        {
            var reason = _slot.Enter(_settings);
            if (reason is ExitReason.Notify notify)
                Notified(notify.Address);
            else
                _dma?.Serve(reason);
            bool typed = AtPrompt() && TypeNext();
            if (_slot.Processor.Instructions >= next || _slot.End is not null)
            {
                Marks.Add(MachineMark.Of(_slot));
                next = _slot.Processor.Instructions - (_slot.Processor.Instructions % every) + every;
            }

            _deviceFault.ShouldBeNull();
            if (reason is ExitReason.Halt && !_slot.WouldWake && !typed)
                return;
        }
    }

    private bool AtPrompt() =>
        _terminal.Length >= 2 && _terminal.GetBuffer().AsSpan((int)_terminal.Length - 2, 2).SequenceEqual("# "u8);

    private bool TypeNext()
    {
        if (!_lines.TryPeek(out string? line))
            return false;
        byte[] keys = Encoding.ASCII.GetBytes(line + "\n");
        if (_dma is not null)
        {
            if (!_dma.Type(keys))
                return false;
        }
        else
        {
            var console = (ConsoleDevice)_devices[^1];
            if (!console.WantsInput)
                return false;
            console.Type(keys);
            Serve(_devices.Count - 1, ConsoleDescription.InputQueue);
        }

        // The echo moves the prompt away; until it comes this would look like the next one.
        _terminal.Write("\r\n"u8);
        _lines.Dequeue();
        return true;
    }

    private void Notified(GuestPhysical address)
    {
        if (_virtio!.Pages.ByQueue(address) is { } device)
            Serve(IndexOf(device), device.Rings.Select(ring => ring.Base).ToList().IndexOf(address));
        else if (_virtio!.Pages.ByDescriptor(address) is { } changed && changed.Status(_guest.Memory) == 0)
            _devices[IndexOf(changed)].Reset();
        else if (address.Value < _guest.Memory.RamBytes)
            PrintEarly(address);
    }

    private void Serve(int index, int queue)
    {
        var worker = _devices[index];
        while (worker.Serve(queue))
        {
        }

        if (worker.Queues[queue].ShouldInterrupt())
            _slot.RaiseInterrupt(worker.Queues[queue].Layout.Irq);
        _deviceFault ??= worker.Queues[queue].Fault;
    }

    private int IndexOf(BusDevice device) => _virtio!.Pages.Devices.ToList().IndexOf(device);

    private void PrintEarly(GuestPhysical address)
    {
        var text = _guest.Memory.Span(address, Math.Min(4096, _guest.Memory.RamBytes - address.Value));
        int end = text.IndexOf((byte)0);
        ((ConsoleDevice)_virtio!.Devices[^1]).Print(text[..(end < 0 ? text.Length : end)]);
    }

    /// <summary>A device on PCI, whose driver finds all done when its store has ended.</summary>
    private sealed class OnTheSpot(MarkedRun run, int index) : IVirtioBackend
    {
        public void Start(ulong features, IReadOnlyList<RingLayout?> rings)
        {
            run._devices[index].Place(rings, indirect: false);
            for (int queue = 0; queue < rings.Count; queue++)
                run.Serve(index, queue);
        }

        public void Kick(int queue) => run.Serve(index, queue);

        public bool Reset()
        {
            run._devices[index].Reset();
            return true;
        }

        public bool WriteConfig(int offset, int bytes, uint value)
        {
            if (run._devices[index] is not ConsoleDevice console)
                return false;
            console.Print([(byte)value]);
            return true;
        }
    }

    /// <summary>Has what is printed at once, and not when a thread gets to it: what is typed next depends on it.</summary>
    private sealed class InstantTerminal : MemoryStream, IOutput
    {
        public int Write(ReadOnlySpan<byte> bytes, Action whenRoom)
        {
            Write(bytes);
            return bytes.Length;
        }

        public void LetGo()
        {
        }

        public void WhenWritten(Action done) => done();
    }

    /// <summary>A clock that goes on whenever somebody looks: a slice is over after its first chunk.</summary>
    private sealed class ChunkClock : IHostClock
    {
        /// <summary>One look to begin, one before the chunk, and the one behind it is too late.</summary>
        public const long Slice = 2;

        private long _looks;

        public Nanoseconds Monotonic => new(_looks++);

        public Nanoseconds Wall => default;
    }
}
