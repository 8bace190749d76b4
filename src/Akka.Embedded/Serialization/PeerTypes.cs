//J:Cluster:170 Whose word makes an object
// A serializer that names types lets the sender choose what is built on our side, and among all the types of a process there are some whose
// mere making does harm. So a name from outside is looked up only among what has already been loaded, and only such types are found as can be
// meant to travel: plain data of the base library, its collections and exceptions, and the types of assemblies that have to do with actors,
// which is where messages are declared. Actors, references, delegates and whatever holds a resource are never among them.

using System.Collections.Concurrent;
using System.Reflection;
using Akka.Actor;

namespace Akka.Serialization;

/// <summary>Finds types by names that a peer gave. Thread-safe; remembers a bounded number of names.</summary>
internal sealed class PeerTypes(Func<IEnumerable<Type>> bound)
{
    private const int MostNames = 4096;
    private const int LongestName = 2048;

    private static readonly Assembly _runtime = typeof(PeerTypes).Assembly;
    private static readonly Assembly _base = typeof(object).Assembly;

    private static readonly HashSet<Type> _data =
    [
        typeof(object), typeof(string), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan), typeof(Guid),
        typeof(Version), typeof(Uri), typeof(Half), typeof(Int128), typeof(UInt128), typeof(DayOfWeek), typeof(DateTimeKind), typeof(Nullable<>),
    ];

    private readonly ConcurrentDictionary<string, Type> _found = new();
    private readonly ConcurrentDictionary<Assembly, bool> _assemblies = new();

    /// <summary>The type of that name, "Name.Space.Type" or "Name.Space.Type, Assembly", if peers may name it.</summary>
    internal bool TryFind(string name, out Type type)
    {
        if (_found.TryGetValue(name, out type)) return type is not null;
        type = Find(name);
        if (type is not null && !MayTravel(type)) type = null;
        if (_found.Count < MostNames) _found.TryAdd(name, type);
        return type is not null;
    }

    internal bool MayTravel(Type type)
    {
        if (type.HasElementType) return type.IsArray && MayTravel(type.GetElementType());
        if (type.IsConstructedGenericType) return MayTravel(type.GetGenericTypeDefinition()) && type.GetGenericArguments().All(MayTravel);
        if (type.IsPrimitive || _data.Contains(type)) return type != typeof(IntPtr) && type != typeof(UIntPtr);
        if (typeof(Delegate).IsAssignableFrom(type) || typeof(ActorBase).IsAssignableFrom(type) || typeof(IActorRef).IsAssignableFrom(type)
            || typeof(ActorSystem).IsAssignableFrom(type) || typeof(Serializer).IsAssignableFrom(type) || typeof(IDisposable).IsAssignableFrom(type))
            return false;
        if (IsOfTheBaseLibrary(type)) return IsCollection(type) || IsTuple(type) || (typeof(Exception).IsAssignableFrom(type) && type.Assembly == _base);
        return _assemblies.GetOrAdd(type.Assembly, HasToDoWithActors);
    }

    private static Type Find(string name)
    {
        if (name.Length > LongestName) return null;
        try
        {
            return Type.GetType(name, FindAssembly, FindIn, throwOnError: false);
        }
        catch (Exception failure) when (failure is ArgumentException or FileLoadException or BadImageFormatException or FileNotFoundException or TypeLoadException)
        {
            // No name at all.
            return null;
        }
    }

    // Only what is loaded already: no peer makes us load anything.
    private static Assembly FindAssembly(AssemblyName name)
    {
        var simple = name.Name;
        if (simple is "mscorlib" or "System.Runtime" or "System.Private.CoreLib") return _base;
        if (simple == "Akka" || simple.StartsWith("Akka.", StringComparison.Ordinal))
            return AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(one => one.GetName().Name == simple) ?? _runtime;
        return AppDomain.CurrentDomain.GetAssemblies().FirstOrDefault(one => one.GetName().Name == simple);
    }

    private static Type FindIn(Assembly assembly, string name, bool ignoreCase) =>
        assembly is null
            ? _base.GetType(name, throwOnError: false, ignoreCase) ?? _runtime.GetType(name, throwOnError: false, ignoreCase)
            : assembly.GetType(name, throwOnError: false, ignoreCase);

    private static bool IsOfTheBaseLibrary(Type type) =>
        type.Assembly == _base || type.Assembly.GetName().Name is { } name && (name.StartsWith("System.", StringComparison.Ordinal) || name is "System" or "netstandard");

    private static bool IsCollection(Type type) =>
        type.Namespace is { } space && space.StartsWith("System.Collections", StringComparison.Ordinal);

    private static bool IsTuple(Type type) => type.FullName is { } name
        && (name.StartsWith("System.Tuple`", StringComparison.Ordinal) || name.StartsWith("System.ValueTuple`", StringComparison.Ordinal));

    private bool HasToDoWithActors(Assembly assembly) =>
        assembly == _runtime
        || bound().Any(type => type.Assembly == assembly)
        || assembly.GetReferencedAssemblies().Any(reference => reference.Name == _runtime.GetName().Name);
}
