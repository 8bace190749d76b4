// Who may open a trunk: a node that was told a token by remoting, where the cluster vouches for it. Each token opens one connection, soon,
// for the node that it was made for, and comes with a second one by which the caller knows that it has reached the right node.

using System.Security.Cryptography;

namespace Lguest.Net.Trunks;

/// <summary>The tokens that are out: at most one for each node. Times are of any clock that does not go back.</summary>
/// <param name="life">How long a token is good.</param>
internal sealed class TrunkTokens(TimeSpan life)
{
    private readonly Dictionary<string, (byte[] Call, byte[] Answer, TimeSpan Until)> _issued = [];

    /// <summary>A node is about to be told these; what it was told before is void.</summary>
    /// <param name="node">Its address.</param>
    /// <param name="call">Random bytes for its greeting.</param>
    /// <param name="answer">Random bytes for the answer.</param>
    /// <param name="now">The time.</param>
    public void Issue(string node, byte[] call, byte[] answer, TimeSpan now) => _issued[node] = (call, answer, now + life);

    /// <summary>The node is gone.</summary>
    public void Forget(string node) => _issued.Remove(node);

    /// <summary>Somebody says that it is this node. A wrong token changes nothing: the right one stays good.</summary>
    /// <returns>The answer's token; null if the token is wrong, used or too old.</returns>
    public byte[]? Redeem(string node, ReadOnlySpan<byte> call, TimeSpan now)
    {
        if (!_issued.TryGetValue(node, out var token) || now > token.Until || !CryptographicOperations.FixedTimeEquals(call, token.Call))
            return null;
        _issued.Remove(node);
        return token.Answer;
    }
}
