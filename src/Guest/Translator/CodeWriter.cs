// The assembler of the glue around a Guest's instructions: the few forms that entering, leaving, address checks and jumps are made of,
// and Iced's encoder for the instructions themselves. None of the glue touches the status flags, unless its name says so.
using System.Runtime.CompilerServices;
using Iced.Intel;
using static Lguest.Guest.Translator.HostRegister;

namespace Lguest.Guest.Translator;

/// <summary>Writes x86-64 code at the end of what a <see cref="CodeMemory"/> holds.</summary>
internal sealed unsafe class CodeWriter
{
    private readonly CodeMemory _memory;
    private readonly Encoder _encoder;

    public CodeWriter(CodeMemory memory)
    {
        _memory = memory;
        _encoder = Encoder.Create(64, new Sink(this));
        ColdPosition = FirstCold;
    }

    /// <summary>Offset in the code memory of the next byte.</summary>
    public uint Position { get; set; }

    /// <summary>Where the part of the memory begins that has the code which is rarely executed: behind three quarters of it.</summary>
    public uint FirstCold => _memory.Length / 4 * 3;

    /// <summary>Offset of the next byte there.</summary>
    public uint ColdPosition { get; set; }

    /// <summary>Bytes left in front of the cold part.</summary>
    public uint Room => FirstCold - Position;

    /// <summary>Bytes left in the cold part.</summary>
    public uint ColdRoom => _memory.Length - ColdPosition;

    /// <summary>Address at which the code at an offset is executed.</summary>
    public nint AddressOf(uint position) => (nint)(_memory.Executable + position);

    /// <summary>What was written between two offsets, where it can be written.</summary>
    public Span<byte> Between(uint start, uint end) => new(_memory.Writable + start, (int)(end - start));

    public void Byte(int value) => _memory.Writable[Position++] = (byte)value;

    public void Bytes(params ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(new Span<byte>(_memory.Writable + Position, bytes.Length));
        Position += (uint)bytes.Length;
    }

    public void Word32(uint value)
    {
        Unsafe.WriteUnaligned(_memory.Writable + Position, value);
        Position += 4;
    }

    public void Word64(ulong value)
    {
        Unsafe.WriteUnaligned(_memory.Writable + Position, value);
        Position += 8;
    }

    /// <summary>Fills up to a multiple with long no-operations.</summary>
    public void Align(uint multiple)
    {
        while (Position % multiple != 0)
            Byte(0x90);
    }

    /// <summary>One instruction of the Guest, its operands already replaced. False, with nothing written, if it has no 64-bit
    /// form.</summary>
    public bool TryEncode(in Instruction instruction)
    {
        uint start = Position;
        if (_encoder.TryEncode(instruction, (ulong)AddressOf(Position), out _, out _))
            return true;
        Position = start;
        return false;
    }

    /// <summary>mov r32, r32.</summary>
    public void Move32(HostRegister to, HostRegister from) => RegisterForm(false, 0x8b, to, from);

    /// <summary>mov r64, r64.</summary>
    public void Move64(HostRegister to, HostRegister from) => RegisterForm(true, 0x8b, to, from);

    /// <summary>xchg r64, r64.</summary>
    public void Exchange64(HostRegister a, HostRegister b) => RegisterForm(true, 0x87, a, b);

    /// <summary>mov r32, imm32.</summary>
    public void Set32(HostRegister to, uint value)
    {
        if ((int)to >= 8)
            Byte(0x41);
        Byte(0xb8 + ((int)to & 7));
        Word32(value);
    }

    /// <summary>mov r64, imm64.</summary>
    public void Set64(HostRegister to, ulong value)
    {
        Byte((int)to >= 8 ? 0x49 : 0x48);
        Byte(0xb8 + ((int)to & 7));
        Word64(value);
    }

    /// <summary>mov r32, [base + disp].</summary>
    public void Load32(HostRegister to, HostRegister from, int displacement) => MemoryForm(false, 0x8b, (int)to, from, displacement);

    /// <summary>mov r64, [base + disp].</summary>
    public void Load64(HostRegister to, HostRegister from, int displacement) => MemoryForm(true, 0x8b, (int)to, from, displacement);

    /// <summary>mov [base + disp], r32.</summary>
    public void Store32(HostRegister from, HostRegister to, int displacement) => MemoryForm(false, 0x89, (int)from, to, displacement);

    /// <summary>mov [base + disp], r64.</summary>
    public void Store64(HostRegister from, HostRegister to, int displacement) => MemoryForm(true, 0x89, (int)from, to, displacement);

    /// <summary>mov dword [base + disp], imm32.</summary>
    public void StoreImmediate32(HostRegister to, int displacement, uint value)
    {
        MemoryForm(false, 0xc7, 0, to, displacement);
        Word32(value);
    }

    /// <summary>mov word [base + disp], r16.</summary>
    public void Store16(HostRegister from, HostRegister to, int displacement)
    {
        Byte(0x66);
        MemoryForm(false, 0x89, (int)from, to, displacement);
    }

    /// <summary>An instruction of one or two opcode bytes with a memory operand, whatever is in the reg field.</summary>
    public void Unit(int opcode, int reg, HostRegister from, int displacement) => MemoryForm(false, opcode, reg, from, displacement);

    /// <summary>lea r32, [base + disp].</summary>
    public void Lea32(HostRegister to, HostRegister from, int displacement) => MemoryForm(false, 0x8d, (int)to, from, displacement);

    /// <summary>lea r64, [base + disp].</summary>
    public void Lea64(HostRegister to, HostRegister from, int displacement) => MemoryForm(true, 0x8d, (int)to, from, displacement);

    /// <summary>lea, 32 or 64 bits: to = base + index * 2^scale + displacement.</summary>
    public void LeaIndexed(bool wide, HostRegister to, HostRegister from, HostRegister index, int scale, int displacement)
        => IndexedForm(wide, 0x8d, to, from, index, scale, displacement);

    /// <summary>lea r32, [index * 2^scale + displacement].</summary>
    public void LeaScaled32(HostRegister to, HostRegister index, int scale, int displacement)
    {
        int rex = 0x40 | ((int)to >= 8 ? 4 : 0) | ((int)index >= 8 ? 2 : 0);
        if (rex != 0x40)
            Byte(rex);
        Bytes(0x8d, (byte)(4 | (((int)to & 7) << 3)), (byte)((scale << 6) | (((int)index & 7) << 3) | 5));
        Word32((uint)displacement);
    }

    /// <summary>mov, 32 or 64 bits: to = [base + index * 2^scale + displacement].</summary>
    public void LoadIndexed(bool wide, HostRegister to, HostRegister from, HostRegister index, int scale, int displacement)
        => IndexedForm(wide, 0x8b, to, from, index, scale, displacement);

    /// <summary>mov [base + index + displacement], r32.</summary>
    public void StoreIndexed32(HostRegister from, HostRegister to, HostRegister index, int displacement) =>
        IndexedForm(false, 0x89, from, to, index, 0, displacement);

    /// <summary>mov dword [base + index + displacement], imm32.</summary>
    public void StoreIndexedImmediate32(HostRegister to, HostRegister index, int displacement, uint value)
    {
        IndexedForm(false, 0xc7, Rax, to, index, 0, displacement);
        Word32(value);
    }

    /// <summary>not r32: the one arithmetic instruction that leaves the flags alone.</summary>
    public void Not32(HostRegister register)
    {
        if ((int)register >= 8)
            Byte(0x41);
        Bytes(0xf7, (byte)(0xd0 | ((int)register & 7)));
    }

    /// <summary>rorx r32, r32, imm8 (BMI2).</summary>
    public void RotateRight32(HostRegister to, HostRegister from, int count)
    {
        Vex(to, Rax, from, 3, 3, false, vvvv: 0xf);
        Bytes(0xf0, (byte)(0xc0 | (((int)to & 7) << 3) | ((int)from & 7)), (byte)count);
    }

    /// <summary>shrx (BMI2).</summary>
    public void ShiftRight(bool wide, HostRegister to, HostRegister from, HostRegister count)
    {
        Vex(to, Rax, from, 2, 3, wide, vvvv: ~(int)count & 0xf);
        Bytes(0xf7, (byte)(0xc0 | (((int)to & 7) << 3) | ((int)from & 7)));
    }

    /// <summary>shlx r32 (BMI2).</summary>
    public void ShiftLeft32(HostRegister to, HostRegister from, HostRegister count)
    {
        Vex(to, Rax, from, 2, 1, false, vvvv: ~(int)count & 0xf);
        Bytes(0xf7, (byte)(0xc0 | (((int)to & 7) << 3) | ((int)from & 7)));
    }

    /// <summary>jmp [base + disp].</summary>
    public void JumpThrough(HostRegister from, int displacement) => MemoryForm(false, 0xff, 4, from, displacement);

    /// <summary>jmp r64.</summary>
    public void JumpTo(HostRegister register)
    {
        if ((int)register >= 8)
            Byte(0x41);
        Bytes(0xff, (byte)(0xe0 | ((int)register & 7)));
    }

    /// <summary>jrcxz over what comes next; <see cref="LandHere"/> ends it.</summary>
    /// <returns>What to pass to <see cref="LandHere"/>.</returns>
    public uint SkipIfRcxIsZero()
    {
        Bytes(0xe3, 0);
        return Position;
    }

    /// <summary>jmp rel8 over what comes next.</summary>
    public uint Skip()
    {
        Bytes(0xeb, 0);
        return Position;
    }

    /// <summary>The end of a skip.</summary>
    public void LandHere(uint skip) => _memory.Writable[skip - 1] = checked((byte)(Position - skip));

    /// <summary>jmp rel32 to code that is there already.</summary>
    public void Jump(uint target)
    {
        Byte(0xe9);
        Word32(target - (Position + 4));
    }

    /// <summary>jmp rel32 to a place that <see cref="Resolve"/> will name.</summary>
    public uint JumpForward()
    {
        Byte(0xe9);
        Word32(0);
        return Position;
    }

    /// <summary>jcc rel32 to a place that <see cref="Resolve"/> will name.</summary>
    /// <param name="condition">0-15, as in the opcode.</param>
    public uint JumpForwardIf(int condition)
    {
        Bytes(0x0f, (byte)(0x80 | condition));
        Word32(0);
        return Position;
    }

    /// <summary>The target of a forward jump is here.</summary>
    public void Resolve(uint jump) => Unsafe.WriteUnaligned(_memory.Writable + jump - 4, Position - jump);

    /// <summary>The target of a jump is code that is there already.</summary>
    public void Resolve(uint jump, uint target) => Unsafe.WriteUnaligned(_memory.Writable + jump - 4, target - jump);

    /// <summary>Makes the memory operand of the next instruction one of the window: its address, of 32 bits, counts from GS.</summary>
    public void InWindow() => Bytes(0x65, 0x67);

    private void RegisterForm(bool wide, int opcode, HostRegister reg, HostRegister rm)
    {
        int rex = 0x40 | (wide ? 8 : 0) | ((int)reg >= 8 ? 4 : 0) | ((int)rm >= 8 ? 1 : 0);
        if (rex != 0x40)
            Byte(rex);
        Bytes((byte)opcode, (byte)(0xc0 | (((int)reg & 7) << 3) | ((int)rm & 7)));
    }

    private void MemoryForm(bool wide, int opcode, int reg, HostRegister from, int displacement)
    {
        int rex = 0x40 | (wide ? 8 : 0) | (reg >= 8 ? 4 : 0) | ((int)from >= 8 ? 1 : 0);
        if (rex != 0x40)
            Byte(rex);
        if (opcode > 0xff)
            Byte(opcode >> 8);
        bool small = displacement is >= -128 and <= 127;
        Bytes((byte)opcode, (byte)((small ? 0x40 : 0x80) | ((reg & 7) << 3) | ((int)from & 7)));
        if (((int)from & 7) == 4)
            Byte(0x24);
        if (small)
            Byte(displacement);
        else
            Word32((uint)displacement);
    }

    private void IndexedForm(bool wide, int opcode, HostRegister reg, HostRegister from, HostRegister index, int scale, int displacement)
    {
        int rex = 0x40 | (wide ? 8 : 0) | ((int)reg >= 8 ? 4 : 0) | ((int)index >= 8 ? 2 : 0) | ((int)from >= 8 ? 1 : 0);
        if (rex != 0x40)
            Byte(rex);
        bool none = displacement == 0 && ((int)from & 7) != 5;
        bool small = displacement is >= -128 and <= 127;
        Bytes((byte)opcode, (byte)((none ? 0 : small ? 0x40 : 0x80) | (((int)reg & 7) << 3) | 4),
            (byte)((scale << 6) | (((int)index & 7) << 3) | ((int)from & 7)));
        if (none)
            return;
        if (small)
            Byte(displacement);
        else
            Word32((uint)displacement);
    }

    private void Vex(HostRegister reg, HostRegister index, HostRegister rm, int map, int prefix, bool wide, int vvvv) => Bytes(
        0xc4,
        (byte)(((int)reg >= 8 ? 0 : 0x80) | ((int)index >= 8 ? 0 : 0x40) | ((int)rm >= 8 ? 0 : 0x20) | map),
        (byte)((wide ? 0x80 : 0) | (vvvv << 3) | prefix));

    private sealed class Sink(CodeWriter writer) : Iced.Intel.CodeWriter
    {
        public override void WriteByte(byte value) => writer.Byte(value);
    }
}
