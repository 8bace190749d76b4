// The interpreter as an engine: operation upon operation, until one returns null.
using Lguest.Guest.Cpu;
using Lguest.Guest.Decode;

namespace Lguest.Guest.Execute;

/// <summary>Calls handlers.</summary>
internal sealed unsafe class InterpreterEngine(CpuState* state) : IEngine
{
    private readonly CpuState* _c = state;

    public EngineKind Kind => EngineKind.Interpreter;

    public uint CodeBytes => 0;

    public uint TouchedCodeBytes => 0;

    public long TableBytes => 0;

    public void Execute(Op* op)
    {
        while (op != null)
            op = op->Run(_c, op);
    }

    public void Attach()
    {
    }

    public void Cleared(bool givesBack)
    {
    }

    public void Linked(Op* link, Op* head, bool isCrossing)
    {
    }

    public void Forgetting(Block* block)
    {
    }

    public void SupervisorEpochEnded()
    {
    }

    public void Dispose()
    {
    }
}
