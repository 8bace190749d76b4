// The steps of a selection: up, down to one name, down to all that match, down to everything.

using System.Text;
using System.Text.RegularExpressions;

namespace Akka.Actor;

public abstract record SelectionPathElement
{
    internal static SelectionPathElement Parse(string step) => step switch
    {
        ".." => new SelectParent(),
        "**" => new SelectChildRecursive(),
        _ when step.Contains('*', StringComparison.Ordinal) || step.Contains('?', StringComparison.Ordinal) => new SelectChildPattern(step),
        _ => new SelectChildName(step),
    };
}

public sealed record SelectParent : SelectionPathElement
{
    public override string ToString() => "..";
}

public sealed record SelectChildRecursive : SelectionPathElement
{
    public override string ToString() => "**";
}

public sealed record SelectChildName(string Name) : SelectionPathElement
{
    public override string ToString() => Name;
}

/// <summary>A name with '*' for any text and '?' for any one character.</summary>
public sealed record SelectChildPattern(string PatternStr) : SelectionPathElement
{
    internal bool Matches(string name)
    {
        var pattern = new StringBuilder("^");
        foreach (var c in PatternStr) pattern.Append(c switch { '*' => ".*", '?' => ".", _ => Regex.Escape(c.ToString()) });
        return Regex.IsMatch(name, pattern.Append('$').ToString(), RegexOptions.NonBacktracking);
    }

    public override string ToString() => PatternStr;
}
