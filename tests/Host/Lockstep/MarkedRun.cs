// A whole life of a Guest in virtual time, on whatever engine, with a mark after every so many instructions. All of it is in one thread:
// devices answer on the spot, and a line is typed when the Guest has asked for one, so that nothing but the Guest and its engine decides
// what comes next.

using System.Text;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Translator;
using Lguest.Host.Devices;
using Lguest.Host.Devices.Console;
using Lguest.Host.Launcher;
using Lguest.Host.Virtio;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Time;

namespace Lguest.Host.Tests.Lockstep;

internal sealed class MarkedRun : IDisposable
{
    private const int MostSwitches = 4_000_000;

    private readonly BuiltGuest _guest;
    private readonly GuestSlot _slot;
    private readonly MemoryStream _terminal = new();
    private readonly DmaSide? _dma;
    private readonly RunSettings _settings;
    private readonly Queue<string> _lines;
    private string? _deviceFault;

    private MarkedRun(LauncherOptions options, IEnumerable<string> lines, long every, EngineKind engine, TranslatorSettings? translator)
    {
        _lines = new Queue<string>(lines);
        _settings = new RunSettings(ChunkClock.Slice, every);
        _guest = GuestPlan.Read(options).Build(_terminal);
        _slot = new GuestSlot(_guest.Memory, _guest.Start, new ChunkClock(), ClockKind.Virtual, pageTable: _guest.Board?.PageTable,
            pageOffset: _guest.Board?.PageOffset, number: _guest.Board?.Number ?? 0, engine: engine, translator: translator);
        if (_guest.Board is { } board)
            _dma = new DmaSide(_slot, board);
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
            var console = (ConsoleDevice)_guest.Devices[^1];
            if (!console.WantsInput)
                return false;
            console.Type(keys);
            Serve(_guest.Devices.Count - 1, ConsoleDescription.InputQueue);
        }

        // The echo moves the prompt away; until it comes this would look like the next one.
        _terminal.Write("\r\n"u8);
        _lines.Dequeue();
        return true;
    }

    private void Notified(GuestPhysical address)
    {
        if (_guest.Pages.ByQueue(address) is { } device)
            Serve(IndexOf(device), device.Rings.Select(ring => ring.Base).ToList().IndexOf(address));
        else if (_guest.Pages.ByDescriptor(address) is { } changed && changed.Status(_guest.Memory) == 0)
            _guest.Devices[IndexOf(changed)].Reset();
        else if (address.Value < _guest.Memory.RamBytes)
            PrintEarly(address);
    }

    private void Serve(int index, int queue)
    {
        var worker = _guest.Devices[index];
        while (worker.Serve(queue))
        {
        }

        if (worker.Queues[queue].ShouldInterrupt())
            _slot.RaiseInterrupt(_guest.Pages.Devices[index].Rings[queue].Irq);
        _deviceFault ??= worker.Queues[queue].Fault;
    }

    private int IndexOf(BusDevice device) => _guest.Pages.Devices.ToList().IndexOf(device);

    private void PrintEarly(GuestPhysical address)
    {
        var text = _guest.Memory.Span(address, Math.Min(4096, _guest.Memory.RamBytes - address.Value));
        int end = text.IndexOf((byte)0);
        ((ConsoleDevice)_guest.Devices[^1]).Print(text[..(end < 0 ? text.Length : end)]);
    }

    /// <summary>A clock that goes on whenever somebody looks: a slice is over after its first chunk.</summary>
    private sealed class ChunkClock : IHostClock
    {
        /// <summary>One look to begin, one before the chunk, and the one behind it is too late.</summary>
        public const long Slice = 2;

        private long _looks;

        public long Monotonic => _looks++;

        public long Wall => 0;
    }
}
