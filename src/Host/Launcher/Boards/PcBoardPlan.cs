// The machine of a kernel that knows no lguest: RAM with what a boot loader would have left in it, and the board of a plain PC.

using System.Security.Cryptography;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Host.Devices;
using Lguest.Host.Devices.Block;
using Lguest.Host.Devices.Console;
using Lguest.Host.Devices.Net;
using Lguest.Host.Devices.Rng;
using Lguest.Host.Images;
using Lguest.Host.Virtio;
using Lguest.Host.Virtio.Pci;
using Lguest.Pc;

namespace Lguest.Host.Launcher.Boards;

/// <summary>A plain PC.</summary>
internal sealed class PcBoardPlan : IBoard
{
    private const int SeedBytes = 32;
    private const string ConsoleWord = "console=";

    private readonly PcKernel _kernel;
    private readonly LauncherOptions _options;
    private readonly byte[] _initrd;

    /// <exception cref="RefusedException">It does not fit into memory, or is to have a device that a PC cannot have.</exception>
    public PcBoardPlan(PcKernel kernel, byte[] initrd, LauncherOptions options)
    {
        _kernel = kernel;
        _options = options;
        _initrd = initrd;
        if (options.Devices.Any(device => device is DeviceOption.SharedNet))
            throw new RefusedException(
                "a shared page (--sharenet, or a lan of kind dma) needs Linux 2.6.23, and this kernel is another; "
                + "use a network of another kind");
        if (options.Devices.Length >= PcBoard.MostFunctions)
            throw new RefusedException($"{options.Devices.Length} devices are more than one Guest can have; leave some out");
        Plan();
    }

    public string Kind => "PC";

    public LinuxRelease? Release => _kernel.Release;

    private uint RamBytes => (uint)_options.MemoryMegabytes << 20;

    public BuiltGuest Build(IReadOnlyDictionary<DeviceOption, IDisk> disks, Stream terminal)
    {
        var plan = Plan();
        var memory = BoardKind.MakeMemory(RamBytes);
        foreach (var write in plan.Writes)
            memory.TryWrite(write.Address, write.Content.Span);
        SerialLine serial = new();
        PcBoard board = new(memory, serial);
        List<PcDevice> devices = [.. _options.Devices.Select(option => Plug(board, memory, option, disks, terminal))];
        devices.Add(Plug(board, memory, null, disks, terminal));
        board.WriteTables();
        return new BuiltGuest(memory, new(plan.Start.Eip.Value), new DevicePages([], GuestGeneration.Pc, RamBytes), [])
        {
            Pc = new PcParts(board, serial, processor => Start(processor, plan.Start), terminal, devices, TypesAtVirtio),
        };
    }

    /// <summary>The last console on the command line is the one whose reader gets what is typed.</summary>
    private bool TypesAtVirtio => _options.KernelArguments.LastOrDefault(word => word.StartsWith(ConsoleWord, StringComparison.Ordinal))
        ?.StartsWith(ConsoleWord + "hvc", StringComparison.Ordinal) == true;

    private PcDevice Plug(
        PcBoard board, GuestMemory memory, DeviceOption? option, IReadOnlyDictionary<DeviceOption, IDisk> disks, Stream terminal)
    {
        RelayBackend backend = new();
        var description = option switch
        {
            DeviceOption.Block => BlockDescription.Of(disks[option], GuestGeneration.Pc),
            DeviceOption.Net net => NetDescription.Of(_options.MacOf(net), GuestGeneration.Pc),
            DeviceOption.Rng => RngDescription.Create(),
            _ => ConsoleDescription.Create(),
        };
        SplitQueue[] queues = [.. Enumerable.Range(0, description.Queues).Select(_ => new SplitQueue(memory))];
        IVirtioDevice device = option switch
        {
            DeviceOption.Block => new BlockDevice(memory, disks[option], queues[0], GuestGeneration.Pc),
            DeviceOption.Net net => new NetDevice(memory, queues[NetDescription.ReceiveQueue], queues[NetDescription.TransmitQueue],
                _options.MacOf(net), GuestGeneration.Pc, () => backend.Accepted),
            DeviceOption.Rng => new RngDevice(memory, queues[0], RandomNumberGenerator.Fill),
            _ => new ConsoleDevice(memory, queues[ConsoleDescription.InputQueue], queues[ConsoleDescription.OutputQueue], terminal),
        };
        VirtioFunction? function = null;
        board.Plug(
            (line, irq, number) => function = new VirtioFunction(description, RamBytes, backend, line, irq, number),
            () => function!.Registers.InterruptForUsed());
        return new PcDevice(description.Type, device, function!.Registers, backend);
    }

    /// <summary>Each life has other random bytes.</summary>
    private PcBoot Plan() =>
        PcBoot.Plan(_kernel, _options.Kernel, RamBytes, _options.KernelArguments, _initrd, RandomNumberGenerator.GetBytes(SeedBytes));

    private static unsafe void Start(Processor processor, PcStart start)
    {
        var c = processor.State;
        c->Cr0 = PcStart.Cr0;
        c->Cr4 = 0;
        c->Eip = start.Eip.Value;
        c->Gpr[3] = start.Ebx;
        c->Gpr[6] = start.Esi;
        foreach (var register in Enum.GetValues<SegmentRegister>())
        {
            bool isCode = register == SegmentRegister.Cs;
            processor.SetFlatSegment(register, isCode ? PcStart.CodeSelector : PcStart.DataSelector, isCode, 0);
        }

        processor.Eflags = PcStart.EFlags;
    }
}
