// A 32-bit instruction on a processor that is in 64-bit mode. Most encodings are the same there, but addresses are 64 bits wide,
// segments have no base, limit or rights, stacks and branches work in 64 bits, and some opcodes have become prefixes or nothing. What is
// the same is run, with a prefix that cuts addresses to 32 bits; all else is refused, so that nothing is compared that was not asked.
using System.Buffers.Binary;
using Iced.Intel;

namespace Lguest.Guest.Tests.Native;

/// <summary>Rewrites cases for <see cref="LongModeProgram"/>.</summary>
internal static unsafe class LongModeCase
{
    private const byte AddressSize = 0x67;
    private const int JumpLength = 5;

    /// <summary>Those that read other tables, store other images or leave the mode: descriptors, FXSAVE with its sixteen
    /// registers.</summary>
    private static readonly HashSet<Mnemonic> _different =
    [
        Mnemonic.Lfs, Mnemonic.Lgs, Mnemonic.Lss, Mnemonic.Lar, Mnemonic.Lsl, Mnemonic.Verr, Mnemonic.Verw, Mnemonic.Fxsave,
            Mnemonic.Fxrstor, Mnemonic.In, Mnemonic.Out, Mnemonic.Cli,
        Mnemonic.Sti, Mnemonic.Insb, Mnemonic.Insw, Mnemonic.Insd, Mnemonic.Outsb, Mnemonic.Outsw, Mnemonic.Outsd,
    ];

    /// <summary>The same case in 64-bit code; false if there is none.</summary>
    public static bool TryTranslate(in TestCase given, out TestCase made)
    {
        made = given;
        Span<byte> code = stackalloc byte[TestCaseLayout.CodeCapacity + 16];
        byte[] old = new byte[TestCaseLayout.CodeCapacity];
        fixed (byte* bytes = given.Code) new ReadOnlySpan<byte>(bytes, (int)given.CodeLength).CopyTo(old);
        var (read, written) = (0, 0);
        while (read < given.CodeLength)
        {
            var instruction = Decode(old.AsSpan(read), given.CodeAddress + (uint)read, 32);
            if (IsJumpToLanding(instruction, read)) break;
            bool isCut = instruction.IsInvalid || read + instruction.Length > given.CodeLength;
            int length = isCut ? (int)given.CodeLength - read : instruction.Length;
            old.AsSpan(read, length).CopyTo(code[written..]);
            if (isCut)
            {
                // No instruction, or one that reaches over the end of the code pages: only if nothing of it has another meaning.
                if (read != 0 || !instruction.IsInvalid || !Decode(code[..length], given.CodeAddress, 64).IsInvalid) return false;
                return true;
            }
            int size = length;
            if (!IsSame(given, instruction)
                || !TryRewrite(instruction, code[written..], given.CodeAddress + (uint)written, ref size)) return false;
            (read, written) = (read + length, written + size);
        }
        if (read == written) return true;
        if (written + JumpLength > TestCaseLayout.CodeCapacity
            || given.CodeAddress + (uint)(written + JumpLength) > Sandbox.CodeEnd) return false;
        CaseBuilder.SetCode(ref made, code[..written], given.CodeAddress);
        return true;
    }

    private static bool IsJumpToLanding(in Instruction i, int at) => at != 0 && i.Code == Code.Jmp_rel32_32
        && i.NearBranch32 == Sandbox.Landing;

    private static Instruction Decode(ReadOnlySpan<byte> bytes, uint address, int bits)
    {
        var decoder = Decoder.Create(bits, new ByteArrayCodeReader(bytes.ToArray()), address);
        return decoder.Decode();
    }

    /// <summary>Whether an instruction means the same in both modes, given flat segments.</summary>
    private static bool IsSame(in TestCase given, in Instruction i)
    {
        if (i.IsStackInstruction || i.IsPrivileged || _different.Contains(i.Mnemonic)) return false;
        if (i.FlowControl is not (FlowControl.Next or FlowControl.Exception)) return false;
        for (int n = 0; n < i.OpCount; n++)
        {
            switch (i.GetOpKind(n))
            {
                case OpKind.Register when i.GetOpRegister(n).IsSegmentRegister():
                case OpKind.MemorySegSI or OpKind.MemorySegDI or OpKind.MemoryESDI:
                    return false;
                case OpKind.MemoryESEDI when given.Es != Sandbox.FlatSelector:
                    return false;
                case OpKind.Memory or OpKind.MemorySegESI or OpKind.MemorySegEDI:
                    if (!IsFlat(given, i.MemorySegment)) return false;
                    break;
            }
        }
        return true;
    }

    private static bool IsFlat(in TestCase given, Register segment) => segment switch
    {
        Register.DS => given.Ds == Sandbox.FlatSelector,
        Register.ES => given.Es == Sandbox.FlatSelector,
        Register.SS => true,
        _ => false,
    };

    /// <summary>Puts the address-size prefix in front where there is an address, and an absolute address relative to EIP.</summary>
    private static bool TryRewrite(in Instruction old, Span<byte> code, uint address, ref int size)
    {
        if (HasAddress(old))
        {
            if (size == 15 || code[..size].IndexOf(AddressSize) is >= 0 and < 5 && HasNarrowAddress(old)) return false;
            code[..size].ToArray().CopyTo(code[1..]);
            code[0] = AddressSize;
            size++;
        }
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(code[..size].ToArray()), address);
        var made = decoder.Decode();
        if (made.Code != old.Code || made.Length != size) return false;
        if (made.MemoryBase is Register.EIP or Register.RIP)
        {
            var at = code[decoder.GetConstantOffsets(made).DisplacementOffset..];
            BinaryPrimitives.WriteUInt32LittleEndian(at, old.MemoryDisplacement32 - address - (uint)size);
            made = Decode(code[..size], address, 64);
            if (made.MemoryBase != Register.EIP || (uint)made.IPRelativeMemoryAddress != old.MemoryDisplacement32) return false;
            return SameOperands(old, made);
        }
        return SameOperands(old, made) && made.MemoryBase == old.MemoryBase && made.MemoryIndex == old.MemoryIndex
            && made.MemoryIndexScale == old.MemoryIndexScale && made.MemoryDisplacement32 == old.MemoryDisplacement32;
    }

    private static bool HasNarrowAddress(in Instruction i) => i.MemoryBase.GetSize() == 2 || i.MemoryIndex.GetSize() == 2
        || i.MemoryDisplSize == 2;

    private static bool HasAddress(in Instruction i)
    {
        for (int n = 0; n < i.OpCount; n++)
        {
            if (i.GetOpKind(n) is OpKind.Memory or OpKind.MemorySegESI or OpKind.MemorySegEDI or OpKind.MemoryESEDI) return true;
        }
        return false;
    }

    private static bool SameOperands(in Instruction a, in Instruction b)
    {
        if (a.OpCount != b.OpCount) return false;
        for (int n = 0; n < a.OpCount; n++)
        {
            if (a.GetOpKind(n) != b.GetOpKind(n) || a.GetOpRegister(n) != b.GetOpRegister(n)) return false;
            if (a.GetOpKind(n) is >= OpKind.Immediate8 and <= OpKind.Immediate8to32 && a.GetImmediate(n) != b.GetImmediate(n)) return false;
        }
        return a.HasLockPrefix == b.HasLockPrefix && a.HasRepPrefix == b.HasRepPrefix && a.HasRepnePrefix == b.HasRepnePrefix;
    }
}
