// A type's name as it goes over the wire: full name and assembly, no version.

namespace Akka.Util;

public static class TypeExtensions
{
    public static string TypeQualifiedName(this Type type)
    {
        var assembly = type.Assembly.GetName().Name;
        // The core library has another name on other frameworks: leave it out, any of them finds its own types.
        return assembly is "System.Private.CoreLib" ? type.ToString() : $"{type}, {assembly}";
    }
}
