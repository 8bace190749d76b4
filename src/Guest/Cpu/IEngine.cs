// The seam between the run loop and what executes blocks. Blocks, their keys and their invalidation are the same for every engine.
using Lguest.Guest.Execute;

namespace Lguest.Guest.Cpu;

/// <summary>Executes chains of operations.</summary>
internal unsafe interface IEngine : IDisposable
{
    /// <summary>Which of them it is; never <see cref="EngineKind.Auto"/>.</summary>
    EngineKind Kind { get; }

    /// <summary>Executes from an operation on, until a reason to return is in <see cref="CpuState.Exit"/>.</summary>
    void Execute(Op* op);

    /// <summary>Tells the state what the engine keeps there; after a reset.</summary>
    void Attach();

    /// <summary>All blocks have been forgotten.</summary>
    void Cleared();
}
