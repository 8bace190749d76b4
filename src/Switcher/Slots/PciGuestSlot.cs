// The slot of an lguest Guest of the third generation: what an lguest Guest is, and beside its RAM there are devices on PCI. In lguest they
// are the Launcher's business: a trap at an IN, an OUT or an access to device memory ended its read of /dev/lguest, with seven bytes of the
// instruction, and it decoded them and said how to go on.
//
//J:Switcher:720 Devices that trap
// Here the processor has decoded the instruction already. What it finds behind RAM it asks of its bus, whatever the instruction was, and
// that is this slot: the access reaches a register, and the Guest runs on. Ports still trap, as they do for every lguest Guest: see
// PortEmulation. So no access of a driver's needs a second thread, with one exception. A driver that resets a device takes for granted that
// the device is as new when its store has ended, and the device's queues are served elsewhere; so then the Guest comes out with the store
// not done, as at a NOTIFY of older kernels, and its Launcher lets it in again, to do it once more, when the device is as new.
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Guest.Translator;
using Lguest.Machine;
using Lguest.Switcher.Time;

namespace Lguest.Switcher.Slots;

/// <summary>The privileged state of one Guest of Linux 4.x (ABI sheet 11).</summary>
public sealed class PciGuestSlot : GuestSlot, IBus
{
    private readonly IGuestDevices _devices;
    private readonly DeviceAttention _attention;

    /// <param name="memory">RAM with the kernel in place; not owned.</param>
    /// <param name="start">First instruction.</param>
    /// <param name="devices">Belong to the owner of the slot from now on.</param>
    /// <param name="clock">The Host's clocks.</param>
    /// <param name="kind">Real or virtual time.</param>
    /// <param name="pae">Whether the kernel is known to use PAE; null to find out.</param>
    /// <param name="engine">What executes its code.</param>
    /// <param name="translator">Bounds of the translator; null for the usual ones.</param>
    /// <exception cref="NotSupportedException">This host does not have that engine; the message says why.</exception>
    public PciGuestSlot(
        GuestMemory memory,
        GuestVirtual start,
        IGuestDevices devices,
        IHostClock clock,
        ClockKind kind = ClockKind.Real,
        bool? pae = null,
        EngineKind engine = EngineKind.Interpreter,
        TranslatorSettings? translator = null)
        : base(memory, start, clock, kind, pae, engine: engine, translator: translator)
    {
        _devices = devices;
        _attention = new DeviceAttention(Processor.RequestPoll);
        devices.Attention = _attention.Want;
        devices.Interrupt = Interrupts.Raise;
    }

    /// <inheritdoc/>
    public override bool WouldWake => _attention.IsWanted || base.WouldWake;

    /// <inheritdoc/>
    internal override IGuestDevices? Devices => _devices;

    /// <inheritdoc/>
    internal override IEnumerable<object> BoardState => _devices.State;

    /// <summary>Irq 0 is the timer's. Another one is a device's, which has used buffers: it shows that in its status and pulls its
    /// line.</summary>
    public override void RaiseInterrupt(int irq)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)irq, (uint)GuestVectors.IrqCount);
        _attention.Signal(irq);
    }

    /// <inheritdoc/>
    public override void Poll(Processor processor)
    {
        if (!IsAskedToLeave)
            TakeAttention();
        base.Poll(processor);
    }

    /// <summary>Never asked: rings 1 and 3 have no ports, and an IN there is a trap.</summary>
    public uint ReadPort(ushort port, int bytes) => uint.MaxValue;

    /// <summary>Never asked, as above.</summary>
    public void WritePort(ushort port, int bytes, uint value)
    {
    }

    /// <inheritdoc/>
    public bool Answers(ulong address) => _devices.Answers(address);

    /// <inheritdoc/>
    public uint ReadDevice(ulong address, int bytes)
    {
        uint value = _devices.Read(address, bytes, Time.Now);
        Settle();
        return value;
    }

    /// <inheritdoc/>
    public void WriteDevice(ulong address, int bytes, uint value)
    {
        _devices.Write(address, bytes, value, Time.Now);
        Settle();
        if (IsLeaving)
            Processor.RefuseStore();
    }

    /// <inheritdoc/>
    public bool TryReadRegister(uint number, out ulong value)
    {
        value = 0;
        return false;
    }

    /// <inheritdoc/>
    public bool TryWriteRegister(uint number, ulong value) => false;

    /// <inheritdoc/>
    public (uint Eax, uint Ebx, uint Ecx, uint Edx) Identify(uint leaf) => CpuIdentity.Leaf(leaf);

    /// <summary>After an access to a device: it may have ended the Guest, or have to be waited for.</summary>
    internal override void Settle()
    {
        if (_devices.Fault is { } fault)
            Kill(KillReason.BadDriver, fault);
        else if (_devices.Waiting is { } device)
            Leave(new ExitReason.Notify(new GuestPhysical(device)));
        if (!IsLeaving)
            return;

        // After a load the block that runs goes on to its end; the poll is what ends the chain of blocks.
        Processor.RequestPoll();
        Processor.Stop();
    }

    /// <inheritdoc/>
    protected override void Attend()
    {
        TakeAttention();
        base.Attend();
    }

    private void TakeAttention()
    {
        if (!_attention.Take())
            return;
        _devices.Attend();
        while (_attention.TakeSignal() is { } number)
        {
            if (!_devices.Signal(number))
                Interrupts.Raise(number);
        }
    }
}
