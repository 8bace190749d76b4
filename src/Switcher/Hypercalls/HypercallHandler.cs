// Every hypercall of every generation, settled on the lent slot. Only what concerns somebody else (notify, DMA, the end) makes the slot
// leave.
using System.Text;
using Lguest.Guest.Abi;
using Lguest.Guest.Cpu;
using Lguest.Guest.Memory;
using Lguest.Switcher.Slots;
using static Lguest.Guest.Cpu.GeneralRegister;

namespace Lguest.Switcher.Hypercalls;

/// <summary>Performs hypercalls (ABI sheet 3.3).</summary>
internal sealed unsafe class HypercallHandler(GuestSlot slot)
{
    private const int LastWordsLength = 128;
    private readonly long[] _counts = new long[HypercallSet.Numbers];
    private readonly AsyncRing _ring = new(slot);
    private bool _unfinished;
    private bool _direct;

    public long Direct { get; private set; }

    public long Queued => _ring.Taken;

    public ReadOnlySpan<long> Counts => _counts;

    /// <summary>The hypercall instruction was executed; EIP is after it.</summary>
    public void FromInstruction()
    {
        Direct++;
        if (slot.Shared is null)
            FirstCall();
        else
            DrainAndPerform(slot.Shared);
    }

    /// <summary>Goes on with what a queued call interrupted by leaving, if there is any such thing.</summary>
    public void Resume()
    {
        if (!_unfinished)
            return;
        _unfinished = false;
        DrainAndPerform(slot.Shared!);
    }

    /// <summary>Drains the ring with no call to follow it: at every exit of a generation 1 Guest.</summary>
    public void Drain()
    {
        _direct = false;
        if (!_unfinished && slot is { Shared: { } shared, IsLeaving: false })
            _ring.Drain(shared);
    }

    /// <summary>Whether the call that made the slot leave was made by the instruction, so that its result goes to EAX.</summary>
    public bool WasDirect => _direct;

    /// <summary>Performs one call, direct or queued.</summary>
    public void Perform(in HypercallArguments call)
    {
        if (!HypercallSet.Offers(slot.Family, slot.Pager.IsPae, call.Number))
        {
            slot.Kill(KillReason.UnknownHypercall, $"bad hypercall {(uint)call.Number}");
            return;
        }

        _counts[(int)call.Number]++;
        switch (call.Number)
        {
            case Hypercall.FlushAsync:
            case Hypercall.SendInterrupts:
                // The trap itself was the point.
                break;
            case Hypercall.LguestInit:
                slot.Kill(KillReason.AlreadyInitialised, "already have lguest_data");
                break;
            case Hypercall.Shutdown:
                Shutdown(new GuestPhysical(call.First), (ShutdownReason)call.Second);
                break;
            case Hypercall.LoadGdt:
                slot.Gdt.Load(new GuestPhysical(call.First), call.Second);
                break;
            case Hypercall.NewPageTable:
                slot.Pager.NewPageTable(new GuestPhysical(call.First));
                break;
            case Hypercall.FlushTlb:
                slot.Pager.Flush(everything: call.First != 0);
                break;
            case Hypercall.LoadIdtEntry:
                slot.Idt.LoadEntry(call.First, call.Second, call.Third);
                break;
            case Hypercall.SetStack:
                slot.Stack.Set(call.First, call.Second, call.Third);
                break;
            case Hypercall.TaskSwitched:
                TaskSwitched(call.First != 0);
                break;
            case Hypercall.SetClockEvent:
                slot.Time.SetAlarm(call.First);
                break;
            case Hypercall.Halt:
                slot.IsHalted = true;
                break;
            case Hypercall.BindDma:
                BindDma(new GuestPhysical(call.First), new GuestPhysical(call.Second), call.Third);
                break;
            case Hypercall.SendDma when slot.Family == AbiFamily.Linux2623:
                SendDma(new GuestPhysical(call.First), new GuestPhysical(call.Second));
                break;
            case Hypercall.SetPageMiddleDirectory:
                slot.Pager.Flush(everything: true);
                break;
            case Hypercall.SetPageTableEntry:
                slot.Pager.SetEntry(new GuestPhysical(call.First), new GuestVirtual(call.Second));
                break;
            case Hypercall.SetPageDirectory:
                slot.Pager.SetDirectory(new GuestPhysical(call.First), call.Second);
                break;
            case Hypercall.LoadTls:
                slot.Gdt.LoadTls(new GuestPhysical(call.First));
                break;
            case Hypercall.Notify:
                if (call.First != 0)
                    slot.Leave(new ExitReason.Notify(new GuestPhysical(call.First)));
                break;
            case Hypercall.LoadGdtEntry:
                slot.Gdt.LoadEntry(call.First, call.Second, call.Third);
                break;
        }
    }

    private void DrainAndPerform(SharedData shared)
    {
        if (!_ring.Drain(shared))
        {
            // The registers still hold the direct call: nobody runs the Guest in between.
            _unfinished = slot.End is null;
            return;
        }

        var c = slot.Processor.State;
        _direct = true;
        Perform(shared.Layout.ArgumentsStartInEdx
            ? new HypercallArguments((Hypercall)c->Gpr[Eax], c->Gpr[Edx], c->Gpr[Ebx], c->Gpr[Ecx])
            : new HypercallArguments((Hypercall)c->Gpr[Eax], c->Gpr[Ebx], c->Gpr[Ecx], c->Gpr[Edx]));
    }

    private void FirstCall()
    {
        var c = slot.Processor.State;
        if ((Hypercall)c->Gpr[Eax] != Hypercall.LguestInit)
        {
            slot.Kill(KillReason.HypercallBeforeInitialisation, $"hypercall {c->Gpr[Eax]} before LGUEST_INIT");
            return;
        }

        var found =
            FamilyRecognition.Recognise(slot.Memory, new GuestPhysical(c->Gpr[Edx]), new GuestPhysical(c->Gpr[Ebx]), slot.SwitcherBase,
                slot.PageOffset, slot.Devices is not null);
        if (found.Layout is null)
            slot.Kill(found.Reason, found.Detail);
        else
            slot.BecomeKnown(new SharedData(slot.Memory, found.Address, found.Layout));
        _counts[(int)Hypercall.LguestInit]++;
    }

    private void TaskSwitched(bool on)
    {
        var c = slot.Processor.State;
        c->Cr0 = on ? c->Cr0 | ControlRegisters.Cr0TaskSwitched : c->Cr0 & ~ControlRegisters.Cr0TaskSwitched;
        slot.Processor.RefreshMode();
    }

    /// <summary>The third argument is the number of descriptors, shifted left by 8, and the irq (ABI sheet 9.3).</summary>
    private void BindDma(GuestPhysical key, GuestPhysical buffers, uint countAndIrq)
    {
        int irq = (int)(countAndIrq & 0xff);
        if (irq >= GuestVectors.IrqCount)
        {
            if (_direct)
                slot.Processor.State->Gpr[Eax] = 0;
        }
        else if (IsKey(key, "bad dma key"))
        {
            slot.Leave(new ExitReason.BindDma(key, buffers, (ushort)(countAndIrq >> 8), irq));
        }
    }

    private void SendDma(GuestPhysical key, GuestPhysical descriptor)
    {
        if (IsKey(key, "bad sending DMA key"))
            slot.Leave(new ExitReason.SendDma(key, descriptor));
    }

    private bool IsKey(GuestPhysical key, string complaint)
    {
        if (key.Value % sizeof(uint) == 0 && slot.Memory.Contains(key, sizeof(uint)))
            return true;
        slot.Kill(KillReason.BadDmaKey, $"{complaint} 0x{key.Value:x}");
        return false;
    }

    private void Shutdown(GuestPhysical text, ShutdownReason reason)
    {
        // Linux has no words for a restart as such, and names none by an address that is not there.
        if (reason == ShutdownReason.Restart && slot.Family != AbiFamily.Linux2623)
        {
            slot.Finish(new GuestEnd.Restart());
            return;
        }

        Span<byte> bytes = stackalloc byte[LastWordsLength];
        if (!slot.Memory.TryRead(text, bytes))
        {
            slot.Kill(KillReason.BadReadAddress, $"bad read address 0x{text.Value:x} len {LastWordsLength}");
            return;
        }

        int length = bytes.IndexOf((byte)0);
        bytes = bytes[..(length < 0 ? LastWordsLength - 1 : length)];
        foreach (ref byte character in bytes)
        {
            // The text goes to terminals and logs: it shall not steer them.
            if (character is < (byte)' ' or 0x7f)
                character = (byte)' ';
        }

        string message = Encoding.Latin1.GetString(bytes).TrimEnd();
        slot.Finish(message == GuestEnd.PowerOff.Message ? new GuestEnd.PowerOff() : new GuestEnd.Crash(message));
    }
}
