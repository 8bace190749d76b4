// Order of memory, for a Guest is not alone with its memory: devices read and write it from other threads, as DMA does.
//
//J:Guest:311 What a fence is for
// A driver adds a buffer to a ring and then looks whether the device wants to hear of it; the device says that it wants to hear and then
// looks for buffers. Each stores first and loads then, and each relies on a fence in between: without it both loads may come before both
// stores, the driver sees no wish, the device no buffer, and the Guest waits for ever. It happens once in some hundred thousand kicks, on a
// busy host.
//J:Mastery:311 Hosts that order less
// Plain loads and stores of the Guest are plain loads and stores of the host, which on x86-64 keeps the order that the Guest's code relies
// on. A host with a weaker memory model (ARM) would need more than these fences.
using Lguest.Guest.Cpu;

namespace Lguest.Guest.Execute;

/// <summary>The operation that the decoder puts after instructions that order memory.</summary>
internal static unsafe class Fences
{
    /// <summary>MFENCE, and what stands behind a LOCK prefix or an XCHG with memory: earlier stores are seen before later loads are
    /// done.</summary>
    public static Op* Full(CpuState* c, Op* op)
    {
        Thread.MemoryBarrier();
        return op + 1;
    }
}
