// Writing Guest memory in place, through a span or a pointer, has a beginning and an end: at the end the CPU must hear of it, and where two
// engines are compared, it must not happen while they run.
namespace Lguest.Guest.Memory;

/// <summary>A write from outside the CPU; disposing it is its end (<see cref="GuestMemory.Written"/>).</summary>
public readonly ref struct WriteScope : IDisposable
{
    private readonly GuestMemory _memory;
    private readonly GuestPhysical _address;
    private readonly uint _length;
    private readonly MemoryGate? _gate;

    internal WriteScope(GuestMemory memory, GuestPhysical address, uint length, MemoryGate? gate)
    {
        _memory = memory;
        _address = address;
        _length = length;
        _gate = gate;
        gate?.Enter();
    }

    public void Dispose()
    {
        _memory.Written(_address, _length);
        _gate?.Exit();
    }
}
