// What the manuals leave undefined, processors do differently: a shift may set AF or clear it, a multiplication may leave ZF alone or not.
// Our core does what recent Intel processors do, on every engine, so that a Guest leaves the same bytes behind wherever it runs. This file
// finds out, by trying, where the host does the same; there an instruction is emitted as it is, elsewhere its flags are put right after it.
//
//J:Translator:140 Undefined flags
// A Guest that prints its flags after a multiplication sees something, whatever the manual says, and must see the same on every host and
// under both engines: otherwise a run could not be repeated elsewhere, and no test could compare the engines byte for byte. At the start
// each family is tried, three hundred pairs of operands with the flags clear and set, against the interpreter's rule. A family that agrees
// costs nothing.
//
// One that does not is repaired as late as possible. AF after a shift is the common case: the translator remembers that AF is wrong, most
// often the next addition or comparison sets it anew, and only where the block is left, or LAHF reads it, is it cleared. Other repairs take
// the flags through AH (LAHF, SAHF) and are left out if the instructions that follow set those flags before anything can see them. "Seen"
// is meant strictly: by an instruction that reads them, and by every access to memory, since that may fault.
using System.Runtime.Intrinsics.X86;
using Lguest.Guest.Cpu;

namespace Lguest.Guest.Translator;

/// <summary>Whether the host's undefined status flags are the interpreter's.</summary>
internal sealed unsafe class HostFlags
{
    private const uint Status = EFlags.Status;
    private const uint Rotated = EFlags.Carry | EFlags.Overflow;

    private static HostFlags? _known;

    private HostFlags(CodeWriter w)
    {
        uint start = w.Position;
        Logic = Same(w, [0x21, 0xd1], (a, b, _) => All(a & b, 0, 0));
        Shifts = Same(w, [0xc1, 0xe1, 5], (a, _, _) => All(a << 5, (a >> 27) & 1, (a >> 27 ^ a >> 26) & 1))
            && Same(w, [0xd1, 0xe1], (a, _, _) => All(a << 1, a >> 31, (a >> 31) ^ ((a >> 30) & 1)))
            && Same(w, [0xc1, 0xe9, 5], (a, _, _) => All(a >> 5, (a >> 4) & 1, 0))
            && Same(w, [0xc1, 0xf9, 5], (a, _, _) => All((uint)((int)a >> 5), (a >> 4) & 1, 0));
        Rotates = Same(w, [0xc1, 0xc1, 5], (a, _, f) => (f & ~Rotated) | CarryAndOverflow((a >> 27) & 1, (a >> 27 ^ a >> 26) & 1))
            && Same(w, [0xc1, 0xc9, 5], (a, _, f) => (f & ~Rotated) | CarryAndOverflow((a >> 4) & 1, (a >> 4 ^ a >> 3) & 1));
        BitTests = Same(w, [0x0f, 0xa3, 0xd1], (a, b, f) => (f & ~EFlags.Carry) | ((a >> (int)(b & 31)) & 1));
        Multiplications = Same(w, [0x0f, 0xaf, 0xca], (a, b, _) =>
        {
            long product = (long)(int)a * (int)b;
            uint carry = product == (int)product ? 0u : 1;
            return All((uint)product, carry, carry);
        });
        DoubleShifts = Same(w, [0x0f, 0xa4, 0xd1, 5], (a, b, _) =>
        {
            uint result = (a << 5) | (b >> 27);
            return All(result, (a >> 27) & 1, (a ^ result) >> 31);
        });
        ScansKeep = KeepsDestination(w, 0xbc) && KeepsDestination(w, 0xbd);
        w.Position = start;
    }

    /// <summary>What this host does, found out by the first who asks: it is the same for all Guests. Two who ask at once may both try, and
    /// find the same.</summary>
    /// <param name="w">Where a few short functions for the trial are written; they may be overwritten afterwards.</param>
    public static HostFlags Of(CodeWriter w) => _known ??= new HostFlags(w);

    /// <summary>The processor's vendor is AMD.</summary>
    public bool IsAmd { get; } = X86Base.IsSupported && X86Base.CpuId(0, 0).Ecx == 0x444d_4163; // "cAMD" of AuthenticAMD

    /// <summary>AND, OR, XOR and TEST clear AF.</summary>
    public bool Logic { get; }

    /// <summary>SHL, SHR, SAR clear AF, and OF is what it would be for a count of one.</summary>
    public bool Shifts { get; }

    /// <summary>ROL, ROR, RCL, RCR: OF is what it would be for a count of one.</summary>
    public bool Rotates { get; }

    /// <summary>BT and its kin change CF alone.</summary>
    public bool BitTests { get; }

    /// <summary>MUL and IMUL: SF, ZF and PF follow the lower half, AF is clear.</summary>
    public bool Multiplications { get; }

    /// <summary>SHLD and SHRD: OF is the change of the sign, AF is clear.</summary>
    public bool DoubleShifts { get; }

    /// <summary>BSF and BSR leave the destination alone where the source is zero.</summary>
    public bool ScansKeep { get; }

    private static bool KeepsDestination(CodeWriter w, byte scan)
    {
        uint start = w.Position;
        w.Bytes(0x31, 0xc9); // xor ecx, ecx
        w.Bytes(0x89, 0xf8); // mov eax, edi
        w.Bytes(0x0f, scan, 0xc1); // bsf or bsr eax, ecx
        w.Byte(0xc3);
        var run = (delegate* unmanaged<ulong, ulong>)w.AddressOf(start);
        return run(0x1234_5678) == 0x1234_5678 && run(0) == 0;
    }

    private static uint CarryAndOverflow(uint carry, uint overflow) => carry | (overflow << 11);

    private static uint All(uint result, uint carry, uint overflow)
    {
        var c = stackalloc CpuState[1];
        c->FlagResult = result;
        c->FlagCarries = (carry << 31) | ((carry ^ overflow) << 30);
        return Flags.Status(c);
    }

    /// <summary>Executes an instruction on ECX and EDX some hundred times and compares the flags.</summary>
    private static bool Same(CodeWriter w, ReadOnlySpan<byte> code, Func<uint, uint, uint, uint> rule)
    {
        // uint function(uint a, uint b, uint flags): the System V registers EDI, ESI, EDX.
        uint start = w.Position;
        w.Bytes(0x52, 0x9d); // push rdx; popfq
        w.Bytes(0x89, 0xf9, 0x89, 0xf2); // mov ecx, edi; mov edx, esi
        w.Bytes(code);
        w.Bytes(0x9c, 0x58, 0xc3); // pushfq; pop rax; ret
        var run = (delegate* unmanaged<uint, uint, uint, uint>)w.AddressOf(start);
        uint a = 1, b = 0x9e3779b9;
        for (uint i = 0; i < 300; i++)
        {
            a = (a * 1664525) + 1013904223;
            b = (b ^ (b << 13)) * 0x85ebca6b;
            uint x = (i % 5) switch { 0 => 0, 1 => 1u << (int)(i % 32), 2 => uint.MaxValue << (int)(i % 32), _ => a };
            uint y = (i % 3) == 0 ? i : b;
            foreach (uint before in (ReadOnlySpan<uint>)[0, Status])
            {
                if ((run(x, y, before | 2) & Status) != rule(x, y, before))
                    return false;
            }
        }

        return true;
    }
}
