// Rows of the instructions that only a kernel has business with: control and debug registers, descriptor tables, model-specific registers,
// HLT, CLI and STI; and the unprivileged ones beside them, CPUID, RDTSC, PUSHF and POPF. Under lguest a Guest kernel runs in ring 1,
// where the privileged ones raise #GP; in ring 0 of a bare machine they work. The file is long because a row and its handler are best read
// side by side.
using System.Buffers.Binary;
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using Lguest.Guest.Memory;
using static Lguest.Guest.Cpu.GeneralRegister;

namespace Lguest.Guest.Execute;

/// <summary>System instructions (Intel SDM vol. 3, 2.8 and 5.9).</summary>
internal static unsafe class SystemRows
{
    private const uint MsrSysenterCs = 0x174;
    private const uint MsrSysenterEsp = 0x175;
    private const uint MsrSysenterEip = 0x176;
    private const uint MsrTimeStamp = 0x10;
    private const uint MsrEfer = 0xc0000080;
    private const uint EferNoExecute = 0x800;

    public static void AddTo(Emitter?[] rows)
    {
        Loop(rows, Code.Cli, &Cli);
        Loop(rows, Code.Sti, &Sti);
        Loop(rows, Code.Hlt, &Hlt);
        Loop(rows, Code.Clts, &Clts);
        MoveRows.Plain(rows, Code.Invd, &PrivilegedNothing);
        MoveRows.Plain(rows, Code.Wbinvd, &PrivilegedNothing);
        MoveRows.Plain(rows, Code.Cpuid, &Cpuid);
        Loop(rows, Code.Rdtsc, &Rdtsc);
        MoveRows.Plain(rows, Code.Rdpmc, &Raise.GeneralProtection);
        MoveRows.Plain(rows, Code.Rdmsr, &Rdmsr);
        Loop(rows, Code.Wrmsr, &Wrmsr);
        OpTable.Add(rows, Code.Pushfw, (BlockBuilder b, in Instruction i) => StackOp(b, i, &Pushf<Width16>));
        OpTable.Add(rows, Code.Pushfd, (BlockBuilder b, in Instruction i) => StackOp(b, i, &Pushf<Width32>));
        Loop(rows, Code.Popfw, &Popf<Width16>);
        Loop(rows, Code.Popfd, &Popf<Width32>);
        OpTable.Add(rows, Code.Mov_r32_cr, (BlockBuilder b, in Instruction i) =>
            Control(b, i, i.Op1Register - Register.CR0, i.Op0Register, &ReadControl));
        OpTable.Add(rows, Code.Mov_cr_r32, (BlockBuilder b, in Instruction i) =>
            Control(b, i, i.Op0Register - Register.CR0, i.Op1Register, &WriteControl));
        OpTable.Add(rows, Code.Mov_r32_dr, (BlockBuilder b, in Instruction i) =>
            Control(b, i, i.Op1Register - Register.DR0, i.Op0Register, &ReadDebug));
        OpTable.Add(rows, Code.Mov_dr_r32, (BlockBuilder b, in Instruction i) =>
            Control(b, i, i.Op0Register - Register.DR0, i.Op1Register, &WriteDebug));
        TableForms(rows);
    }

    private static void TableForms(Emitter?[] rows)
    {
        foreach ((string suffix, byte width) in ((string, byte)[])[("1632_16", 2), ("1632", 4)])
        {
            OpTable.Add(rows, $"Lgdt_m{suffix}", (BlockBuilder b, in Instruction i) => Table(b, i, width, &Lgdt));
            OpTable.Add(rows, $"Lidt_m{suffix}", (BlockBuilder b, in Instruction i) => Table(b, i, width, &Lidt));
            OpTable.Add(rows, $"Sgdt_m{suffix}", (BlockBuilder b, in Instruction i) => Table(b, i, width, &Sgdt));
            OpTable.Add(rows, $"Sidt_m{suffix}", (BlockBuilder b, in Instruction i) => Table(b, i, width, &Sidt));
        }

        foreach (string form in (string[])["rm16", "r32m16"])
        {
            OpTable.Add(rows, $"Lldt_{form}", (BlockBuilder b, in Instruction i) => Selector(b, i, &Lldt));
            OpTable.Add(rows, $"Ltr_{form}", (BlockBuilder b, in Instruction i) => Selector(b, i, &Ltr));
            OpTable.Add(rows, $"Sldt_{form}", (BlockBuilder b, in Instruction i) => Selector(b, i, &Sldt));
            OpTable.Add(rows, $"Str_{form}", (BlockBuilder b, in Instruction i) => Selector(b, i, &Str));
            OpTable.Add(rows, $"Smsw_{form}", (BlockBuilder b, in Instruction i) => Selector(b, i, &Smsw));
            OpTable.Add(rows, $"Lmsw_{form}", (BlockBuilder b, in Instruction i) =>
            {
                Selector(b, i, &Lmsw);
                b.EndForLoop(i);
            });
        }

        OpTable.Add(rows, Code.Invlpg_m, (BlockBuilder b, in Instruction i) =>
        {
            var op = b.Append(i);
            b.Memory(op, i);
            op->Run = &Invlpg;
            b.EndForLoop(i);
        });
    }

    private static void Loop(Emitter?[] rows, Code code, delegate*<CpuState*, Op*, Op*> run) =>
        OpTable.Add(rows, code, (BlockBuilder b, in Instruction i) =>
        {
            b.Append(i)->Run = run;
            b.EndForLoop(i);
        });

    private static void StackOp(BlockBuilder b, in Instruction i, delegate*<CpuState*, Op*, Op*> run)
    {
        var op = b.Append(i);
        op->Seg = SegmentRegister.Ss;
        op->Run = run;
    }

    private static uint IoPrivilege(CpuState* c) => (c->FlagsOther >> 12) & 3;

    private static Op* Cli(CpuState* c, Op* op)
    {
        if (c->Cpl > IoPrivilege(c))
            return Processor.Fault(c, op, Vectors.GeneralProtection);
        c->FlagsOther &= ~EFlags.Interrupt;
        return op + 1;
    }

    private static Op* Sti(CpuState* c, Op* op)
    {
        if (c->Cpl > IoPrivilege(c))
            return Processor.Fault(c, op, Vectors.GeneralProtection);
        if ((c->FlagsOther & EFlags.Interrupt) == 0)
            c->Shadow = 1;
        c->FlagsOther |= EFlags.Interrupt;
        if (EngineState.Of(c)->AwaitsWindow != 0)
            EngineState.Of(c)->Poll = 1;
        return op + 1;
    }

    private static Op* Hlt(CpuState* c, Op* op)
    {
        if (c->Cpl != 0)
            return Processor.Fault(c, op, Vectors.GeneralProtection);
        EngineState.Of(c)->Exit = ExitKind.Halted;
        return op + 1;
    }

    private static Op* Clts(CpuState* c, Op* op)
    {
        if (c->Cpl != 0)
            return Processor.Fault(c, op, Vectors.GeneralProtection);
        c->Cr0 &= ~ControlRegisters.Cr0TaskSwitched;
        Processor.Of(c).RefreshMode();
        return op + 1;
    }

    private static Op* PrivilegedNothing(CpuState* c, Op* op) => c->Cpl == 0 ? op + 1 : Processor.Fault(c, op, Vectors.GeneralProtection);

    private static Op* Cpuid(CpuState* c, Op* op)
    {
        (c->Gpr[Eax], c->Gpr[Ebx], c->Gpr[Ecx], c->Gpr[Edx]) =
            Processor.Of(c).Bus is { } bus ? bus.Identify(c->Gpr[Eax]) : CpuIdentity.Leaf(c->Gpr[Eax]);
        return op + 1;
    }

    private static Op* Rdtsc(CpuState* c, Op* op)
    {
        if ((c->Cr4 & ControlRegisters.Cr4TimeStampDisable) != 0 && c->Cpl != 0)
            return Processor.Fault(c, op, Vectors.GeneralProtection);
        ulong ticks = TimeStamp(c, op);
        c->Gpr[Eax] = (uint)ticks;
        c->Gpr[Edx] = (uint)(ticks >> 32);
        return op + 1;
    }

    /// <summary>The machine may derive time from the instruction count, so the count must be that of this instruction.</summary>
    private static ulong TimeStamp(CpuState* c, Op* op)
    {
        var p = Processor.Of(c);
        EngineState.Of(c)->Budget -= op->Index;
        ulong ticks = p.Machine.ReadTimeStamp(p);
        EngineState.Of(c)->Budget += op->Index;
        return ticks;
    }

    private static Op* Rdmsr(CpuState* c, Op* op)
    {
        if (c->Cpl != 0)
            return Processor.Fault(c, op, Vectors.GeneralProtection);
        ulong value = 0;
        switch (c->Gpr[Ecx])
        {
            case MsrTimeStamp:
                value = TimeStamp(c, op);
                break;
            case MsrSysenterCs:
                value = c->SysenterCs;
                break;
            case MsrSysenterEsp:
                value = c->SysenterEsp;
                break;
            case MsrSysenterEip:
                value = c->SysenterEip;
                break;
            case MsrEfer:
                value = c->Efer;
                break;
            default:
                if (Processor.Of(c).Bus?.TryReadRegister(c->Gpr[Ecx], out value) == true)
                    break;
                return Processor.Fault(c, op, Vectors.GeneralProtection);
        }

        c->Gpr[Eax] = (uint)value;
        c->Gpr[Edx] = (uint)(value >> 32);
        return op + 1;
    }

    private static Op* Wrmsr(CpuState* c, Op* op)
    {
        if (c->Cpl != 0)
            return Processor.Fault(c, op, Vectors.GeneralProtection);
        uint value = c->Gpr[Eax];
        switch (c->Gpr[Ecx])
        {
            case MsrSysenterCs:
                c->SysenterCs = value;
                break;
            case MsrSysenterEsp:
                c->SysenterEsp = value;
                break;
            case MsrSysenterEip:
                c->SysenterEip = value;
                break;
            case MsrEfer when (value & ~EferNoExecute) == 0 && c->Gpr[Edx] == 0:
                c->Efer = value;
                Processor.Of(c).FlushTlb();
                break;
            default:
                EngineState.Of(c)->Budget -= op->Index;
                bool isKnown = Processor.Of(c).Bus?.TryWriteRegister(c->Gpr[Ecx], ((ulong)c->Gpr[Edx] << 32) | value) == true;
                EngineState.Of(c)->Budget += op->Index;
                if (isKnown)
                    break;
                return Processor.Fault(c, op, Vectors.GeneralProtection);
        }

        return op + 1;
    }

    private static Op* Pushf<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth =>
        AnyStack.Push<TWidth>(c, op, Flags.All(c) & ~(EFlags.Resume | EFlags.Virtual8086)) ? op + 1 : null;

    private static Op* Popf<TWidth>(CpuState* c, Op* op)
        where TWidth : struct, IWidth
    {
        if (!AnyStack.Peek<TWidth>(c, op, 0, out uint image))
            return null;
        AnyStack.Adjust(c, TWidth.Bytes);
        if (TWidth.Bytes == 2)
            image |= Flags.All(c) & 0xffff0000;
        var p = Processor.Of(c);
        p.SetFlagsAs(image, c->Cpl, false);
        p.RefreshMode();
        return op + 1;
    }

    private static void Control(BlockBuilder b, in Instruction i, int number, Register register, delegate*<CpuState*, Op*, Op*> run)
    {
        var op = b.Append(i);
        op->Extra = (byte)number;
        op->A = BlockBuilder.Operand(register);
        op->Run = run;
        b.EndForLoop(i);
    }

    private static Op* ReadControl(CpuState* c, Op* op)
    {
        if (op->Extra is not (0 or 2 or 3 or 4))
            return Processor.Fault(c, op, Vectors.InvalidOpcode);
        if (c->Cpl != 0)
            return Processor.Fault(c, op, Vectors.GeneralProtection);
        Width32.Set(c, op->A, op->Extra switch { 0 => c->Cr0, 2 => c->Cr2, 3 => c->Cr3, _ => c->Cr4 });
        return op + 1;
    }

    private static Op* WriteControl(CpuState* c, Op* op)
    {
        if (op->Extra is not (0 or 2 or 3 or 4))
            return Processor.Fault(c, op, Vectors.InvalidOpcode);
        uint value = Width32.Get(c, op->A);
        if (c->Cpl != 0 || !CanHold(op->Extra, value))
            return Processor.Fault(c, op, Vectors.GeneralProtection);
        var p = Processor.Of(c);
        switch (op->Extra)
        {
            case 0:
                c->Cr0 = (value & ControlRegisters.Cr0All) | ControlRegisters.Cr0ExtensionType;
                p.FlushTlb();
                p.RefreshMode();
                break;
            case 2:
                c->Cr2 = value;
                break;
            case 3:
                c->Cr3 = value;
                p.FlushTlbLocal();
                break;
            default:
                c->Cr4 = value;
                p.FlushTlb();
                break;
        }

        return op + 1;
    }

    /// <summary>Intel SDM vol. 2, MOV to control registers: protected mode is not left, NW without CD makes no sense, and what CR4 does
    /// not have cannot be switched on.</summary>
    private static bool CanHold(int register, uint value) => register switch
    {
        0 => (value & ControlRegisters.Cr0ProtectionEnable) != 0
            && (value & (ControlRegisters.Cr0NotWriteThrough | ControlRegisters.Cr0CacheDisable)) != ControlRegisters.Cr0NotWriteThrough,
        4 => (value & ~ControlRegisters.Cr4All) == 0,
        _ => true,
    };

    private static Op* ReadDebug(CpuState* c, Op* op)
    {
        if (c->Cpl != 0)
            return Processor.Fault(c, op, Vectors.GeneralProtection);
        Width32.Set(c, op->A, DebugRegisters.Read(c, op->Extra & 7));
        return op + 1;
    }

    private static Op* WriteDebug(CpuState* c, Op* op)
    {
        if (c->Cpl != 0)
            return Processor.Fault(c, op, Vectors.GeneralProtection);
        DebugRegisters.Write(c, op->Extra & 7, Width32.Get(c, op->A));
        return op + 1;
    }

    private static void Table(BlockBuilder b, in Instruction i, byte width, delegate*<CpuState*, Op*, Op*> run)
    {
        var op = b.Append(i);
        b.Memory(op, i);
        op->Extra = width;
        op->Run = run;
    }

    private static bool ReadTable(CpuState* c, Op* op, out uint limit, out uint start)
    {
        start = limit = 0;
        if (c->Cpl != 0)
        {
            Processor.Fault(c, op, Vectors.GeneralProtection);
            return false;
        }

        if (!Segmented.Read(c, op, 6, out uint linear) || !Width16.Load(c, op, linear, out limit)
            || !Width32.Load(c, op, linear + 2, out start))
            return false;
        if (op->Extra == 2)
            start &= 0xffffff;
        return true;
    }

    private static Op* Lgdt(CpuState* c, Op* op)
    {
        if (!ReadTable(c, op, out uint limit, out uint start))
            return null;
        c->GdtBase = start;
        c->GdtLimit = limit;
        Processor.Of(c).ForgetDescriptors();
        return op + 1;
    }

    private static Op* Lidt(CpuState* c, Op* op)
    {
        if (!ReadTable(c, op, out uint limit, out uint start))
            return null;
        c->IdtBase = start;
        c->IdtLimit = limit;
        Processor.Of(c).ForgetDescriptors();
        return op + 1;
    }

    private static Op* Sgdt(CpuState* c, Op* op) => WriteTable(c, op, c->GdtLimit, c->GdtBase);

    private static Op* Sidt(CpuState* c, Op* op) => WriteTable(c, op, c->IdtLimit, c->IdtBase);

    private static Op* WriteTable(CpuState* c, Op* op, uint limit, uint start) =>
        Segmented.Write(c, op, 6, out uint linear) && Mmu.Access.ProbeWrite(c, op, linear, 6) && Width16.Store(c, op, linear, limit)
            && Width32.Store(c, op, linear + 2, start)
            ? op + 1
            : null;

    private static void Selector(BlockBuilder b, in Instruction i, delegate*<CpuState*, Op*, Op*> run)
    {
        var op = b.Append(i);
        op->Extra = 0;
        if (i.Op0Kind == OpKind.Register)
        {
            op->B = BlockBuilder.Operand(i.Op0Register);
            op->Extra = i.Op0Register >= Register.EAX ? (byte)4 : (byte)2;
        }
        else
        {
            b.Memory(op, i);
        }

        op->Run = run;
    }

    private static bool ReadSelector(CpuState* c, Op* op, out ushort selector)
    {
        selector = 0;
        if (c->Cpl != 0)
        {
            Processor.Fault(c, op, Vectors.GeneralProtection);
            return false;
        }

        uint value = 0;
        if (op->Extra == 0 && (!Segmented.Read(c, op, 2, out uint linear) || !Width16.Load(c, op, linear, out value)))
            return false;
        selector = (ushort)(op->Extra == 0 ? value : Width16.Get(c, op->B));
        return true;
    }

    private static Op* WriteSelector(CpuState* c, Op* op, uint value)
    {
        switch (op->Extra)
        {
            case 2:
                Width16.Set(c, op->B, value);
                return op + 1;
            case 4:
                Width32.Set(c, op->B, value);
                return op + 1;
            default:
                return Segmented.Write(c, op, 2, out uint linear) && Width16.Store(c, op, linear, value) ? op + 1 : null;
        }
    }

    private static Op* Lldt(CpuState* c, Op* op) => LoadSystem(c, op, &c->Ldtr, 2, true);

    private static Op* Ltr(CpuState* c, Op* op) => LoadSystem(c, op, &c->Tr, 9, false);

    private static Op* LoadSystem(CpuState* c, Op* op, SegmentCache* register, int type, bool mayBeNull)
    {
        if (!ReadSelector(c, op, out ushort selector))
            return null;
        if ((selector & ~3) == 0 && mayBeNull)
        {
            *register = new SegmentCache { Selector = selector };
            return op + 1;
        }

        var p = Processor.Of(c);
        uint error = (uint)(selector & ~3);
        if ((selector & 4) != 0)
            return Processor.Fault(c, op, Vectors.GeneralProtection, error);
        if (!p.ReadDescriptor(selector, out ulong descriptor))
            return Processor.Abandon(c, op);
        int found = Processor.Type(descriptor);
        if (found != type && !(type == 9 && found == 1))
            return Processor.Fault(c, op, Vectors.GeneralProtection, error);
        if (!Processor.IsPresent(descriptor))
            return Processor.Fault(c, op, Vectors.SegmentNotPresent, error);
        if (type == 9)
        {
            descriptor |= 2UL << 40; // busy
            Span<byte> access = [(byte)(descriptor >> 40)];
            if (!p.SystemWrite(c->GdtBase + error + 5, access))
                return Processor.Abandon(c, op);
        }

        *register = Processor.Cache(selector, descriptor);
        p.ForgetDescriptors();
        return op + 1;
    }

    private static Op* Sldt(CpuState* c, Op* op) => WriteSelector(c, op, c->Ldtr.Selector);

    private static Op* Str(CpuState* c, Op* op) => WriteSelector(c, op, c->Tr.Selector);

    private static Op* Smsw(CpuState* c, Op* op) => WriteSelector(c, op, op->Extra == 4 ? c->Cr0 : c->Cr0 & 0xffff);

    private static Op* Lmsw(CpuState* c, Op* op)
    {
        if (!ReadSelector(c, op, out ushort value))
            return null;
        // LMSW can set PE but not clear it.
        c->Cr0 = (c->Cr0 & ~0xeu) | (value & 0xeu);
        Processor.Of(c).RefreshMode();
        return op + 1;
    }

    private static Op* Invlpg(CpuState* c, Op* op)
    {
        if (c->Cpl != 0)
            return Processor.Fault(c, op, Vectors.GeneralProtection);
        uint linear = (&c->Es + (int)op->Seg)->Base + Segmented.Offset(c, op);
        Processor.Of(c).FlushTlbPage(new GuestVirtual(linear));
        return op + 1;
    }
}
