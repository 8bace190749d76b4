// Stands for a failure on another node whose own type is not known here, or not to be made on a stranger's word.

using Akka.Actor;

namespace Akka.Remote;

public sealed class RemoteFailureException(string typeName, string message, Exception cause) : AkkaException($"{typeName}: {message}", cause)
{
    /// <summary>The type over there.</summary>
    public string TypeName { get; } = typeName;
}
