// String instructions without a prefix, one element each: what a kernel's own string functions are made of. With REP the interpreter does
// them, many elements at a time.
//
//J:Translator:137 One way only
// A string instruction goes up or down, as DF says, and DF is not among the flags that the host keeps for the Guest. But no compiler and
// no kernel leaves it set for long, so the translator takes it for clear, looks each time, and leaves to the interpreter what goes down.
// CLD is then a mere question: if DF is clear, it is done.
using Iced.Intel;
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;
using static Lguest.Guest.Translator.HostRegister;

namespace Lguest.Guest.Translator;

internal sealed unsafe partial class BlockTranslator
{
    /// <summary>Turns EFLAGS until DF is the lowest bit.</summary>
    private const int DirectionBit = 10;

    private bool IsSingleString(in Instruction i) => i.Mnemonic switch
    {
        Mnemonic.Lodsb or Mnemonic.Lodsw or Mnemonic.Lodsd => IsPlainSource(i),
        Mnemonic.Stosb or Mnemonic.Stosw or Mnemonic.Stosd or Mnemonic.Scasb or Mnemonic.Scasw or Mnemonic.Scasd => IsPlainDestination(i),
        Mnemonic.Movsb or Mnemonic.Movsw or Mnemonic.Movsd => IsPlainSource(i) && IsPlainDestination(i),
        _ => false,
    };

    private bool IsPlainSource(in Instruction i) =>
        (i.Op0Kind == OpKind.MemorySegESI || i.Op1Kind == OpKind.MemorySegESI) && i.MemorySegment is not (Register.FS or Register.GS)
            && IsFlat(i.MemorySegment);

    private bool IsPlainDestination(in Instruction i) =>
        (i.Op0Kind == OpKind.MemoryESEDI || i.Op1Kind == OpKind.MemoryESEDI) && (_mode & ModeBits.FlatEs) != 0;

    private Emitted EmitString(in Instruction i)
    {
        EmitUnlessUp();
        int size = i.MemorySize.GetSize();
        var accumulator = size switch { 1 => Register.AL, 2 => Register.AX, _ => Register.EAX };
        switch (i.Mnemonic)
        {
            case Mnemonic.Lodsb or Mnemonic.Lodsw or Mnemonic.Lodsd:
                EncodeElement(Instruction.Create(LoadCode(size), accumulator, EmitElement(Rsi, size, false)));
                _writer.Lea32(Rsi, Rsi, size);
                break;
            case Mnemonic.Stosb or Mnemonic.Stosw or Mnemonic.Stosd:
                EncodeElement(Instruction.Create(StoreCode(size), EmitElement(Rdi, size, true), accumulator));
                _writer.Lea32(Rdi, Rdi, size);
                break;
            case Mnemonic.Scasb or Mnemonic.Scasw or Mnemonic.Scasd:
                EncodeElement(Instruction.Create(CompareCode(size), accumulator, EmitElement(Rdi, size, false)));
                _writer.Lea32(Rdi, Rdi, size);
                _adjustDirty = false;
                break;
            default:
                var from = EmitElement(Rsi, size, false);
                EncodeElement(size switch
                {
                    1 => Instruction.Create(Code.Movzx_r32_rm8, Register.R11D, from),
                    2 => Instruction.Create(Code.Movzx_r32_rm16, Register.R11D, from),
                    _ => Instruction.Create(Code.Mov_r32_rm32, Register.R11D, from),
                });
                _writer.Store32(R11, R14, StateOffsets.Temp);
                var to = EmitElement(Rdi, size, true);
                _writer.Load32(R11, R14, StateOffsets.Temp);
                EncodeElement(Instruction.Create(
                    StoreCode(size), to, size switch { 1 => Register.R11L, 2 => Register.R11W, _ => Register.R11D }));
                _writer.Lea32(Rsi, Rsi, size);
                _writer.Lea32(Rdi, Rdi, size);
                break;
        }

        return Emitted.Yes;
    }

    /// <summary>Leaves for the interpreter if DF is set.</summary>
    private void EmitUnlessUp()
    {
        _writer.Load32(R11, R14, StateOffsets.FlagsOther);
        _writer.RotateRight32(R11, R11, DirectionBit);
        _writer.Set32(R8, 31);
        _writer.ShiftLeft32(R11, R11, R8);
        EmitUnlessZero(_op);
    }

    /// <summary>Checks the address of an element, where that is due, and says what it is.</summary>
    private MemoryOperand EmitElement(HostRegister pointer, int size, bool write)
    {
        if (HasWindow)
            return new MemoryOperand(Register.EAX + (int)pointer, Register.None, 1, 0, 0, false, Register.GS);
        _writer.Move32(R10, pointer);
        EmitCheck(size, write);
        return new MemoryOperand(Register.R10, Register.R8, 1);
    }

    private void EncodeElement(in Instruction instruction)
    {
        if (!TryEncode(instruction))
            throw new InvalidOperationException($"{instruction} has no 64-bit form");
    }

    private static Code LoadCode(int size) => size switch { 1 => Code.Mov_r8_rm8, 2 => Code.Mov_r16_rm16, _ => Code.Mov_r32_rm32 };

    private static Code StoreCode(int size) => size switch { 1 => Code.Mov_rm8_r8, 2 => Code.Mov_rm16_r16, _ => Code.Mov_rm32_r32 };

    private static Code CompareCode(int size) => size switch { 1 => Code.Cmp_r8_rm8, 2 => Code.Cmp_r16_rm16, _ => Code.Cmp_r32_rm32 };
}
