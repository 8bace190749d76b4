// A path, perhaps with patterns, that is walked anew for each message: it may mean none, one or many actors.

namespace Akka.Actor;

public class ActorSelection : ICanTell, IEquatable<ActorSelection>
{
    public ActorSelection(IActorRef anchor, string path)
        : this(anchor, path.Length == 0 ? [] : path.Split('/'))
    {
    }

    public ActorSelection(IActorRef anchor, IEnumerable<string> elements)
    {
        Anchor = anchor;
        Path = elements.Where(step => step.Length > 0).Select(SelectionPathElement.Parse).ToArray();
    }

    public IActorRef Anchor { get; }
    public IReadOnlyList<SelectionPathElement> Path { get; }
    public string PathString => "/" + string.Join("/", Path);

    public void Tell(object message, IActorRef sender = null)
    {
        if (message is null) throw new InvalidMessageException("Message is null.");
        sender ??= ActorCell.GetCurrentSelfOrNoSender();
        DeliverSelection((IInternalActorRef)Anchor, sender, new ActorSelectionMessage(message, Path));
    }

    /// <summary>The one actor the selection means; fails with <see cref="ActorNotFoundException"/> when none answers in time.</summary>
    public Task<IActorRef> ResolveOne(TimeSpan timeout) => ResolveOne(timeout, CancellationToken.None);

    public async Task<IActorRef> ResolveOne(TimeSpan timeout, CancellationToken ct)
    {
        try
        {
            var identity = await this.Ask<ActorIdentity>(new Identify(null), timeout, ct).ConfigureAwait(false);
            return identity.Subject ?? throw new ActorNotFoundException($"subject was unknown. {this}");
        }
        catch (AskTimeoutException timedOut)
        {
            throw new ActorNotFoundException("Exception occurred when trying to resolve ActorSelection", timedOut);
        }
    }

    internal static void DeliverSelection(IInternalActorRef anchor, IActorRef sender, ActorSelectionMessage selection)
    {
        if (selection.Elements.Count == 0)
        {
            anchor.Tell(selection.Message, sender);
            return;
        }

        var current = anchor;
        for (var i = 0; i < selection.Elements.Count; i++)
        {
            if (current is not LocalActorRef local)
            {
                // Not ours to walk: a remote root goes on from here, an empty place makes it a dead letter.
                Rest(current, i);
                return;
            }

            switch (selection.Elements[i])
            {
                case SelectParent:
                    current = current.Parent;
                    break;
                case SelectChildName { Name: var name }:
                    var child = local.GetSingleChild(name);
                    if (child is Nobody)
                    {
                        Missing(local, selection, sender, i);
                        return;
                    }

                    current = child;
                    break;
                case SelectChildPattern pattern:
                    FanOut(local, i, pattern.Matches);
                    return;
                case SelectChildRecursive:
                    FanOut(local, i, static _ => true);
                    foreach (var below in local.Children.OfType<LocalActorRef>())
                        DeliverSelection(below, sender, selection);
                    return;
            }
        }

        current.Tell(selection.Message, sender);

        void Rest(IInternalActorRef target, int step) =>
            target.Tell(new ActorSelectionMessage(selection.Message, selection.Elements.Skip(step).ToArray(), selection.WildCardFanOut), sender);

        void FanOut(LocalActorRef parent, int step, Func<string, bool> matches)
        {
            var matching = parent.Children.Where(child => matches(child.Path.Name)).Cast<IInternalActorRef>().ToArray();
            if (matching.Length == 0 && !selection.WildCardFanOut && selection.Elements[step] is SelectChildPattern)
            {
                Missing(parent, selection, sender, step);
                return;
            }

            foreach (var child in matching)
                DeliverSelection(child, sender, new ActorSelectionMessage(selection.Message, selection.Elements.Skip(step + 1).ToArray(), matching.Length > 1));
        }
    }

    private static void Missing(LocalActorRef parent, ActorSelectionMessage selection, IActorRef sender, int step)
    {
        if (selection.WildCardFanOut) return;
        var path = parent.Path / selection.Elements.Skip(step).Select(element => element.ToString());
        var empty = new EmptyLocalActorRef(parent.Provider, path, parent.Cell.System.EventStream);
        if (selection.Message is Identify identify) sender?.Tell(new ActorIdentity(identify.MessageId, null), ActorRefs.NoSender);
        else empty.Tell(selection.Message, sender);
    }

    public bool Equals(ActorSelection other) => other is not null && Equals(Anchor, other.Anchor) && Path.SequenceEqual(other.Path);
    public override bool Equals(object obj) => Equals(obj as ActorSelection);
    public override int GetHashCode() => HashCode.Combine(Anchor, Path.Count);

    public override string ToString() =>
        $"ActorSelection[Anchor({Anchor.Path}{(Anchor.Path.Uid == 0 ? "" : "#" + Anchor.Path.Uid)}), Path({PathString})]";
}
