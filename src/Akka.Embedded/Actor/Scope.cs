// On which node an actor is to run: here, or (with remoting) at an address.

namespace Akka.Actor;

public abstract class Scope : IEquatable<Scope>
{
    public static readonly LocalScope Local = LocalScope.Instance;

    public abstract Scope WithFallback(Scope other);
    public abstract Scope Copy();
    public virtual bool Equals(Scope other) => other is not null && other.GetType() == GetType();
    public override bool Equals(object obj) => Equals(obj as Scope);
    public override int GetHashCode() => GetType().GetHashCode();
}

/// <summary>Here, whatever the configuration says.</summary>
public class LocalScope : Scope
{
    private LocalScope()
    {
    }

    public static LocalScope Instance { get; } = new();

    public override Scope WithFallback(Scope other) => Instance;
    public override Scope Copy() => Instance;
}
