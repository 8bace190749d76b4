// A block's operations are not all instructions. The translator and the verifier of its code, which look at a block from outside, have to
// know which is what.
namespace Lguest.Guest.Execute;

/// <summary>What an operation stands for.</summary>
public enum OpRole : byte
{
    /// <summary>None of a block's.</summary>
    None,

    /// <summary>An instruction that goes on to the next operation, leaves the block for an offset it finds out, or faults.</summary>
    Instruction,

    /// <summary>An instruction with a destination known when it is decoded: <see cref="Op.Target"/>.</summary>
    Branch,

    /// <summary>Keeps stores before it in front of loads after it.</summary>
    Fence,

    /// <summary>The end of a block that runs on.</summary>
    End,

    /// <summary>How a branch finds its destination.</summary>
    Link,
}
