// The seam between the run loop and what executes blocks. Blocks, their keys and their invalidation are the same for every engine.
using Lguest.Guest.Decode;
using Lguest.Guest.Execute;

namespace Lguest.Guest.Cpu;

/// <summary>Executes chains of operations.</summary>
internal unsafe interface IEngine : IDisposable
{
    /// <summary>Which of them it is; never <see cref="EngineKind.Auto"/>.</summary>
    EngineKind Kind { get; }

    /// <summary>Bytes that code of the host takes.</summary>
    uint CodeBytes { get; }

    /// <summary>Bytes that it has taken since memory was last given back.</summary>
    uint TouchedCodeBytes { get; }

    /// <summary>Bytes of what is noted of that code.</summary>
    long TableBytes { get; }

    /// <summary>Executes from an operation on, until a reason to return is in <see cref="EngineState.Exit"/>.</summary>
    void Execute(Op* op);

    /// <summary>Tells the state what the engine keeps there; after a reset.</summary>
    void Attach();

    /// <summary>All blocks have been forgotten.</summary>
    /// <param name="givesBack">Whether the system gets the memory of their code, or it is to be used again at once.</param>
    void Cleared(bool givesBack);

    /// <summary>A link, or a block's end, leads to a block now.</summary>
    /// <param name="link">Which of them.</param>
    /// <param name="head">The block's first operation.</param>
    /// <param name="isCrossing">Whether that is good for the current epoch only.</param>
    void Linked(Op* link, Op* head, bool isCrossing);

    /// <summary>A block is about to be forgotten.</summary>
    void Forgetting(Block* block);

    /// <summary>An epoch of the code of rings 0-2 has ended.</summary>
    void SupervisorEpochEnded();
}
