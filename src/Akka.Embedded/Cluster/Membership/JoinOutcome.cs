// What becomes of a request to join: the answers are so different that a boolean would hide them.

namespace Akka.Cluster.Membership;

internal enum JoinOutcome
{
    /// <summary>The node is a member now.</summary>
    Added,

    /// <summary>It was one before: its first request was answered, the answer was lost.</summary>
    Already,

    /// <summary>Another system lived at that address and must be removed first.</summary>
    NewIncarnation,

    /// <summary>This node is on its way out and takes in nobody.</summary>
    Refused,
}
