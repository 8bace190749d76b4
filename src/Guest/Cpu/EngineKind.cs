// The ways there are to execute a Guest's code, as a user chooses among them.
namespace Lguest.Guest.Cpu;

/// <summary>What executes a Guest's instructions. In settings these are words of small letters; see <see cref="Engines"/>.</summary>
public enum EngineKind
{
    /// <summary>The translator where the host can run it, else the interpreter.</summary>
    Auto,

    /// <summary>Handlers in C#, everywhere.</summary>
    Interpreter,

    /// <summary>Hot blocks become host code; x86-64 Linux only.</summary>
    Translator,

    /// <summary>Both, side by side, and compared: for finding faults of the translator. Slow.</summary>
    Lockstep,
}
