// A whole machine for Puppy in one thread: the real Switcher slot, the real devices, and no actors. Its time is virtual and its devices
// answer on the spot, so that a run is a function of its command line, its keys and its disk.

using System.Text;
using Lguest.Devices;
using Lguest.Devices.Block;
using Lguest.Devices.Console;
using Lguest.Devices.Net;
using Lguest.Devices.Rng;
using Lguest.Devices.Tests;
using Lguest.Devices.Virtio;
using Lguest.Guest.Abi;
using Lguest.Guest.Memory;
using Lguest.Launcher;
using Lguest.Launcher.Images;
using Lguest.Machine;
using Lguest.Net.Frames;
using Lguest.Switcher.Slots;
using Lguest.Switcher.Time;

namespace Lguest.Host.Tests.Puppy;

internal sealed class PuppyMachine : IDisposable
{
    private const int MostSwitches = 400_000;

    private static readonly RunSettings _settings = new(1_000_000_000, 100_000);

    private readonly GuestMemory _memory;
    private readonly GuestSlot _slot;
    private readonly DevicePages _pages;
    private readonly List<IVirtioDevice> _devices = [];
    private readonly ConsoleDevice _console;
    private readonly MemoryStream _terminal = new();
    private readonly Queue<byte[]> _keys = new();
    private readonly NetDevice? _card;
    private byte _random;
    private bool _rests;

    public PuppyMachine(string arguments, int megabytes = 8, byte[]? initrd = null, IReadOnlyList<MemoryDisk>? disks = null,
        MacAddress? mac = null)
    {
        disks ??= [];
        var kernel = KernelImage.Read(EmbeddedKernel.Read(), "puppy");
        var boot = new BootImage(kernel, "puppy", initrd ?? [], [arguments], megabytes);
        _pages = new DevicePages(
            [
                .. disks.Select(disk => BlockDescription.Of(disk, kernel.Generation)),
                RngDescription.Create(),
                .. mac is { } ours ? [NetDescription.Of(ours, kernel.Generation)] : Array.Empty<DeviceDescription>(),
                ConsoleDescription.Of(GuestGeneration.Linux3),
            ],
            kernel.Generation,
            boot.RamBytes);
        _memory = new GuestMemory(boot.RamBytes, _pages.Pages);
        boot.LoadInto(_memory);
        _pages.WriteInto(_memory);

        SplitQueue QueueOf(BusDevice device, int index) => new(_memory, device.Rings[index], kernel.Generation.Suppression);
        for (int i = 0; i < disks.Count; i++)
            _devices.Add(new BlockDevice(_memory, disks[i], QueueOf(_pages.Devices[i], 0), kernel.Generation));
        _devices.Add(new RngDevice(_memory, QueueOf(_pages.Devices[disks.Count], 0), FillCounting));
        if (mac is { } address)
        {
            var card = _pages.Devices[disks.Count + 1];
            _card = new NetDevice(_memory, QueueOf(card, 0), QueueOf(card, 1), address, kernel.Generation, () => card.Accepted(_memory));
            _devices.Add(_card);
        }

        var line = _pages.Devices[^1];
        _console = new ConsoleDevice(_memory, QueueOf(line, ConsoleDescription.InputQueue), QueueOf(line, ConsoleDescription.OutputQueue),
            new PlainOutput(_terminal));
        _devices.Add(_console);
        _slot = new GuestSlot(_memory, new GuestVirtual(kernel.Entry.Value), new StandingClock(), ClockKind.Virtual);
    }

    /// <summary>What the Guest printed.</summary>
    public string Output => Encoding.ASCII.GetString(_terminal.ToArray()).Replace("\r", "", StringComparison.Ordinal);

    /// <summary>What a device found wrong with the Guest, or null.</summary>
    public string? DeviceFault { get; private set; }

    public GuestStatistics Statistics => _slot.Statistics();

    /// <summary>Pages of its memory that are not as they were at first, all zeroes.</summary>
    public int TouchedPages => Enumerable.Range(0, (int)(_memory.RamBytes / GuestMemory.PageSize))
        .Count(page => _memory.Span(new GuestPhysical((uint)page * GuestMemory.PageSize), GuestMemory.PageSize).ContainsAnyExcept((byte)0));

    /// <summary>Where the frames go that its network card sends.</summary>
    public Action<FrameBatch>? Sends { get; set; }

    public NetMetrics Traffic => _card!.Metrics;

    /// <summary>Whether it ended or sleeps with nothing that would wake it now: in virtual time it sleeps on until somebody enters it
    /// again.</summary>
    public bool Rests => HasEnded || (_rests && !_slot.WouldWake);

    public bool HasEnded => _slot.End is not null || DeviceFault is not null;

    /// <summary>Keys for the Guest, given to it when it has nothing else to do.</summary>
    public PuppyMachine Type(string keys)
    {
        _keys.Enqueue(Encoding.ASCII.GetBytes(keys));
        return this;
    }

    /// <summary>Runs until the Guest ends, a device gives up, or it sleeps with nothing left to wake it (null).</summary>
    public GuestEnd? Run()
    {
        for (int i = 0; i < MostSwitches && DeviceFault is null; i++)
        {
            switch (_slot.Enter(_settings))
            {
                case ExitReason.Notify notify:
                    Notified(notify.Address);
                    break;
                case ExitReason.Shutdown shutdown:
                    return shutdown.End;
                case ExitReason.Died died:
                    return died.End;
                case ExitReason.Halt when !_slot.WouldWake && !TypeNext():
                    return null;
                default:
                    break;
            }
        }

        return _slot.End;
    }

    /// <summary>Runs until the Guest ends or has nothing to do.</summary>
    public void RunToRest()
    {
        do
        {
            var reason = _slot.Enter(_settings);
            _rests = reason is ExitReason.Halt or ExitReason.Timer;
            if (reason is ExitReason.Notify notify)
                Notified(notify.Address);
        }
        while (!Rests);
    }

    /// <summary>Frames for its network card.</summary>
    public void Deliver(FrameBatch frames)
    {
        _card!.Deliver(frames);
        Serve(_pages.Devices[_devices.IndexOf(_card)], NetDescription.ReceiveQueue);
    }

    public void Dispose()
    {
        _card?.Dispose();
        _slot.Dispose();
        _memory.Dispose();
    }

    private void Notified(GuestPhysical address)
    {
        if (_pages.ByQueue(address) is { } device)
            Serve(device, device.Rings.Select(ring => ring.Base).ToList().IndexOf(address));
        else if (_pages.ByDescriptor(address) is { } changed && changed.Status(_memory) == 0)
            DeviceOf(changed).Reset();
        else if (address.Value < _memory.RamBytes)
            PrintEarly(address);
    }

    private void Serve(BusDevice device, int queue)
    {
        var worker = DeviceOf(device);
        while (worker.Serve(queue))
        {
        }

        while (worker == _card && _card.TakeSent() is { } frames)
        {
            if (Sends is null)
                frames.Release();
            else
                Sends(frames);
        }

        if (worker.Queues[queue].ShouldInterrupt())
            _slot.RaiseInterrupt(device.Rings[queue].Irq);
        DeviceFault ??= worker.Queues[queue].Fault;
    }

    private bool TypeNext()
    {
        if (!_console.WantsInput || !_keys.TryDequeue(out byte[]? keys))
            return false;
        _console.Type(keys);
        Serve(_pages.Devices[^1], ConsoleDescription.InputQueue);
        return true;
    }

    private void PrintEarly(GuestPhysical address)
    {
        var text = _memory.Span(address, Math.Min(4096, _memory.RamBytes - address.Value));
        int end = text.IndexOf((byte)0);
        _console.Print(text[..(end < 0 ? text.Length : end)]);
    }

    private IVirtioDevice DeviceOf(BusDevice device) => _devices[_pages.Devices.ToList().IndexOf(device)];

    private void FillCounting(Span<byte> bytes)
    {
        foreach (ref byte value in bytes)
            value = _random++;
    }

    /// <summary>A Guest in virtual time asks only what the date was when it started.</summary>
    private sealed class StandingClock : IHostClock
    {
        public Nanoseconds Monotonic => default;

        public Nanoseconds Wall => new(1_000_000_000 * Nanoseconds.PerSecond);
    }
}
