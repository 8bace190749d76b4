// The Guest's x87 and XMM registers on their way between the processor's state and the host's own units.
//
//J:Translator:136 The host's own units
// An x87 addition of the interpreter is a hundred lines of C# that take numbers apart and put them together again; the host has an x87 for
// it. So while emitted code runs, the host's x87 can hold the Guest's stack, with the same top, the same empty registers, the same control
// and status word, and each instruction is the Guest's own. The XMM registers are the same matter. But most stays in emitted code compute
// no such thing, and to load and save these registers takes longer than all the rest of entering and leaving. So they are loaded when they
// are first asked for: an operation says what its code needs (Op.Needs), a block asks at its head in the same breath as for the budget
// (two words are 0 while a unit is loaded), and leaves if it must; the loop loads what is missing and enters again. What is loaded
// is saved on the way out, for the way out is where C# begins, which has its own use for the XMM registers.
//
// Two things are not left to the host. If the Guest has unmasked an exception, it would be raised here, in the middle of this process; so
// then nothing is loaded, and the interpreter does it all. And the host notes where its last x87 instruction was, in addresses of its own:
// emitted code writes the Guest's address in its place (BlockTranslator.Units), and what stores these notes is interpreted.
using Lguest.Guest.Arithmetic;
using Lguest.Guest.Cpu;
using Lguest.Guest.Execute;
using Lguest.Guest.Execute.Fpu;
using Lguest.Guest.Execute.Simd;
using Lguest.Guest.Memory;

namespace Lguest.Guest.Translator;

/// <summary>What is loaded by FXRSTOR and saved by FXSAVE, out of reach of emitted code.</summary>
internal sealed unsafe class UnitRegisters : IDisposable
{
    /// <summary>Where the stubs keep .NET's own control word and MXCSR, behind the 512 bytes of FXSAVE.</summary>
    public const int HostControlAt = 512, HostMxcsrAt = 516;

    /// <summary>Where FXRSTOR looks for MXCSR.</summary>
    public const int MxcsrAt = 24;

    private const int RegistersAt = 32;
    private const uint EveryMask = 0x1f80;
    private readonly NativePages _page = new(GuestMemory.PageSize);

    /// <summary>Address of the image.</summary>
    public byte* Image => _page.Base;

    /// <summary>Prepares what <see cref="EntryStubs.EnterWithUnits"/> loads. False if the Guest may not use these units now, or not without
    /// an exception: the interpreter has to look.</summary>
    public bool TryLoad(CpuState* c, HostUnits units)
    {
        var e = EngineState.Of(c);
        if (e->FpuTrap != 0)
            return false;
        if ((units & HostUnits.Xmm) != 0
            && (SimdState.IsSseBlocked(c) || (SimdState.Mxcsr(c) & (EveryMask | ~SimdState.LegalMxcsr)) != EveryMask))
            return false;
        if ((units & HostUnits.X87) != 0)
        {
            if (X87Stack.IsBlocked(c) || (X87Stack.Control(c) & X87Context.Exceptions) != X87Context.Exceptions)
                return false;
            LoadX87(c);
        }

        e->X87Away = (units & HostUnits.X87) != 0 ? 0u : 1;
        e->XmmAway = (units & HostUnits.Xmm) != 0 ? 0u : 1;
        return true;
    }

    /// <summary>Takes over what the way out has saved of the x87; XMM registers are where they belong already.</summary>
    public void Save(CpuState* c, HostUnits units)
    {
        if ((units & HostUnits.X87) == 0)
            return;
        byte* fx = X87Stack.Area(c);
        X87Stack.Status(c) = *(ushort*)(Image + 2);
        X87Stack.Tags(c) = Image[4];
        for (uint i = 0; i < 8; i++)
        {
            byte* from = Image + RegistersAt + (16 * i), to = fx + RegistersAt + (16 * X87Stack.Physical(c, i));
            *(ulong*)to = *(ulong*)from;
            *(ulong*)(to + 8) = *(ushort*)(from + 8);
        }
    }

    public void Dispose() => _page.Dispose();

    private void LoadX87(CpuState* c)
    {
        byte* fx = X87Stack.Area(c);
        *(ushort*)Image = X87Stack.Control(c);
        *(ushort*)(Image + 2) = X87Stack.Status(c);
        *(ushort*)(Image + 4) = X87Stack.Tags(c);
        *(ushort*)(Image + 6) = 0;
        *(ulong*)(Image + 8) = 0;
        *(ulong*)(Image + 16) = 0;
        for (uint i = 0; i < 8; i++)
        {
            byte* from = fx + RegistersAt + (16 * X87Stack.Physical(c, i)), to = Image + RegistersAt + (16 * i);
            *(ulong*)to = *(ulong*)from;
            *(ulong*)(to + 8) = *(ulong*)(from + 8);
        }
    }
}
