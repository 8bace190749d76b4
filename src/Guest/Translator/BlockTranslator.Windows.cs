// Accesses through a window: no check in front of them, only a note of where they are, in case they fault.
using Iced.Intel;
using Lguest.Guest.Cpu;
using static Lguest.Guest.Translator.HostRegister;

namespace Lguest.Guest.Translator;

internal sealed unsafe partial class BlockTranslator
{
    private readonly FaultPlaces _places;

    /// <summary>Whether the block is for an address space with a window.</summary>
    private bool HasWindow => (_mode & ModeBits.Window) != 0;

    /// <summary>Whether the block reaches memory through the kernel's window.</summary>
    private bool _isOpen;

    /// <summary>The same, if accesses are not checked and may fault.</summary>
    private void NotePlaceIfOpen()
    {
        if (_isOpen)
            NotePlace();
    }

    /// <summary>The next instruction to be written, an access of the window, belongs to the current operation.</summary>
    private void NotePlace() => _places.Add(_writer.Position, _block, _op, _adjustDirty, _pointer, _spent);

    /// <summary>Makes the memory operand of an instruction one of the window. Its address stays the Guest's own, since the host computes
    /// it in 32 bits too; only FS and GS have a base that must be added before.</summary>
    private void UseWindow(in Instruction original, ref Instruction i)
    {
        i.SegmentPrefix = Register.GS;
        if (original.MemorySegment is Register.FS or Register.GS)
        {
            EmitAddress(original);
            i.MemoryBase = Register.R10D;
            i.MemoryIndex = Register.None;
            i.MemoryIndexScale = 1;
            i.MemoryDisplacement64 = 0;
            i.MemoryDisplSize = 0;
            return;
        }

        i.MemoryBase = Renamed(i.MemoryBase);
        if (i.MemoryBase == Register.None && i.MemoryIndex == Register.None)
            i.MemoryDisplSize = 4;
    }

    /// <summary>Encodes an instruction of the Guest, its operands already replaced.</summary>
    private bool TryEncode(in Instruction i)
    {
        if (i.SegmentPrefix == Register.GS || (_isOpen && i.MemoryBase == Register.R10 && i.MemoryIndex == Register.R8))
            NotePlace();
        return _writer.TryEncode(i);
    }

    /// <summary>Reads four bytes at base plus displacement.</summary>
    private void EmitWindowLoad(HostRegister to, HostRegister from, int displacement)
    {
        NotePlace();
        _writer.InWindow();
        _writer.Load32(to, from, displacement);
    }

    /// <summary>Reads four bytes at the linear address in R10.</summary>
    private void EmitLoadWord(HostRegister to)
    {
        if (HasWindow)
        {
            EmitWindowLoad(to, R10, 0);
            return;
        }

        EmitCheck(4, false);
        NotePlaceIfOpen();
        _writer.LoadIndexed(false, to, R10, R8, 0, 0);
    }

    /// <summary>Pushes a register, with ESP still to be changed.</summary>
    private void EmitWindowPush(HostRegister from)
    {
        NotePlace();
        _writer.InWindow();
        _writer.Store32(from, R15, -4);
    }

    /// <summary>Pushes a constant, with ESP still to be changed.</summary>
    private void EmitWindowPush(uint value)
    {
        NotePlace();
        _writer.InWindow();
        _writer.StoreImmediate32(R15, -4, value);
    }
}
