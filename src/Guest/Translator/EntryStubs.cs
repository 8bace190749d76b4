// The doors between C# and emitted code, and the small shared pieces of the way from block to block.
//
//J:Translator:110 Into emitted code and out of it
// Two stubs of host code, written once for each Guest, are the doors. On the way in the lazy flags of the interpreter become the host's
// own, the Guest's registers are loaded, and a jump leads into the block. Seven of the eight keep their numbers; ESP moves to R15, since
// RSP has to stay the host's stack: a signal may push onto it at any time. R14 is the processor's state, R12 the budget; R9 and R13 are
// two constants that shift counts need; R8, R10 and R11 are left to work with.
//
// On the way out the registers go back, LAHF and SETO fetch the six status flags, and a table of 512 entries turns them into the lazy form
// again. What comes back in RAX is the operation with which the interpreter goes on: emitted code has no other way to ask for anything. So
// a page that the soft TLB does not know, a fault, an instruction without an emitter, a spent budget and a wish for attention are all the
// same: "interpret from here", and only the interpreter knows how each of them ends.
using System.Runtime.Intrinsics.X86;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using Lguest.Guest.Execute;
using Lguest.Guest.Memory;
using Lguest.Guest.Mmu;
using static Lguest.Guest.Translator.HostRegister;

namespace Lguest.Guest.Translator;

/// <summary>The stubs at the beginning of the code memory.</summary>
internal sealed unsafe class EntryStubs : IDisposable
{
    /// <summary>What R13 holds: as a count of a 32-bit shift it means 12, the bits within a page; of a 64-bit shift 44, which leaves
    /// nothing of a number unless it is negative (or enormous).</summary>
    public const uint ShiftCount = 44;

    /// <summary>What R9 holds: an address rotated right and then shifted right by as much leaves ten bits, those above bit 12: the
    /// page's place in the soft TLB.</summary>
    public const int IndexShift = 22;

    private static readonly HostRegister[] _saved = [Rbx, Rbp, R12, R13, R14, R15];
    private readonly NativePages _flagTable;
    private readonly ulong _units;

    /// <param name="w">Where the stubs are written.</param>
    /// <param name="units">The image of <see cref="UnitRegisters"/>.</param>
    public EntryStubs(CodeWriter w, byte* units)
    {
        _units = (ulong)units;
        _flagTable = new NativePages(512 * sizeof(ulong));
        FillFlagTable((ulong*)_flagTable.Base);
        w.Align(64);
        Leave = w.AddressOf(LeavePosition = w.Position);
        EmitLeave(w);
        w.Align(64);
        Cold = w.AddressOf(w.Position);
        w.Jump(LeavePosition);
        w.Align(64);
        LeaveClearingAdjust = w.Position;
        EmitClearAdjust(w);
        w.Jump(LeavePosition);
        w.Align(64);
        Enter = (delegate* unmanaged<CpuState*, nint, Op*>)w.AddressOf(w.Position);
        uint enter = w.Position;
        EmitEnter(w);
        w.Align(64);
        EnterWithUnits = (delegate* unmanaged<CpuState*, nint, Op*>)w.AddressOf(w.Position);
        EmitLoadUnits(w);
        w.Jump(enter);
        w.Align(64);
        Fall = w.AddressOf(w.Position);
        EmitFall(w);
        w.Align(64);
        FallChecked = w.AddressOf(w.Position);
        EmitEpochCheck(w);
        EmitFall(w);
        w.Align(64);
        Checked = w.AddressOf(w.Position);
        EmitEpochCheck(w);
        EmitGo(w);
        w.Align(64);
        AfterFault = w.AddressOf(w.Position);
        w.Set64(R10, 0);
        w.Jump(LeavePosition);

        // What faults in the stubs is no access of the Guest's.
        w.Align((uint)GuestMemory.PageSize);
        End = w.Position;
    }

    /// <summary>Enters code at an address; returns the operation that the interpreter executes next.</summary>
    public delegate* unmanaged<CpuState*, nint, Op*> Enter { get; }

    /// <summary>The same, and loads the units that are not away. They are away again when it returns.</summary>
    public delegate* unmanaged<CpuState*, nint, Op*> EnterWithUnits { get; }

    /// <summary>Address of the way out, with the operation in R10. It is what <see cref="Op.Native"/> says where there is no
    /// code.</summary>
    public nint Leave { get; }

    /// <summary>The same way out under another address: <see cref="Op.Native"/> of the first operation of a block that is not translated
    /// yet.</summary>
    public nint Cold { get; }

    /// <summary>Offset of <see cref="Leave"/>.</summary>
    public uint LeavePosition { get; }

    /// <summary>Offset of the way out that clears AF first.</summary>
    public uint LeaveClearingAdjust { get; }

    /// <summary><see cref="Op.Native"/> of <see cref="Links.FallLinked"/>.</summary>
    public nint Fall { get; }

    /// <summary><see cref="Op.Native"/> of <see cref="Links.FallChecked"/>.</summary>
    public nint FallChecked { get; }

    /// <summary><see cref="Op.Native"/> of <see cref="Links.TakenChecked"/>.</summary>
    public nint Checked { get; }

    /// <summary>Where code goes on that has faulted: the way out, with no operation in hand.</summary>
    public nint AfterFault { get; }

    /// <summary>Offset of the first byte after the stubs; page aligned.</summary>
    public uint End { get; }

    public void Dispose() => _flagTable.Dispose();

    /// <summary>AF := 0, the other flags as they are. Uses R8.</summary>
    public static void EmitClearAdjust(CodeWriter w)
    {
        w.Move64(R8, Rax);
        w.Bytes(0x9f); // lahf
        w.Bytes(0x0f, 0x90, 0xc0); // seto al
        w.Bytes(0x80, 0xe4, 0xef); // and ah, ~AF
        EmitRestoreFlags(w);
        w.Move64(Rax, R8);
    }

    /// <summary>Status flags from AH (as SAHF takes them) and AL (OF).</summary>
    public static void EmitRestoreFlags(CodeWriter w)
    {
        w.Bytes(0x04, 0x7f); // add al, 127: OF if al is 1
        w.Bytes(0x9e); // sahf
    }

    private static void EmitEnter(CodeWriter w)
    {
        foreach (var register in _saved)
        {
            if ((int)register >= 8)
                w.Byte(0x41);
            w.Byte(0x50 | ((int)register & 7));
        }

        w.Lea64(Rsp, Rsp, -8);
        w.Move64(R14, Rdi);
        w.Move64(R10, Rsi);
        w.Load64(R12, R14, StateOffsets.Budget);
        w.Set32(R9, IndexShift);
        w.Set32(R13, ShiftCount);
        w.Load32(Rax, R14, StateOffsets.FlagResult);
        w.Load32(Rcx, R14, StateOffsets.FlagCarries);
        w.Bytes(0x89, 0xc2); // mov edx, eax
        w.Bytes(0xc1, 0xea, 31); // shr edx, 31
        w.Bytes(0x89, 0xce); // mov esi, ecx
        w.Bytes(0x83, 0xe6, 1); // and esi, 1
        w.Bytes(0x31, 0xf2); // xor edx, esi
        w.Bytes(0xc1, 0xe2, 7); // shl edx, 7: SF
        w.Bytes(0x31, 0xdb); // xor ebx, ebx
        w.Bytes(0x85, 0xc0); // test eax, eax
        w.Bytes(0x0f, 0x94, 0xc3); // setz bl
        w.Bytes(0xc1, 0xe3, 6); // shl ebx, 6
        w.Bytes(0x09, 0xda); // or edx, ebx: ZF
        w.Bytes(0x89, 0xcb); // mov ebx, ecx
        w.Bytes(0xc1, 0xeb, 8); // shr ebx, 8
        w.Bytes(0x31, 0xc3); // xor ebx, eax
        w.Bytes(0x84, 0xdb); // test bl, bl
        w.Bytes(0x0f, 0x9a, 0xc3); // setp bl
        w.Bytes(0x0f, 0xb6, 0xdb); // movzx ebx, bl
        w.Bytes(0xc1, 0xe3, 2); // shl ebx, 2
        w.Bytes(0x09, 0xda); // or edx, ebx: PF
        w.Bytes(0x89, 0xcb); // mov ebx, ecx
        w.Bytes(0x83, 0xe3, 8); // and ebx, 8
        w.Bytes(0x01, 0xdb); // add ebx, ebx
        w.Bytes(0x09, 0xda); // or edx, ebx: AF
        w.Bytes(0x89, 0xcb); // mov ebx, ecx
        w.Bytes(0xc1, 0xeb, 31); // shr ebx, 31
        w.Bytes(0x09, 0xda); // or edx, ebx: CF
        w.Bytes(0x8d, 0x1c, 0x09); // lea ebx, [rcx + rcx]
        w.Bytes(0x31, 0xcb); // xor ebx, ecx
        w.Bytes(0xc1, 0xeb, 31); // shr ebx, 31
        w.Bytes(0xc1, 0xe2, 8); // shl edx, 8
        w.Bytes(0x09, 0xda); // or edx, ebx: OF
        w.Bytes(0x89, 0xd0); // mov eax, edx
        EmitRestoreFlags(w);
        for (int i = 0; i < 8; i++)
            w.Load32(i == 4 ? R15 : (HostRegister)i, R14, i * 4);
        w.JumpTo(R10);
    }

    private void EmitLeave(CodeWriter w)
    {
        for (int i = 0; i < 8; i++)
            w.Store32(i == 4 ? R15 : (HostRegister)i, R14, i * 4);
        w.Store64(R12, R14, StateOffsets.Budget);
        w.Bytes(0x9f); // lahf
        w.Bytes(0x0f, 0x90, 0xc0); // seto al
        w.Bytes(0x0f, 0xb6, 0xcc); // movzx ecx, ah
        w.Bytes(0x0f, 0xb6, 0xc0); // movzx eax, al
        w.Bytes(0xc1, 0xe0, 8); // shl eax, 8
        w.Bytes(0x09, 0xc8); // or eax, ecx
        w.Set64(Rdx, (ulong)_flagTable.Base);
        w.LoadIndexed(true, Rax, Rdx, Rax, 3, 0);
        w.Store64(Rax, R14, StateOffsets.FlagResult);
        w.Load32(Rax, R14, StateOffsets.X87Away);
        w.Load32(Rcx, R14, StateOffsets.XmmAway);
        w.Bytes(0x01, 0xc8); // add eax, ecx
        w.Bytes(0x83, 0xf8, 2); // cmp eax, 2
        uint some = w.JumpForwardIf(5); // jne
        uint saved = w.Position;
        w.Move64(Rax, R10);
        w.Lea64(Rsp, Rsp, 8);
        for (int i = _saved.Length - 1; i >= 0; i--)
        {
            if ((int)_saved[i] >= 8)
                w.Byte(0x41);
            w.Byte(0x58 | ((int)_saved[i] & 7));
        }

        w.Byte(0xc3);
        w.Resolve(some);
        EmitSaveUnits(w);
        w.Jump(saved);
    }

    /// <summary>RDI is the state, RSI stays.</summary>
    private void EmitLoadUnits(CodeWriter w)
    {
        if (Avx.IsSupported)
            w.Bytes(0xc5, 0xf8, 0x77); // vzeroupper: SSE instructions beside live upper halves are slow
        w.Set64(Rax, _units);
        w.Unit(0xd9, 7, Rax, UnitRegisters.HostControlAt); // fnstcw
        w.Unit(0x0fae, 3, Rax, UnitRegisters.HostMxcsrAt); // stmxcsr
        w.Unit(0x0fae, 3, Rax, UnitRegisters.MxcsrAt);
        EmitUnlessAway(StateOffsets.X87Away, Rdi, () => w.Unit(0x0fae, 1, Rax, 0)); // fxrstor
        EmitUnlessAway(StateOffsets.XmmAway, Rdi, () =>
        {
            for (int i = 0; i < 8; i++)
                w.Unit(0x0f10, i, Rdi, StateOffsets.Xmm + (16 * i)); // movups
            w.Unit(0x0fae, 2, Rdi, StateOffsets.Mxcsr); // ldmxcsr
        });

        void EmitUnlessAway(int away, HostRegister state, Action load)
        {
            w.Unit(0x83, 7, state, away); // cmp dword [away], 0
            w.Byte(0);
            uint skip = w.JumpForwardIf(5); // jne
            load();
            w.Resolve(skip);
        }
    }

    private void EmitSaveUnits(CodeWriter w)
    {
        w.Set64(Rdx, _units);
        w.Unit(0x83, 7, R14, StateOffsets.XmmAway); // cmp dword [away], 0
        w.Byte(0);
        uint noXmm = w.JumpForwardIf(5); // jne
        for (int i = 0; i < 8; i++)
            w.Unit(0x0f11, i, R14, StateOffsets.Xmm + (16 * i)); // movups
        w.Unit(0x0fae, 3, R14, StateOffsets.Mxcsr); // stmxcsr
        w.Unit(0x0fae, 2, Rdx, UnitRegisters.HostMxcsrAt); // ldmxcsr
        w.StoreImmediate32(R14, StateOffsets.XmmAway, 1);
        w.Resolve(noXmm);
        w.Unit(0x83, 7, R14, StateOffsets.X87Away); // cmp dword [away], 0
        w.Byte(0);
        uint noX87 = w.JumpForwardIf(5); // jne
        w.Unit(0x0fae, 0, Rdx, 0); // fxsave
        w.Bytes(0xdb, 0xe3); // fninit
        w.Unit(0xd9, 5, Rdx, UnitRegisters.HostControlAt); // fldcw
        w.StoreImmediate32(R14, StateOffsets.X87Away, 1);
        w.Resolve(noX87);
    }

    /// <summary>R10 is a fall operation: takes its instructions off the budget, and goes on.</summary>
    private static void EmitFall(CodeWriter w)
    {
        w.Bytes(0x45, 0x0f, 0xb6, 0x42, (byte)StateOffsets.OpIndex); // movzx r8d, byte [r10 + Index]
        w.Bytes(0x49, 0xf7, 0xd0); // not r8
        w.LeaIndexed(true, R12, R12, R8, 0, 1);
        EmitGo(w);
    }

    /// <summary>R10 is a link that is good for one mapping epoch. In another one the interpreter executes all of it, so nothing of it is
    /// done yet.</summary>
    private void EmitEpochCheck(CodeWriter w)
    {
        w.Load32(R11, R14, StateOffsets.Epoch);
        w.Not32(R11);
        w.Load32(R8, R10, StateOffsets.OpImm);
        w.LeaIndexed(false, R11, R11, R8, 0, 1);
        w.Exchange64(Rcx, R11);
        uint good = w.SkipIfRcxIsZero();
        w.Move64(Rcx, R11);
        w.Jump(LeavePosition);
        w.LandHere(good);
        w.Move64(Rcx, R11);
    }

    /// <summary>On to the target of the operation in R10.</summary>
    public static void EmitGo(CodeWriter w)
    {
        w.Load64(R10, R10, StateOffsets.OpTarget);
        w.JumpThrough(R10, StateOffsets.OpNative);
    }

    private static void FillFlagTable(ulong* table)
    {
        var c = stackalloc CpuState[1];
        for (uint i = 0; i < 512; i++)
        {
            Flags.SetStatus(c, (i & 0xd5) | (i >> 8 << 11));
            table[i] = c->FlagResult | ((ulong)c->FlagCarries << 32);
        }
    }
}
