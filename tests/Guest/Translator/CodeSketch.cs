// Writes blocks of emitted code by hand, from the conventions of HostRegister: the pieces of which good code is made, with a switch for
// each way in which it can be wrong.
using System.Runtime.InteropServices;
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using Lguest.Guest.Execute;
using Lguest.Guest.Translator;
using static Iced.Intel.AssemblerRegisters;

namespace Lguest.Guest.Tests.Translator;

/// <summary>A block under construction.</summary>
public sealed unsafe class CodeSketch
{
    internal const ulong Address = 0x6000_0000_1000;
    internal const ulong Leave = Address - 0x800;

    /// <summary>Where another block begins.</summary>
    internal const ulong Other = Address + 0x4000;

    /// <summary>A branch with a target.</summary>
    internal const ulong Branch = 0x5000_0000_0000;

    /// <summary>The end of the block.</summary>
    internal const ulong End = 0x5000_0000_0030;

    private readonly Action<CodeSketch> _write;
    private Label _out;
    private Label _head;
    private Label _entry;
    private bool _hasEntry;

    internal CodeSketch(Action<CodeSketch> write)
    {
        _write = write;
        _out = A.CreateLabel();
        _head = A.CreateLabel();
        _entry = A.CreateLabel();
    }

    internal static int Temp { get; } = Offset(nameof(EngineState.Temp));

    internal static int Tlb { get; } = Offset(nameof(EngineState.Tlb));

    internal static int UserTlb { get; } = Offset(nameof(EngineState.UserTlb));

    internal static int SupervisorTlb { get; } = Offset(nameof(EngineState.SupervisorTlb));

    internal static int Cpl { get; } = Offset(nameof(CpuState.Cpl));

    internal static int Mode { get; } = Offset(nameof(EngineState.Mode));

    internal static int FlagsOther { get; } = Offset(nameof(CpuState.FlagsOther));

    internal static int Poll { get; } = Offset(nameof(EngineState.Poll));

    internal static int KernelWindow { get; } = Offset(nameof(EngineState.KernelWindow));

    internal static int Jumps { get; } = Offset(nameof(EngineState.Jumps));

    internal static int JumpKey { get; } = Offset(nameof(EngineState.JumpKey));

    internal static int X87Away { get; } = Offset(nameof(EngineState.X87Away));

    internal static int XmmAway { get; } = Offset(nameof(EngineState.XmmAway));

    /// <summary>The x87's control word; eight bytes on, its instruction pointer.</summary>
    internal static int Control { get; } = Offset(nameof(CpuState.Fx));

    internal static int EsBase { get; } = Offset(nameof(CpuState.Es));

    internal static int Memos { get; } = Offset(nameof(EngineState.Memos));

    internal static int DsBase { get; } = Offset(nameof(CpuState.Ds));

    internal Assembler A { get; } = new(64);

    /// <summary>The way out of the whole block.</summary>
    internal Label Out => _out;

    internal Label Head => _head;

    internal bool OddEntry { get; init; }

    /// <summary>What the verifier is told of <see cref="Entry"/>.</summary>
    internal HostUnits UnitsAtEntry { get; init; }

    /// <summary>Whether GS points at a window.</summary>
    internal bool HasWindow { get; init; }

    /// <summary>Whether it is a program's code, and not a kernel's.</summary>
    internal bool IsUser { get; init; } = true;

    /// <summary>A block that begins with the question, does something, and leaves.</summary>
    internal static CodeSketch Whole(Action<CodeSketch> body, bool window = false, HostUnits units = HostUnits.None,
        bool user = true) => new(s =>
    {
        s.Guard(units);
        body(s);
        s.Leaves();
    })
        {
            HasWindow = window,
            IsUser = user,
        };

    /// <summary>What the verifier has to say; nothing if it accepts.</summary>
    internal string Why()
    {
        A.Label(ref _head);
        _write(this);
        using MemoryStream stream = new();
        var result = A.Assemble(new StreamCodeWriter(stream), Address, BlockEncoderOptions.ReturnNewInstructionOffsets);
        List<ulong> entries = [];
        if (_hasEntry)
            entries.Add(result.GetLabelRIP(_entry));
        if (OddEntry)
            entries.Add(Address + 1);
        VerifierContext context = new()
        {
            WaysOut = [Leave],
            IsUser = IsUser,
            HasWindow = HasWindow,
            Entries = entries,
            UnitsAt = _ => UnitsAtEntry,
            Head = Address,
            IsHead = at => at == Other,
            RightsOf = at => at switch
            {
                Branch => OpRights.Leave | OpRights.Follow,
                End => OpRights.Leave | OpRights.GoOn,
                _ => OpRights.None,
            },
        };
        bool accepted = CodeVerifier.TryVerify(stream.ToArray(), Address, context, out string why);
        accepted.ShouldBe(why.Length == 0);
        return why;
    }

    /// <summary>The question for budget and attention, and for the units.</summary>
    internal void Guard(HostUnits units = HostUnits.None)
    {
        A.lea(r8, __[r12 - 9]);
        A.shrx(r8, r8, r13);
        A.mov(r11d, __dword_ptr[r14 + Poll]);
        A.lea(r11, __[r11 + r8]);
        foreach (int away in (int[])[(units & HostUnits.X87) != 0 ? X87Away : 0, (units & HostUnits.Xmm) != 0 ? XmmAway : 0])
        {
            if (away == 0)
                continue;
            A.mov(r8d, __dword_ptr[r14 + away]);
            A.lea(r11, __[r11 + r8]);
        }

        OutUnlessZero();
    }

    /// <summary>Out unless the address that <see cref="Check"/> will leave in R10 is a multiple of 16.</summary>
    internal void CheckAlignment(AssemblerRegister32 address, int shift = 28)
    {
        A.mov(r10d, address);
        A.mov(r8d, shift);
        A.shlx(r11d, r10d, r8d);
        OutUnlessZero();
    }

    /// <summary>The word in R11 becomes the x87's control word, if it masks all exceptions.</summary>
    internal void LoadControl(int shift = 8, int masks = 0x7f, AssemblerRegister32? from = null)
    {
        A.mov(r8d, shift);
        A.shlx(r10d, from ?? r11d, r8d);
        A.lea(r10d, __[r10 + masks]);
        A.mov(__word_ptr[r14 + Control], r10w);
        A.fldcw(__word_ptr[r14 + Control]);
    }

    /// <summary>Where linear address 0 is for the kernel, and an address of four bytes.</summary>
    internal void Open(AssemblerMemoryOperand address)
    {
        A.lea(r10d, address);
        A.mov(r8, __qword_ptr[r14 + KernelWindow]);
    }

    internal void Spend() => A.lea(r12, __[r12 - 3]);

    internal void Entry()
    {
        A.Label(ref _entry);
        _hasEntry = true;
    }

    /// <summary>Looks an address up in the soft TLB.</summary>
    internal void Check(AssemblerRegister32 address, int size, bool write, bool test = true, bool skips = false, bool load = true,
        AssemblerRegister32? distanceTo = null, byte rotate = 22, bool mask = true, AssemblerRegister32? shift = null, int? tlb = null,
        bool again = false)
    {
        int table = tlb ?? UserTlb;
        if (!again)
            A.mov(r10d, address);
        A.rorx(r8d, r10d, rotate);
        if (mask)
            A.shrx(r8d, r8d, r9d);
        A.lea(r8d, __[r8 + r8]);
        A.mov(r11d, __dword_ptr[r14 + (r8 * 8) + (table + (write ? 4 : 0))]);
        A.not(r11d);
        if (distanceTo == ebx)
            A.lea(r11d, __[r11 + rbx + size]);
        else
            A.lea(r11d, __[r11 + r10 + size]);
        A.shrx(r11d, r11d, shift ?? r13d);
        var over = A.CreateLabel();
        if (skips)
            A.je(over);
        if (test)
            OutUnlessZero();
        if (skips)
            A.Label(ref over);
        if (load)
            A.mov(r8, __qword_ptr[r14 + (r8 * 8) + (table + 8)]);
    }

    /// <summary>R11 becomes ESI, which is neither 0 nor -1.</summary>
    internal void Divisor()
    {
        A.movsxd(r11, esi);
        A.lea(r8, __[r11 + 1]);
        A.cmp(r8, 1);
        A.jbe(_out);
    }

    internal void GoThrough(ulong op)
    {
        A.mov(r10, op);
        A.jmp(__qword_ptr[r10 + StateOffsets.OpNative]);
    }

    internal void GoToTarget(ulong op)
    {
        A.mov(r10, op);
        A.mov(r10, __qword_ptr[r10 + StateOffsets.OpTarget]);
        A.jmp(__qword_ptr[r10 + StateOffsets.OpNative]);
    }

    /// <summary>To the address in EAX, by the table of guesses.</summary>
    internal void Indirect(bool key = true, bool eip = true, bool tested = true, int left = 17, int turn = JumpEntry.Turn)
    {
        Spend();
        A.mov(r10d, eax);
        A.mov(r11d, left);
        A.rorx(r8d, r10d, (byte)turn);
        A.lea(r8d, __[r8 + r10]);
        A.shlx(r8d, r8d, r11d);
        A.mov(r11d, 13);
        A.shrx(r8d, r8d, r11d);
        A.mov(r11, __qword_ptr[r14 + Jumps]);
        A.lea(r8, __[r8 + r11]);
        A.mov(r11d, __dword_ptr[r8]);
        A.not(r11d);
        if (eip)
            A.lea(r11d, __[r11 + r10 + 1]);
        else
            A.lea(r11d, __[r11 + rbx + 1]);
        A.mov(ecx, __dword_ptr[r8 + 4]);
        A.not(ecx);
        A.mov(r10d, __dword_ptr[r14 + (key ? JumpKey : Temp)]);
        A.lea(ecx, __[rcx + r10 + 1]);
        A.lea(rcx, __[rcx + r11]);
        var hit = A.CreateLabel();
        if (tested)
            A.jrcxz(hit);
        else
            A.je(hit);
        A.jmp(_out);
        A.Label(ref hit);
        A.mov(r10, __qword_ptr[r8 + 8]);
        A.jmp(__qword_ptr[r10 + StateOffsets.OpNative]);
    }

    /// <summary>The end: the way out.</summary>
    internal void Leaves()
    {
        A.Label(ref _out);
        A.mov(r10, Branch);
        A.jmp(Leave);
    }

    private void OutUnlessZero()
    {
        A.xchg(rcx, r11);
        var good = A.CreateLabel();
        A.jrcxz(good);
        A.jmp(_out);
        A.Label(ref good);
        A.mov(rcx, r11);
    }

    private static int Offset(string field) => typeof(EngineState).GetField(field) is null
        ? (int)Marshal.OffsetOf<CpuState>(field) : (int)Marshal.OffsetOf<EngineState>(field) - EngineState.Front;
}
