// An instruction that exists but is not implemented raises #UD like one that does not exist. It must not stay a riddle: its bytes are kept for
// whoever wants to log them, each once.
using Iced.Intel;

namespace Lguest.Guest.Cpu;

public sealed unsafe partial class Processor
{
    private readonly HashSet<Code> _missing = [];

    /// <summary>Called once for each instruction code that the Guest executes and this core does not implement, with its disassembly.</summary>
    public Action<string>? Missing { get; set; }

    internal void NoteMissing(in Instruction instruction)
    {
        if (_missing.Add(instruction.Code))
            Missing?.Invoke($"0x{instruction.IP32:x8}: {instruction} ({instruction.Code})");
    }
}
