// What a node does with the gossip of another: whether it believes it, what it makes of it, and whether it owes an answer. Everything that
// comes from outside passes here, so here is also what a peer may not get away with.
//
//J:Cluster:340 What is believed
// Gossip is taken from members only, only if it was meant for this very incarnation, and only if it names both of us. A newer version replaces
// ours, an older one is answered with ours, versions that are neither are merged, and the same version only adds signatures. A peer that is
// mistaken, or lies, could still undo what is done: claim, under a newer version, that a member which is down is up again. No honest node can
// know more than we do and yet less of a member's life. Such an account is not adopted but merged, so that each member stays as far along as
// either says, and the result is a new version: the contradiction ends here, and the log names who brought it.

namespace Akka.Cluster.Membership;

internal enum GossipKind
{
    /// <summary>Not for us, or not from a member.</summary>
    Ignored,

    /// <summary>It contradicts itself or us and was not believed.</summary>
    Refused,

    Older,
    Newer,
    Same,
    Merged,
}

/// <param name="Kind">How the gossip compares with what is known.</param>
/// <param name="State">What is known now.</param>
/// <param name="TalkBack">Whether the sender should hear what we know.</param>
/// <param name="Remark">Why it was ignored, refused or not adopted; null when there is nothing to say.</param>
internal sealed record GossipReception(GossipKind Kind, MembershipState State, bool TalkBack, string Remark = null)
{
    internal static GossipReception Receive(MembershipState state, UniqueAddress from, UniqueAddress to, Gossip remote)
    {
        var local = state.Gossip;
        if (!to.Equals(state.Self)) return Ignore(state, $"gossip intended for someone else, from [{from.Address}] to [{to}]");
        if (!local.Has(from)) return Ignore(state, $"gossip from unknown [{from}]");
        if (!local.Reachability.IsReachable(state.Self, from)) return Ignore(state, $"gossip from unreachable [{from}]");
        if (!remote.Has(state.Self)) return Ignore(state, $"gossip that does not contain myself, from [{from}]");
        if (!remote.Has(from)) return Refuse(state, $"gossip that does not contain its sender [{from}]");
        if (!remote.Find(state.Self).Roles.SetEquals(state.SelfMember.Roles)) return Refuse(state, $"gossip that gives this node other roles, from [{from}]");

        switch (remote.Version.CompareTo(local.Version))
        {
            case VectorClock.Ordering.Same when remote.SameMembersAs(local):
                return Take(state, GossipKind.Same, remote.WithSeen(remote.Seen.Union(local.Seen)), OwesAnswer(state, remote));
            case VectorClock.Ordering.Before:
                return Take(state, GossipKind.Older, local, talkBack: true);
            case VectorClock.Ordering.After when GoesBack(local, remote) is { } member:
                return new GossipReception(
                    GossipKind.Merged, state.Changed(remote.Merge(local)), TalkBack: true, $"[{from}] claims a newer gossip in which [{member.Address}] is back to [{member.Status}]");
            case VectorClock.Ordering.After:
                return Take(state, GossipKind.Newer, remote, OwesAnswer(state, remote));
            case VectorClock.Ordering.Same:
                return Take(state, GossipKind.Merged, remote.Merge(local), talkBack: true) with { Remark = $"[{from}] has the same version of the gossip with other members" };
            default:
                return Take(state, GossipKind.Merged, remote.Merge(local), talkBack: true);
        }
    }

    private static GossipReception Take(MembershipState state, GossipKind kind, Gossip winner, bool talkBack)
    {
        var next = state.With(winner);
        return new GossipReception(kind, state.IsExiting ? next : next.Signed(), talkBack);
    }

    private static bool OwesAnswer(MembershipState state, Gossip remote) => !state.IsExiting && !remote.SeenBy(state.Self);

    private static Member GoesBack(Gossip local, Gossip remote) =>
        remote.Members.FirstOrDefault(member => local.Has(member.UniqueAddress) && member.Status.Rank() < local.Find(member.UniqueAddress).Status.Rank());

    private static GossipReception Ignore(MembershipState state, string what) => new(GossipKind.Ignored, state, TalkBack: false, what);

    private static GossipReception Refuse(MembershipState state, string what) => new(GossipKind.Refused, state, TalkBack: false, what);
}
