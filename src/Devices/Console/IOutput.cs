// Where a Guest's console prints. Who serves the console must not wait for a terminal that is slow or was stopped, and so learns how much
// was taken; unless it is a Guest that must not see that there is a terminal (OutputPump).

namespace Lguest.Devices.Console;

/// <summary>Takes bytes without waiting, or takes them all: which of both is decided for the whole Guest.</summary>
internal interface IOutput
{
    /// <summary>Takes bytes in order, as many as there is room for.</summary>
    /// <param name="bytes">What is printed.</param>
    /// <param name="whenRoom">Called once, on any thread, when there is room again, if there was not enough.</param>
    /// <returns>How many were taken.</returns>
    int Write(ReadOnlySpan<byte> bytes, Action whenRoom);

    /// <summary>The Guest has been ended: who waits here for room goes on, and what there is no room for is dropped.</summary>
    void LetGo();

    /// <summary>Calls back, on any thread, when all that was taken so far is written, or lost for good.</summary>
    void WhenWritten(Action done);
}
