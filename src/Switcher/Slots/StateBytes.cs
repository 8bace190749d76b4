// The chips of a board keep what they remember in plain records and structs. For a hash each of them is taken apart, field by field, down
// to numbers: bytes between the fields of a struct are nobody's, and may differ where nothing else does.
using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Lguest.Switcher.Slots;

/// <summary>Feeds state to a hash.</summary>
internal static class StateBytes
{
    private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly MethodInfo _raw =
        typeof(StateBytes).GetMethod(nameof(AppendRaw), BindingFlags.Static | BindingFlags.NonPublic)!;

    /// <summary>Appends a number, a list, or all fields of a record or struct.</summary>
    public static void Append(IncrementalHash hash, object? value)
    {
        var type = value?.GetType();
        if (value is null || type!.IsPrimitive || type.IsEnum)
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{value};")));
        else if (type.GetCustomAttribute<InlineArrayAttribute>() is not null)
            _raw.MakeGenericMethod(type).Invoke(null, [hash, value]);
        else if (value is IEnumerable items)
            foreach (object? item in items)
                Append(hash, item);
        else
            foreach (var field in type.GetFields(Fields))
                Append(hash, field.GetValue(value));
    }

    private static void AppendRaw<T>(IncrementalHash hash, object value)
        where T : struct => hash.AppendData(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(ref Unsafe.Unbox<T>(value))));
}
