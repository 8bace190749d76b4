// The messages between a Launcher and its Guest's devices. What the Guest tells a device comes from the Switcher, as Notified.

using Akka.Actor;
using Lguest.Devices.Virtio;
using Lguest.Guest.Memory;

namespace Lguest.Devices.Actors;

/// <summary>Messages between a Launcher and the actors of its devices. None leaves the process.</summary>
internal static class DeviceProtocol
{
    /// <summary>The driver asked for a reset: rings emptied, nothing under way. Answered by <see cref="ResetDone"/>.</summary>
    public sealed record Reset : INoSerializationVerificationNeeded
    {
        public static readonly Reset Instance = new();
    }

    /// <summary>The device is as new.</summary>
    public sealed record ResetDone : INoSerializationVerificationNeeded
    {
        public static readonly ResetDone Instance = new();
    }

    /// <summary>The driver got further: there may be buffers that were made available before anybody was there to notice.</summary>
    public sealed record ServeAll : INoSerializationVerificationNeeded
    {
        public static readonly ServeAll Instance = new();
    }

    /// <summary>The Guest waits, in virtual time, until this is done: a queue is served until it is empty. Answered by
    /// <see cref="ServedOut"/>.</summary>
    /// <param name="Ring">Which; null for each of them.</param>
    public sealed record ServeOut(GuestPhysical? Ring) : INoSerializationVerificationNeeded;

    /// <summary>The Guest may run on.</summary>
    public sealed record ServedOut : INoSerializationVerificationNeeded
    {
        public static readonly ServedOut Instance = new();
    }

    /// <summary>The driver of a device on PCI is ready: it has placed these queues, and does not use those that are null.</summary>
    public sealed record Start(IReadOnlyList<RingLayout?> Rings, bool Indirect) : INoSerializationVerificationNeeded;

    /// <summary>The driver of a device on PCI made buffers available.</summary>
    public sealed record Kicked(int Queue) : INoSerializationVerificationNeeded;

    /// <summary>The Guest will not run again: the actor of a console stops when everything that it has printed is written.</summary>
    public sealed record Finish : INoSerializationVerificationNeeded
    {
        public static readonly Finish Instance = new();
    }

    /// <summary>Early console output, to be printed in order with what comes over the queue.</summary>
    public sealed record Print(byte[] Text) : INoSerializationVerificationNeeded;

    /// <summary>To the Launcher: the Guest broke the rules of one of the device's queues.</summary>
    public sealed record QueueBroken(string Reason) : INoSerializationVerificationNeeded;
}
