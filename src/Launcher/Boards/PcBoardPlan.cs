// The machine of a kernel that knows no lguest: RAM with what a boot loader would have left in it, and the board of a plain PC.

using Lguest.Devices;
using Lguest.Devices.Console;
using Lguest.Devices.Virtio;
using Lguest.Devices.Virtio.Pci;
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Launcher.Images;
using Lguest.Pc;
using Lguest.Switcher.Time;
using static Lguest.Guest.Cpu.GeneralRegister;

namespace Lguest.Launcher.Boards;

/// <summary>A plain PC.</summary>
internal sealed class PcBoardPlan : IBoard
{
    private const int SeedBytes = 32;
    private const string ConsoleWord = "console=";

    private readonly KernelFile _kernel;
    private readonly LauncherOptions _options;
    private readonly byte[] _initrd;

    /// <param name="kernel">A <see cref="PcKernel"/> or a <see cref="MultibootKernel"/>.</param>
    /// <param name="initrd">An initrd that was checked, or any file for a Multiboot kernel, or empty.</param>
    /// <param name="options">What was asked for.</param>
    /// <exception cref="RefusedException">It does not fit into memory, has too many devices, or cannot be entered as asked.</exception>
    public PcBoardPlan(KernelFile kernel, byte[] initrd, LauncherOptions options)
    {
        _kernel = kernel;
        _options = options;
        _initrd = initrd;
        if (options.Devices.Length >= PcBoard.MostFunctions)
            throw new RefusedException($"{options.Devices.Length} devices are more than one Guest can have; leave some out");
        Plan();
    }

    public string Kind => _kernel is MultibootKernel ? "PC, Multiboot" : "PC";

    public LinuxRelease? Release => _kernel.Release;

    private uint RamBytes => (uint)_options.MemoryMegabytes << 20;

    public BuiltGuest Build(GuestFiles files, Stream terminal)
    {
        var plan = Plan();
        var memory = BoardFamily.MakeMemory(RamBytes, lowBytes: _options.LowBytes);
        foreach (var write in plan.Writes)
            memory.TryWrite(write.Address, write.Content.Span);
        SerialLine serial = new();
        PcBoard board = new(memory, serial, _options.IsKvm);
        if (_kernel is MultibootKernel)
            board.AddDebugPorts();

        // What is printed at port E9h cannot be refused.
        var output = OutputPump.Of(terminal, waits: _options.Clock == ClockKind.Virtual || _kernel is MultibootKernel);
        List<PciDevice> devices = [.. _options.Devices.Select(option => Plug(board, memory, option, files, output))];
        devices.Add(Plug(board, memory, null, files, output));
        board.WriteTables();
        return new BuiltGuest(memory, new(plan.Start.Eip.Value),
            new PcParts(board, serial, processor => Start(processor, plan.Start), output, devices, TypesAtVirtio)
            {
                LetGo = output.LetGo,
            });
    }

    /// <summary>The last console on the command line is the one whose reader gets what is typed.</summary>
    private bool TypesAtVirtio => _options.KernelArguments.LastOrDefault(word => word.StartsWith(ConsoleWord, StringComparison.Ordinal))
        ?.StartsWith(ConsoleWord + "hvc", StringComparison.Ordinal) == true;

    private PciDevice Plug(PcBoard board, GuestMemory memory, DeviceOption? option, GuestFiles files, IOutput output) =>
        PciDevice.Make(option, _options, GuestGeneration.Pc, memory, files, output, (description, backend) =>
        {
            VirtioFunction? function = null;
            board.Plug(
                (line, irq, number) => function = new VirtioFunction(description, memory.LowBytes, backend, line, irq, number),
                () => function!.Registers.InterruptForUsed());
            return function!.Registers;
        });

    /// <summary>Each life has other random bytes, unless they have a seed.</summary>
    private PcBoot Plan()
    {
        if (_kernel is MultibootKernel multiboot)
            return MultibootBoot.Plan(multiboot, _options.Kernel, RamBytes, _options.KernelArguments, _initrd, _options.Initrd);
        byte[] seed = new byte[SeedBytes];
        _options.RandomBytes("boot")(seed);
        return PcBoot.Plan((PcKernel)_kernel, _options.Kernel, RamBytes, _options.KernelArguments, _initrd, seed, _options.Boot,
            _options.LowBytes);
    }

    private static unsafe void Start(Processor processor, PcStart start)
    {
        var c = processor.State;
        c->Cr0 = PcStart.Cr0;
        c->Cr4 = 0;
        c->Eip = start.Eip.Value;
        c->Gpr[Eax] = start.Eax;
        c->Gpr[Ebx] = start.Ebx;
        c->Gpr[Esi] = start.Esi;
        foreach (var register in Enum.GetValues<SegmentRegister>())
        {
            bool isCode = register == SegmentRegister.Cs;
            processor.SetFlatSegment(register, isCode ? PcStart.CodeSelector : PcStart.DataSelector, isCode, 0);
        }

        processor.Eflags = PcStart.EFlags;
    }
}
