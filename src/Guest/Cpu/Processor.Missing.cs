// An instruction that exists but is not implemented raises #UD like one that does not exist. It must not stay a riddle: its bytes are kept
// for a log, each once.
using Iced.Intel;

namespace Lguest.Guest.Cpu;

public sealed unsafe partial class Processor
{
    private readonly Dictionary<Code, string?> _missing = [];

    /// <summary>Called once for each instruction code that the Guest executes and this core does not implement, with its
    /// disassembly.</summary>
    public Action<string>? Missing { get; set; }

    /// <summary>The instruction has been decoded. A block holds what follows a branch, too, so that does not mean that it will be
    /// executed.</summary>
    internal void DescribeMissing(in Instruction instruction) =>
        _missing.TryAdd(instruction.Code, $"0x{instruction.IP32:x8}: {instruction} ({instruction.Code})");

    /// <summary>The instruction is being executed: now it is worth a word, once.</summary>
    internal void TellMissing(Code code)
    {
        if (!_missing.TryGetValue(code, out string? description) || description is null)
            return;
        _missing[code] = null;
        Missing?.Invoke(description);
    }
}
