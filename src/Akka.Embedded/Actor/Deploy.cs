// Where and how an actor runs, apart from what it is: from code, from the deployment section of the configuration, or both.

using Akka.Configuration;

namespace Akka.Actor;

public class Deploy : IEquatable<Deploy>
{
    public const int NoStashSize = -1;

    public static readonly string NoDispatcherGiven = string.Empty;
    public static readonly string NoMailboxGiven = string.Empty;
    public static readonly Scope NoScopeGiven = null;
    public static readonly Deploy Local = new(Scope.Local);
    public static readonly Deploy None = new();

    public Deploy()
    {
    }

    public Deploy(Scope scope) => Scope = scope;

    public Deploy(string path, Scope scope)
    {
        Path = path ?? "";
        Scope = scope;
    }

    internal Deploy(string path, Config config, Scope scope, string dispatcher, string mailbox, int stashCapacity)
    {
        Path = path ?? "";
        Config = config ?? Config.Empty;
        Scope = scope;
        Dispatcher = dispatcher ?? NoDispatcherGiven;
        Mailbox = mailbox ?? NoMailboxGiven;
        StashCapacity = stashCapacity;
    }

    public string Path { get; } = "";
    public Config Config { get; } = Config.Empty;
    public Scope Scope { get; } = NoScopeGiven;
    public string Dispatcher { get; } = NoDispatcherGiven;
    public string Mailbox { get; } = NoMailboxGiven;
    public int StashCapacity { get; } = NoStashSize;

    public virtual Deploy WithFallback(Deploy other) => new(
        Path,
        Config.Equals(other.Config) ? Config : Config.WithFallback(other.Config),
        Scope is null ? other.Scope : Scope.WithFallback(other.Scope),
        Dispatcher == NoDispatcherGiven ? other.Dispatcher : Dispatcher,
        Mailbox == NoMailboxGiven ? other.Mailbox : Mailbox,
        StashCapacity == NoStashSize ? other.StashCapacity : StashCapacity);

    public virtual Deploy WithScope(Scope scope) => new(Path, Config, scope ?? Scope, Dispatcher, Mailbox, StashCapacity);
    public virtual Deploy WithDispatcher(string dispatcher) => new(Path, Config, Scope, dispatcher, Mailbox, StashCapacity);
    public virtual Deploy WithStashCapacity(int stashSize) => new(Path, Config, Scope, Dispatcher, Mailbox, stashSize);

    public bool Equals(Deploy other) =>
        other is not null && Path == other.Path && Dispatcher == other.Dispatcher && Mailbox == other.Mailbox
        && StashCapacity == other.StashCapacity && Equals(Scope, other.Scope);

    public override bool Equals(object obj) => Equals(obj as Deploy);
    public override int GetHashCode() => HashCode.Combine(Path, Dispatcher, Mailbox, Scope, StashCapacity);
}
